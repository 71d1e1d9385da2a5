//! What portfolios were worth day by day: what every figure is made of.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::options::{Ask, Benchmark};
use super::symbols::Symbols;
use super::unavailable::{Figure, Unavailable, add_to};
use crate::book::Flag;
use crate::returns::{self, Flow, IndexPoint, NoReturn, Period, Valuation, daily_index};

/// The days of a period, of which the first is where it begins. There are two or more.
#[derive(Debug)]
pub(super) struct History {
    pub(super) base_currency: Option<String>,
    pub(super) period: Period,
    /// In order of time; the first and the last are those of the period.
    pub(super) days: Vec<Day>,
    /// Single symbols, where they are known.
    pub(super) symbols: Option<Symbols>,
    /// Values of the benchmark by day, where there is one.
    pub(super) benchmark: BTreeMap<NaiveDate, f64>,
    pub(super) flags: Vec<Flag>,
}

/// A day. The first day's flows are in its value, and are 0 here.
#[derive(Debug, Clone)]
pub(super) struct Day {
    pub(super) date: NaiveDate,
    pub(super) value: Figure<Decimal>,
    pub(super) inflow: Figure<Decimal>,
    /// Without a sign.
    pub(super) outflow: Figure<Decimal>,
    /// Something was traded or priced.
    pub(super) traded: bool,
}

impl Day {
    /// What came in less what went out.
    pub(super) fn flow(&self) -> Figure<Decimal> {
        Ok(returns::minus(self.inflow.clone()?, self.outflow.clone()?)?)
    }
}

/// What was at work, valued at the ends only.
#[derive(Debug)]
pub(super) struct Capital {
    /// Where the period begins, or the day of the first flow where nothing was there before.
    pub(super) opening: Valuation,
    pub(super) closing: Valuation,
    /// After the opening, one for each day that has any.
    pub(super) flows: Vec<Flow>,
}

impl History {
    pub(super) fn first(&self) -> &Day {
        &self.days[0]
    }

    pub(super) fn last(&self) -> &Day {
        &self.days[self.days.len() - 1]
    }

    /// The sum of a figure over the days.
    pub(super) fn sum(&self, figure: fn(&Day) -> &Figure<Decimal>) -> Figure<Decimal> {
        let mut sum = Ok(Decimal::ZERO);
        self.days.iter().for_each(|day| add_to(&mut sum, figure(day).clone()));
        sum
    }

    /// What 1 became, on each day that has a value.
    pub(super) fn index(&self) -> Figure<Vec<IndexPoint>> {
        let days = self.days.iter().map(|day| {
            let (inflow, outflow) = (day.inflow.clone()?, day.outflow.clone()?);
            Ok(returns::Day { date: day.date, value: day.value.clone().ok(), inflow, outflow })
        });
        let days = days.collect::<Figure<Vec<returns::Day>>>()?;
        daily_index(&days).map_err(|why| self.explained(why))
    }

    pub(super) fn capital(&self) -> Figure<Capital> {
        let mut flows = Vec::new();
        for day in &self.days {
            let amount = day.flow()?;
            if !amount.is_zero() {
                flows.push(Flow { date: day.date, amount });
            }
        }
        let Period { from, to } = self.period;
        let mut opening = Valuation { date: from, value: self.first().value.clone()? };
        let begins = flows.first().filter(|flow| opening.value.is_zero() && flow.date < to).copied();
        if let Some(flow) = begins {
            opening = Valuation { date: flow.date, value: flow.amount };
            flows.remove(0);
        }
        Ok(Capital { opening, closing: Valuation { date: to, value: self.last().value.clone()? }, flows })
    }

    /// Why a value is missing, where a return says that it is.
    pub(super) fn explained(&self, why: NoReturn) -> Unavailable {
        let day = match &why {
            NoReturn::MissingValue { date } => self.days.iter().find(|day| day.date == *date),
            _ => None,
        };
        match day.and_then(|day| day.value.as_ref().err()) {
            Some(cause) => Unavailable::missing(format!("{why}: {}", cause.reason)),
            None => why.into(),
        }
    }

    /// From a file of days. Between its days nothing changes.
    pub(super) fn of_days(days: &[returns::Day], ask: &Ask) -> Figure<Self> {
        let mut days = days.to_vec();
        days.sort_by_key(|day| day.date);
        if let Some(pair) = days.windows(2).find(|pair| pair[0].date == pair[1].date) {
            return Err(NoReturn::TwoValues { date: pair[0].date }.into());
        }
        let (Some(first), Some(last)) = (days.first(), days.last()) else {
            return Err(NoReturn::TooFewValues.into());
        };
        let from = ask.from.unwrap_or(first.date).max(first.date);
        let to = ask.to.unwrap_or(last.date);
        let period = period(from, to)?;
        let told = |day: &returns::Day, date: NaiveDate| Day {
            date,
            value: day
                .value
                .ok_or_else(|| Unavailable::missing(format!("the value of {} is empty", day.date))),
            inflow: Ok(Decimal::ZERO),
            outflow: Ok(Decimal::ZERO),
            traded: false,
        };
        let begun = days.partition_point(|day| day.date <= from);
        let ended = days.partition_point(|day| day.date <= to);
        let mut history = vec![told(&days[begun - 1], from)];
        history.extend(days[begun..ended].iter().map(|day| Day {
            inflow: Ok(day.inflow),
            outflow: Ok(day.outflow),
            traded: true,
            ..told(day, day.date)
        }));
        if days[ended - 1].date < to {
            history.push(told(&days[ended - 1], to));
        }
        let benchmark = match &ask.benchmark {
            Some(Benchmark::Values(values)) => values.clone(),
            Some(Benchmark::Symbol(_)) | None => BTreeMap::new(),
        };
        let base_currency = ask.view.base_currency.clone();
        Ok(Self { base_currency, period, days: history, symbols: None, benchmark, flags: Vec::new() })
    }
}

/// The period between two days.
pub(super) fn period(from: NaiveDate, to: NaiveDate) -> Figure<Period> {
    Period::new(from, to).map_err(|_| {
        Unavailable::missing(format!(
            "a period that begins at the close of {from} cannot end at that of {to}: it ends on a later day"
        ))
    })
}

/// Sums of several portfolios on a day.
impl Day {
    pub(super) fn empty(date: NaiveDate) -> Self {
        let none = || Ok(Decimal::ZERO);
        Self { date, value: none(), inflow: none(), outflow: none(), traded: false }
    }

    /// Counts what is left of a moment's flows when they are netted.
    pub(super) fn flowed(&mut self, amount: Figure<Decimal>) {
        match amount {
            Ok(amount) if amount < Decimal::ZERO => add_to(&mut self.outflow, Ok(-amount)),
            Ok(amount) => add_to(&mut self.inflow, Ok(amount)),
            Err(why) => {
                self.inflow = Err(why.clone());
                self.outflow = Err(why);
            }
        }
    }
}

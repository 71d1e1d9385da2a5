//! Risk, from the index.

use chrono::{Datelike as _, NaiveDate};

use super::history::{Day, History};
use super::options::Ask;
use super::shape::RiskFigures;
use super::unavailable::{Figure, Reasons, Unavailable};
use crate::returns::IndexPoint;
use crate::risk::{
    Convention, Frequency, Result, Series, calmar, downside_deviation, drawdown, semi_deviation, sharpe,
    sortino, tail_ratio, volatility,
};

impl RiskFigures {
    /// What is told where there is no index.
    pub(super) fn none(ask: &Ask) -> Self {
        Self {
            frequency: ask.frequency,
            returns: None,
            risk_free: ask.risk_free,
            volatility: None,
            volatility_over_period: None,
            downside_deviation: None,
            semi_deviation: None,
            sharpe: None,
            sortino: None,
            max_drawdown: None,
            cagr: None,
            calmar: None,
            tail_ratio: None,
        }
    }
}

pub(super) fn figures(
    history: &History,
    index: &Figure<Vec<IndexPoint>>,
    ask: &Ask,
    reasons: &mut Reasons,
) -> RiskFigures {
    let points = index.as_ref().map_err(Clone::clone);
    let fall = points.clone().and_then(|points| {
        history.days.iter().try_for_each(valued)?;
        Ok(drawdown(points)?)
    });
    let series = points.and_then(|points| {
        let points = sampled(history, points, history.period.from, ask.frequency)?;
        Ok(Series::of_index(ask.frequency, &points)?)
    });
    let mut of = Of { series: &series, reasons };
    let required = a_period(ask);
    RiskFigures {
        returns: of.told("returns", |series| Ok(series.returns().len())),
        volatility: of.told("volatility", |series| volatility(series, Convention::SimpleAYear)),
        volatility_over_period: of
            .told("volatility_over_period", |series| volatility(series, Convention::LogOverPeriod)),
        downside_deviation: of.told("downside_deviation", |series| downside_deviation(series, required)),
        semi_deviation: of.told("semi_deviation", semi_deviation),
        sharpe: of.told("sharpe", |series| sharpe(series, required)),
        sortino: of.told("sortino", |series| sortino(series, required)),
        cagr: of.told("cagr", |series| series.cagr(ask.short)),
        calmar: of.told("calmar", |series| calmar(series, ask.short)),
        tail_ratio: of.told("tail_ratio", tail_ratio),
        max_drawdown: reasons.told("risk.max_drawdown", fall),
        ..RiskFigures::none(ask)
    }
}

/// Figures of a series, which may not be there.
struct Of<'a> {
    series: &'a Figure<Series>,
    reasons: &'a mut Reasons,
}

impl Of<'_> {
    fn told<T>(&mut self, name: &str, figure: impl FnOnce(&Series) -> Result<T>) -> Option<T> {
        let found = self.series.as_ref().map_err(Clone::clone).and_then(|series| Ok(figure(series)?));
        self.reasons.told(&format!("risk.{name}"), found)
    }
}

/// The risk-free return of one period: a year's, compounded.
pub(super) fn a_period(ask: &Ask) -> f64 {
    (ask.risk_free.ln_1p() / ask.frequency.a_year() as f64).exp_m1()
}

/// The index at an opening and then once each period of a frequency: on days on which something was traded or priced;
/// on every calendar day, where quiet days have the index of the day before; or at the end of each week, month or year,
/// of which the first and the last may be shorter.
pub(super) fn sampled(
    history: &History,
    index: &[IndexPoint],
    opening: NaiveDate,
    frequency: Frequency,
) -> Figure<Vec<IndexPoint>> {
    let days: Vec<&Day> = history.days.iter().filter(|day| day.date >= opening).collect();
    let ends_period = |at: usize| {
        let period = |day: &Day| match frequency {
            Frequency::TradingDay | Frequency::Day => (day.date.year(), day.date.ordinal()),
            Frequency::Week => (day.date.iso_week().year(), day.date.iso_week().week()),
            Frequency::Month => (day.date.year(), day.date.month()),
            Frequency::Year => (day.date.year(), 0),
        };
        days.get(at + 1).is_none_or(|next| period(next) != period(days[at]))
    };
    let mut sampled: Vec<IndexPoint> = Vec::new();
    for (at, day) in days.iter().enumerate() {
        let taken = match frequency {
            Frequency::TradingDay => day.traded,
            _ => ends_period(at),
        };
        if at > 0 && !taken {
            continue;
        }
        valued(day)?;
        let place = index.partition_point(|point| point.date <= day.date);
        let value = index[place - 1].value;
        if let Some(last) = sampled.last().copied().filter(|_| frequency == Frequency::Day) {
            let quiet = last.date.iter_days().skip(1).take_while(|date| *date < day.date);
            sampled.extend(quiet.map(|date| IndexPoint { date, value: last.value }));
        }
        sampled.push(IndexPoint { date: day.date, value });
    }
    Ok(sampled)
}

/// A day without a value hides how the index moved on it.
fn valued(day: &Day) -> Figure<()> {
    let why = |why: &Unavailable| {
        Unavailable::missing(format!("the value of {} is not known: {}", day.date, why.reason))
    };
    day.value.as_ref().map(|_| ()).map_err(why)
}

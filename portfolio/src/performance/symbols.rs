//! What each symbol was worth and took in, followed through the days of one portfolio, and added up over several.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::unavailable::{Figure, Unavailable, add_to};
use crate::book::{Move, Worth};
use crate::returns::{Flow, minus, plus};

/// Money that went in, by day.
pub(super) type Flows = Figure<BTreeMap<NaiveDate, Decimal>>;

/// A symbol, or cash, over a period.
#[derive(Debug)]
pub(super) struct Followed {
    pub(super) start: Figure<Decimal>,
    pub(super) end: Figure<Decimal>,
    pub(super) flows: Flows,
}

impl Default for Followed {
    fn default() -> Self {
        Self { start: Ok(Decimal::ZERO), end: Ok(Decimal::ZERO), flows: Ok(BTreeMap::new()) }
    }
}

impl Followed {
    fn put_in(&mut self, date: NaiveDate, amount: Figure<Decimal>) {
        let flows = std::mem::replace(&mut self.flows, Ok(BTreeMap::new()));
        self.flows = flows.and_then(|mut flows| {
            let sum = flows.entry(date).or_default();
            *sum = plus(*sum, amount?)?;
            Ok(flows)
        });
    }

    fn add(&mut self, other: Self) {
        add_to(&mut self.start, other.start);
        add_to(&mut self.end, other.end);
        match other.flows {
            Ok(flows) => flows.into_iter().for_each(|(date, amount)| self.put_in(date, Ok(amount))),
            Err(why) => self.flows = Err(why),
        }
    }

    /// Whether there is anything to tell of it.
    pub(super) fn counts(&self) -> bool {
        let nothing = |figure: &Figure<Decimal>| figure.as_ref().is_ok_and(Decimal::is_zero);
        !(nothing(&self.start) && nothing(&self.end) && self.flows.as_ref().is_ok_and(BTreeMap::is_empty))
    }

    /// What it made.
    pub(super) fn gain(&self) -> Figure<Decimal> {
        let (start, end, flows) = (self.start.clone()?, self.end.clone()?, self.flows.as_ref()?);
        let grown = minus(end, start)?;
        Ok(flows.values().try_fold(grown, |gain, flow| minus(gain, *flow))?)
    }

    /// What it had at an opening, and the flows after it.
    pub(super) fn since(&self, opening: NaiveDate) -> Figure<(Decimal, Vec<Flow>)> {
        let mut start = self.start.clone()?;
        let mut later = Vec::new();
        for (date, amount) in self.flows.as_ref()? {
            if *date <= opening {
                start = plus(start, *amount)?;
            } else {
                later.push(Flow { date: *date, amount: *amount });
            }
        }
        Ok((start, later))
    }
}

/// All symbols and cash.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    pub(super) by_name: BTreeMap<String, Followed>,
    pub(super) cash: Followed,
}

impl Symbols {
    /// At the close of the first day.
    pub(super) fn begin(&mut self, worth: Worth) {
        for (symbol, worth) in worth.positions {
            self.by_name.entry(symbol).or_default().start = worth.map_err(Unavailable::missing);
        }
        self.cash.start = worth.cash.map_err(Unavailable::missing);
    }

    /// What moved between cash and symbols, in order.
    pub(super) fn moved(&mut self, moves: Vec<Move>) {
        for moved in moves {
            match moved {
                Move::Money { symbol, date, amount } => {
                    let amount = amount.ok_or_else(|| {
                        Unavailable::missing(format!(
                            "what {symbol} took in on {date} cannot be brought to the base currency: no exchange rate is known"
                        ))
                    });
                    self.cash.put_in(date, amount.clone().map(|amount| -amount));
                    self.by_name.entry(symbol).or_default().put_in(date, amount);
                }
                Move::Renamed { from, to } if from != to => {
                    if let Some(before) = self.by_name.remove(&from) {
                        self.by_name.entry(to).or_default().add(before);
                    }
                }
                Move::Renamed { .. } => {}
            }
        }
    }

    /// What came from outside, or went there.
    pub(super) fn flowed(&mut self, date: NaiveDate, amount: Figure<Decimal>) {
        self.cash.put_in(date, amount);
    }

    /// At the close of the last day.
    pub(super) fn end(&mut self, worth: Worth) {
        for (symbol, worth) in worth.positions {
            self.by_name.entry(symbol).or_default().end = worth.map_err(Unavailable::missing);
        }
        self.cash.end = worth.cash.map_err(Unavailable::missing);
    }

    /// Together with those of another portfolio.
    pub(super) fn add(&mut self, other: Self) {
        for (symbol, followed) in other.by_name {
            self.by_name.entry(symbol).or_default().add(followed);
        }
        self.cash.add(other.cash);
    }
}

//! Time-weighted returns: what the portfolio made, whatever was paid in and out.
//!
//! [`daily`] values the portfolio each day and is exact. [`linked`] values it now and then, and on large flows, with
//! Modified Dietz returns in between.

use super::annual::{ShortPeriods, annualised};
use super::dietz::modified;
use super::money::{Flow, Period, Timing, Valuation, minus, plus, ratio, total};
use super::reason::{NoReturn, Result};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[cfg(test)]
mod tests;

/// A day of a portfolio. Days on which nothing is valued and nothing moves need not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Day {
    /// The day.
    pub date: NaiveDate,
    /// What the portfolio is worth at its close, or nothing where that is not known.
    pub value: Option<Decimal>,
    /// Put in at the start of the day.
    pub inflow: Decimal,
    /// Taken out at its end, without a sign.
    pub outflow: Decimal,
}

/// A time-weighted return.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimeWeighted {
    /// From the close of the first day to that of the last.
    pub period: Period,
    /// The return over the period, not annualised: 0.1 is 10 %.
    pub total: f64,
    /// Of how many returns it is linked.
    pub parts: usize,
}

impl TimeWeighted {
    /// The yearly return of which this one is made.
    pub fn annualised(&self, short: ShortPeriods) -> Result<f64> {
        annualised(self.total, self.period, short)
    }
}

/// What 1 that was there at the beginning has become at the close of a day, whatever was paid in and out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IndexPoint {
    /// The day.
    pub date: NaiveDate,
    /// The growth since the beginning: 1.1 is 10 % more.
    pub value: f64,
}

/// The product of (value + outflow) / (value before + inflow) over the days, less 1.
///
/// The first day is where the period begins: its flows are in its value. Days may come in any order. A value may be
/// missing on a day of which no return depends: one without outflow, before a day without inflow.
///
/// # Errors
/// Fewer than two days; a value that is missing; two values for a day; nothing at work; less than nothing left.
pub fn daily(days: &[Day]) -> Result<TimeWeighted> {
    let index = daily_index(days)?;
    let (Some(first), Some(last)) = (index.first(), index.last()) else {
        return Err(NoReturn::TooFewValues);
    };
    let period = Period::new(first.date, last.date)?;
    Ok(TimeWeighted { period, total: last.value - 1.0, parts: index.len() - 1 })
}

/// The same, step by step: a point for each day that has a value, of which the first is 1. Falls and volatility are to
/// be taken from this, for a portfolio's value moves with each deposit too.
///
/// # Errors
/// As [`daily`].
pub fn daily_index(days: &[Day]) -> Result<Vec<IndexPoint>> {
    let mut days: Vec<&Day> = days.iter().collect();
    days.sort_by_key(|day| day.date);
    if let Some(pair) = days.windows(2).find(|pair| pair[0].date == pair[1].date) {
        return Err(NoReturn::TwoValues { date: pair[0].date });
    }
    let ([first, rest @ ..], Some(last)) = (days.as_slice(), days.last()) else {
        return Err(NoReturn::TooFewValues);
    };
    if rest.is_empty() {
        return Err(NoReturn::TooFewValues);
    }
    let mut grows = Grows::from(first)?;
    let mut index = vec![IndexPoint { date: first.date, value: grows.growth }];
    for day in rest {
        match grows.step(day)? {
            Some(value) => index.push(IndexPoint { date: day.date, value }),
            None if day.date != last.date => {}
            None => return Err(NoReturn::MissingValue { date: day.date }),
        }
    }
    Ok(index)
}

/// What 1 that was there on the first of these days has become on each of them, as far as it can be told: a value that is
/// missing where money moves leaves nothing to be told of all later days. Days are in the order of time, each once.
pub fn daily_growth(days: &[Day]) -> Vec<Result<f64>> {
    let Some((first, rest)) = days.split_first() else { return Vec::new() };
    let mut grows = Grows::from(first);
    let mut told = vec![grows.as_ref().map(|grows| grows.growth).map_err(Clone::clone)];
    for day in rest {
        let step = grows.as_mut().map_err(|why| why.clone()).and_then(|grows| grows.step(day));
        if let Err(why) = &step {
            grows = Err(why.clone());
        }
        told.push(step.and_then(|growth| growth.ok_or(NoReturn::MissingValue { date: day.date })));
    }
    told
}

/// What is at work, day after day.
struct Grows {
    /// The last value that is known, with what came in since.
    base: Decimal,
    before: Day,
    growth: f64,
}

impl Grows {
    fn from(first: &Day) -> Result<Self> {
        let base = first.value.ok_or(NoReturn::MissingValue { date: first.date })?;
        Ok(Self { base, before: *first, growth: 1.0 })
    }

    /// What 1 has become by the end of the next day; nothing where its value is missing and no return depends on it.
    fn step(&mut self, day: &Day) -> Result<Option<f64>> {
        if day.inflow < Decimal::ZERO || day.outflow < Decimal::ZERO {
            return Err(NoReturn::NegativeFlow { date: day.date });
        }
        if !day.inflow.is_zero() && self.before.value.is_none() {
            return Err(NoReturn::MissingValue { date: self.before.date });
        }
        self.base = plus(self.base, day.inflow)?;
        self.before = *day;
        let Some(value) = day.value else {
            let depends = !day.outflow.is_zero();
            return if depends { Err(NoReturn::MissingValue { date: day.date }) } else { Ok(None) };
        };
        self.growth *= grown(self.base, plus(value, day.outflow)?, day.date)?;
        self.base = value;
        if self.growth.is_finite() { Ok(Some(self.growth)) } else { Err(NoReturn::TooLarge) }
    }
}

/// What each unit of `base` became.
fn grown(base: Decimal, end: Decimal, date: NaiveDate) -> Result<f64> {
    if base.is_zero() && end.is_zero() {
        // An empty portfolio earns nothing and loses nothing.
        return Ok(1.0);
    }
    if base <= Decimal::ZERO {
        return Err(NoReturn::NoBase { date, base });
    }
    if end.is_sign_negative() && !end.is_zero() {
        return Err(NoReturn::LessThanNothing { date });
    }
    ratio(end, base)
}

/// Modified Dietz returns from valuation to valuation, linked.
///
/// A flow is large when it is more than `large` (0.1 is 10 %) of the value at the valuation before it. Large flows need
/// a valuation: one of their own day where they count from its end, one of the day before where they count from its
/// start. Days without trading need values there too, the last ones known.
///
/// # Errors
/// Fewer than two valuations, or two of a day; a large flow without valuation; what [`modified`] refuses; less than
/// nothing left.
pub fn linked(
    valuations: &[Valuation],
    flows: &[Flow],
    timing: Timing,
    large: Decimal,
) -> Result<TimeWeighted> {
    let mut valuations = valuations.to_vec();
    valuations.sort_by_key(|valuation| valuation.date);
    let mut flows = flows.to_vec();
    flows.sort_by_key(|flow| flow.date);
    let (Some(first), Some(last)) = (valuations.first(), valuations.last()) else {
        return Err(NoReturn::TooFewValues);
    };
    let period = Period::new(first.date, last.date)?;
    for flow in &flows {
        period.days_at_work(flow, timing)?;
    }
    let mut growth = 1.0;
    let mut later = flows.as_slice();
    for pair in valuations.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        let part = Period::new(start.date, end.date).map_err(|_| NoReturn::TwoValues { date: end.date })?;
        let (within, after) = later.split_at(later.partition_point(|flow| flow.date <= end.date));
        later = after;
        growth *= 1.0 + part_return(part, start, end, within, timing, large)?;
    }
    Ok(TimeWeighted { period, total: growth - 1.0, parts: valuations.len() - 1 })
}

fn part_return(
    part: Period,
    start: Valuation,
    end: Valuation,
    flows: &[Flow],
    timing: Timing,
    large: Decimal,
) -> Result<f64> {
    let most = start.value.checked_mul(large).ok_or(NoReturn::TooLarge)?.abs();
    let mut moved = Vec::new();
    // What counts from the start on is at work in full; what counts from the end on is not at all.
    let (mut base, mut left, mut exact) = (start.value, end.value, true);
    // Flows of a day are one flow.
    for day in flows.chunk_by(|a, b| a.date == b.date) {
        let amount = total(day.iter().map(|flow| flow.amount))?;
        let flow = Flow { date: day[0].date, amount };
        let at_work = part.days_at_work(&flow, timing)?;
        let from_start = timing.counts_from_start(amount);
        let beside_a_value = at_work == if from_start { part.days() } else { 0 };
        if amount.abs() > most && !beside_a_value {
            return Err(NoReturn::NotValued { date: flow.date, flow: amount });
        }
        if from_start {
            base = plus(base, amount)?;
        } else {
            left = minus(left, amount)?;
        }
        exact &= beside_a_value;
        moved.push(flow);
    }
    // What came beside a valuation is no estimate, however large it is.
    let total =
        if exact { grown(base, left, end.date)? - 1.0 } else { modified(start, end, &moved, timing)?.ratio };
    if total < -1.0 { Err(NoReturn::LessThanNothing { date: end.date }) } else { Ok(total) }
}

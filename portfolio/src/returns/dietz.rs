//! Dietz returns: gain over average capital, for a period that is valued at its ends only.
//!
//! They hold where flows are small beside what is at work or the market is calm. A flow many times the average capital
//! makes of any error in it a return many times as large; that is refused ([`NoReturn::SmallBase`]), for the
//! portfolio is to be valued when such a flow comes.

use super::money::{Flow, Period, Timing, Valuation, minus, plus, ratio, total};
use super::reason::{NoReturn, Result};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[cfg(test)]
mod tests;

/// A flow of more than this many times the average capital is refused: 1 % made on it would be told as 10 %.
const LARGEST_FLOW: Decimal = Decimal::TEN;

/// A period's gain and the capital that made it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Dietz {
    /// Value at the end less value at the beginning less what was put in.
    pub gain: Decimal,
    /// Average capital at work.
    pub base: Decimal,
    /// Gain over average capital: 0.1 is 10 %.
    #[serde(rename = "return")]
    pub ratio: f64,
}

/// The Modified Dietz return: each flow counts for the share of the period's days in which it is at work.
///
/// # Errors
/// The end is not after the beginning; a flow outside of (start, end]; no capital, or little beside a flow.
pub fn modified(start: Valuation, end: Valuation, flows: &[Flow], timing: Timing) -> Result<Dietz> {
    let period = Period::new(start.date, end.date)?;
    Parts::of(period, start.value, end.value, flows, timing)?.dietz(period)
}

/// The simple Dietz return: each flow counts for half of the period.
///
/// # Errors
/// As [`modified`].
pub fn simple(start: Valuation, end: Valuation, flows: &[Flow]) -> Result<Dietz> {
    let period = Period::new(start.date, end.date)?;
    let mut parts = Parts::of(period, start.value, end.value, flows, Timing::End)?;
    let net = total(flows.iter().map(|flow| flow.amount))?;
    parts.base = plus(start.value, net / Decimal::TWO)?;
    parts.dietz(period)
}

/// Gain, average capital and largest flow: they add up over positions.
struct Parts {
    gain: Decimal,
    base: Decimal,
    largest: Decimal,
}

impl Parts {
    fn of(period: Period, start: Decimal, end: Decimal, flows: &[Flow], timing: Timing) -> Result<Self> {
        let days = Decimal::from(period.days());
        let mut gain = minus(end, start)?;
        let mut weighted = Decimal::ZERO;
        for flow in flows {
            let at_work = Decimal::from(period.days_at_work(flow, timing)?);
            gain = minus(gain, flow.amount)?;
            let part = flow.amount.checked_mul(at_work).ok_or(NoReturn::TooLarge)?;
            weighted = plus(weighted, part)?;
        }
        let largest = flows.iter().map(|flow| flow.amount.abs()).max().unwrap_or_default();
        Ok(Self { gain, base: plus(start, weighted / days)?, largest })
    }

    fn dietz(&self, period: Period) -> Result<Dietz> {
        let Self { gain, base, largest } = *self;
        if gain.is_zero() && base.is_zero() {
            // Money that came on the last day had no time to earn.
            return Ok(Dietz { gain, base, ratio: 0.0 });
        }
        if base <= Decimal::ZERO {
            return Err(NoReturn::NoBase { date: period.from, base });
        }
        // Without a gain there is nothing to blow up.
        if !gain.is_zero() && largest / LARGEST_FLOW > base {
            return Err(NoReturn::SmallBase { date: period.from, base, flow: largest });
        }
        Ok(Dietz { gain, base, ratio: ratio(gain, base)? })
    }
}

/// A position over a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DietzPosition)]
pub struct Position {
    /// What it is called.
    pub name: String,
    /// What it is worth at the beginning.
    pub start: Decimal,
    /// What it is worth at the end.
    pub end: Decimal,
    /// What was put into it (purchases) and taken out (sales, dividends paid out to cash).
    pub flows: Vec<Flow>,
}

/// What a position added to the portfolio's return.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Contribution {
    /// What it is called.
    pub name: String,
    /// What it made.
    pub gain: Decimal,
    /// Its average capital.
    pub base: Decimal,
    /// Its part of the portfolio's return: its gain over the portfolio's capital.
    pub contribution: f64,
}

/// The contributions of a portfolio's positions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Contributions {
    /// One for each position, in the order in which they were given; they add up to the portfolio's return.
    pub positions: Vec<Contribution>,
    /// The portfolio's Modified Dietz return.
    pub portfolio: Dietz,
}

/// What each position added to the Modified Dietz return of all of them, cash among them.
///
/// Transfers between positions are flows of both and cancel out.
///
/// # Errors
/// As [`modified`], of all positions together.
pub fn contributions(
    from: NaiveDate,
    to: NaiveDate,
    positions: &[Position],
    timing: Timing,
) -> Result<Contributions> {
    let period = Period::new(from, to)?;
    let parts = positions
        .iter()
        .map(|position| Parts::of(period, position.start, position.end, &position.flows, timing))
        .collect::<Result<Vec<Parts>>>()?;
    let whole = Parts {
        gain: total(parts.iter().map(|part| part.gain))?,
        base: total(parts.iter().map(|part| part.base))?,
        largest: largest_day(positions)?,
    };
    let portfolio = whole.dietz(period)?;
    let contribution = |gain| if portfolio.base.is_zero() { Ok(0.0) } else { ratio(gain, portfolio.base) };
    let positions = positions.iter().zip(&parts).map(|(position, part)| {
        let (gain, base) = (part.gain, part.base);
        Ok(Contribution { name: position.name.clone(), gain, base, contribution: contribution(gain)? })
    });
    Ok(Contributions { positions: positions.collect::<Result<_>>()?, portfolio })
}

/// The most that came into or out of the portfolio on a day, transfers between positions aside.
fn largest_day(positions: &[Position]) -> Result<Decimal> {
    let mut days = std::collections::BTreeMap::<NaiveDate, Decimal>::new();
    for flow in positions.iter().flat_map(|position| &position.flows) {
        let day = days.entry(flow.date).or_default();
        *day = plus(*day, flow.amount)?;
    }
    Ok(days.values().map(Decimal::abs).max().unwrap_or_default())
}

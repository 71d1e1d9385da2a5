//! Dated money, as returns see it.

use super::reason::{NoReturn, Result};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Money between an investor's pocket and an investment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Payment {
    /// The day.
    pub date: NaiveDate,
    /// Negative is paid in, positive received.
    pub amount: Decimal,
}

/// Money that enters or leaves a portfolio, or one of its positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Flow {
    /// The day.
    pub date: NaiveDate,
    /// Positive is put in, negative taken out.
    pub amount: Decimal,
}

/// What a portfolio or a position is worth at the close of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReturnValuation)]
pub struct Valuation {
    /// The day.
    pub date: NaiveDate,
    /// Its value, with the day's flows in it.
    pub value: Decimal,
}

/// When on its day a flow begins (or ceases) to be at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// At the start of its day.
    Start,
    /// At the end of its day.
    #[default]
    End,
    /// Put in at the start of its day and taken out at its end, as the daily return counts.
    Daily,
}

impl Timing {
    /// Whether a flow of this amount counts from the start of its day.
    pub(super) fn counts_from_start(self, amount: Decimal) -> bool {
        match self {
            Self::Start => true,
            Self::End => false,
            Self::Daily => amount > Decimal::ZERO,
        }
    }
}

/// From the close of one day to that of a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ReturnPeriod)]
pub struct Period {
    /// The first day: its flows are in `from`'s value already.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
}

impl Period {
    /// The period between two days, the second after the first.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self> {
        if to > from { Ok(Self { from, to }) } else { Err(NoReturn::TooFewValues) }
    }

    /// Its length in days.
    pub fn days(self) -> i64 {
        (self.to - self.from).num_days()
    }

    /// How many of its days a flow is at work.
    pub(super) fn days_at_work(self, flow: &Flow, timing: Timing) -> Result<i64> {
        if flow.date <= self.from || flow.date > self.to {
            return Err(NoReturn::FlowOutside { date: flow.date, from: self.from, to: self.to });
        }
        let remaining = (self.to - flow.date).num_days();
        Ok(if timing.counts_from_start(flow.amount) { remaining + 1 } else { remaining })
    }
}

/// The sum, exactly.
pub(crate) fn total(amounts: impl IntoIterator<Item = Decimal>) -> Result<Decimal> {
    amounts.into_iter().try_fold(Decimal::ZERO, plus)
}

/// `a + b`, exactly.
pub(crate) fn plus(a: Decimal, b: Decimal) -> Result<Decimal> {
    a.checked_add(b).ok_or(NoReturn::TooLarge)
}

/// `a - b`, exactly.
pub(crate) fn minus(a: Decimal, b: Decimal) -> Result<Decimal> {
    a.checked_sub(b).ok_or(NoReturn::TooLarge)
}

/// The nearest floating-point number, for ratios.
pub(crate) fn float(amount: Decimal) -> Result<f64> {
    amount.to_f64().ok_or(NoReturn::TooLarge)
}

/// `a / b` as a ratio; `b` is not 0.
pub(crate) fn ratio(a: Decimal, b: Decimal) -> Result<f64> {
    Ok(float(a)? / float(b)?)
}

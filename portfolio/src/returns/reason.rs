//! Why there is no return.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Result with [`NoReturn`].
pub type Result<T> = std::result::Result<T, NoReturn>;

/// Why there is no return.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize, ToSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NoReturn {
    /// Nothing was paid either way.
    #[error("there are no payments, or all of them are 0")]
    NoPayments,
    /// Money went one way only.
    #[error(
        "all payments go the same way: a rate needs money paid in (negative) and money received (positive)"
    )]
    OneWay,
    /// No time passed between payments.
    #[error("but for payments that cancel out, all are on one day, and a rate needs time to pass")]
    OneDay,
    /// Any rate would do.
    #[error("the payments of each day cancel each other out, so that every rate fits")]
    EveryRate,
    /// No rate makes the payments balance.
    #[error("there is no rate at which these payments balance")]
    NoRate,
    /// The rate is outside what a number can say.
    #[error(
        "the only rate at which these payments balance is not to be told from -100 % a year, or is beyond all bounds: \
         the time between them is too short for a yearly rate"
    )]
    Extreme,
    /// The rate is known, but not to the digits that it would need.
    #[error(
        "there is no rate at which these payments balance: the only one that comes near is so low that the last digit \
         of it decides whether they do"
    )]
    TooSteep,
    /// Sums outgrew what is held exactly.
    #[error("the amounts are too large to be added exactly")]
    TooLarge,
    /// A return needs a value at the beginning and one at the end.
    #[error("a return needs a value at the beginning and a later one at the end")]
    TooFewValues,
    /// A value is missing where the return depends on it.
    #[error("the value at the close of {date} is missing, and money moved next to it")]
    MissingValue {
        /// The day.
        date: NaiveDate,
    },
    /// A day is told twice.
    #[error("there are two values for {date}")]
    TwoValues {
        /// The day.
        date: NaiveDate,
    },
    /// A flow is not in the period.
    #[error("the flow on {date} is not after {from} and up to {to}")]
    FlowOutside {
        /// The flow's day.
        date: NaiveDate,
        /// The period begins at the close of this day.
        from: NaiveDate,
        /// And ends at the close of this one.
        to: NaiveDate,
    },
    /// Inflows and outflows are told by amount, without a sign.
    #[error("the flow on {date} is negative: inflows and outflows are told apart by their names")]
    NegativeFlow {
        /// The flow's day.
        date: NaiveDate,
    },
    /// There is nothing that could have earned the return.
    #[error("from {date} on {base} is at work, and a return needs more than 0")]
    NoBase {
        /// The day at whose close, or in the course of which, the base counts.
        date: NaiveDate,
        /// The base.
        base: Decimal,
    },
    /// What was at work is too little beside what moved: the ratio would be noise.
    #[error(
        "from {date} on {base} is at work on average beside a flow of {flow}: value the portfolio when the flow comes"
    )]
    SmallBase {
        /// The first day.
        date: NaiveDate,
        /// What is at work on average.
        base: Decimal,
        /// The largest flow.
        flow: Decimal,
    },
    /// Less than nothing is left.
    #[error("on {date} less than nothing is left, from which no return goes on")]
    LessThanNothing {
        /// The day.
        date: NaiveDate,
    },
    /// A large flow came without a valuation.
    #[error("the flow of {flow} on {date} is large and the portfolio was not valued beside it")]
    NotValued {
        /// The flow's day.
        date: NaiveDate,
        /// The flow.
        flow: Decimal,
    },
    /// A year is not full.
    #[error("{days} days are less than a year: such a return is told as it is and not annualised")]
    UnderAYear {
        /// The period's length.
        days: i64,
    },
}

//! Returns: what money made, in the four ways that are asked for.
//!
//! | question | answer |
//! |---|---|
//! | What did my money earn a year, given when I paid it in? | [`xirr`] (dates), [`irr`] (equal periods) |
//! | The same, over the period and not a year? | [`money_weighted`] |
//! | What did the portfolio make, whatever was paid in and out? | [`daily`] ([`daily_index`] step by step), [`linked`] |
//! | About the same, without a value on each day of a flow? And which position made it? | [`modified`], [`simple`], [`contributions`] |
//!
//! Two signs are in use, and the type says which. A [`Payment`] is seen from the investor's pocket: money paid in is
//! negative, money received positive, what the portfolio is worth at the end counts as received. A [`Flow`] is seen
//! from the portfolio: positive is put in, negative taken out.
//!
//! Values are those at the close of a day. A return that cannot be had is a [`NoReturn`], never 0 and never NaN.

mod annual;
mod answer;
mod day_count;
mod dietz;
mod file;
mod money;
mod reason;
mod roots;
mod twr;
mod xirr;

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod properties;

pub use annual::{ShortPeriods, annualised};
pub use answer::XirrAnswer;
pub use day_count::{DayCount, UnknownDayCount};
pub use dietz::{Contribution, Contributions, Dietz, Position, contributions, modified, simple};
pub use file::{PaymentsError, read_payments};
pub use money::{Flow, Payment, Period, Timing, Valuation};
pub(crate) use money::{minus, plus};
pub use reason::{NoReturn, Result};
pub use twr::{Day, IndexPoint, TimeWeighted, daily, daily_growth, daily_index, linked};
pub use xirr::{Rates, irr, money_weighted, xirr};

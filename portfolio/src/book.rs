//! The books of a portfolio: what is held, what it cost, what it made, what it is worth.
//!
//! The way: [`Entry`]s in any order -> sorted, each once, corrections carried out -> [`book()`] makes lots
//! and purses -> [`appraise`] puts prices and exchange rates to them. [`Replay`] does all of it in one walk
//! through time when prices stand among the entries; [`value()`] and [`daily()`] are made of it.
//!
//! **Lots.** A trade first closes lots of the other direction by the [`Method`] of the [`Terms`], then opens
//! one. Short lots have pieces and cost below zero: their cost is what the sale brought, so that one
//! arithmetic serves both. Fees stand apart: they lower cash and are counted, and are in no cost.
//!
//! **Exactness.** Money and pieces are decimals. Sums are exact; a sum that 28 digits cannot hold is refused
//! and spoils what it belongs to. Rounding, half to even at the 12th decimal, happens in four places only:
//! a trade's value (pieces times price) that has more decimals, the part of a lot's cost that a partial sale
//! takes (at average cost: of the pool's), pieces after a split that do not come out even, and amounts at an
//! exchange rate. Both sides of a booking get the same rounded number and what stays is found by
//! subtraction, so nothing is lost: lots sum to their position, and in every currency
//! `cash + cost of lots = deposits - withdrawals + dividends + interest - fees - taxes + realised`.
//!
//! **Nothing is guessed.** What cannot be booked is flagged, the figures it spoils are null, and the reason
//! stands beside them.

mod allocation;
mod cash;
mod correct;
mod daily;
mod entry;
mod exact;
mod holding;
mod ledger;
mod market;
mod moves;
mod pool;
mod replay;
mod settle;
mod terms;
mod text;
mod totals;
mod value;
mod worth;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use allocation::{Allocation, Labels, Part};
pub use cash::CashMove;
pub use daily::{Day, Flow, Move, daily, days_until, end_of};
pub use entry::{
    Entry, Figures, Money, Movement, Pick, Purpose, Ratio, Side, Trade, is_currency, parse_decimal,
};
pub use exact::{PLACES, units};
pub use holding::{Holding, Lot};
pub use ledger::{Book, Purse, book};
pub use market::{Market, Price};
pub use moves::{DayMove, MoveKey, moves, moves_until};
pub use pool::{PoolDay, PoolPosition, PoolView, pool};
pub use replay::{Replay, value};
pub use terms::{Method, Terms};
pub(crate) use text::{NONE, figure, plain, table};
pub use totals::{Account, Totals};
pub use value::{Position, Valuation, View, appraise};
pub use worth::Worth;

/// An event that could not be booked as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Flag {
    /// Its id.
    pub event_id: String,
    /// What is wrong with it.
    pub reason: String,
}

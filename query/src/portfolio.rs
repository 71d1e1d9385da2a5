//! What a portfolio holds and what it made, from business events, in exact decimals.
//!
//! Trades (`order.filled`, `order.partially_filled`) open and close lots, first in first
//! out; deposits, withdrawals, fees and dividends move cash; splits change the number of
//! pieces and never the cost. Fees are kept apart: they lower cash and stand in their own
//! total, not in the cost of a lot.
//!
//! The way: events -> [`Entry`]s (or flags, where an event does not say what it must) ->
//! [`book`] -> [`appraise`] with prices and exchange rates -> the body. Everything but
//! [`value`] and [`list`] is pure, and the arithmetic is that of `headroom_portfolio::book`.
//!
//! Nothing is guessed. A sale of what was not held, a missing price, an unknown currency
//! or a split by zero is flagged, the figures it spoils are null, and the reason stands
//! beside them in `unavailable`; it is never zero.
//!
//! Reads of one valuation: the portfolio's events, then prices, splits and exchange rates
//! at once. The list is one query.

mod appraise;
mod entry;
mod list;
mod load;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use headroom_portfolio::book::Terms;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

pub use appraise::appraise;
pub use entry::entry;
pub use headroom_portfolio::book::{
    Book, Entry, Flag, Holding, Lot, Market, Money, Movement, Price, Purpose, Ratio, Side, Trade,
};
pub use list::{PortfolioRow, Portfolios, list};
pub use load::value;

/// Body of `GET /api/v1/portfolios/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Portfolio {
    /// `portfolio.id`
    pub portfolio_id: String,
    /// Events and prices up to and at this moment count.
    pub as_of: DateTime<Utc>,
    /// Currency of the totals: that of the first movement of money; null without one.
    pub base_currency: Option<String>,
    /// By symbol; closed positions stay for what they realised.
    pub positions: Vec<Position>,
    /// By currency.
    pub cash: Vec<Cash>,
    /// In the base currency, at the last exchange rates.
    pub totals: Totals,
    /// Why figures are missing.
    pub unavailable: Vec<String>,
    /// Events that could not be booked as they are.
    pub flags: Vec<Flag>,
}

/// What is held of one symbol. Figures are decimal strings, or null for the reason in
/// `unavailable`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Position {
    /// The instrument.
    pub symbol: String,
    /// Pieces held.
    pub quantity: Option<Decimal>,
    /// Cost basis per piece.
    pub average_cost: Option<Decimal>,
    /// What the lots still held cost, without fees.
    pub cost_basis: Option<Decimal>,
    /// Last price at or before `as_of`, adjusted for splits since.
    pub price: Option<Decimal>,
    /// When that price was made.
    pub price_at: Option<DateTime<Utc>>,
    /// Pieces times price.
    pub market_value: Option<Decimal>,
    /// Market value less cost basis.
    pub unrealised: Option<Decimal>,
    /// What sales brought over the cost of the lots sold, without fees.
    pub realised: Option<Decimal>,
    /// Dividends.
    pub income: Option<Decimal>,
    /// Of its trades, and charged for it.
    pub fees: Option<Decimal>,
    /// Currency of all of these.
    pub currency: String,
    /// Why figures are missing.
    pub unavailable: Option<String>,
}

/// Cash in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cash {
    /// ISO code.
    pub currency: String,
    /// Null when a movement of it could not be read.
    pub amount: Option<Decimal>,
}

/// Sums over all positions in the base currency.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Totals {
    /// Positions and cash.
    pub value: Option<Decimal>,
    /// Of all currencies.
    pub cash: Option<Decimal>,
    /// What the positions are worth.
    pub market_value: Option<Decimal>,
    /// What they cost.
    pub cost_basis: Option<Decimal>,
    /// Market value less cost.
    pub unrealised: Option<Decimal>,
    /// What sales made.
    pub realised: Option<Decimal>,
    /// Fees of trades and fees charged.
    pub fees: Option<Decimal>,
    /// Dividends paid.
    pub dividends: Option<Decimal>,
}

/// Books entries, first in first out, each event id once.
pub fn book(entries: &[Entry]) -> Book {
    headroom_portfolio::book::book(entries, Terms::default())
}

//! What portfolios hold and what they made, from business events, in exact decimals.
//!
//! Trades (`order.filled`, `order.partially_filled`) open and close lots; deposits, withdrawals, fees, taxes,
//! interest and dividends move cash; splits change the number of pieces and never the cost; corrections and cancels
//! restate what was booked.
//!
//! The way: events -> [`Entry`](headroom_portfolio::book::Entry)s (or flags, where an event does not say what it
//! must) -> the arithmetic of `headroom_portfolio` -> the body. Prices and exchange rates are entries too, so that
//! everything is told by one walk through time.
//!
//! Nothing is guessed. A sale of what was not held, a missing price, an unknown currency or a split by zero is
//! flagged, the figures it spoils are null, and the reason stands beside them; it is never zero.

mod assets;
mod by_day;
mod entry;
mod list;
mod moves;
mod performance;
mod read;
#[cfg(test)]
mod tests;
mod together;
mod value;

pub use assets::{AssetPosition, Assets, AssetsAsk, AssetsPeriod, Cohort, Concentration, assets};
pub use by_day::{BookedFlow, Held, ReturnDay, Wanted, flows, positions, returns};
pub use entry::entry;
pub use list::{PortfolioRow, Portfolios, list};
pub use moves::{Kept, MovesKeeper, booking_tenants};
pub use performance::{Beside, performance};
pub use together::{Part, Together, Whose, ids, together};
pub use value::{Look, Portfolio, value};

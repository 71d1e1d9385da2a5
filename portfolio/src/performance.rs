//! The performance of a portfolio, or of several together, over a period: every figure of [`crate::returns`],
//! [`crate::risk`] and [`crate::attribution`] from one walk through the entries.
//!
//! The way: entries of each portfolio -> a history of days (value at the close, flows, what each symbol was worth and
//! took in) -> added day by day -> [`Performance`]. A history can also be given as it is ([`of_days`]); the figures of
//! single symbols are then absent and say so.
//!
//! **Days.** The history has a day for each day on which anything was booked or priced, whatever the weekday, and for
//! both ends of the period. Days in between are quiet: their value is that of the day before. Risk counts days on
//! which something was traded or priced ([`Frequency::TradingDay`](crate::risk::Frequency)), or every calendar day.
//!
//! **Where it begins.** A period runs from the close of its first day to the close of its last one. Nobody can have
//! performance before there is anything: a period begins no earlier than the day before the first booking. Where the
//! value there is 0, average capital and payments are counted from the day of the first flow.
//!
//! **Transfers.** What comes in and goes out at one moment is netted before it counts as a flow, so that money moved
//! from one portfolio to another, or changed into another currency, is none.
//!
//! **Nothing is guessed.** A figure that cannot be had is null, and its reason stands under its name in
//! [`Performance::unavailable`].

mod benchmark;
mod beside;
mod by_day;
mod history;
mod options;
mod positions;
mod risk;
mod shape;
mod symbols;
mod tell;
mod text;
mod unavailable;
mod walk;

#[cfg(test)]
mod tests;

use crate::returns;
use history::History;

pub use beside::beside;
pub use by_day::{DailyReturns, DayReturn, daily_returns};
pub use options::{Ask, Benchmark, BenchmarkSegments, Model, Portfolio};
pub use shape::{
    BenchmarkFigures, ByLabel, DietzReturn, IndexDay, LabelContribution, LinkedReturn, MoneyWeightedReturn,
    Movers, Performance, RiskFigures, SymbolContribution, TimeWeightedReturn,
};
pub use unavailable::Unavailable;

/// The performance of portfolios, added day by day: of one, of a client, of an adviser's book. One that begins later
/// counts 0 before its first entry.
pub fn performance(portfolios: &[Portfolio<'_>], ask: &Ask) -> Performance {
    tell::tell(walk::history(portfolios, ask), ask)
}

/// The performance of what is only known by its value at the close of days, and what came in and went out. The first
/// day's flows are in its value; between the days nothing changes.
pub fn of_days(days: &[returns::Day], ask: &Ask) -> Performance {
    tell::tell(History::of_days(days, ask), ask)
}

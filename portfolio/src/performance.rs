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

mod options;
mod shape;
mod unavailable;

pub use options::{Ask, BenchmarkSegments, Portfolio};
pub use shape::{
    BenchmarkFigures, ByLabel, DietzReturn, IndexDay, LabelContribution, LinkedReturn, MoneyWeightedReturn,
    Movers, Performance, RiskFigures, SymbolContribution, TimeWeightedReturn,
};
pub use unavailable::Unavailable;

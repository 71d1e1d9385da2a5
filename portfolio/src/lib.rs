//! Portfolio arithmetic: from what happened to what is held, what it is worth and what it made.
//!
//! Pure functions over dated entries, prices and exchange rates; nothing here knows a store. Money and pieces are
//! decimals and exact; ratios (returns, volatility) are floating point. A figure that cannot be had says why.

pub mod attribution;
pub mod book;
pub mod file;
pub mod performance;
pub mod returns;
pub mod risk;

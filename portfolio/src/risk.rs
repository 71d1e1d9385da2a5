//! Risk: how unsteadily a return was made, and what it is worth beside that.
//!
//! Everything here reads a [`Series`] of returns of equally long periods, or an index by day ([`IndexPoint`]) where
//! days are told. Ratios are floating point. A figure that cannot be had is a [`NoRisk`], never 0 and never NaN.
//!
//! Two conventions of volatility are in use, which give figures that cannot be compared; each [`Volatility`] names its
//! own ([`Convention`]).
//!
//! [`IndexPoint`]: crate::returns::IndexPoint

mod benchmark;
mod drawdown;
mod ratios;
mod reason;
mod series;
mod volatility;

#[cfg(test)]
mod tests;

pub use benchmark::{Alpha, Beta, Capture, alpha, beta, capture};
pub use drawdown::{Drawdown, Fall, drawdown};
pub use ratios::{calmar, sharpe, sortino, tail_ratio};
pub use reason::{NoRisk, Result};
pub use series::{Frequency, Series};
pub use volatility::{Convention, Volatility, downside_deviation, semi_deviation, volatility};

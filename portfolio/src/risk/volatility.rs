//! How far returns are spread.

use super::reason::{NoRisk, Result, finite};
use super::series::Series;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a figure of spread is made. Figures of two conventions cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Convention {
    /// Of simple returns, told for a year: their standard deviation (n - 1) times the root of a year's periods.
    SimpleAYear,
    /// Of logarithmic returns, told for the period that they cover: their standard deviation (n - 1) times the root of
    /// n. Portfolio Performance does it so.
    LogOverPeriod,
}

/// A spread of returns: 0.2 is 20 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Volatility {
    /// How it is made.
    pub convention: Convention,
    /// The spread.
    pub value: f64,
}

/// The volatility, after a convention.
///
/// # Errors
/// Fewer than two returns; a logarithm of a loss of everything.
pub fn volatility(series: &Series, convention: Convention) -> Result<Volatility> {
    series.at_least(2)?;
    let value = match convention {
        Convention::SimpleAYear => deviation(series.returns()) * series.root_of_a_year(),
        Convention::LogOverPeriod => {
            let logs = logs(series)?;
            deviation(&logs) * (logs.len() as f64).sqrt()
        }
    };
    Ok(Volatility { convention, value: finite(value)? })
}

/// The downside deviation for a year: the root of the mean square of what returns fall short of `required` (a return
/// of one period); those that do not fall short count as 0.
///
/// # Errors
/// No returns.
pub fn downside_deviation(series: &Series, required: f64) -> Result<Volatility> {
    series.at_least(1)?;
    // A return is a ratio of two values, less 1: what is left of 0 by rounding is no shortfall.
    let shortfall = |value: &f64| if value - required < -ROUNDING { value - required } else { 0.0 };
    let squares = series.returns().iter().map(|value| shortfall(value).powi(2));
    let mean = squares.sum::<f64>() / series.returns().len() as f64;
    let value = finite(mean.sqrt() * series.root_of_a_year())?;
    Ok(Volatility { convention: Convention::SimpleAYear, value })
}

/// The semi-deviation over the period, of logarithmic returns below their mean.
///
/// # Errors
/// As [`volatility`].
pub fn semi_deviation(series: &Series) -> Result<Volatility> {
    series.at_least(2)?;
    let logs = logs(series)?;
    let (mean, n) = (mean(&logs), logs.len() as f64);
    let squares: f64 = logs.iter().map(|value| (value - mean).min(0.0).powi(2)).sum();
    let value = finite((squares / (n - 1.0) * n).sqrt())?;
    Ok(Volatility { convention: Convention::LogOverPeriod, value })
}

fn logs(series: &Series) -> Result<Vec<f64>> {
    let log = |(row, value): (usize, &f64)| {
        if *value > -1.0 { Ok(value.ln_1p()) } else { Err(NoRisk::LostEverything { row }) }
    };
    series.returns().iter().enumerate().map(log).collect()
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The standard deviation (n - 1) of two values or more; 0 where they differ by rounding alone.
pub(super) fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let spread = (squares / (values.len() as f64 - 1.0)).sqrt();
    let size = values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    if spread <= size * ROUNDING { 0.0 } else { spread }
}

/// Beside the size of values a spread that is so small comes of rounding.
pub(super) const ROUNDING: f64 = 1e-13;

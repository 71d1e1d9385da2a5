//! A series beside a benchmark's.

use super::reason::{NoRisk, Result, finite};
use super::series::Series;
use super::volatility::{deviation, mean};
use crate::returns::ShortPeriods;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a series moves with a benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Beta {
    /// By how much the series moves where the benchmark moves by 1.
    pub beta: f64,
    /// Their correlation, from -1 to 1, where the series moves at all.
    pub correlation: Option<f64>,
}

/// What a series made beyond its part in a benchmark's moves, for a year: 0.05 is 5 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Alpha {
    /// The mean of a period times the periods of a year.
    pub simple: f64,
    /// The mean of a period, compounded over a year.
    pub compounded: f64,
}

/// How much of a benchmark's moves a series went along with: 1.1 is 110 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Capture {
    /// Its annual growth over the benchmark's, in the periods in which the benchmark rose.
    pub up: f64,
    /// The same where the benchmark fell: less is better.
    pub down: f64,
    /// Up over down.
    pub ratio: f64,
}

/// The slope of the line of least squares through the series' returns over the benchmark's.
///
/// # Errors
/// Series of two lengths or frequencies; fewer than two returns; a benchmark whose returns are all alike.
pub fn beta(series: &Series, benchmark: &Series) -> Result<Beta> {
    alike(series, benchmark)?;
    series.at_least(2)?;
    let (own, other) = (series.returns(), benchmark.returns());
    let (spread, other_spread) = (deviation(own), deviation(other));
    if other_spread == 0.0 {
        return Err(NoRisk::FlatBenchmark);
    }
    let (own_mean, other_mean) = (mean(own), mean(other));
    let products: f64 = own.iter().zip(other).map(|(a, b)| (a - own_mean) * (b - other_mean)).sum();
    let covariance = products / (own.len() as f64 - 1.0);
    let beta = finite(covariance / other_spread.powi(2))?;
    let correlation = (spread > 0.0).then(|| (covariance / (spread * other_spread)).clamp(-1.0, 1.0));
    Ok(Beta { beta, correlation })
}

/// Alpha, with `risk_free` a return of one period.
///
/// # Errors
/// As [`beta`].
pub fn alpha(series: &Series, benchmark: &Series, risk_free: f64) -> Result<Alpha> {
    let Beta { beta, .. } = beta(series, benchmark)?;
    let a_period = (mean(series.returns()) - risk_free) - beta * (mean(benchmark.returns()) - risk_free);
    let a_year = series.frequency().a_year() as f64;
    if a_period <= -1.0 {
        return Err(NoRisk::Extreme);
    }
    Ok(Alpha {
        simple: finite(a_period * a_year)?,
        compounded: finite((a_period.ln_1p() * a_year).exp_m1())?,
    })
}

/// Capture of a benchmark's rises and falls. The growth of so few periods is always annualised.
///
/// # Errors
/// Series of two lengths or frequencies; a benchmark that never rose, or never fell; nothing captured of its falls.
pub fn capture(series: &Series, benchmark: &Series) -> Result<Capture> {
    alike(series, benchmark)?;
    let one_way = |way: &str, goes: fn(f64) -> bool| {
        let moves = benchmark.returns().iter().enumerate();
        let periods: Vec<usize> = moves.filter(|(_, value)| goes(**value)).map(|(at, _)| at).collect();
        if periods.is_empty() {
            return Err(NoRisk::NeverWent { way: way.to_owned() });
        }
        let growth = |series: &Series| series.only(&periods).cagr(ShortPeriods::Annualise);
        finite(growth(series)? / growth(benchmark)?)
    };
    let up = one_way("up", |value| value > 0.0)?;
    let down = one_way("down", |value| value < 0.0)?;
    Ok(Capture { up, down, ratio: finite(up / down)? })
}

fn alike(series: &Series, benchmark: &Series) -> Result<()> {
    let (own, other) = (series.returns().len(), benchmark.returns().len());
    if own == other && series.frequency() == benchmark.frequency() {
        return Ok(());
    }
    Err(NoRisk::Unlike {
        series: own,
        frequency: series.frequency().to_string(),
        benchmark: other,
        benchmark_frequency: benchmark.frequency().to_string(),
    })
}

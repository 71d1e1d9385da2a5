//! Returns beside the risk that was taken for them.

use super::reason::{NoRisk, Result, finite};
use super::series::Series;
use super::volatility::{ROUNDING, deviation, downside_deviation, mean};
use crate::returns::ShortPeriods;

/// The Sharpe ratio for a year: the mean return above `risk_free` (a return of one period) over its standard
/// deviation, times the root of a year's periods.
///
/// # Errors
/// Fewer than two returns; returns that are all alike.
pub fn sharpe(series: &Series, risk_free: f64) -> Result<f64> {
    series.at_least(2)?;
    let spread = deviation(series.returns());
    if spread == 0.0 {
        return Err(NoRisk::NoSpread);
    }
    finite((mean(series.returns()) - risk_free) / spread * series.root_of_a_year())
}

/// The Sortino ratio for a year: the mean return above `required` (a return of one period) a year, over the
/// [downside deviation](downside_deviation).
///
/// # Errors
/// Fewer than two returns; none that falls short.
pub fn sortino(series: &Series, required: f64) -> Result<f64> {
    series.at_least(2)?;
    let downside = downside_deviation(series, required)?.value;
    if downside == 0.0 {
        return Err(NoRisk::NoShortfall);
    }
    let a_year = series.frequency().a_year() as f64;
    finite((mean(series.returns()) - required) * a_year / downside)
}

/// The Calmar ratio: the compound annual growth rate over the maximum drawdown.
///
/// # Errors
/// As [`Series::cagr`]; no drawdown.
pub fn calmar(series: &Series, short: ShortPeriods) -> Result<f64> {
    let growth = series.cagr(short)?;
    let depth = series.depth();
    if depth <= ROUNDING {
        return Err(NoRisk::NoDrawdown);
    }
    finite(growth / depth)
}

/// The tail ratio: the return that a twentieth of all exceed over the one that a twentieth fall below, without signs.
/// Between two returns the quantile is interpolated.
///
/// # Errors
/// No returns; a lower tail that begins at 0.
pub fn tail_ratio(series: &Series) -> Result<f64> {
    series.at_least(1)?;
    let mut sorted = series.returns().to_vec();
    sorted.sort_by(f64::total_cmp);
    let below = quantile(&sorted, 0.05);
    if below == 0.0 {
        return Err(NoRisk::NoTail);
    }
    finite(quantile(&sorted, 0.95).abs() / below.abs())
}

/// Of one value or more, ascending.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = part * (sorted.len() - 1) as f64;
    let low = place.floor() as usize;
    let high = (low + 1).min(sorted.len() - 1);
    sorted[low] + (sorted[high] - sorted[low]) * (place - low as f64)
}

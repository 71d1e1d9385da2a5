//! Carino's linking: effects of several periods that add up to the return of all of them.
//!
//! Returns of periods multiply and effects add. Each period's effects are therefore weighted by the ratio of
//! logarithmic to simple active return, over the same ratio for all periods together.

use super::brinson::{Attribution, Effects, SegmentEffects};
use super::reason::{NoAttribution, Result};
use crate::returns::Contributions;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Two returns that are this near are one.
const SAME: f64 = 1e-12;

/// The attribution of several periods, in order of time. Segments are known by their names; one that is missing in a
/// period adds nothing there.
///
/// # Errors
/// No periods; a period in which portfolio or benchmark lost everything.
pub fn linked(periods: &[Attribution]) -> Result<Attribution> {
    let total = |side: fn(&Attribution) -> f64| over(periods.iter().map(side));
    let (portfolio, benchmark) = (total(|period| period.portfolio)?, total(|period| period.benchmark)?);
    let whole = factor(portfolio, benchmark);
    let mut segments: Vec<SegmentEffects> = Vec::new();
    for period in periods {
        let weight = factor(period.portfolio, period.benchmark) / whole;
        for segment in &period.segments {
            let effects = segment.effects * weight;
            match segments.iter_mut().find(|known| known.name == segment.name) {
                Some(known) => known.effects = known.effects + effects,
                None => segments.push(SegmentEffects { name: segment.name.clone(), effects }),
            }
        }
    }
    let total: Effects = segments.iter().map(|segment| segment.effects).sum();
    Ok(Attribution { portfolio, benchmark, active: portfolio - benchmark, segments, total })
}

/// What positions added to the return of several periods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkedContributions {
    /// The portfolio's return over all periods.
    #[serde(rename = "return")]
    pub total: f64,
    /// One for each position, in the order in which they first come; they add up to the return.
    pub positions: Vec<LinkedContribution>,
}

/// What a position added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LinkedContribution {
    /// What it is called.
    pub name: String,
    /// Its part of the portfolio's return.
    pub contribution: f64,
}

/// The contributions of several periods, in order of time. Positions are known by their names.
///
/// # Errors
/// No periods; a period in which everything was lost.
pub fn linked_contributions(periods: &[Contributions]) -> Result<LinkedContributions> {
    let total = over(periods.iter().map(|period| period.portfolio.ratio))?;
    let whole = factor(total, 0.0);
    let mut positions: Vec<LinkedContribution> = Vec::new();
    for period in periods {
        let weight = factor(period.portfolio.ratio, 0.0) / whole;
        for position in &period.positions {
            let contribution = position.contribution * weight;
            match positions.iter_mut().find(|known| known.name == position.name) {
                Some(known) => known.contribution += contribution,
                None => positions.push(LinkedContribution { name: position.name.clone(), contribution }),
            }
        }
    }
    Ok(LinkedContributions { total, positions })
}

/// The return over all periods.
fn over(returns: impl Iterator<Item = f64>) -> Result<f64> {
    let mut growth = None;
    for (period, value) in returns.enumerate() {
        if value.is_nan() || value <= -1.0 {
            return Err(NoAttribution::LostEverything { period });
        }
        growth = Some(growth.unwrap_or(1.0) * (1.0 + value));
    }
    let total: f64 = growth.ok_or(NoAttribution::Nothing)? - 1.0;
    if total.is_finite() && total > -1.0 { Ok(total) } else { Err(NoAttribution::Extreme) }
}

/// `(ln(1 + a) - ln(1 + b)) / (a - b)`, and its limit where the two are one. Both are above -1.
fn factor(a: f64, b: f64) -> f64 {
    let apart = a - b;
    if apart.abs() <= SAME * (1.0 + b) { 1.0 / (1.0 + b) } else { (apart / (1.0 + b)).ln_1p() / apart }
}

//! Brinson-Fachler: allocation, selection and what they do together, for one period.

use super::reason::{NoAttribution, Result};
use crate::returns::Contributions;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::iter::Sum;
use std::ops::{Add, Mul};
use utoipa::ToSchema;

/// Weights may be rounded: within this of 1 they are scaled to add up to 1, beyond it they are refused.
const ROUNDED: f64 = 1e-4;

/// A segment's part of a portfolio or a benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = BrinsonPart)]
pub struct Part {
    /// Its share of the whole: 0.25 is 25 %. Below 0 for what is short.
    pub weight: f64,
    /// Its return over the period; none where it is not held.
    #[serde(rename = "return")]
    pub ratio: Option<f64>,
}

/// A segment (a sector, a country, an asset class) over a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Segment {
    /// What it is called.
    pub name: String,
    /// In the portfolio.
    pub portfolio: Part,
    /// In the benchmark.
    pub benchmark: Part,
}

/// Parts of an active return: 0.01 is 1 %.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, ToSchema)]
pub struct Effects {
    /// From holding more or less of a segment than the benchmark: `(w - W) * (B - total B)`.
    pub allocation: f64,
    /// From other holdings in a segment than the benchmark's: `W * (r - B)`.
    pub selection: f64,
    /// From both together: `(w - W) * (r - B)`.
    pub interaction: f64,
}

impl Effects {
    /// All of them.
    pub fn total(&self) -> f64 {
        self.allocation + self.selection + self.interaction
    }
}

impl Add for Effects {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            allocation: self.allocation + other.allocation,
            selection: self.selection + other.selection,
            interaction: self.interaction + other.interaction,
        }
    }
}

impl Mul<f64> for Effects {
    type Output = Self;

    fn mul(self, by: f64) -> Self {
        Self {
            allocation: self.allocation * by,
            selection: self.selection * by,
            interaction: self.interaction * by,
        }
    }
}

impl Sum for Effects {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// A segment's part of the active return.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SegmentEffects {
    /// What it is called.
    pub name: String,
    /// What it added.
    #[serde(flatten)]
    pub effects: Effects,
}

/// Where an active return came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = BrinsonAttribution)]
pub struct Attribution {
    /// The portfolio's return.
    pub portfolio: f64,
    /// The benchmark's.
    pub benchmark: f64,
    /// The portfolio's less the benchmark's: what the effects of all segments add up to.
    pub active: f64,
    /// One for each segment, in the order in which they were given.
    pub segments: Vec<SegmentEffects>,
    /// Of all segments.
    pub total: Effects,
}

/// The effects of one period.
///
/// A segment that the portfolio does not hold needs no return there: not to hold it is allocation alone. Neither does
/// one that the benchmark does not hold: where there is none, to hold it is allocation alone too.
///
/// # Errors
/// No segments; one that is told twice; figures that are no numbers; a return that is missing where something is held;
/// weights that do not add up to 1.
pub fn brinson_fachler(segments: &[Segment]) -> Result<Attribution> {
    if segments.is_empty() {
        return Err(NoAttribution::Nothing);
    }
    let mut names = BTreeSet::new();
    if let Some(segment) = segments.iter().find(|segment| !names.insert(&segment.name)) {
        return Err(NoAttribution::Twice { segment: segment.name.clone() });
    }
    let own = side("portfolio", segments, |segment| segment.portfolio)?;
    let other = side("benchmark", segments, |segment| segment.benchmark)?;
    let whole =
        |parts: &[Part]| parts.iter().map(|part| part.weight * part.ratio.unwrap_or(0.0)).sum::<f64>();
    let (portfolio, benchmark) = (whole(&own), whole(&other));
    if !portfolio.is_finite() || !benchmark.is_finite() {
        return Err(NoAttribution::Extreme);
    }
    let each = segments.iter().zip(own.iter().zip(&other));
    let segments: Vec<SegmentEffects> = each
        .map(|(segment, (own, other))| SegmentEffects {
            name: segment.name.clone(),
            effects: effects(*own, *other, benchmark),
        })
        .collect();
    let total = segments.iter().map(|segment| segment.effects).sum();
    Ok(Attribution { portfolio, benchmark, active: portfolio - benchmark, segments, total })
}

fn effects(own: Part, other: Part, benchmark: f64) -> Effects {
    // Where one side has no return, nothing was selected there; where neither has, nothing is held.
    let theirs = other.ratio.or(own.ratio).unwrap_or(benchmark);
    let ours = own.ratio.unwrap_or(theirs);
    let more = own.weight - other.weight;
    Effects {
        allocation: more * (theirs - benchmark),
        selection: other.weight * (ours - theirs),
        interaction: more * (ours - theirs),
    }
}

/// One side of the segments, checked, with weights that add up to 1.
fn side(whose: &str, segments: &[Segment], part: fn(&Segment) -> Part) -> Result<Vec<Part>> {
    let wrong = |segment: &Segment, figure: &str, value: f64| NoAttribution::NotANumber {
        segment: segment.name.clone(),
        figure: format!("the {whose}'s {figure}"),
        value: value.to_string(),
    };
    for segment in segments {
        let Part { weight, ratio } = part(segment);
        if !weight.is_finite() {
            return Err(wrong(segment, "weight", weight));
        }
        match ratio {
            Some(ratio) if !ratio.is_finite() => return Err(wrong(segment, "return", ratio)),
            None if weight != 0.0 => {
                return Err(NoAttribution::MissingReturn {
                    segment: segment.name.clone(),
                    whose: whose.to_owned(),
                });
            }
            _ => {}
        }
    }
    let sum: f64 = segments.iter().map(|segment| part(segment).weight).sum();
    if (sum - 1.0).abs() > ROUNDED {
        return Err(NoAttribution::Weights { whose: whose.to_owned(), sum });
    }
    let scaled = |part: Part| Part { weight: part.weight / sum, ratio: part.ratio };
    Ok(segments.iter().map(|segment| scaled(part(segment))).collect())
}

/// Weights and returns of a portfolio's positions, from what they had at work and made, for the portfolio's side of
/// segments. A position with nothing at work on average has weight 0; if it gained all the same there is no return to
/// tell.
///
/// # Errors
/// A gain on nothing; a portfolio with nothing at work.
pub fn parts(positions: &Contributions) -> Result<Vec<(String, Part)>> {
    let whole = positions.portfolio.base.to_f64().filter(|base| *base > 0.0).ok_or(NoAttribution::Nothing)?;
    let part = |position: &crate::returns::Contribution| {
        let name = position.name.clone();
        if position.base.is_zero() {
            return if position.gain.is_zero() {
                Ok((name, Part::default()))
            } else {
                Err(NoAttribution::MissingReturn { segment: name, whose: "portfolio".to_owned() })
            };
        }
        let (base, gain) =
            position.base.to_f64().zip(position.gain.to_f64()).ok_or(NoAttribution::Extreme)?;
        Ok((name, Part { weight: base / whole, ratio: Some(gain / base) }))
    };
    positions.positions.iter().map(part).collect()
}

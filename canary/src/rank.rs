//! The rank test of Mann and Whitney (1947), with the estimate of the shift and its interval by Hodges and Lehmann (1963).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::exact::Distribution;
use crate::sample::Sample;
use crate::{differences, normal};

/// Samples of fewer values than this, all distinct, are tested exactly, as R does.
const EXACT_BELOW: u64 = 50;

/// What the test found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RankTest {
    /// Pairs in which the experiment's value is the larger, ties half.
    pub u: f64,
    /// Probability of a difference at least so large between samples of one distribution, two-sided.
    pub p_value: f64,
    /// By how much the experiment is larger: the median of all differences, in the metric's unit.
    pub estimate: f64,
    /// Least shift that the data allow at the confidence asked for.
    pub lower: f64,
    /// Largest shift that the data allow.
    pub upper: f64,
    /// How the probability was computed.
    pub method: Method,
}

/// How a probability was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RankMethod)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// By counting all orders.
    Exact,
    /// By the normal distribution, corrected for continuity and ties.
    Normal,
}

/// Tests whether `experiment` is shifted against `control`, with an interval of the given confidence in (0, 1). `None` if a
/// sample is empty.
///
/// As `wilcox.test(experiment, control, conf.int = TRUE, conf.level = confidence)` of R.
pub fn mann_whitney(control: &Sample, experiment: &Sample, confidence: f64) -> Option<RankTest> {
    let (x, y) = (experiment, control);
    let pairs = u128::from(x.len()) * u128::from(y.len());
    let (u, tied) = larger(x, y);
    let tail = (1.0 - confidence) / 2.0;
    let distinct = |sample: &Sample| sample.counts().iter().all(|count| *count == 1);
    let few = x.len() < EXACT_BELOW && y.len() < EXACT_BELOW;
    let (p_value, outside, method) = if few && distinct(x) && distinct(y) && !tied {
        let (p_value, outside) = exactly(x.len(), y.len(), u, tail);
        (p_value, outside, Method::Exact)
    } else {
        let (p_value, outside) = normally(x, y, u, tail);
        (p_value, outside, Method::Normal)
    };
    Some(RankTest {
        u,
        p_value,
        estimate: differences::median(x, y)?,
        lower: differences::nth(x, y, outside)?,
        upper: differences::nth(x, y, (pairs + 1).saturating_sub(outside))?,
        method,
    })
}

/// The test by the normal distribution alone, whatever the samples: U, the pairs in which `x` is the larger with ties
/// half, and the two-sided probability, corrected for continuity and ties.
pub fn asymptotic(x: &Sample, y: &Sample) -> (f64, f64) {
    let (u, _) = larger(x, y);
    (u, chance(x, y, u))
}

/// The pairs in which `x` is the larger, ties half; and whether there are ties.
fn larger(x: &Sample, y: &Sample) -> (f64, bool) {
    let pairs = u128::from(x.len()) * u128::from(y.len());
    let within = differences::pairs_within(x, y, 0.0);
    let below = differences::pairs_within(x, y, -f64::from_bits(1));
    ((pairs - within) as f64 + (within - below) as f64 / 2.0, within != below)
}

/// The probability, and which of the differences from either end is the interval's limit.
fn exactly(n: u64, m: u64, u: f64, tail: f64) -> (f64, u128) {
    let distribution = Distribution::of(n as usize, m as usize);
    let smaller = u.min((n * m) as f64 - u);
    let p_value = (2.0 * distribution.cumulative(smaller as usize)).min(1.0);
    (p_value, distribution.quantile(tail).max(1) as u128)
}

fn normally(x: &Sample, y: &Sample, u: f64, tail: f64) -> (f64, u128) {
    let (n, m) = (x.len() as f64, y.len() as f64);
    // Between two differences a shifted sample ties with the other nowhere: only ties within each count.
    let sigma = deviation(n, m, ties(x.counts()) + ties(y.counts()));
    let outside = (n * m / 2.0 - 0.5 - normal::upper_quantile(tail) * sigma).ceil().max(1.0);
    (chance(x, y, u), outside as u128)
}

/// The two-sided probability of U by the normal distribution.
fn chance(x: &Sample, y: &Sample, u: f64) -> f64 {
    let (n, m) = (x.len() as f64, y.len() as f64);
    match deviation(n, m, ties_together(x, y)) {
        // Everything is tied: nothing speaks for a difference.
        0.0 => 1.0,
        sigma => 2.0 * normal::cumulative(-((u - n * m / 2.0).abs() - 0.5).max(0.0) / sigma),
    }
}

/// Standard deviation of U, by the sum of `t^3 - t` over groups of `t` tied values (Lehmann 1975, 1.5).
fn deviation(n: f64, m: f64, ties: f64) -> f64 {
    let all = n + m;
    let share = if all > 1.0 { ties / (all * (all - 1.0)) } else { 0.0 };
    (n * m / 12.0 * (all + 1.0 - share)).max(0.0).sqrt()
}

fn ties(counts: &[u64]) -> f64 {
    counts.iter().map(|count| *count as f64).map(|t| t * t * t - t).sum()
}

fn ties_together(x: &Sample, y: &Sample) -> f64 {
    ties(Sample::of_counts(x.pairs().chain(y.pairs())).counts())
}

#[cfg(test)]
mod tests;

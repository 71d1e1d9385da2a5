//! How far demand strays from its forecast: empirical quantiles of past ratios, never a bell curve.
//!
//! Split-conformal, stratified (Mondrian): ordinary steps by the part of the day, steps in an event by the event's
//! group, each for three distances from the origin. The rank is ceil((n + 1) p), so that coverage holds in finite
//! samples; beyond the sample the largest ratio stands. Few residuals are blended with the next wider pool, and in
//! the end with a prior spread.

use std::collections::HashMap;

use crate::QUANTILES;
use crate::phase::Bucket;

/// Ratios of demand to median forecast assumed where nothing was measured, at [`QUANTILES`].
const PRIOR: [f64; 6] = [1.0, 1.25, 1.4, 1.55, 2.0, 2.5];
/// A pool of this many residuals has the same weight as the pool it is blended with.
const BLEND: f64 = 30.0;
/// The same for events, in occurrences: residuals of one event stand and fall together.
const BLEND_EVENTS: f64 = 3.0;

/// No ratio counts for more than this: in the few steps of a rare event a single freak would else be its tail. The
/// highest hour of SPY volume in a rate decision since 2013 was 8.6 times an ordinary one.
pub(super) const FREAK: f64 = 8.0;

/// A class of steps whose residuals are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Stratum {
    /// Ordinary steps of one part of the day.
    Ordinary(Bucket),
    /// Steps in an event of one group.
    Event(usize),
}

/// Distances from the origin, in days, at which residuals are taken; a forecast uses the first that reaches it.
pub(super) const REACHES: [i32; 3] = [1, 4, 14];

/// The distance class of a number of days.
pub(super) fn reach(days: i32) -> usize {
    REACHES.iter().position(|r| days <= *r).unwrap_or(REACHES.len() - 1)
}

/// The fitted ratios.
#[derive(Debug, Clone, Default)]
pub(super) struct Spread {
    factors: HashMap<(usize, Stratum), [f64; 6]>,
    fallback: [[f64; 6]; 3],
    unseen: [[f64; 6]; 3],
}

impl Spread {
    /// Fits from (distance class, stratum, ratio) and the number of occurrences of an event group.
    pub(super) fn fit(residuals: Vec<(usize, Stratum, f64)>, occurrences: impl Fn(usize) -> usize) -> Self {
        let mut strata: HashMap<(usize, Stratum), Vec<f64>> = HashMap::new();
        let mut ordinary: [Vec<f64>; 3] = Default::default();
        for (distance, stratum, ratio) in residuals {
            let ratio = ratio.min(FREAK);
            if matches!(stratum, Stratum::Ordinary(_)) {
                ordinary[distance].push(ratio);
            }
            strata.entry((distance, stratum)).or_default().push(ratio);
        }
        let mut spread = Self::default();
        let mut wider = PRIOR;
        for (distance, pool) in ordinary.into_iter().enumerate() {
            let weight = pool.len() as f64 / (pool.len() as f64 + BLEND);
            wider = blend(quantiles(pool), wider, weight);
            spread.fallback[distance] = wider;
            // An event never seen before: its own multiplier is a guess, whose spread comes on top.
            spread.unseen[distance] = std::array::from_fn(|i| wider[i] * PRIOR[i]);
        }
        for ((distance, stratum), ratios) in strata {
            let (count, blend_at, wider) = match stratum {
                Stratum::Ordinary(_) => (ratios.len() as f64, BLEND, spread.fallback[distance]),
                Stratum::Event(group) => (occurrences(group) as f64, BLEND_EVENTS, spread.unseen[distance]),
            };
            let factors = blend(quantiles(ratios), wider, count / (count + blend_at));
            spread.factors.insert((distance, stratum), factors);
        }
        spread
    }

    /// The ratios of a stratum at a distance.
    pub(super) fn factors(&self, distance: usize, stratum: Stratum) -> [f64; 6] {
        (0..=distance).rev().find_map(|d| self.factors.get(&(d, stratum)).copied()).unwrap_or(match stratum {
            Stratum::Ordinary(_) => self.fallback[distance],
            Stratum::Event(_) => self.unseen[distance],
        })
    }
}

/// Conformal quantiles of a sample; ones for an empty sample (whose weight is 0).
pub(super) fn quantiles(mut ratios: Vec<f64>) -> [f64; 6] {
    if ratios.is_empty() {
        return [1.0; 6];
    }
    ratios.sort_unstable_by(f64::total_cmp);
    QUANTILES.map(|p| {
        let rank = ((ratios.len() + 1) as f64 * p).ceil() as usize;
        ratios[rank.clamp(1, ratios.len()) - 1]
    })
}

/// The geometric mean of two sets of ratios, the first weighted by `weight`.
fn blend(own: [f64; 6], wider: [f64; 6], weight: f64) -> [f64; 6] {
    let log = |ratio: f64| ratio.max(1e-3).ln();
    std::array::from_fn(|i| (log(own[i]) * weight + log(wider[i]) * (1.0 - weight)).exp())
}

//! Counts of a histogram, which can be added, subtracted and asked for quantiles. Pure.
//!
//! Two with the same buckets add up bucket by bucket. Of different bounds the common ones are kept, and of exponential
//! ones the coarser scale: what is left is less exact, and still true.

use std::collections::BTreeMap;

use crate::counters::Amount;
use crate::latency::rank_in;

/// Values as counts in buckets, with how many there are and what they come to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Distribution {
    pub(super) count: f64,
    /// None where a sender did not tell it.
    pub(super) sum: Option<f64>,
    pub(super) buckets: Buckets,
}

impl Default for Distribution {
    fn default() -> Self {
        Self { count: 0.0, sum: Some(0.0), buckets: Buckets::Nothing }
    }
}

/// The counts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Buckets {
    /// None at all: what others are added to, and all that a summary has.
    Nothing,
    /// Up to each bound, and beyond the last: one count more than there are bounds.
    Explicit { bounds: Vec<f64>, counts: Vec<f64> },
    /// Bucket `i` holds what is above `base^i` and at most `base^(i+1)`, where base is `2^(2^-scale)`.
    Exponential {
        scale: i32,
        negative: BTreeMap<i32, f64>,
        zero: f64,
        /// Up to which distance from nought values count as nought.
        threshold: f64,
        positive: BTreeMap<i32, f64>,
    },
}

/// A quantile with the edges of the bucket that it lies in; none where the bucket is open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quantile {
    pub(super) value: f64,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
}

/// The counts of buckets as those of others that are made of whole ones.
fn onto(bounds: &[f64], counts: &[f64], common: &[f64]) -> Vec<f64> {
    let mut onto = vec![0.0; common.len() + 1];
    for (i, count) in counts.iter().enumerate() {
        let upper = bounds.get(i).copied().unwrap_or(f64::INFINITY);
        onto[common.partition_point(|bound| *bound < upper)] += count;
    }
    onto
}

fn coarser(counts: &BTreeMap<i32, f64>, by: i32) -> BTreeMap<i32, f64> {
    let mut coarser = BTreeMap::new();
    for (i, count) in counts {
        *coarser.entry(i >> by.clamp(0, 31)).or_default() += count;
    }
    coarser
}

fn sum(mut a: BTreeMap<i32, f64>, b: &BTreeMap<i32, f64>, times: f64) -> BTreeMap<i32, f64> {
    for (i, count) in b {
        *a.entry(*i).or_default() += count * times;
    }
    a
}

impl Buckets {
    /// This and so many times another.
    fn with(&self, other: &Self, times: f64) -> Self {
        match (self, other) {
            (a, Self::Nothing) => a.clone(),
            (Self::Explicit { bounds: a, counts: of_a }, Self::Explicit { bounds: b, counts: of_b }) => {
                let common: Vec<f64> = a.iter().copied().filter(|bound| b.contains(bound)).collect();
                let counts = onto(a, of_a, &common).into_iter().zip(onto(b, of_b, &common));
                Self::Explicit { counts: counts.map(|(a, b)| a + times * b).collect(), bounds: common }
            }
            (
                Self::Exponential { scale: a, negative, zero, threshold, positive },
                Self::Exponential { scale: b, negative: n, zero: z, threshold: t, positive: p },
            ) => {
                let scale = *a.min(b);
                let (of_a, of_b) = (a.saturating_sub(scale), b.saturating_sub(scale));
                let both = |x: &_, y: &_| sum(coarser(x, of_a), &coarser(y, of_b), times);
                Self::Exponential {
                    scale,
                    negative: both(negative, n),
                    zero: zero + times * z,
                    threshold: threshold.max(*t),
                    positive: both(positive, p),
                }
            }
            // Nothing is like the other; kinds are never mixed, for each is read from its own table.
            (_, b) => b.times(times),
        }
    }

    fn times(&self, times: f64) -> Self {
        let all = |counts: &BTreeMap<i32, f64>| counts.iter().map(|(i, n)| (*i, n * times)).collect();
        match self {
            Self::Nothing => Self::Nothing,
            Self::Explicit { bounds, counts } => Self::Explicit {
                bounds: bounds.clone(),
                counts: counts.iter().map(|count| count * times).collect(),
            },
            Self::Exponential { scale, negative, zero, threshold, positive } => Self::Exponential {
                scale: *scale,
                negative: all(negative),
                zero: zero * times,
                threshold: *threshold,
                positive: all(positive),
            },
        }
    }

    fn counts(&self) -> Vec<f64> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Explicit { counts, .. } => counts.clone(),
            Self::Exponential { negative, zero, positive, .. } => {
                negative.values().chain([zero]).chain(positive.values()).copied().collect()
            }
        }
    }

    /// Lower edge, upper edge and count of each bucket, from the smallest values to the largest.
    fn edges(&self) -> Vec<((f64, f64), f64)> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Explicit { bounds, counts } => {
                // What is counted is seldom below nought: a first bound above it says that it never is.
                let lowest =
                    if bounds.first().is_some_and(|bound| *bound > 0.0) { 0.0 } else { f64::NEG_INFINITY };
                let low = std::iter::once(lowest).chain(bounds.iter().copied());
                let high = bounds.iter().copied().chain([f64::INFINITY]);
                low.zip(high).zip(counts.iter().copied()).collect()
            }
            Self::Exponential { scale, negative, zero, threshold, positive } => {
                let octaves = (-f64::from(*scale)).exp2();
                let edges = |i: i32| {
                    let low = f64::from(i);
                    ((low * octaves).exp2(), ((low + 1.0) * octaves).exp2())
                };
                let below = negative.iter().rev().map(|(i, n)| ((-edges(*i).1, -edges(*i).0), *n));
                let above = positive.iter().map(|(i, n)| (edges(*i), *n));
                below.chain([((-threshold, *threshold), *zero)]).chain(above).collect()
            }
        }
    }
}

impl Distribution {
    fn with(&self, other: &Self, times: f64) -> Self {
        Self {
            count: self.count + times * other.count,
            sum: self.sum.zip(other.sum).map(|(a, b)| a + times * b),
            buckets: self.buckets.with(&other.buckets, times),
        }
    }

    /// The `q` quantile: within a bucket in proportion, of exponential ones by its factor. In the open bucket beyond the
    /// last bound it is that bound, and may be more. `None` without counts or bounds.
    pub(super) fn quantile(&self, q: f64) -> Option<Quantile> {
        let edges = self.buckets.edges();
        let total = edges.iter().map(|(_, count)| count).sum();
        let ((low, high), into) = rank_in(edges.into_iter(), total, q)?;
        let finite = |edge: f64| edge.is_finite().then_some(edge);
        let exponential = matches!(self.buckets, Buckets::Exponential { .. }) && low * high > 0.0;
        let value = match (finite(low), finite(high)) {
            (Some(low), Some(high)) if exponential => low * (high / low).powf(into),
            (Some(low), Some(high)) => low + into * (high - low),
            (Some(edge), None) | (None, Some(edge)) => edge,
            (None, None) => return None,
        };
        Some(Quantile { value, low: finite(low), high: finite(high) })
    }
}

impl Amount for Distribution {
    fn since(&self, before: &Self) -> Option<Self> {
        let came = self.with(before, -1.0);
        (came.count >= 0.0 && came.buckets.counts().iter().all(|count| *count >= 0.0)).then_some(came)
    }

    fn add(&mut self, other: &Self) {
        *self = self.with(other, 1.0);
    }

    fn part_of(&self, parts: f64) -> Self {
        Self {
            count: self.count / parts,
            sum: self.sum.map(|sum| sum / parts),
            buckets: self.buckets.times(1.0 / parts),
        }
    }
}

//! Counts per bucket, and the percentile read from them.

use std::collections::BTreeMap;

/// Buckets per octave (scale 4).
const PER_OCTAVE: f64 = 16.0;

/// Counts per bucket index, merged from any number of rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buckets(BTreeMap<i16, u64>);

/// A duration read from buckets, with the edges of the bucket it lies in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Interpolated within the bucket, in nanoseconds.
    pub value_ns: f64,
    /// Lower edge of the bucket, in nanoseconds.
    pub low_ns: f64,
    /// Upper edge of the bucket, in nanoseconds.
    pub high_ns: f64,
}

/// Where the `q` quantile lies among counts that are in the order of what they count and come to `total`: at which of
/// them, and how far into it that rank is, 0 to 1. Every quantile that is read from buckets, of any kind, is read so.
/// `None` when nothing was counted or `q` is not between 0 and 1.
pub(crate) fn rank_in<T>(counts: impl Iterator<Item = (T, f64)>, total: f64, q: f64) -> Option<(T, f64)> {
    if !(0.0..=1.0).contains(&q) {
        return None;
    }
    let rank = q * total;
    let mut before = 0.0;
    let mut last = None;
    for (at, n) in counts.filter(|(_, n)| *n > 0.0) {
        if before + n >= rank {
            return Some((at, ((rank - before) / n).clamp(0.0, 1.0)));
        }
        before += n;
        last = Some((at, 1.0));
    }
    last
}

impl Buckets {
    /// Adds `n` durations to bucket `b`.
    pub fn add(&mut self, b: i16, n: u64) {
        if n > 0 {
            let count = self.0.entry(b).or_default();
            *count = count.saturating_add(n);
        }
    }

    /// Adds all of another's counts.
    pub fn merge(&mut self, other: &Self) {
        for (b, n) in &other.0 {
            self.add(*b, *n);
        }
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.0.values().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bucket and count, from the shortest durations to the longest.
    pub fn iter(&self) -> impl Iterator<Item = (i16, u64)> + '_ {
        self.0.iter().map(|(b, n)| (*b, *n))
    }

    /// The `q` quantile: `2^((b + frac) / 16)`, where `b` is the first bucket whose
    /// cumulative count reaches `q * count` and `frac` how far into it that rank lies.
    /// The exact quantile (by rank) lies between the same edges. `None` when nothing
    /// was counted or `q` is not between 0 and 1.
    pub fn quantile(&self, q: f64) -> Option<Estimate> {
        let (b, into) = rank_in(self.iter().map(|(b, n)| (b, n as f64)), self.count() as f64, q)?;
        let (low_ns, high_ns) = (Self::low_ns(b), Self::high_ns(b));
        let value_ns = ((f64::from(b) + into) / PER_OCTAVE).exp2().clamp(low_ns, high_ns);
        Some(Estimate { value_ns, low_ns, high_ns })
    }

    /// The edges between which the `q` quantile of the population lies of which these counts are a sample: those of the
    /// order statistics `z * sqrt(n q (1 - q))` ranks away. `None` where there are too few to have such a rank.
    pub fn quantile_interval(&self, q: f64, z: f64) -> (Option<f64>, Option<f64>) {
        let n = self.count() as f64;
        let half = z * (n * q * (1.0 - q)).sqrt();
        let (first, last) = (n * q - half, n * q + half + 1.0);
        let low = (first >= 1.0).then(|| self.quantile(first / n)).flatten();
        let high = (last <= n).then(|| self.quantile(last / n)).flatten();
        (low.map(|estimate| estimate.low_ns), high.map(|estimate| estimate.high_ns))
    }

    /// The bucket of a duration: `ceil(log2(ns) * 16) - 1`; nothing measurable goes to -1.
    pub fn index(ns: u64) -> i16 {
        if ns == 0 { -1 } else { ((ns as f64).log2() * PER_OCTAVE).ceil() as i16 - 1 }
    }

    /// Lower edge, exclusive. The lowest bucket also holds durations of 0.
    pub fn low_ns(b: i16) -> f64 {
        if b < 0 { 0.0 } else { (f64::from(b) / PER_OCTAVE).exp2() }
    }

    /// Upper edge, inclusive.
    pub fn high_ns(b: i16) -> f64 {
        ((f64::from(b) + 1.0) / PER_OCTAVE).exp2()
    }
}

impl FromIterator<(i16, u64)> for Buckets {
    fn from_iter<I: IntoIterator<Item = (i16, u64)>>(rows: I) -> Self {
        let mut buckets = Self::default();
        for (b, n) in rows {
            buckets.add(b, n);
        }
        buckets
    }
}

//! Requests of anything, with those that failed and how long they took.

use super::percentiles::value;
use super::{Buckets, QuantileValue};

/// Calls, errors and durations that were counted together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) errors: u64,
    pub(crate) buckets: Buckets,
}

/// The percentiles that tables show.
const SHOWN: [f64; 3] = [0.5, 0.95, 0.99];

impl Tally {
    /// Adds `n` calls of a latency bucket.
    pub(crate) fn add(&mut self, failed: bool, b: i16, n: u64) {
        self.buckets.add(b, n);
        self.errors += if failed { n } else { 0 };
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.buckets.merge(&other.buckets);
        self.errors += other.errors;
    }

    pub(crate) fn calls(&self) -> u64 {
        self.buckets.count()
    }

    /// Share of failed calls; `None` without calls.
    pub(crate) fn error_rate(&self) -> Option<f64> {
        let calls = self.calls();
        (calls > 0).then(|| self.errors as f64 / calls as f64)
    }

    /// Median, p95 and p99 with their bounds; none without calls.
    pub(crate) fn quantiles(&self) -> Vec<QuantileValue> {
        SHOWN.iter().filter_map(|q| value(&self.buckets, *q)).collect()
    }
}

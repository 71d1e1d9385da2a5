//! Requests of anything, with those that failed and how long they took.

use super::percentiles::value;
use super::{Buckets, QuantileValue};
use crate::proportion::Z95;
use crate::scan::{Aggregate, Filter};

/// Calls, errors and durations that were counted together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) errors: u64,
    pub(crate) buckets: Buckets,
}

/// The percentiles that tables show.
const SHOWN: [f64; 3] = [0.5, 0.95, 0.99];

impl Tally {
    /// Adds `n` calls of a latency bucket, of which `errors` failed.
    pub(crate) fn add(&mut self, b: i16, n: u64, errors: u64) {
        self.buckets.add(b, n);
        self.errors += errors;
    }

    /// Both counts of a latency rollup: the aggregates `n` and `errors` of a query to it.
    pub(crate) fn aggregates() -> [Aggregate; 2] {
        [Aggregate::sum("n", "n"), Aggregate::sum("n", "errors").only(Filter::eq("status", "error"))]
    }

    /// The same of spans.
    pub(crate) fn aggregates_of_spans() -> [Aggregate; 2] {
        [Aggregate::count("n"), Aggregate::count("errors").only(Filter::eq("status", "error"))]
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

    /// The same of a sample: each lies between its edges with 95 % confidence in the population too. What too few calls
    /// leave open is left out.
    pub(crate) fn quantiles_of_sample(&self) -> Vec<QuantileValue> {
        let bounded = |quantile: QuantileValue| {
            let (low, high) = self.buckets.quantile_interval(quantile.q, Z95);
            let (low_ns, high_ns) = (low?.round() as u64, high?.round() as u64);
            Some(QuantileValue { low_ns, high_ns, ..quantile })
        };
        self.quantiles().into_iter().filter_map(bounded).collect()
    }
}

//! How long requests took, from base-2 exponential bucket rows (scale 4: 16 per octave).
//!
//! A bucket `b` holds durations in `(2^(b/16), 2^((b+1)/16)]` nanoseconds, so its
//! edges are 4.4 % apart: its middle is never more than [`RELATIVE_ERROR`] away from
//! any duration inside, and every percentile is given with the edges of its bucket.
//! Buckets merge by adding, without error; percentiles, heat-map and SLO threshold
//! counts therefore come from the one table and agree.
//!
//! Reads: `latency_buckets_1m` for ranges up to a day, `latency_buckets_1h` beyond,
//! one query per question; exemplars come from their own small table.
//!
//! Where no kind of span is asked for, requests *received* count (server and
//! consumer spans); a service that has none is judged by all its spans.

mod buckets;
mod exemplars;
mod heatmap;
mod percentiles;
mod source;
mod tally;
#[cfg(test)]
mod tests;

pub(crate) use buckets::rank_in;
pub use buckets::{Buckets, Estimate};
pub use exemplars::{Exemplar, Exemplars, exemplars};
pub use heatmap::{BucketRange, Heatmap, HeatmapCell, heatmap, lay_out};
pub use percentiles::{Latency, LatencyPoint, QuantileValue, percentiles};
pub use source::Source;
pub use source::read as per_step;
pub(crate) use source::{Cut, Kinds, counted_kinds, fetch, read, read_of};
pub(crate) use tally::Tally;

use chrono::TimeDelta;

use crate::range::TimeRange;

/// Half the relative width of a bucket: the largest error of a bucket's middle.
pub const RELATIVE_ERROR: f64 = 0.022;

/// What latency is asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct LatencyQuery {
    /// `service.name`
    pub service: String,
    /// One operation; all of them otherwise.
    pub operation: Option<String>,
    /// One kind of span (`server`, `client`, ...); requests received otherwise.
    pub kind: Option<String>,
    /// When.
    pub range: TimeRange,
    /// Width of the points of the series; no series without it.
    pub step: Option<TimeDelta>,
    /// Quantiles between 0 and 1.
    pub quantiles: Vec<f64>,
}

impl LatencyQuery {
    /// Median, p95 and p99 of a service without a series.
    pub fn new(service: &str, range: TimeRange) -> Self {
        Self {
            service: service.to_owned(),
            operation: None,
            kind: None,
            range,
            step: None,
            quantiles: vec![0.5, 0.95, 0.99],
        }
    }
}

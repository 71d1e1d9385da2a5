//! Two stretches of time, or two versions of a service, side by side: what became slower, or fails more often.
//!
//! Everything is read from the latency rollup, in one query. Shares differ with Newcombe's interval. A percentile has the
//! interval of its rank (the order statistics that hold it with 97.5 % confidence, widened to the edges of their
//! buckets), so that the ratio of two has at least 95 %. Distributions are compared by the Kolmogorov-Smirnov distance
//! over buckets, which is at most that of the durations themselves.
//!
//! The intervals take calls as independent. Calls of a slow minute are not: with very many calls nearly every
//! difference is beyond chance, and its size is what matters.

mod figures;
mod read;
#[cfg(test)]
mod tests;

use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{QueryError, Result};
use crate::latency::{QuantileValue, Source};
use crate::range::TimeRange;

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// When.
    pub range: TimeRange,
    /// One version; all of them otherwise.
    pub version: Option<String>,
}

/// What is compared.
#[derive(Debug, Clone, PartialEq)]
pub struct CompareQuery {
    /// `service.name`
    pub service: String,
    /// One operation; all of them otherwise.
    pub operation: Option<String>,
    /// One kind of span; requests received otherwise.
    pub kind: Option<String>,
    /// What is compared with.
    pub baseline: Side,
    /// What is compared.
    pub candidate: Side,
}

/// Body of `GET /api/v1/services/{service}/compare`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Compared {
    /// `service.name`
    pub service: String,
    /// The operation, when one was asked for.
    pub operation: Option<String>,
    /// What is compared with.
    pub baseline: SideFigures,
    /// What is compared.
    pub candidate: SideFigures,
    /// Change of the share of failed calls; null when a side has no calls.
    pub error_rate: Option<ShareChange>,
    /// Median, p95 and p99; empty when a side has no calls.
    pub quantiles: Vec<QuantileChange>,
    /// How far the distributions of durations are apart; null when a side has no calls.
    pub distance: Option<Distance>,
    /// Calls of both sides by duration, shortest first, without gaps, at most forty.
    pub buckets: Vec<BucketPair>,
    /// Those that changed beyond chance first, by how much; then those that are on one side only; then the others.
    pub operations: Vec<OperationChange>,
    /// The rollup that answered.
    pub source: String,
    /// Why there is no comparison, when there is none.
    pub unavailable: Option<String>,
}

/// Figures of one side.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SideFigures {
    /// What was asked for, widened to whole rows of the rollup.
    pub range: TimeRange,
    /// The version, when one was asked for.
    pub version: Option<String>,
    /// Calls.
    pub calls: u64,
    /// Of those, failed ones.
    pub errors: u64,
    /// `errors / calls`; null without calls.
    pub error_rate: Option<f64>,
    /// Mean over the range.
    pub calls_per_second: f64,
    /// Median, p95 and p99, each with the edges of its bucket.
    pub quantiles: Vec<QuantileValue>,
}

/// How a share changed from the baseline to the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct ShareChange {
    /// Candidate less baseline.
    pub difference: f64,
    /// At least this, with 95 % confidence.
    pub low: f64,
    /// At most this.
    pub high: f64,
    /// How likely chance brings about as much.
    pub p_value: f64,
}

/// How a percentile changed from the baseline to the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct QuantileChange {
    /// Between 0 and 1.
    pub q: f64,
    /// Candidate divided by baseline.
    pub ratio: f64,
    /// At least this, with 95 % confidence; null when there are too few calls to say.
    pub ratio_low: Option<f64>,
    /// At most this; null when there are too few calls to say.
    pub ratio_high: Option<f64>,
}

/// How far two distributions are apart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Distance {
    /// The largest difference of the shares of calls that took at most so long: 0 is alike, 1 is nothing in common.
    pub value: f64,
    /// What chance alone stays below, with 95 % confidence.
    pub chance: f64,
}

/// Calls of both sides that took more than `low_ns` and at most `high_ns`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct BucketPair {
    /// Lower edge in nanoseconds, exclusive.
    pub low_ns: u64,
    /// Upper edge in nanoseconds, inclusive.
    pub high_ns: u64,
    /// Calls of the baseline.
    pub baseline: u64,
    /// Calls of the candidate.
    pub candidate: u64,
}

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnlyIn {
    /// It was, and is no more.
    Baseline,
    /// It is new.
    Candidate,
}

/// One operation of both sides.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OperationChange {
    /// Name of the spans.
    pub operation: String,
    /// Calls of the baseline.
    pub baseline_calls: u64,
    /// Calls of the candidate.
    pub candidate_calls: u64,
    /// Failed share of the baseline; null without calls.
    pub baseline_error_rate: Option<f64>,
    /// Failed share of the candidate; null without calls.
    pub candidate_error_rate: Option<f64>,
    /// Median, p95 and p99 of the baseline.
    pub baseline_quantiles: Vec<QuantileValue>,
    /// Median, p95 and p99 of the candidate.
    pub candidate_quantiles: Vec<QuantileValue>,
    /// Change of the share of failed calls.
    pub error_rate: Option<ShareChange>,
    /// Change of median, p95 and p99.
    pub quantiles: Vec<QuantileChange>,
    /// How far the distributions of durations are apart. `chance` counts all operations that were compared.
    pub distance: Option<Distance>,
    /// Whether durations or errors changed beyond chance, all operations considered.
    pub changed: bool,
    /// The side that has it, where the other has not.
    pub only_in: Option<OnlyIn>,
}

/// Two sides compared. One query to a rollup.
///
/// # Errors
/// [`QueryError::BadRequest`] when both sides are the same.
pub async fn compare(store: &Store, tenant: &str, query: &CompareQuery) -> Result<Compared> {
    if query.baseline == query.candidate {
        return Err(QueryError::bad_request(
            "both sides are the same",
            "give another range (baseline_from, baseline_to) or another version (baseline_version)",
        ));
    }
    let longer = query.baseline.range.length().max(query.candidate.range.length());
    let source = Source::of(&TimeRange { from: query.candidate.range.to - longer, ..query.candidate.range });
    let aligned = |side: &Side| Side { range: side.range.aligned(source.seconds()), ..side.clone() };
    let (baseline, candidate) = (aligned(&query.baseline), aligned(&query.candidate));
    let counted = read::read(store, tenant, query, &baseline, &candidate, source).await?;
    Ok(figures::compared(query, baseline, candidate, counted, source))
}

//! Percentiles of a stretch of time, and their series.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use super::source::{Source, read};
use super::{Buckets, LatencyQuery, RELATIVE_ERROR};
use crate::error::{QueryError, Result};
use crate::range::TimeRange;

/// Most quantiles in one question.
const MAX_QUANTILES: usize = 16;

/// Body of `GET /api/v1/latency`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Latency {
    /// `service.name`
    pub service: String,
    /// The operation, when one was asked for.
    pub operation: Option<String>,
    /// What was asked for, widened to whole rows of the rollup.
    pub range: TimeRange,
    /// Requests counted.
    pub count: u64,
    /// One per quantile asked for; empty when there were no requests.
    pub quantiles: Vec<QuantileValue>,
    /// Largest relative error of a bucket's middle.
    pub relative_error: f64,
    /// Points in time order; only steps with requests.
    pub series: Vec<LatencyPoint>,
    /// The rollup that answered.
    pub source: String,
    /// Why there are no figures, when there are none.
    pub unavailable: Option<String>,
}

/// A quantile with the edges of the bucket it lies in, in nanoseconds.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct QuantileValue {
    /// Between 0 and 1.
    pub q: f64,
    /// Interpolated within the bucket.
    pub value_ns: u64,
    /// The exact quantile is above this.
    pub low_ns: u64,
    /// The exact quantile is at most this.
    pub high_ns: u64,
}

/// The quantiles of one step.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LatencyPoint {
    /// Start of the step.
    pub ts: DateTime<Utc>,
    /// Requests in the step.
    pub count: u64,
    /// One per quantile asked for, in nanoseconds.
    pub values_ns: Vec<u64>,
}

/// Percentiles of a service or an operation. Reads one rollup, once.
pub async fn percentiles(store: &Store, tenant: &str, query: &LatencyQuery) -> Result<Latency> {
    check(&query.quantiles)?;
    let source = Source::of(&query.range);
    let range = query.range.aligned(source.seconds());
    let whole = TimeDelta::days(range.length().num_days() + 1);
    let step_seconds = source.step_seconds(query.step.unwrap_or(whole), &range);
    let by_step = read(store, tenant, query, step_seconds).await?;
    let mut all = Buckets::default();
    for buckets in by_step.values() {
        all.merge(buckets);
    }
    let points = by_step.iter().map(|(ts, buckets)| LatencyPoint {
        ts: *ts,
        count: buckets.count(),
        values_ns: query
            .quantiles
            .iter()
            .filter_map(|q| buckets.quantile(*q))
            .map(|e| e.value_ns.round() as u64)
            .collect(),
    });
    Ok(Latency {
        service: query.service.clone(),
        operation: query.operation.clone(),
        range,
        count: all.count(),
        quantiles: query.quantiles.iter().filter_map(|q| value(&all, *q)).collect(),
        relative_error: RELATIVE_ERROR,
        series: if query.step.is_some() { points.collect() } else { Vec::new() },
        source: source.table().to_owned(),
        unavailable: all.is_empty().then(|| "no requests were measured in this range".to_owned()),
    })
}

/// A quantile of merged buckets as it goes out.
pub(crate) fn value(buckets: &Buckets, q: f64) -> Option<QuantileValue> {
    let estimate = buckets.quantile(q)?;
    Some(QuantileValue {
        q,
        value_ns: estimate.value_ns.round() as u64,
        low_ns: estimate.low_ns.round() as u64,
        high_ns: estimate.high_ns.round() as u64,
    })
}

fn check(quantiles: &[f64]) -> Result<()> {
    if let Some(wrong) = quantiles.iter().find(|q| !(0.0..=1.0).contains(*q)) {
        return Err(QueryError::bad_request(
            format!("the quantile {wrong} is not between 0 and 1"),
            "write 0.99 for the 99th percentile",
        ));
    }
    if quantiles.is_empty() || quantiles.len() > MAX_QUANTILES {
        return Err(QueryError::bad_request(
            format!("{} quantiles were asked for", quantiles.len()),
            format!("ask for 1 to {MAX_QUANTILES} quantiles, such as 0.5,0.95,0.99"),
        ));
    }
    Ok(())
}

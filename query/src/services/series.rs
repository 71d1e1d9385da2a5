//! One service over time.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::deploys::{self, Deploy};
use super::percentile;
use crate::error::Result;
use crate::latency::{Buckets, LatencyQuery, Source, counted_kinds};
use crate::range::TimeRange;
use crate::scan::{Aggregate, Filter, Key, ScanQuery};

/// Body of `GET /api/v1/services/{service}/series`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ServiceSeries {
    /// Width of a point.
    pub step_seconds: i64,
    /// In time order; steps without calls are left out.
    pub points: Vec<SeriesPoint>,
    /// Version changes in the range.
    pub deploys: Vec<Deploy>,
}

/// Calls, errors and durations of one step.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SeriesPoint {
    /// Start of the step.
    pub ts: DateTime<Utc>,
    /// Calls in the step.
    pub calls: u64,
    /// Of those, failed ones.
    pub errors: u64,
    /// Median duration.
    pub p50_ns: Option<u64>,
    /// 95th percentile.
    pub p95_ns: Option<u64>,
    /// 99th percentile.
    pub p99_ns: Option<u64>,
}

impl SeriesPoint {
    /// A step with its calls and the buckets of their durations; none where nothing was measured.
    pub(crate) fn new(ts: DateTime<Utc>, calls: u64, errors: u64, durations: Option<&Buckets>) -> Self {
        let [p50_ns, p95_ns, p99_ns] = [0.5, 0.95, 0.99].map(|q| percentile(durations?, q));
        Self { ts, calls, errors, p50_ns, p95_ns, p99_ns }
    }
}

#[derive(Debug, Row, Deserialize)]
struct CallRow {
    kind: String,
    at: i64,
    calls: u64,
    errors: u64,
}

/// A service over time with its version changes. Three queries over rollups, at once.
pub async fn series(
    store: &Store,
    tenant: &str,
    service: &str,
    range: TimeRange,
    step: TimeDelta,
) -> Result<ServiceSeries> {
    let source = Source::of(&range);
    let range = range.aligned(source.seconds());
    let step_seconds = source.step_seconds(step, &range);
    let calls = ScanQuery::aggregate(tenant, "span_minute")
        .filter(Filter::eq("service", service))
        .filter(Filter::within("m", &range))
        .key(Key::column("kind"))
        .key(Key::bucket("m", step_seconds, "at"))
        .aggregates([Aggregate::sum("calls", "calls"), Aggregate::sum("errors", "errors")]);
    let query = LatencyQuery::new(service, range);
    let (calls, durations, deploys) = tokio::try_join!(
        calls.fetch::<CallRow>(store),
        crate::latency::read(store, tenant, &query, step_seconds),
        deploys::read(store, tenant, service, range),
    )?;
    let kinds = counted_kinds(calls.iter().map(|row| row.kind.as_str()));
    let mut by_step: BTreeMap<DateTime<Utc>, (u64, u64)> = BTreeMap::new();
    for row in calls.iter().filter(|row| kinds.contains(row.kind.as_str())) {
        let point = by_step.entry(DateTime::from_timestamp_nanos(row.at)).or_default();
        point.0 += row.calls;
        point.1 += row.errors;
    }
    let points = by_step
        .into_iter()
        .map(|(ts, (calls, errors))| SeriesPoint::new(ts, calls, errors, durations.get(&ts)));
    Ok(ServiceSeries { step_seconds, points: points.collect(), deploys })
}

//! All services at a glance.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{error_rate, percentile};
use crate::error::Result;
use crate::latency::{Buckets, Source};
use crate::range::TimeRange;
use crate::scan::{Aggregate, Filter, Key, ScanQuery};

/// Bars of the little trend beside each service.
const TREND_BARS: i64 = 30;

/// Body of `GET /api/v1/services`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Services {
    /// What was asked for, widened to whole minutes.
    pub range: TimeRange,
    /// Width of a bar of the trends.
    pub trend_step_seconds: i64,
    /// By name.
    pub services: Vec<ServiceRow>,
}

/// A service by rate, errors and duration. Counts requests received (server and
/// consumer spans); a service without any is counted by all its spans.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ServiceRow {
    /// `service.name`
    pub service: String,
    /// Calls in the range.
    pub calls: u64,
    /// Of those, failed ones.
    pub errors: u64,
    /// `errors / calls`; null without calls.
    pub error_rate: Option<f64>,
    /// Mean over the range.
    pub calls_per_second: f64,
    /// Median duration; null without calls.
    pub p50_ns: Option<u64>,
    /// 95th percentile.
    pub p95_ns: Option<u64>,
    /// 99th percentile.
    pub p99_ns: Option<u64>,
    /// The exact 99th percentile is above this.
    pub p99_low_ns: Option<u64>,
    /// The exact 99th percentile is at most this.
    pub p99_high_ns: Option<u64>,
    /// Calls per bar, oldest first.
    pub trend: Vec<u64>,
}

#[derive(Debug, Row, Deserialize)]
struct CallRow {
    service: String,
    kind: String,
    at: i64,
    calls: u64,
    errors: u64,
}

#[derive(Debug, Row, Deserialize)]
struct DurationRow {
    service: String,
    kind: String,
    b: i16,
    n: u64,
}

/// Every service that was heard of in the range. Two queries over rollups, at once.
pub async fn list(store: &Store, tenant: &str, range: TimeRange) -> Result<Services> {
    let source = Source::of(&range);
    let minutes = range.aligned(60);
    let step_seconds = (minutes.length().num_seconds() / TREND_BARS + 59) / 60 * 60;
    let step_seconds = step_seconds.max(60);
    let calls = ScanQuery::aggregate(tenant, "span_minute")
        .filter(Filter::within("m", &minutes))
        .columns(["service", "kind"])
        .key(Key::bucket("m", step_seconds, "at"))
        .aggregates([Aggregate::sum("calls", "calls"), Aggregate::sum("errors", "errors")]);
    let durations = ScanQuery::aggregate(tenant, source.table())
        .filter(Filter::within("m", &range.aligned(source.seconds())))
        .columns(["service", "kind", "b"])
        .aggregates([Aggregate::sum("n", "n")]);
    let (calls, durations) =
        tokio::try_join!(calls.fetch::<CallRow>(store), durations.fetch::<DurationRow>(store))?;
    Ok(Services {
        range: minutes,
        trend_step_seconds: step_seconds,
        services: fold(&calls, &durations, minutes, step_seconds),
    })
}

fn fold(
    calls: &[CallRow],
    durations: &[DurationRow],
    range: TimeRange,
    step_seconds: i64,
) -> Vec<ServiceRow> {
    let steps = range.steps(step_seconds);
    let first = steps.first().copied().unwrap_or(range.from);
    let mut by_service: BTreeMap<&str, Vec<&CallRow>> = BTreeMap::new();
    for row in calls {
        by_service.entry(&row.service).or_default().push(row);
    }
    let mut rows = Vec::new();
    for (service, service_calls) in by_service {
        let kinds = crate::latency::counted_kinds(service_calls.iter().map(|row| row.kind.as_str()));
        let mut trend = vec![0; steps.len()];
        let (mut total, mut errors) = (0, 0);
        for row in service_calls.iter().filter(|row| kinds.contains(row.kind.as_str())) {
            total += row.calls;
            errors += row.errors;
            let offset = chrono::DateTime::from_timestamp_nanos(row.at) - first;
            let bar =
                usize::try_from(offset.num_seconds() / step_seconds).ok().and_then(|bar| trend.get_mut(bar));
            if let Some(bar) = bar {
                *bar += row.calls;
            }
        }
        let counted =
            durations.iter().filter(|row| row.service == service && kinds.contains(row.kind.as_str()));
        let buckets: Buckets = counted.map(|row| (row.b, row.n)).collect();
        let p99 = buckets.quantile(0.99);
        rows.push(ServiceRow {
            service: service.to_owned(),
            calls: total,
            errors,
            error_rate: error_rate(total, errors),
            calls_per_second: total as f64 / range.seconds().max(TimeDelta::seconds(1).as_seconds_f64()),
            p50_ns: percentile(&buckets, 0.5),
            p95_ns: percentile(&buckets, 0.95),
            p99_ns: percentile(&buckets, 0.99),
            p99_low_ns: p99.map(|estimate| estimate.low_ns.round() as u64),
            p99_high_ns: p99.map(|estimate| estimate.high_ns.round() as u64),
            trend,
        });
    }
    rows
}

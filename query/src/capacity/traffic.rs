//! How busy services were, step by step.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;
use crate::range::TimeRange;
use crate::rates::RECEIVED;
use crate::scan::{Aggregate, Filter, Key, ScanQuery};

/// The kinds of span that are requests received, and those in which a service waits for somebody else.
const KINDS: [&str; 4] = [RECEIVED[0], RECEIVED[1], "client", "producer"];

/// Which traffic is asked for; all of it by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// One service.
    pub service: Option<String>,
    /// Only requests of this operation. What a service waits for is then not known: it is recorded under the
    /// operations that it calls.
    pub operation: Option<String>,
    /// Only requests served by this version.
    pub version: Option<String>,
}

/// A service over time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ServiceTraffic {
    /// `service.name`
    pub service: String,
    /// Width of a step.
    pub step_seconds: i64,
    /// In time order; steps without requests are left out.
    pub steps: Vec<Step>,
}

/// What a service received in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Step {
    /// Start of the step.
    pub ts: DateTime<Utc>,
    /// Requests received (server and consumer spans).
    pub calls: u64,
    /// Of those, failed ones.
    pub errors: u64,
    /// Their durations, summed.
    pub busy_ns: u64,
    /// Of that, time spent waiting for others: the durations of the service's own client and producer spans.
    /// Calls made side by side count each for itself, so that it may exceed `busy_ns`.
    pub away_ns: u64,
}

impl Step {
    /// Requests a second.
    pub fn rate(&self, step_seconds: i64) -> f64 {
        self.calls as f64 / step_seconds.max(1) as f64
    }

    /// Requests under way at once in the mean, by Little's law: the durations' sum over the time they fell into.
    pub fn concurrency(&self, step_seconds: i64) -> f64 {
        self.busy_ns as f64 / 1e9 / step_seconds.max(1) as f64
    }

    /// Mean duration in seconds; none without requests.
    pub fn mean_seconds(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.busy_ns as f64 / 1e9 / self.calls as f64)
    }

    /// Mean time in the service itself, waits for others left out, in seconds; none without requests.
    pub fn own_seconds(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.busy_ns.saturating_sub(self.away_ns) as f64 / 1e9 / self.calls as f64)
    }
}

#[derive(Debug, Row, Deserialize)]
struct LoadRow {
    service: String,
    kind: String,
    at: i64,
    calls: u64,
    errors: u64,
    dur_sum: u64,
}

/// Width of a step for a range: a minute where the answer stays below some 3,000 steps a service, then more.
/// A peak is a matter of minutes, so that the step never exceeds a quarter of an hour up to a month.
pub fn step_seconds(range: &TimeRange) -> i64 {
    match range.length() {
        length if length <= TimeDelta::hours(50) => 60,
        length if length <= TimeDelta::days(10) => 300,
        length if length <= TimeDelta::days(32) => 900,
        _ => 3_600,
    }
}

/// Every service in the scope, by name. One query over `span_minute`: a row per service, kind and step.
pub async fn read(
    store: &Store,
    tenant: &str,
    scope: &Scope,
    range: TimeRange,
    step_seconds: i64,
) -> Result<Vec<ServiceTraffic>> {
    let kinds: &[&str] = if scope.operation.is_none() { &KINDS } else { &RECEIVED };
    let equal = |column: &str, value: &Option<String>| value.as_deref().map(|text| Filter::eq(column, text));
    let scan = ScanQuery::aggregate(tenant, "span_minute")
        .filter_opt(equal("service", &scope.service))
        .filter_opt(equal("operation", &scope.operation))
        .filter_opt(equal("version", &scope.version))
        .filter(Filter::one_of("kind", kinds.iter().copied()))
        .filter(Filter::within("m", &range.aligned(step_seconds)))
        .columns(["service", "kind"])
        .key(Key::bucket("m", step_seconds, "at"))
        .aggregates(["calls", "errors", "dur_sum"].map(|column| Aggregate::sum(column, column)));
    let rows: Vec<LoadRow> = scan.fetch(store).await?;
    Ok(fold(&rows, step_seconds))
}

/// Requests received per service and hour, as far back as hours are kept. One query over `latency_buckets_1h`:
/// durations are not among its sums, so that `busy_ns` and `away_ns` are 0.
pub async fn hours(store: &Store, tenant: &str, range: TimeRange) -> Result<Vec<ServiceTraffic>> {
    #[derive(Debug, Row, Deserialize)]
    struct HourRow {
        service: String,
        at: i64,
        calls: u64,
    }
    let scan = ScanQuery::aggregate(tenant, "latency_buckets_1h")
        .filter(Filter::one_of("kind", RECEIVED))
        .filter(Filter::within("m", &range.aligned(3_600)))
        .key(Key::column("service"))
        .key(Key::bucket("m", 3_600, "at"))
        .aggregates([Aggregate::sum("n", "calls")])
        .ascending("service")
        .ascending("at");
    let rows: Vec<HourRow> = scan.fetch(store).await?;
    let loads: Vec<LoadRow> = rows
        .into_iter()
        .map(|row| LoadRow {
            service: row.service,
            kind: RECEIVED[0].to_owned(),
            at: row.at,
            calls: row.calls,
            errors: 0,
            dur_sum: 0,
        })
        .collect();
    Ok(fold(&loads, 3_600))
}

fn fold(rows: &[LoadRow], step_seconds: i64) -> Vec<ServiceTraffic> {
    let mut services: BTreeMap<&str, BTreeMap<i64, Step>> = BTreeMap::new();
    for row in rows {
        let empty = || Step {
            ts: DateTime::from_timestamp_nanos(row.at),
            calls: 0,
            errors: 0,
            busy_ns: 0,
            away_ns: 0,
        };
        let step = services.entry(&row.service).or_default().entry(row.at).or_insert_with(empty);
        if RECEIVED.contains(&row.kind.as_str()) {
            step.calls += row.calls;
            step.errors += row.errors;
            step.busy_ns += row.dur_sum;
        } else {
            step.away_ns += row.dur_sum;
        }
    }
    services
        .into_iter()
        .map(|(service, steps)| ServiceTraffic {
            service: service.to_owned(),
            step_seconds,
            steps: steps.into_values().filter(|step| step.calls > 0).collect(),
        })
        .filter(|service| !service.steps.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn row(kind: &str, at: i64, calls: u64, dur_sum: u64) -> LoadRow {
        LoadRow { service: "order".into(), kind: kind.into(), at, calls, errors: 0, dur_sum }
    }

    #[test]
    fn what_is_spent_in_calls_is_not_the_services_own() {
        let minute = 60_000_000_000;
        let rows = [
            row("server", 0, 600, 12 * minute as u64),
            row("client", 0, 1200, 9 * minute as u64),
            row("client", minute, 5, 7),
        ];
        let found = fold(&rows, 60);
        assert_eq!(found.len(), 1);
        let [step] = &found[0].steps[..] else { panic!("one step has requests") };
        assert_eq!((step.calls, step.rate(60), step.concurrency(60)), (600, 10.0, 12.0));
        assert_eq!((step.mean_seconds().unwrap(), step.own_seconds().unwrap()), (1.2, 0.3));
    }

    #[test]
    fn calls_side_by_side_leave_no_time_below_zero() {
        let found = fold(&[row("consumer", 0, 1, 10), row("client", 0, 2, 15)], 60);
        assert_eq!(found[0].steps[0].own_seconds(), Some(0.0));
    }
}

//! What probes found: their root spans, told by service and name.
//!
//! Reads `spans`, whose key begins with both, once for all probes and once more for each that has run.

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Compare, Expr, Filter, Function, Literal, ScanQuery};

/// How far back a probe's last run, and the last change of its result, are looked for.
pub const LOOK_BACK_DAYS: i64 = 7;

/// The runs of one probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    /// When the last one began.
    pub last: DateTime<Utc>,
    /// How long it took, in nanoseconds.
    pub duration_ns: u64,
    /// Whether it failed.
    pub failed: bool,
    /// Why, in its own words.
    pub message: String,
    /// Its trace, in hex.
    pub trace_id: String,
    /// When the first run began since which all have ended like the last one, within [`LOOK_BACK_DAYS`].
    pub since: DateTime<Utc>,
    /// Runs of the last hour, and how many of them failed.
    pub hour: (u64, u64),
    /// Runs of the last day, and how many of them failed.
    pub day: (u64, u64),
}

#[derive(Debug, Row, Deserialize)]
struct RunsRow {
    last: i64,
    last_failed: i64,
    last_passed: i64,
    duration_ns: u64,
    message: String,
    trace_id: String,
    hour: u64,
    hour_failed: u64,
    day: u64,
    day_failed: u64,
}

#[derive(Debug, Row, Deserialize)]
struct SinceRow {
    since: i64,
}

/// The runs before `now` of the probe whose root spans are called `operation` and are of `service`; none when it has not
/// run within [`LOOK_BACK_DAYS`].
pub async fn runs(
    store: &Store,
    tenant: &str,
    service: &str,
    operation: &str,
    now: DateTime<Utc>,
) -> Result<Option<Runs>> {
    let column = |name: &str| Expr::Column(name.to_owned());
    let last = |expr: Expr, alias: &str| Aggregate::new(Function::ArgMax(expr, column("ts")), alias);
    let latest = |alias: &str| Aggregate::new(Function::Max(Expr::Nanos("ts".to_owned())), alias);
    let since = |age: TimeDelta| Filter::compare("ts", Compare::GreaterEq, Literal::Time(now - age));
    let failed = Filter::eq("status", "error");
    let passed = Filter::compare("status", Compare::NotEq, Literal::Text("error".to_owned()));
    let all = |age: TimeDelta, alias: &str| Aggregate::count(alias).only(since(age));
    let bad = |age: TimeDelta, alias: &str| {
        Aggregate::count(alias).only(Filter::And(vec![since(age), failed.clone()]))
    };
    let (hour, day) = (TimeDelta::hours(1), TimeDelta::days(1));
    let range = TimeRange::new(now - TimeDelta::days(LOOK_BACK_DAYS), now)?;
    let scan = roots(tenant, service, operation, &range).aggregates([
        latest("last"),
        latest("last_failed").only(failed.clone()),
        latest("last_passed").only(passed),
        last(column("duration_ns"), "duration_ns"),
        last(column("status_message"), "message"),
        last(Expr::Hex("trace_id".to_owned()), "trace_id"),
        all(hour, "hour"),
        bad(hour, "hour_failed"),
        all(day, "day"),
        bad(day, "day_failed"),
    ]);
    // Sums of nothing are 0.
    let Some(row) = scan.fetch::<RunsRow>(store).await?.pop().filter(|row| row.last > 0) else {
        return Ok(None);
    };
    let failed = row.last_failed >= row.last;
    let turned = DateTime::from_timestamp_nanos(if failed { row.last_passed } else { row.last_failed });
    let alike = roots(tenant, service, operation, &range)
        .filter(Filter::compare("ts", Compare::Greater, Literal::Time(turned)))
        .aggregates([Aggregate::new(Function::Min(Expr::Nanos("ts".to_owned())), "since")]);
    let since: Vec<SinceRow> = alike.fetch(store).await?;
    Ok(Some(Runs {
        last: DateTime::from_timestamp_nanos(row.last),
        duration_ns: row.duration_ns,
        failed,
        message: row.message,
        trace_id: row.trace_id,
        since: DateTime::from_timestamp_nanos(since.first().map_or(row.last, |row| row.since)),
        hour: (row.hour, row.hour_failed),
        day: (row.day, row.day_failed),
    }))
}

fn roots(tenant: &str, service: &str, operation: &str, range: &TimeRange) -> ScanQuery {
    ScanQuery::aggregate(tenant, "spans")
        .filter(Filter::eq("service", service))
        .filter(Filter::eq("operation", operation))
        .filter(Filter::compare("parent_span_id", Compare::Eq, Literal::Bytes(vec![0; 8])))
        .filter(Filter::within("ts", range))
}

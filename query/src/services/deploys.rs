//! When a service changed its version.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Compare, Filter, Key, Literal, ScanQuery};

/// How far before the range versions are looked at, to know what already ran.
const BEFORE: TimeDelta = TimeDelta::hours(6);
/// A version unseen for so long while others ran counts as deployed anew (a roll-back).
const GONE: TimeDelta = TimeDelta::minutes(30);

/// A version that began to serve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Deploy {
    /// Start of the first minute the version was seen in.
    pub ts: DateTime<Utc>,
    /// `service.version`
    pub version: String,
}

#[derive(Debug, Row, Deserialize)]
struct VersionRow {
    at: i64,
    version: String,
    calls: u64,
}

/// Version changes of a service in a range. One query over `span_minute`.
pub async fn read(store: &Store, tenant: &str, service: &str, range: TimeRange) -> Result<Vec<Deploy>> {
    let step_seconds = if range.length() <= TimeDelta::hours(24) { 60 } else { 600 };
    let looked_at = TimeRange { from: range.from - BEFORE, to: range.to }.aligned(step_seconds);
    let scan = ScanQuery::aggregate(tenant, "span_minute")
        .filter(Filter::eq("service", service))
        .filter(Filter::compare("version", Compare::NotEq, Literal::Text(String::new())))
        .filter(Filter::within("m", &looked_at))
        .key(Key::bucket("m", step_seconds, "at"))
        .key(Key::column("version"))
        .aggregates([Aggregate::sum("calls", "calls")])
        .ascending("at");
    let rows: Vec<VersionRow> = scan.fetch(store).await?;
    let seen = rows
        .into_iter()
        .filter(|row| row.calls > 0)
        .map(|row| (DateTime::from_timestamp_nanos(row.at), row.version));
    let mut deploys = changes(seen);
    deploys.retain(|deploy| deploy.ts >= range.aligned(step_seconds).from);
    Ok(deploys)
}

/// The changes in a sequence of (time, version seen), in time order. What runs first is
/// no change; a version is deployed when it appears beside or after another, also when
/// it had been gone for half an hour in which others were seen.
pub fn changes(seen: impl IntoIterator<Item = (DateTime<Utc>, String)>) -> Vec<Deploy> {
    let mut last_seen: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
    let mut first: Option<DateTime<Utc>> = None;
    let mut deploys = Vec::new();
    for (ts, version) in seen {
        let start = *first.get_or_insert(ts);
        let known = match last_seen.get(&version) {
            None => ts == start,
            Some(last) => {
                let others_since = last_seen.iter().any(|(other, seen)| *other != version && seen > last);
                ts - *last < GONE || !others_since
            }
        };
        if !known {
            deploys.push(Deploy { ts, version: version.clone() });
        }
        last_seen.insert(version, ts);
    }
    deploys
}

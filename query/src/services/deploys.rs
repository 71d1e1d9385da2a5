//! When a service was deployed.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::deployments::{Deployment, together};
use super::told::{self, Status, Unplanned};
use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Compare, Filter, Key, Literal, ScanQuery};

/// How far before the range versions are looked at, to know what already ran.
const BEFORE: TimeDelta = TimeDelta::hours(6);
/// A version unseen for so long while others ran counts as deployed anew (a roll-back).
const GONE: TimeDelta = TimeDelta::minutes(30);

/// A version that began to serve, seen in spans or told by who deployed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Deploy {
    /// Start of the first minute the version was seen in, or when it was told to serve.
    pub ts: DateTime<Utc>,
    /// `service.version`
    pub version: String,
    /// What was told of it last; null when it was only seen.
    pub told: Option<Status>,
    /// Why, if it was told to be unplanned.
    pub reason: Option<Unplanned>,
    /// Where the job that did it is, if that was told.
    pub url: Option<String>,
}

impl Deploy {
    /// Version and what is to be known of it: `2.1 (rolled back to)`.
    pub fn words(&self) -> String {
        let what = match (self.told, self.reason) {
            (Some(Status::RolledBack), _) => " (rolled back to)",
            (Some(Status::Failed), _) => " (failed)",
            (_, Some(Unplanned::Fix)) => " (fix)",
            (_, Some(Unplanned::Incident)) => " (for an incident)",
            _ => "",
        };
        format!("{}{what}", self.version)
    }
}

#[derive(Debug, Row, Deserialize)]
struct VersionRow {
    at: i64,
    service: String,
    version: String,
    calls: u64,
}

/// Deployments of a service in a range; see [`read_all`].
pub async fn read(store: &Store, tenant: &str, service: &str, range: TimeRange) -> Result<Vec<Deploy>> {
    Ok(read_all(store, tenant, &[service], range).await?.remove(service).unwrap_or_default())
}

/// Deployments of services in a range, by service: version changes, one query over `span_minute`, and what was told,
/// one over `events`. What is both seen and told is there once.
pub async fn read_all(
    store: &Store,
    tenant: &str,
    services: &[&str],
    range: TimeRange,
) -> Result<BTreeMap<String, Vec<Deploy>>> {
    let step_seconds = if range.length() <= TimeDelta::hours(24) { 60 } else { 600 };
    let looked_at = TimeRange { from: range.from - BEFORE, to: range.to }.aligned(step_seconds);
    let scan = ScanQuery::aggregate(tenant, "span_minute")
        .filter(Filter::one_of("service", services.iter().copied()))
        .filter(Filter::compare("version", Compare::NotEq, Literal::Text(String::new())))
        .filter(Filter::within("m", &looked_at))
        .key(Key::bucket("m", step_seconds, "at"))
        .columns(["service", "version"])
        .aggregates([Aggregate::sum("calls", "calls")])
        .ascending("at");
    let told_in = TimeRange { from: range.aligned(step_seconds).from, to: range.to };
    // On the heap: what is asked of a service together would be too large for the stack.
    let rows = Box::pin(scan.fetch::<VersionRow>(store));
    let told = Box::pin(told::told(store, tenant, Some(services), told_in));
    let (rows, told) = tokio::try_join!(rows, told)?;
    let deploy =
        |Deployment { at, version, told, reason, url, .. }| Deploy { ts: at, version, told, reason, url };
    let of = |service: &str| {
        let rows = rows.iter().filter(|row| row.calls > 0 && row.service == service);
        let mut seen = changes(rows.map(|row| (DateTime::from_timestamp_nanos(row.at), row.version.clone())));
        seen.retain(|(ts, _)| *ts >= told_in.from);
        let told = told.iter().filter(|told| told.service == service).cloned().collect();
        together(seen, told).into_iter().map(deploy).collect()
    };
    Ok(services.iter().map(|service| ((*service).to_owned(), of(service))).collect())
}

/// The changes in a sequence of (time, version seen), in time order. What runs first is
/// no change; a version is deployed when it appears beside or after another, also when
/// it had been gone for half an hour in which others were seen.
pub fn changes(seen: impl IntoIterator<Item = (DateTime<Utc>, String)>) -> Vec<(DateTime<Utc>, String)> {
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
            deploys.push((ts, version.clone()));
        }
        last_seen.insert(version, ts);
    }
    deploys
}

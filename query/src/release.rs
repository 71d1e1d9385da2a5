//! The newest version of a service beside the one before it: what a remedy is judged by.
//!
//! One query over `span_minute`; what is made of it is a pure function.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use crate::error::Result;
use crate::range::TimeRange;
use crate::rates::RECEIVED;
use crate::scan::{Aggregate, Compare, Filter, Key, Literal, ScanQuery};
use crate::services::changes;

/// How long before the range it is looked at what ran before.
const BEFORE: TimeDelta = TimeDelta::hours(6);
/// With fewer requests beside the new version, the old one is judged by what it did before.
const BESIDE: u64 = 50;

/// A version that began to serve, and the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Start of the first minute the new version was seen in.
    pub at: DateTime<Utc>,
    /// The new version.
    pub candidate: String,
    /// The version that answered most requests before.
    pub baseline: String,
    /// Requests of the new version, and how many of them failed.
    pub new: (u64, u64),
    /// The same of the old version: since the new one serves, if it still answers requests, else before.
    pub old: (u64, u64),
}

#[derive(Debug, Clone, Row, Deserialize)]
struct MinuteRow {
    at: i64,
    version: String,
    calls: u64,
    errors: u64,
}

/// The newest version of a service that began to serve within a range; `None` when none did.
pub async fn newest(store: &Store, tenant: &str, service: &str, range: TimeRange) -> Result<Option<Release>> {
    let looked_at = TimeRange { from: range.from - BEFORE, to: range.to }.aligned(60);
    let scan = ScanQuery::aggregate(tenant, "span_minute")
        .filter(Filter::eq("service", service))
        .filter(Filter::one_of("kind", RECEIVED))
        .filter(Filter::compare("version", Compare::NotEq, Literal::Text(String::new())))
        .filter(Filter::within("m", &looked_at))
        .key(Key::bucket("m", 60, "at"))
        .key(Key::column("version"))
        .aggregates([Aggregate::sum("calls", "calls"), Aggregate::sum("errors", "errors")])
        .ascending("at");
    let rows: Vec<MinuteRow> = scan.fetch(store).await?;
    Ok(release(&rows, range.aligned(60).from))
}

fn release(rows: &[MinuteRow], since: DateTime<Utc>) -> Option<Release> {
    let at = |row: &MinuteRow| DateTime::from_timestamp_nanos(row.at);
    let seen = rows.iter().filter(|row| row.calls > 0);
    let (begun, candidate) = changes(seen.clone().map(|row| (at(row), row.version.clone()))).pop()?;
    if begun < since {
        return None;
    }
    let mut before: BTreeMap<&str, u64> = BTreeMap::new();
    for row in seen.filter(|row| at(row) < begun && row.version != candidate) {
        *before.entry(&row.version).or_default() += row.calls;
    }
    let (baseline, _) = before.into_iter().max_by_key(|(_, calls)| *calls)?;
    let sum = |version: &str, when: &dyn Fn(DateTime<Utc>) -> bool| {
        let own = rows.iter().filter(|row| row.version == version && when(at(row)));
        own.fold((0, 0), |(calls, errors), row| (calls + row.calls, errors + row.errors))
    };
    let beside = sum(baseline, &|at| at >= begun);
    let old = if beside.0 >= BESIDE { beside } else { sum(baseline, &|at| at < begun) };
    let new = sum(&candidate, &|at| at >= begun);
    Some(Release { at: begun, baseline: baseline.to_owned(), candidate, new, old })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[(i64, &str, u64, u64)]) -> Vec<MinuteRow> {
        let row = |(minute, version, calls, errors): &(i64, &str, u64, u64)| MinuteRow {
            at: minute * 60_000_000_000,
            version: (*version).to_owned(),
            calls: *calls,
            errors: *errors,
        };
        rows.iter().map(row).collect()
    }

    fn minute(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_nanos(minute * 60_000_000_000)
    }

    #[test]
    fn the_old_version_is_judged_beside_the_new_one_while_it_serves() {
        let beside =
            rows(&[(0, "1", 900, 9), (10, "1", 80, 1), (10, "2", 20, 5), (11, "1", 60, 2), (11, "2", 40, 9)]);
        let found = release(&beside, minute(5)).expect("a release");
        assert_eq!((found.at, found.candidate.as_str(), found.baseline.as_str()), (minute(10), "2", "1"));
        assert_eq!((found.new, found.old), ((60, 14), (140, 3)));
        let gone = rows(&[(0, "1", 900, 9), (10, "1", 10, 0), (10, "2", 90, 20)]);
        assert_eq!(release(&gone, minute(5)).map(|found| found.old), Some((900, 9)));
    }

    #[test]
    fn without_a_version_before_or_within_the_range_there_is_none() {
        assert_eq!(release(&rows(&[(0, "1", 9, 0)]), minute(0)), None, "what runs first is no change");
        assert_eq!(release(&rows(&[(0, "1", 9, 0), (3, "2", 9, 0)]), minute(5)), None, "too long ago");
        assert_eq!(release(&[], minute(0)), None);
    }
}

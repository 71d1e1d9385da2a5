//! How many records fit, by time, level and service.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use super::search::LogSearch;
use super::{Level, LogBucket, LogCount, LogVolume};
use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Compare, Filter, Key, Literal, ScanQuery};

/// A page waits so long; what was not counted by then is said to be so.
const TIME: Duration = Duration::from_secs(3);
/// Buckets of a range: one for each few pixels.
const BUCKETS: i64 = 120;
/// Widths of a bucket, in seconds.
const STEPS: [i64; 14] = [1, 5, 10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];
/// The stretch that is counted first has so many buckets; each of the next as many as all before it.
const FIRST: i64 = 4;
/// Services that are named.
const SERVICES: usize = 50;

#[derive(Debug, Row, Deserialize)]
struct Numbered {
    at: i64,
    service: String,
    severity: u8,
    records: u64,
}

#[derive(Debug, Row, Deserialize)]
struct Worded {
    at: i64,
    service: String,
    severity_text: String,
    records: u64,
}

/// Records of a bucket, a service and a level.
struct Counted {
    at: i64,
    service: String,
    level: Level,
    records: u64,
}

/// Counts from the end of the range backwards for as long as there is time.
pub(super) async fn count(store: &Store, tenant: &str, asked: &LogSearch) -> Result<LogVolume> {
    let step = step_seconds(&asked.range);
    let begun = Instant::now();
    let mut took: Option<Duration> = None;
    let mut rows: Vec<Counted> = Vec::new();
    let mut counted_from = asked.range.to;
    for stretch in stretches(&asked.range, step) {
        // As long again as all before it took, as it is as long.
        if took.is_some_and(|took| begun.elapsed() + took > TIME) {
            break;
        }
        rows.extend(counted(store, tenant, asked, &stretch, step).await?);
        (took, counted_from) = (Some(begun.elapsed()), stretch.from);
    }
    Ok(summed(rows, counted_from, step))
}

/// Words are read where there are records without a number, and of those alone: to group all by them costs a third more.
async fn counted(
    store: &Store,
    tenant: &str,
    asked: &LogSearch,
    range: &TimeRange,
    step: i64,
) -> Result<Vec<Counted>> {
    let scan = |by| {
        ScanQuery::aggregate(tenant, "logs")
            .filter(asked.search.filter())
            .filter(Filter::within("ts", range))
            .key(Key::bucket("ts", step, "at"))
            .keys(["service", by].map(Key::column))
            .aggregates([Aggregate::count("records")])
    };
    let (numbered, unnumbered): (Vec<Numbered>, Vec<Numbered>) =
        scan("severity").fetch(store).await?.into_iter().partition(|row: &Numbered| row.severity > 0);
    let mut counted: Vec<Counted> = numbered
        .into_iter()
        .map(|row| {
            let level = Level::of(row.severity, "");
            Counted { at: row.at, service: row.service, level, records: row.records }
        })
        .collect();
    if !unnumbered.is_empty() {
        let without = Filter::compare("severity", Compare::Eq, Literal::UInt(0));
        let worded: Vec<Worded> = scan("severity_text").filter(without).fetch(store).await?;
        counted.extend(worded.into_iter().map(|row| {
            let level = Level::of(0, &row.severity_text);
            Counted { at: row.at, service: row.service, level, records: row.records }
        }));
    }
    Ok(counted)
}

fn summed(rows: Vec<Counted>, counted_from: DateTime<Utc>, step_seconds: i64) -> LogVolume {
    let mut buckets: BTreeMap<i64, BTreeMap<Level, u64>> = BTreeMap::new();
    let mut services: BTreeMap<String, u64> = BTreeMap::new();
    let mut total = 0;
    for row in rows {
        total += row.records;
        *buckets.entry(row.at).or_default().entry(row.level).or_default() += row.records;
        *services.entry(row.service).or_default() += row.records;
    }
    let mut services: Vec<LogCount> =
        services.into_iter().map(|(service, records)| LogCount { service, records }).collect();
    services.sort_by_key(|count| std::cmp::Reverse(count.records));
    services.truncate(SERVICES);
    let bucket = |(at, levels)| LogBucket { at: DateTime::from_timestamp_nanos(at), levels };
    LogVolume {
        total,
        counted_from,
        step_seconds,
        buckets: buckets.into_iter().map(bucket).collect(),
        services,
    }
}

/// The narrowest width with which the range has no more than [`BUCKETS`].
pub(super) fn step_seconds(range: &TimeRange) -> i64 {
    let fits = |step: &i64| range.length().num_seconds() / step <= BUCKETS;
    STEPS.into_iter().find(fits).unwrap_or_else(|| STEPS[STEPS.len() - 1])
}

/// The range from its end backwards, cut between buckets: each stretch is as long as all before it.
pub(super) fn stretches(range: &TimeRange, step: i64) -> Vec<TimeRange> {
    let whole = range.aligned(step);
    let (mut cut, mut to, mut length) = (Vec::new(), range.to, step * FIRST);
    let mut done = 0;
    while to > range.from {
        done += length;
        let from = (whole.to - TimeDelta::seconds(done)).max(range.from);
        cut.push(TimeRange { from, to });
        (to, length) = (from, done);
    }
    cut
}

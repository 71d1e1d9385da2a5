//! Which rollup answers, and the rows it gives.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use super::{Buckets, LatencyQuery};
use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Filter, Key, ScanQuery};

/// Most points a series may have; a finer step is widened.
const MAX_POINTS: i64 = 720;

/// The rollup that a range is answered from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `latency_buckets_1m`, up to a day.
    Minutes,
    /// `latency_buckets_1h`, beyond.
    Hours,
}

impl Source {
    /// The rollup for a range of this length. A day that was widened to whole minutes is still a day: the
    /// answer is the same before and after [`TimeRange::aligned`].
    pub fn of(range: &TimeRange) -> Self {
        if range.length() <= TimeDelta::hours(24) + TimeDelta::minutes(2) {
            Self::Minutes
        } else {
            Self::Hours
        }
    }

    /// Name of the table.
    pub fn table(self) -> &'static str {
        match self {
            Self::Minutes => "latency_buckets_1m",
            Self::Hours => "latency_buckets_1h",
        }
    }

    /// Width of its rows.
    pub fn seconds(self) -> i64 {
        match self {
            Self::Minutes => 60,
            Self::Hours => 3600,
        }
    }

    /// `wanted` rounded up to whole rows, and to at most [`MAX_POINTS`] in the range.
    pub fn step_seconds(self, wanted: TimeDelta, range: &TimeRange) -> i64 {
        let least = range.length().num_seconds() / MAX_POINTS;
        let wanted = wanted.num_seconds().max(least).max(1);
        (wanted + self.seconds() - 1) / self.seconds() * self.seconds()
    }
}

#[derive(Debug, Row, Deserialize)]
struct BucketRow {
    kind: String,
    ts: i64,
    b: i16,
    n: u64,
}

/// One query: buckets per step, for the kinds of span that were asked for.
pub async fn read(
    store: &Store,
    tenant: &str,
    query: &LatencyQuery,
    step_seconds: i64,
) -> Result<BTreeMap<DateTime<Utc>, Buckets>> {
    let source = Source::of(&query.range);
    let scan = ScanQuery::aggregate(tenant, source.table())
        .filter(Filter::eq("service", &query.service))
        .filter_opt(query.operation.as_deref().map(|operation| Filter::eq("operation", operation)))
        .filter_opt(query.kind.as_deref().map(|kind| Filter::eq("kind", kind)))
        .filter(Filter::within("m", &query.range.aligned(source.seconds())))
        .keys([Key::column("kind"), Key::bucket("m", step_seconds, "ts"), Key::column("b")])
        .aggregates([Aggregate::sum("n", "n")]);
    let rows: Vec<BucketRow> = scan.fetch(store).await?;
    let kinds = counted_kinds(rows.iter().map(|row| row.kind.as_str()));
    let mut series: BTreeMap<DateTime<Utc>, Buckets> = BTreeMap::new();
    for row in rows.iter().filter(|row| kinds.contains(row.kind.as_str())) {
        series.entry(DateTime::from_timestamp_nanos(row.ts)).or_default().add(row.b, row.n);
    }
    Ok(series)
}

/// Of the kinds a service has, those that are requests it received; all when there are none.
pub(crate) fn counted_kinds<'a>(present: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let present: BTreeSet<&str> = present.collect();
    let received: BTreeSet<String> = crate::rates::RECEIVED
        .iter()
        .filter(|kind| present.contains(*kind))
        .map(ToString::to_string)
        .collect();
    if received.is_empty() { present.into_iter().map(str::to_owned).collect() } else { received }
}

//! Which rollup answers, and the rows it gives.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::{Row, RowOwned, RowRead};
use headroom_store::Store;
use serde::Deserialize;

use super::{Buckets, LatencyQuery};
use crate::error::Result;
use crate::range::TimeRange;
use crate::rates::RECEIVED;
use crate::scan::{Aggregate, Filter, Key, ScanQuery};

/// Whole hours are asked for from so many on.
const WORTH_HOURS: TimeDelta = TimeDelta::hours(2);
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

/// A range as whole hours in its middle, which the rollup by the hour answers with far fewer rows, and the minutes before
/// and after them. For sums, and for series whose steps are hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    hours: Option<TimeRange>,
    minutes: Vec<TimeRange>,
}

impl Cut {
    /// A range that is answered from `source`, in whole rows of it: hours alone, or minutes, with hours among them.
    pub(crate) fn new(range: TimeRange, source: Source) -> Self {
        if source == Source::Hours {
            return Self::whole(range, source);
        }
        let range = range.aligned(source.seconds());
        let first = TimeRange { to: range.from + TimeDelta::nanoseconds(1), ..range }.aligned(3600).from;
        let from = if first == range.from { first } else { first + TimeDelta::hours(1) };
        let to = TimeRange { from: range.to - TimeDelta::nanoseconds(1), to: range.to }.aligned(3600).to;
        let to = if to == range.to { to } else { to - TimeDelta::hours(1) };
        if to - from < WORTH_HOURS {
            return Self::whole(range, Source::Minutes);
        }
        let edges = [TimeRange { from: range.from, to: from }, TimeRange { from: to, to: range.to }];
        let minutes = edges.into_iter().filter(|edge| edge.from < edge.to).collect();
        Self { hours: Some(TimeRange { from, to }), minutes }
    }

    /// A range for a series of such steps: with hours where each step has whole ones.
    pub(crate) fn for_steps(range: TimeRange, source: Source, step_seconds: i64) -> Self {
        if step_seconds % 3600 == 0 { Self::new(range, source) } else { Self::whole(range, source) }
    }

    /// All of a range from one rollup.
    pub(crate) fn whole(range: TimeRange, source: Source) -> Self {
        match source {
            Source::Minutes => Self { hours: None, minutes: vec![range] },
            Source::Hours => Self { hours: Some(range), minutes: Vec::new() },
        }
    }

    /// Its rows of one rollup.
    pub(crate) fn filter(&self, source: Source) -> Filter {
        let ranges = match source {
            Source::Minutes => &self.minutes[..],
            Source::Hours => self.hours.as_slice(),
        };
        Filter::Or(ranges.iter().map(|range| Filter::within("m", range)).collect())
    }

    /// The part that is read from the rollup by the minute.
    #[cfg(test)]
    pub(super) fn minutes(&self) -> &[TimeRange] {
        &self.minutes
    }

    /// The part that is read from the rollup by the hour.
    #[cfg(test)]
    pub(super) fn hours(&self) -> Option<TimeRange> {
        self.hours
    }

    fn has(&self, source: Source) -> bool {
        self.filter(source) != Filter::Or(Vec::new())
    }
}

/// Which kinds of span are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kinds<'a> {
    /// This one.
    One(&'a str),
    /// Requests received; where there are none, all spans.
    Counted,
    /// All spans.
    All,
}

impl<'a> Kinds<'a> {
    pub(crate) fn asked(kind: Option<&'a str>) -> Self {
        kind.map_or(Self::Counted, Self::One)
    }
}

/// The rows of the rollups that the cuts have, of one or of both. `scan` is the query to either, its time included.
pub(crate) async fn fetch<T: RowOwned + RowRead>(
    store: &Store,
    cuts: &[&Cut],
    kinds: Kinds<'_>,
    scan: impl Fn(Source) -> ScanQuery,
) -> Result<Vec<T>> {
    let received = || Filter::one_of("kind", RECEIVED);
    let part = async |source: Source, only: Option<Filter>| {
        if cuts.iter().any(|cut| cut.has(source)) {
            scan(source).filter_opt(only).fetch::<T>(store).await
        } else {
            Ok(Vec::new())
        }
    };
    let both = async |only: Option<Filter>| {
        let (mut rows, hours) =
            tokio::try_join!(part(Source::Minutes, only.clone()), part(Source::Hours, only))?;
        rows.extend(hours);
        Ok(rows)
    };
    match kinds {
        Kinds::One(kind) => both(Some(Filter::eq("kind", kind))).await,
        Kinds::All => both(None).await,
        // The kind stands before the time in the key: rows of other kinds are not read.
        Kinds::Counted => {
            let rows = both(Some(received())).await?;
            if rows.is_empty() { both(None).await } else { Ok(rows) }
        }
    }
}

#[derive(Debug, Row, Deserialize)]
struct BucketRow {
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
    let of = |scan: ScanQuery| {
        scan.filter(Filter::eq("service", &query.service))
            .filter_opt(query.operation.as_deref().map(|operation| Filter::eq("operation", operation)))
    };
    read_of(store, tenant, query.range, step_seconds, Kinds::asked(query.kind.as_deref()), of).await
}

/// Buckets per step of the rows that `of` keeps.
pub(crate) async fn read_of(
    store: &Store,
    tenant: &str,
    range: TimeRange,
    step_seconds: i64,
    kinds: Kinds<'_>,
    of: impl Fn(ScanQuery) -> ScanQuery,
) -> Result<BTreeMap<DateTime<Utc>, Buckets>> {
    let source = Source::of(&range);
    let cut = Cut::for_steps(range.aligned(source.seconds()), source, step_seconds);
    let scan = |source: Source| {
        of(ScanQuery::aggregate(tenant, source.table()))
            .filter(cut.filter(source))
            .keys([Key::bucket("m", step_seconds, "ts"), Key::column("b")])
            .aggregates([Aggregate::sum("n", "n")])
    };
    let rows: Vec<BucketRow> = fetch(store, &[&cut], kinds, scan).await?;
    let mut series: BTreeMap<DateTime<Utc>, Buckets> = BTreeMap::new();
    for row in rows {
        series.entry(DateTime::from_timestamp_nanos(row.ts)).or_default().add(row.b, row.n);
    }
    Ok(series)
}

/// Of the kinds a service has, those that are requests it received; all when there are none.
pub(crate) fn counted_kinds<'a>(present: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let present: BTreeSet<&str> = present.collect();
    let received: BTreeSet<String> =
        RECEIVED.iter().filter(|kind| present.contains(*kind)).map(ToString::to_string).collect();
    if received.is_empty() { present.into_iter().map(str::to_owned).collect() } else { received }
}

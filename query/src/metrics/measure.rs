//! How much fits a question, and how wide its steps must be.

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use super::Kind;
use crate::counters::time_series;
use crate::error::{QueryError, Result};
use crate::scan::{Aggregate, Key, ScanQuery};

/// Time series of numbers that are read at once.
const MOST_NUMBERS: usize = 3_000;
/// Of histograms, each of which has many counts.
const MOST_HISTOGRAMS: usize = 500;
/// How long a counter may be silent, in seconds, and what it rose by is still spread over that time.
const SILENT: i64 = 600;

/// What fits a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Measured {
    /// Time series.
    pub(super) series: usize,
    /// Seconds between two points of a time series, as half of them report at least; 0 where each has but one.
    pub(super) interval: i64,
}

/// A time series within the range.
#[derive(Debug, Row, Deserialize)]
struct SizeRow {
    #[expect(dead_code, reason = "what rows are grouped by")]
    part: u64,
    points: u64,
    first: i64,
    last: i64,
}

/// Counts the time series that fit.
///
/// # Errors
/// [`QueryError::BadRequest`] where there are more than are read at once.
pub(super) async fn measure(store: &Store, points: ScanQuery, kind: Kind) -> Result<Measured> {
    let most = if kind.counts() { MOST_HISTOGRAMS } else { MOST_NUMBERS };
    let scan = points
        .key(Key::new(time_series(), "part"))
        .aggregates([Aggregate::count("points"), Aggregate::min("ts", "first"), Aggregate::max("ts", "last")])
        .limit(most as u64 + 1);
    let rows: Vec<SizeRow> = scan.fetch(store).await?;
    if rows.len() > most {
        return Err(QueryError::bad_request(
            format!("more than {most} time series fit, and no more are read at once"),
            "choose a service, or values of labels",
        ));
    }
    let intervals = rows.iter().map(|row| (row.last - row.first, row.points));
    Ok(Measured { series: rows.len(), interval: usual(intervals) })
}

/// The median interval of time series, in whole seconds, of the nanoseconds that each spans and its points.
pub(super) fn usual(spans: impl Iterator<Item = (i64, u64)>) -> i64 {
    let mut intervals: Vec<i64> = spans
        .filter(|(_, points)| *points > 1)
        .map(|(span, points)| span / i64::try_from(points - 1).unwrap_or(i64::MAX))
        .collect();
    intervals.sort_unstable();
    let median = intervals.get(intervals.len() / 2).copied().unwrap_or_default();
    (median + 500_000_000) / 1_000_000_000
}

/// The width of a step, in seconds: what was asked for, and not less than time series report in, up to whole minutes.
pub(super) fn step_seconds(wanted: TimeDelta, interval: i64) -> i64 {
    let seconds = wanted.num_seconds().max(interval).max(1);
    if seconds <= 60 { seconds.max(wanted.num_seconds()) } else { (seconds + 59) / 60 * 60 }
}

/// Steps over which a counter may be silent.
pub(super) fn most_gap(step_seconds: i64) -> i64 {
    (SILENT / step_seconds.max(1)).max(2)
}

/// Nanoseconds since 1970.
pub(super) fn nanos(at: DateTime<Utc>) -> i64 {
    at.timestamp_nanos_opt().unwrap_or_default()
}

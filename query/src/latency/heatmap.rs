//! Durations over time as counts in a grid.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use super::source::{Source, read};
use super::{Buckets, LatencyQuery};
use crate::error::{QueryError, Result};

/// Most rows a heat-map is drawn with.
const MAX_ROWS: i16 = 40;

/// Body of `GET /api/v1/latency/heatmap`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Heatmap {
    /// Width of a column.
    pub step_seconds: i64,
    /// Start of the first column.
    pub from: DateTime<Utc>,
    /// End of the last column.
    pub to: DateTime<Utc>,
    /// Ranges of duration, shortest first, without gaps.
    pub rows: Vec<BucketRange>,
    /// Start of every column, those without requests included.
    pub columns: Vec<DateTime<Utc>>,
    /// Cells with requests, in column order.
    pub cells: Vec<HeatmapCell>,
    /// The largest count of a cell; 0 when there are no requests.
    pub max: u64,
}

/// The durations of one row: above `low_ns`, at most `high_ns`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BucketRange {
    /// Lower edge in nanoseconds, exclusive.
    pub low_ns: u64,
    /// Upper edge in nanoseconds, inclusive.
    pub high_ns: u64,
}

/// `[column, row, count]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct HeatmapCell(pub usize, pub usize, pub u64);

/// Counts per step and range of duration. Reads one rollup, once; `query.step` and
/// `query.quantiles` are not used.
pub async fn heatmap(store: &Store, tenant: &str, query: &LatencyQuery, columns: u32) -> Result<Heatmap> {
    if !(1..=1_000).contains(&columns) {
        return Err(QueryError::bad_request(
            format!("a heat-map of {columns} columns cannot be drawn"),
            "ask for 1 to 1000 columns",
        ));
    }
    let source = Source::of(&query.range);
    let width = (query.range.length().num_seconds() + i64::from(columns) - 1) / i64::from(columns);
    let step_seconds = source.step_seconds(TimeDelta::seconds(width), &query.range);
    let by_step = read(store, tenant, query, step_seconds).await?;
    Ok(lay_out(&by_step, query.range.steps(step_seconds), step_seconds))
}

/// The grid of counts per step. Neighbouring buckets are joined two, four, ... at a
/// time until at most forty rows are left: bucket `b` goes to row `b >> k`.
pub fn lay_out(
    by_step: &BTreeMap<DateTime<Utc>, Buckets>,
    columns: Vec<DateTime<Utc>>,
    step_seconds: i64,
) -> Heatmap {
    let occupied = || by_step.values().flat_map(Buckets::iter).map(|(b, _)| b);
    let (lowest, highest) = (occupied().min().unwrap_or(0), occupied().max().unwrap_or(-1));
    let shift = (0..16).find(|k| (highest >> k) - (lowest >> k) < MAX_ROWS).unwrap_or(15);
    let first = lowest >> shift;
    let rows = (first..=(highest >> shift)).map(|row| BucketRange {
        low_ns: Buckets::low_ns(row << shift).round() as u64,
        high_ns: Buckets::high_ns(((row + 1) << shift) - 1).round() as u64,
    });
    let mut cells = Vec::new();
    for (column, start) in columns.iter().enumerate() {
        let mut counts: BTreeMap<i16, u64> = BTreeMap::new();
        for (b, n) in by_step.get(start).into_iter().flat_map(Buckets::iter) {
            *counts.entry((b >> shift) - first).or_default() += n;
        }
        cells.extend(counts.into_iter().map(|(row, n)| HeatmapCell(column, row as usize, n)));
    }
    Heatmap {
        step_seconds,
        from: columns.first().copied().unwrap_or_default(),
        to: columns.last().copied().unwrap_or_default() + TimeDelta::seconds(step_seconds),
        rows: rows.collect(),
        max: cells.iter().map(|cell| cell.2).max().unwrap_or(0),
        cells,
        columns,
    }
}

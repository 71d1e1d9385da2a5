//! Points that are numbers: gauges and sums.

use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use crate::counters::{Reading, readings};
use crate::error::Result;
use crate::scan::{Aggregate, Expr, Function, ScanQuery};

/// A level's points in one step.
#[derive(Debug, Clone, Row, Deserialize)]
pub(super) struct LevelRow {
    pub(super) label: String,
    #[expect(dead_code, reason = "what rows are grouped by")]
    part: u64,
    pub(super) at: i64,
    pub(super) mean: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

/// A counter's points in one step.
#[derive(Debug, Clone, Row, Deserialize)]
struct SumRow {
    label: String,
    part: u64,
    at: i64,
    temporality: String,
    started: i64,
    most: f64,
    last: f64,
    total: f64,
}

fn value() -> Expr {
    Expr::Column("value".to_owned())
}

/// Levels by label, time series and step.
pub(super) fn levels(points: ScanQuery) -> ScanQuery {
    points.aggregates([
        Aggregate::new(Function::Avg(value()), "mean"),
        Aggregate::new(Function::Min(value()), "least"),
        Aggregate::new(Function::Max(value()), "most"),
    ])
}

/// Sums by label, time series, step and start, in the order of time.
pub(super) fn sums(points: ScanQuery) -> ScanQuery {
    readings(points, value).ascending("at").ascending("started")
}

/// Sums as a counter is read.
pub(super) async fn read_sums(
    store: &Store,
    points: ScanQuery,
    width: i64,
) -> Result<Vec<(String, Reading<f64>)>> {
    let rows: Vec<SumRow> = sums(points).fetch(store).await?;
    let reading = |row: SumRow| {
        let reading = Reading {
            step: row.at / width,
            part: row.part,
            delta: row.temporality == "delta",
            most: row.most,
            last: row.last,
            total: row.total,
            started: row.started,
        };
        (row.label, reading)
    };
    Ok(rows.into_iter().map(reading).collect())
}

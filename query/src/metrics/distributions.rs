//! Points that count values: histograms of both kinds, and what a summary has of one.

use std::collections::BTreeMap;

use clickhouse::{Row, RowOwned, RowRead};
use headroom_store::Store;
use serde::Deserialize;

use super::Kind;
use super::distribution::{Buckets, Distribution};
use crate::counters::{Reading, started};
use crate::error::Result;
use crate::scan::{Aggregate, Expr, Function, Key, ScanQuery};

/// What a row of any kind has.
trait AsReading {
    /// Label, and the reading with its time, for the order of several in one step.
    fn reading(self, width: i64) -> (i64, String, Reading<Distribution>);
}

#[derive(Debug, Clone, Row, Deserialize)]
struct ExplicitRow {
    label: String,
    part: u64,
    at: i64,
    temporality: String,
    started: i64,
    bounds: Vec<f64>,
    seen: i64,
    last_count: u64,
    last_sum: Option<f64>,
    last_counts: Vec<u64>,
    count: u64,
    sum: Option<f64>,
    counts: Vec<u64>,
}

#[derive(Debug, Clone, Row, Deserialize)]
struct ExponentialRow {
    label: String,
    part: u64,
    at: i64,
    temporality: String,
    started: i64,
    scale: i32,
    positive_offset: i32,
    negative_offset: i32,
    seen: i64,
    last_count: u64,
    last_sum: Option<f64>,
    threshold: f64,
    last_zero: u64,
    last_positive: Vec<u64>,
    last_negative: Vec<u64>,
    count: u64,
    sum: Option<f64>,
    zero: u64,
    positive: Vec<u64>,
    negative: Vec<u64>,
}

#[derive(Debug, Clone, Row, Deserialize)]
struct SummaryRow {
    label: String,
    part: u64,
    at: i64,
    started: i64,
    seen: i64,
    last_count: u64,
    last_sum: f64,
}

fn column(name: &str) -> Expr {
    Expr::Column(name.to_owned())
}

/// A column where its row is the last of the step.
fn last(name: &str, alias: &str) -> Aggregate {
    Aggregate::new(Function::ArgMax(column(name), column("ts")), alias)
}

fn each(name: &str, alias: &str) -> Aggregate {
    Aggregate::new(Function::SumEach(column(name)), alias)
}

/// Histograms by label, time series, step, start and shape.
pub(super) fn histograms(points: ScanQuery, kind: Kind) -> ScanQuery {
    let points = if kind == Kind::Summary {
        points.key(Key::new(column("start_ts"), "started"))
    } else {
        points.keys([Key::column("temporality"), started()])
    };
    match kind {
        Kind::ExponentialHistogram => points
            .columns(["scale", "positive_offset", "negative_offset"])
            .aggregates([Aggregate::max("ts", "seen"), last("count", "last_count"), last("sum", "last_sum")])
            .aggregates([Aggregate::max("zero_threshold", "threshold"), last("zero_count", "last_zero")])
            .aggregates([last("positive_counts", "last_positive"), last("negative_counts", "last_negative")])
            .aggregates([Aggregate::sum("count", "count"), Aggregate::sum("sum", "sum")])
            .aggregates([Aggregate::sum("zero_count", "zero")])
            .aggregates([each("positive_counts", "positive"), each("negative_counts", "negative")]),
        Kind::Summary => points.aggregates([
            Aggregate::max("ts", "seen"),
            last("count", "last_count"),
            last("sum", "last_sum"),
        ]),
        _ => points
            .columns(["bounds"])
            .aggregates([Aggregate::max("ts", "seen"), last("count", "last_count"), last("sum", "last_sum")])
            .aggregates([last("counts", "last_counts"), Aggregate::sum("count", "count")])
            .aggregates([Aggregate::sum("sum", "sum"), each("counts", "counts")]),
    }
}

/// Histograms as a counter is read, in the order of time.
pub(super) async fn read(
    store: &Store,
    points: ScanQuery,
    kind: Kind,
    width: i64,
) -> Result<Vec<(String, Reading<Distribution>)>> {
    let scan = histograms(points, kind);
    match kind {
        Kind::ExponentialHistogram => in_order::<ExponentialRow>(store, &scan, width).await,
        Kind::Summary => in_order::<SummaryRow>(store, &scan, width).await,
        _ => in_order::<ExplicitRow>(store, &scan, width).await,
    }
}

async fn in_order<T: RowOwned + RowRead + AsReading>(
    store: &Store,
    scan: &ScanQuery,
    width: i64,
) -> Result<Vec<(String, Reading<Distribution>)>> {
    let rows: Vec<T> = scan.fetch(store).await?;
    let mut readings: Vec<_> = rows.into_iter().map(|row| row.reading(width)).collect();
    readings.sort_by_key(|(seen, _, reading)| (reading.step, reading.started, *seen));
    Ok(readings.into_iter().map(|(_, label, reading)| (label, reading)).collect())
}

fn floats(counts: &[u64]) -> Vec<f64> {
    counts.iter().map(|count| *count as f64).collect()
}

/// Counts from an offset on, by the number of their bucket.
fn placed(offset: i32, counts: &[u64]) -> BTreeMap<i32, f64> {
    (0..).zip(counts).filter(|(_, n)| **n > 0).map(|(i, n)| (offset.saturating_add(i), *n as f64)).collect()
}

impl AsReading for ExplicitRow {
    fn reading(self, width: i64) -> (i64, String, Reading<Distribution>) {
        let of = |count: u64, sum, counts: &[u64]| Distribution {
            count: count as f64,
            sum,
            buckets: Buckets::Explicit { bounds: self.bounds.clone(), counts: floats(counts) },
        };
        let last = of(self.last_count, self.last_sum, &self.last_counts);
        let reading = Reading {
            step: self.at / width,
            part: self.part,
            delta: self.temporality == "delta",
            most: last.clone(),
            total: of(self.count, self.sum, &self.counts),
            last,
            started: self.started,
        };
        (self.seen, self.label, reading)
    }
}

impl AsReading for ExponentialRow {
    fn reading(self, width: i64) -> (i64, String, Reading<Distribution>) {
        let of = |count: u64, sum, zero: u64, positive: &[u64], negative: &[u64]| Distribution {
            count: count as f64,
            sum,
            buckets: Buckets::Exponential {
                scale: self.scale,
                negative: placed(self.negative_offset, negative),
                zero: zero as f64,
                threshold: self.threshold,
                positive: placed(self.positive_offset, positive),
            },
        };
        let last =
            of(self.last_count, self.last_sum, self.last_zero, &self.last_positive, &self.last_negative);
        let reading = Reading {
            step: self.at / width,
            part: self.part,
            delta: self.temporality == "delta",
            most: last.clone(),
            total: of(self.count, self.sum, self.zero, &self.positive, &self.negative),
            last,
            started: self.started,
        };
        (self.seen, self.label, reading)
    }
}

impl AsReading for SummaryRow {
    fn reading(self, width: i64) -> (i64, String, Reading<Distribution>) {
        let last = Distribution {
            count: self.last_count as f64,
            sum: Some(self.last_sum),
            buckets: Buckets::Nothing,
        };
        let reading = Reading {
            step: self.at / width,
            part: self.part,
            // Summaries have no temporality: they count since the start.
            delta: false,
            most: last.clone(),
            total: last.clone(),
            last,
            started: self.started,
        };
        (self.seen, self.label, reading)
    }
}

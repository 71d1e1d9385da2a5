//! What counters rose by each minute.

use chrono::{DateTime, TimeDelta};
use clickhouse::Row;
use serde::Deserialize;

use super::{Asked, MOST_GAP, Minute};
use crate::counters::{Counters, Reading, readings, time_series};
use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Compare, Expr, Filter, Key, Literal};

const MINUTE: i64 = 60_000_000_000;

/// A counter's points in one minute.
#[derive(Debug, Clone, Row, Deserialize)]
struct CounterRow {
    at: i64,
    part: u64,
    temporality: String,
    started: i64,
    most: f64,
    last: f64,
    total: f64,
}

impl From<CounterRow> for Reading<f64> {
    fn from(row: CounterRow) -> Self {
        Self {
            step: row.at / MINUTE,
            part: row.part,
            delta: row.temporality == "delta",
            most: row.most,
            last: row.last,
            total: row.total,
            started: row.started,
        }
    }
}

/// What all counters of a name rose by, in the order of time. They are read a day at a time: each has a row a minute.
pub(super) async fn rate(asked: Asked<'_>, name: &str, range: TimeRange) -> Result<Vec<Minute>> {
    let mut counters = Counters::new(MINUTE, range.from.timestamp_nanos_opt().unwrap_or_default(), MOST_GAP);
    let mut from = range.from;
    while from < range.to {
        let day = TimeRange { from, to: (from + TimeDelta::days(1)).min(range.to) };
        let of = |table: &str, column: &str| {
            let value = || Expr::Float(column.to_owned());
            let points = asked.scan(table, name, day).key(Key::new(time_series(), "part"));
            readings(points, value).ascending("started")
        };
        let rising = Filter::compare("is_monotonic", Compare::Eq, Literal::Bool(true));
        let sums = of("metric_sum", "value").filter(rising);
        let (histograms, exponential) =
            (of("metric_histogram", "count"), of("metric_exp_histogram", "count"));
        let rows: (Vec<CounterRow>, Vec<CounterRow>, Vec<CounterRow>) = tokio::try_join!(
            sums.fetch(asked.store),
            histograms.fetch(asked.store),
            exponential.fetch(asked.store)
        )?;
        let rows = rows.0.into_iter().chain(rows.1).chain(rows.2);
        rows.for_each(|row| counters.add(row.into()));
        from = day.to;
    }
    let minute = |(minute, rose): (i64, f64)| Minute {
        at: DateTime::from_timestamp_nanos(minute * MINUTE),
        value: rose,
        events: Some(rose),
    };
    Ok(counters.steps.into_iter().map(minute).collect())
}

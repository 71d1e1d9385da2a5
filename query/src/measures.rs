//! Any stored number by the minute: what the points of a metric, or events of one kind, come to.
//!
//! What is forecast beside the requests of services is made of this. Sums are means times how many there are: of a
//! metric, the mean of its points in the minute times the number of its time series (so that it does not matter how often
//! each is reported); of events, the mean of a value times the number of different events (so that one that was sent twice
//! counts once).

mod counters;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use crate::counters::time_series;
use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Compare, Expr, Filter, Function, Key, Literal, ScanQuery};

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Measure {
    /// The points or events.
    pub of: Of,
    /// Only those with these attributes; `service.name` is the service that sent them.
    pub attributes: BTreeMap<String, String>,
    /// What a minute of them comes to.
    pub statistic: Statistic,
}

/// What is stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// Points of the metric of this name.
    Metric(String),
    /// Business events.
    Events {
        /// Their name, such as `order.filled`.
        name: String,
        /// The attribute that holds a number, such as `amount`; not needed to count them.
        value: Option<String>,
    },
}

/// What a minute comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// Number of events.
    Count,
    /// Sum of the events' values; of a metric, over its time series.
    Sum,
    /// Mean.
    Avg,
    /// Largest.
    Max,
    /// What a counter or a histogram's count rose by, over its time series.
    Rate,
    /// How far the mean moved since the minute before, up or down, in basis points: |ln(b / a)| x 10,000.
    Move,
}

/// Minutes over which a counter or a mean may be silent and its change is still known.
const MOST_GAP: i64 = 10;

/// A minute in which something was stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minute {
    /// Its start.
    pub at: DateTime<Utc>,
    /// What it comes to.
    pub value: f64,
    /// How many things were counted in it; none of a level, which is not zero because nobody told it.
    pub events: Option<f64>,
}

/// The minutes of a range in which something was stored, in time order. What is no number is left out.
pub async fn per_minute(
    store: &Store,
    tenant: &str,
    measure: &Measure,
    range: TimeRange,
) -> Result<Vec<Minute>> {
    let range = range.aligned(60);
    let before = TimeRange { from: range.from - TimeDelta::minutes(MOST_GAP), to: range.to };
    let asked = Asked { store, tenant, attributes: &measure.attributes };
    let minutes = match (&measure.of, measure.statistic) {
        (Of::Metric(name), Statistic::Rate) => counters::rate(asked, name, before).await?,
        (of, Statistic::Move) => moves(&asked.minutes(of, before).await?),
        (of, statistic) => {
            let minutes = asked.minutes(of, range).await?;
            minutes.into_iter().filter_map(|summary| summary.minute(of, statistic)).collect()
        }
    };
    let minutes = minutes.into_iter().filter(|minute| minute.at >= range.from && minute.value.is_finite());
    Ok(minutes.collect())
}

/// Whom is asked, for whom, and which rows.
#[derive(Clone, Copy)]
struct Asked<'a> {
    store: &'a Store,
    tenant: &'a str,
    attributes: &'a BTreeMap<String, String>,
}

/// The points or events of a minute.
#[derive(Debug, Clone, PartialEq)]
struct Summary {
    at: DateTime<Utc>,
    /// Time series of a metric; different events with a value, or all where none is asked for.
    parts: u64,
    mean: Option<f64>,
    most: Option<f64>,
}

impl Summary {
    fn minute(&self, of: &Of, statistic: Statistic) -> Option<Minute> {
        let parts = self.parts as f64;
        let value = match statistic {
            Statistic::Count | Statistic::Rate => parts,
            Statistic::Sum => self.mean? * parts,
            Statistic::Avg | Statistic::Move => self.mean?,
            Statistic::Max => self.most?,
        };
        let counted = matches!((of, statistic), (Of::Events { .. }, Statistic::Count | Statistic::Sum));
        Some(Minute { at: self.at, value, events: counted.then_some(parts) })
    }
}

#[derive(Debug, Row, Deserialize)]
struct PointRow {
    at: i64,
    parts: u64,
    mean: f64,
    most: f64,
}

#[derive(Debug, Row, Deserialize)]
struct EventRow {
    at: i64,
    parts: u64,
    mean: Option<f64>,
    most: Option<f64>,
}

impl Asked<'_> {
    /// A query of one table, by the minute.
    fn scan(self, table: &str, name: &str, range: TimeRange) -> ScanQuery {
        let attributes = self.attributes.iter().map(|(key, value)| match key.as_str() {
            "service.name" => Filter::eq("service", value),
            key => Filter::map_eq("attributes", key, value),
        });
        ScanQuery::aggregate(self.tenant, table)
            .filter(Filter::eq("name", name))
            .filter(Filter::And(attributes.collect()))
            .filter(Filter::within("ts", &range))
            .key(Key::bucket("ts", 60, "at"))
            .ascending("at")
    }

    async fn minutes(self, of: &Of, range: TimeRange) -> Result<Vec<Summary>> {
        match of {
            Of::Metric(name) => self.points(name, range).await,
            Of::Events { name, value } => self.events(name, value.as_deref(), range).await,
        }
    }

    async fn points(self, name: &str, range: TimeRange) -> Result<Vec<Summary>> {
        let value = || Expr::Column("value".to_owned());
        let of = |table: &str| {
            self.scan(table, name, range).aggregates([
                Aggregate::new(Function::CountDistinct(time_series()), "parts"),
                Aggregate::new(Function::Avg(value()), "mean"),
                Aggregate::new(Function::Max(value()), "most"),
            ])
        };
        let (gauges, sums) = (of("metric_gauge"), of("metric_sum"));
        let (mut rows, sums): (Vec<PointRow>, Vec<PointRow>) =
            tokio::try_join!(gauges.fetch(self.store), sums.fetch(self.store))?;
        if rows.is_empty() {
            rows = sums;
        }
        let summary = |row: PointRow| Summary {
            at: DateTime::from_timestamp_nanos(row.at),
            parts: row.parts,
            mean: Some(row.mean),
            most: Some(row.most),
        };
        Ok(rows.into_iter().map(summary).collect())
    }

    async fn events(self, name: &str, value: Option<&str>, range: TimeRange) -> Result<Vec<Summary>> {
        let number =
            || Expr::MapNumber { column: "attributes".to_owned(), key: value.unwrap_or_default().to_owned() };
        let has_value = value.map(|key| {
            let nothing = Literal::Text(String::new());
            Filter::MapCompare("attributes".to_owned(), key.to_owned(), Compare::NotEq, nothing)
        });
        let id = Function::CountDistinct(Expr::Column("event_id".to_owned()));
        let scan = self.scan("events", name, range).filter_opt(has_value).aggregates([
            Aggregate::new(id, "parts"),
            Aggregate::new(Function::Avg(number()), "mean"),
            Aggregate::new(Function::Max(number()), "most"),
        ]);
        let rows: Vec<EventRow> = scan.fetch(self.store).await?;
        let summary = |EventRow { at, parts, mean, most }| Summary {
            at: DateTime::from_timestamp_nanos(at),
            parts,
            mean,
            most,
        };
        Ok(rows.into_iter().map(summary).collect())
    }
}

fn moves(minutes: &[Summary]) -> Vec<Minute> {
    let pairs = minutes.windows(2).filter(|pair| pair[1].at - pair[0].at <= TimeDelta::minutes(MOST_GAP));
    let moved = pairs.filter_map(|pair| {
        let (before, after) = (pair[0].mean?, pair[1].mean?);
        let value = (after / before).ln().abs() * 1e4;
        (before > 0.0 && after > 0.0).then_some(Minute { at: pair[1].at, value, events: None })
    });
    moved.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_is_told_in_basis_points_and_not_over_a_long_silence() {
        let at = |minute: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        let minute = |at, mean| Summary { at, parts: 1, mean: Some(mean), most: Some(mean) };
        let prices = [(0, 100.0), (1, 101.0), (2, 100.0), (13, 90.0), (14, 0.0), (15, 90.0)];
        let found = moves(&prices.map(|(m, price)| minute(at(m), price)));
        let found: Vec<_> = found.into_iter().map(|minute| (minute.at, minute.value.round())).collect();
        assert_eq!(found, [(at(1), 100.0), (at(2), 100.0)]);
    }
}

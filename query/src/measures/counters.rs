//! What counters rose by each minute.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use serde::Deserialize;

use super::{Asked, MOST_GAP, Minute, time_series};
use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Compare, Expr, Filter, Function, Key, Literal};

/// A counter's points in one minute.
#[derive(Debug, Clone, Row, Deserialize)]
struct CounterRow {
    at: i64,
    part: u64,
    temporality: String,
    most: f64,
    total: f64,
    /// When the counter was at nought: another one is another counter.
    started: i64,
}

/// What all counters of a name rose by, in the order of time. They are read a day at a time: each has a row a minute.
pub(super) async fn rate(asked: Asked<'_>, name: &str, range: TimeRange) -> Result<Vec<Minute>> {
    let mut counters = Counters { since: range.from, last: HashMap::new(), minutes: BTreeMap::new() };
    let mut from = range.from;
    while from < range.to {
        let day = TimeRange { from, to: (from + TimeDelta::days(1)).min(range.to) };
        let of = |table: &str, column: &str| {
            let value = || Expr::Float(column.to_owned());
            asked
                .scan(table, name, day)
                .key(Key::new(time_series(), "part"))
                .key(Key::column("temporality"))
                .aggregates([
                    Aggregate::new(Function::Max(value()), "most"),
                    Aggregate::new(Function::Sum(value()), "total"),
                    Aggregate::max("start_ts", "started"),
                ])
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
        let rows = rows.0.iter().chain(&rows.1).chain(&rows.2);
        rows.for_each(|row| counters.add(row));
        from = day.to;
    }
    let minute = |(minute, rose): (i64, f64)| Minute {
        at: DateTime::from_timestamp_nanos(minute * MINUTE),
        value: rose,
        events: Some(rose),
    };
    Ok(counters.minutes.into_iter().map(minute).collect())
}

const MINUTE: i64 = 60_000_000_000;

/// Counters as they are followed from minute to minute.
struct Counters {
    since: DateTime<Utc>,
    /// By time series: when it started, and in which minute it stood at what.
    last: HashMap<u64, (i64, i64, f64)>,
    minutes: BTreeMap<i64, f64>,
}

impl Counters {
    /// Takes in a row; those of one counter must come in the order of time.
    fn add(&mut self, row: &CounterRow) {
        let minute = row.at / MINUTE;
        if row.temporality == "delta" {
            *self.minutes.entry(minute).or_default() += row.total;
            return;
        }
        let last = self.last.insert(row.part, (row.started, minute, row.most));
        let (then, rose) = match last {
            Some((started, then, before)) if started == row.started && before <= row.most => {
                (then, row.most - before)
            }
            // It began anew since.
            Some((_, then, _)) => (then, row.most),
            None if row.started >= self.since.timestamp_nanos_opt().unwrap_or_default() => {
                (row.started / MINUTE - 1, row.most)
            }
            // What it stood at before is not known.
            None => return,
        };
        let gap = minute - then;
        if (1..=MOST_GAP).contains(&gap) {
            for minute in then + 1..=minute {
                *self.minutes.entry(minute).or_default() += rose / gap as f64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rose(rows: &[(i64, u64, f64, i64)]) -> Vec<(i64, f64)> {
        let mut counters =
            Counters { since: DateTime::UNIX_EPOCH, last: HashMap::new(), minutes: BTreeMap::new() };
        for (minute, part, most, started) in rows {
            counters.add(&CounterRow {
                at: minute * MINUTE,
                part: *part,
                temporality: "cumulative".to_owned(),
                most: *most,
                total: *most,
                started: started * MINUTE,
            });
        }
        counters.minutes.into_iter().collect()
    }

    #[test]
    fn a_counter_rises_falls_back_and_is_silent() {
        assert_eq!(rose(&[(0, 1, 100.0, -9), (1, 1, 130.0, -9), (2, 1, 130.0, -9)]), [(1, 30.0), (2, 0.0)]);
        assert_eq!(
            rose(&[(0, 1, 100.0, -9), (3, 1, 160.0, -9)]),
            [(1, 20.0), (2, 20.0), (3, 20.0)],
            "spread"
        );
        assert_eq!(rose(&[(0, 1, 100.0, -9), (20, 1, 160.0, -9)]), [], "too long ago");
        assert_eq!(rose(&[(0, 1, 100.0, -9), (1, 1, 7.0, 1)]), [(1, 7.0)], "began anew");
        assert_eq!(rose(&[(0, 1, 100.0, -9), (1, 1, 7.0, -9)]), [(1, 7.0)], "and did not say so");
        assert_eq!(rose(&[(5, 1, 7.0, 5)]), [(5, 7.0)], "a new one");
        assert_eq!(rose(&[(0, 1, 1.0, -9), (0, 2, 5.0, -9), (1, 1, 2.0, -9), (1, 2, 9.0, -9)]), [(1, 5.0)]);
    }
}

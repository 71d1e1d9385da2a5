//! A store of rows that are numbers, each at its time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arrow::array::{Int64Array, RecordBatch, TimestampNanosecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use async_trait::async_trait;
use chrono::{DateTime, Days, NaiveDate, Utc};
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use headroom_archive::{Held, OfDay, Source, midnight};

/// A tenant's rows: time and number.
type Rows = Vec<(i64, i64)>;

/// Rows by tenant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbers {
    rows: Arc<Mutex<BTreeMap<String, Rows>>>,
    /// Rows that come when the next day is read.
    pub(crate) meanwhile: Arc<Mutex<Vec<(String, i64, i64)>>>,
}

/// Now: in the middle of a day.
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now().date_naive().and_hms_opt(12, 0, 0).unwrap().and_utc()
}

/// The day so many days ago.
pub(crate) fn ago(days: u64) -> NaiveDate {
    now().date_naive() - Days::new(days)
}

impl Numbers {
    /// Adds numbers at the start of a day, a nanosecond apart, and one at its very end.
    pub(crate) fn add(&self, tenant: &str, day: NaiveDate, numbers: std::ops::Range<i64>) {
        let mut rows = self.rows.lock().unwrap();
        let rows = rows.entry(tenant.to_owned()).or_default();
        let last = midnight(day.succ_opt().unwrap()) - 1;
        rows.push((last, numbers.start));
        rows.extend(numbers.skip(1).map(|n| (midnight(day) + n, n)));
    }

    /// Forgets rows before a day, as a store does that keeps them for a while.
    pub(crate) fn expire(&self, before: NaiveDate) {
        for rows in self.rows.lock().unwrap().values_mut() {
            rows.retain(|(ts, _)| *ts >= midnight(before));
        }
    }

    /// The rows from `from` on.
    pub(crate) fn since(&self, tenant: &str, from: i64) -> Vec<i64> {
        let rows = self.rows.lock().unwrap();
        rows.get(tenant).into_iter().flatten().filter(|(ts, _)| *ts >= from).map(|(_, n)| *n).collect()
    }

    fn of(&self, of: OfDay<'_>) -> Vec<(i64, i64)> {
        let rows = self.rows.lock().unwrap();
        let within = midnight(of.day)..midnight(of.day.succ_opt().unwrap());
        let mut rows: Vec<_> = rows
            .get(of.tenant)
            .into_iter()
            .flatten()
            .filter(|(ts, _)| within.contains(ts))
            .copied()
            .collect();
        rows.sort_unstable();
        rows
    }

    fn schema() -> SchemaRef {
        let ts = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
        Arc::new(Schema::new(vec![Field::new("ts", ts, false), Field::new("n", DataType::Int64, false)]))
    }
}

fn held(rows: &[(i64, i64)]) -> Held {
    let hash = rows.iter().fold(0_u64, |sum, (ts, n)| sum.wrapping_add((ts.wrapping_mul(31) ^ n) as u64));
    Held { rows: rows.len() as u64, hash }
}

#[async_trait]
impl Source for Numbers {
    fn views(&self) -> Vec<&'static str> {
        vec!["numbers"]
    }

    fn retained_days(&self, _: &str) -> u32 {
        30
    }

    async fn held(&self, _: &str, before: NaiveDate) -> Result<Vec<(String, NaiveDate, Held)>, String> {
        let rows = self.rows.lock().unwrap();
        let mut all = Vec::new();
        for (tenant, rows) in &*rows {
            let mut days: BTreeMap<NaiveDate, Vec<(i64, i64)>> = BTreeMap::new();
            for row in rows.iter().filter(|(ts, _)| *ts < midnight(before)) {
                days.entry(DateTime::from_timestamp_nanos(row.0).date_naive()).or_default().push(*row);
            }
            all.extend(days.into_iter().map(|(day, rows)| (tenant.clone(), day, held(&rows))));
        }
        Ok(all)
    }

    async fn held_on(&self, of: OfDay<'_>) -> Result<Held, String> {
        Ok(held(&self.of(of)))
    }

    async fn count(&self, of: OfDay<'_>, _: Held) -> Result<u64, String> {
        Ok(self.of(of).len() as u64)
    }

    fn schema(&self, _: &str) -> SchemaRef {
        Self::schema()
    }

    fn rows(&self, of: OfDay<'_>, _: Held) -> BoxStream<'static, Result<RecordBatch, String>> {
        let batches: Vec<_> = self
            .of(of)
            .chunks(1000)
            .map(|rows| {
                let ts = TimestampNanosecondArray::from_iter_values(rows.iter().map(|(ts, _)| *ts))
                    .with_timezone("UTC");
                let n = Int64Array::from_iter_values(rows.iter().map(|(_, n)| *n));
                RecordBatch::try_new(Self::schema(), vec![Arc::new(ts), Arc::new(n)])
                    .map_err(|error| error.to_string())
            })
            .collect();
        for (tenant, ts, n) in self.meanwhile.lock().unwrap().drain(..) {
            self.rows.lock().unwrap().entry(tenant).or_default().push((ts, n));
        }
        stream::iter(batches).boxed()
    }
}

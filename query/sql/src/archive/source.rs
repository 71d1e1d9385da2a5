//! Rows of ClickHouse on their way into the archive: exactly those that the views show.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use clickhouse::Row;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use headroom_archive::{Held, OfDay, Source, midnight};
use headroom_store::schema::{EVENTS, Keep, Retention};
use headroom_store::{Store, literal};
use serde::Deserialize;

use crate::catalog::{ARCHIVED_VIEWS, View, views};
use crate::fetch::Reader;
use crate::scan::{Order, Output, Question, Scan};
use crate::times::{self, TS};

/// Rows that ClickHouse sorts at once, about.
const ROWS_AT_ONCE: u64 = 1_000_000;
/// Most parts of a day: minutes.
const MOST_PARTS: u64 = 1440;

/// The store as the archive's keeper reads it.
pub struct StoreSource {
    store: Store,
    reader: Arc<Reader>,
    retention: Retention,
}

#[derive(Debug, Row, Deserialize)]
struct HeldRow {
    tenant: String,
    day: i32,
    rows: u64,
    hash: u64,
}

impl StoreSource {
    /// Nothing is sent yet.
    pub fn new(store: Store, retention: Retention) -> Self {
        Self { reader: Arc::new(Reader::patient(store.clone())), store, retention }
    }

    async fn counted(&self, view: &str, which: &str) -> Result<Vec<HeldRow>, String> {
        let sql = self.counting(known(view), which);
        self.reader.rows(&sql).await.map_err(|error| error.to_string())
    }

    /// What is held, by tenant and day. Rows are never changed, only added, so that these columns tell whether any were;
    /// they are small on the disk, and the sum does not depend on the order of rows.
    fn counting(&self, view: &View, which: &str) -> String {
        let tables = view.branches.iter().map(|branch| {
            format!(
                "SELECT toString(tenant) AS tenant, toInt32(toDate(ts, 'UTC')) AS day, count() AS n, \
                 sum(cityHash64(service, ts, received_at)) AS h FROM {} AS t WHERE {which} GROUP BY tenant, day",
                self.store.table(branch.table)
            )
        });
        let tables: Vec<String> = tables.collect();
        format!(
            "SELECT tenant, day, assumeNotNull(sum(n)) AS rows, assumeNotNull(sum(h)) AS hash FROM ({}) AS u GROUP BY tenant, day",
            tables.join(" UNION ALL ")
        )
    }
}

/// A view that is archived.
fn known(name: &str) -> &'static View {
    views().find(|view| view.name == name).expect("invariant: the keeper asks for views that it was told of")
}

/// The parts in which a day is read, each short enough to be sorted in memory. Rows that are the same must be in the
/// same part.
fn parts(view: &View, day: NaiveDate, rows: u64) -> Vec<(i64, i64)> {
    let parts = if view.repeats_over_days() { 1 } else { rows.div_ceil(ROWS_AT_ONCE).clamp(1, MOST_PARTS) };
    let (start, end) = (midnight(day), day.succ_opt().map_or(i64::MAX, midnight));
    let length = (end - start) / parts as i64;
    let at = |part: u64| if part == parts { end } else { start + length * part as i64 };
    (0..parts).map(|part| (at(part), at(part + 1))).collect()
}

/// The rows of a part of a day; of all columns by time, or of none.
fn scan(view: &'static View, (from, to): (i64, i64), whole: bool) -> Question {
    let ts = view.columns.iter().find(|column| column.name == TS);
    let ts = ts.expect("invariant: archived views have a time");
    let by_time = Order { output: 0, descending: false, nulls_first: false };
    Question::Rows(Scan {
        view,
        outputs: view.columns.iter().filter(|_| whole).map(Output::Column).collect(),
        predicates: vec![times::within(ts, &(from..to))],
        order: if whole { vec![by_time] } else { Vec::new() },
        limit: None,
        apart: false,
    })
}

#[async_trait]
impl Source for StoreSource {
    fn views(&self) -> Vec<&'static str> {
        ARCHIVED_VIEWS.to_vec()
    }

    fn retained_days(&self, view: &str) -> u32 {
        self.retention.days(if view == EVENTS { Keep::Event } else { Keep::Raw })
    }

    async fn held(&self, view: &str, before: NaiveDate) -> Result<Vec<(String, NaiveDate, Held)>, String> {
        let rows = self.counted(view, &format!("ts < {}", literal::ts_nanos(midnight(before)))).await?;
        let day = |day: i32| NaiveDate::default() + TimeDelta::days(day.into());
        Ok(rows
            .into_iter()
            .map(|row| (row.tenant, day(row.day), Held { rows: row.rows, hash: row.hash }))
            .collect())
    }

    async fn held_on(&self, of: OfDay<'_>) -> Result<Held, String> {
        let (from, to) = (midnight(of.day), of.day.succ_opt().map_or(i64::MAX, midnight));
        let which = format!(
            "t.tenant = {} AND ts >= {} AND ts < {}",
            literal::string(of.tenant),
            literal::ts_nanos(from),
            literal::ts_nanos(to)
        );
        let rows = self.counted(of.view, &which).await?;
        Ok(rows.first().map_or(Held { rows: 0, hash: 0 }, |row| Held { rows: row.rows, hash: row.hash }))
    }

    async fn count(&self, of: OfDay<'_>, held: Held) -> Result<u64, String> {
        let view = known(of.view);
        let mut count = 0;
        for part in parts(view, of.day, held.rows) {
            let rows =
                self.reader.clone().read(&scan(view, part, false), Arc::new(Schema::empty()), of.tenant);
            let rows = rows.try_fold(0, |sum, batch| async move { Ok(sum + batch.num_rows() as u64) });
            count += rows.await.map_err(|error| error.to_string())?;
        }
        Ok(count)
    }

    fn schema(&self, view: &str) -> SchemaRef {
        known(view).schema()
    }

    fn rows(&self, of: OfDay<'_>, held: Held) -> BoxStream<'static, Result<RecordBatch, String>> {
        let (view, reader, tenant) = (known(of.view), self.reader.clone(), of.tenant.to_owned());
        let parts = stream::iter(parts(view, of.day, held.rows));
        let rows =
            parts.flat_map(move |part| reader.clone().read(&scan(view, part, true), view.schema(), &tenant));
        rows.map_err(|error| error.to_string()).boxed()
    }
}

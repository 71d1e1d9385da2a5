//! What was asked: each statement on record before it runs, and how it went after.
//!
//! Before it runs, a [`Ledger`] takes it down (the audit trail): a statement that cannot be recorded is not run. When it
//! is over, however it ends, a row of the view `queries` says how it went. These rows are written together, a few times a
//! second; what a crash takes with it is how the last statements went, not that they were asked.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use clickhouse::Row;
use datafusion::common::ParamValues;
use datafusion::common::metadata::ScalarAndMetadata;
use headroom_store::{Store, schema};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::auth::Principal;
use crate::error::{Result, SqlError};
use crate::workers::Workers;

/// Rows that wait to be written; beyond, they are dropped and counted.
const WAITING: usize = 10_000;
/// Time between two writes.
const PAUSE: Duration = Duration::from_millis(250);
/// Bytes of a statement that a row keeps.
const KEPT: usize = 16 << 10;

/// Takes statements down before they run.
pub trait Ledger: Send + Sync {
    /// Puts a statement on record; durable when this returns. May block.
    ///
    /// # Errors
    /// Why it could not be, for the log.
    fn asked(&self, by: &Principal, door: &str, statement: &str) -> std::result::Result<(), String>;
}

#[derive(Debug, Clone, Row, Serialize, Deserialize)]
struct QueryRow {
    tenant: String,
    id: String,
    ts: i64,
    actor: String,
    door: String,
    statement: String,
    sqlstate: String,
    error: String,
    rows: u64,
    bytes: u64,
    elapsed_ms: u64,
}

/// Where finished statements go.
#[derive(Debug)]
pub(crate) struct Log {
    rows: mpsc::Sender<QueryRow>,
    _writer: AbortOnDropHandle<()>,
}

impl Log {
    pub(crate) fn new(store: Store, workers: &Workers) -> Self {
        let (rows, written) = mpsc::channel(WAITING);
        Self { rows, _writer: workers.spawn(write(store, written)) }
    }
}

async fn write(store: Store, mut rows: mpsc::Receiver<QueryRow>) {
    let mut some = Vec::new();
    while rows.recv_many(&mut some, WAITING).await > 0 {
        if let Err(error) = store.insert_rows(schema::QUERIES, &some).await {
            metrics::counter!("headroom_sql_unlogged_total").increment(some.len() as u64);
            tracing::warn!(%error, statements = some.len(), "how statements went could not be written");
        }
        some.clear();
        tokio::time::sleep(PAUSE).await;
    }
}

/// A statement on its way, from the question to its end.
pub(crate) struct Asked {
    row: Option<QueryRow>,
    begin: Instant,
    door: &'static str,
    log: Arc<Log>,
}

impl Asked {
    pub(crate) fn new(log: Arc<Log>, by: &Principal, door: &'static str, statement: &str) -> Self {
        let row = QueryRow {
            tenant: by.tenant.clone(),
            id: format!("{:016x}", RandomState::new().build_hasher().finish()),
            ts: Utc::now().timestamp_millis(),
            actor: by.name.clone(),
            door: door.to_owned(),
            statement: shortened(statement).to_owned(),
            sqlstate: String::new(),
            error: String::new(),
            rows: 0,
            bytes: 0,
            elapsed_ms: 0,
        };
        Self { row: Some(row), begin: Instant::now(), door, log }
    }

    /// Rows that were given out.
    pub(crate) fn gave(&mut self, rows: usize, bytes: usize) {
        if let Some(row) = &mut self.row {
            row.rows += rows as u64;
            row.bytes += bytes as u64;
        }
    }

    /// It is over, one way or the other.
    pub(crate) fn over<T>(&mut self, outcome: &Result<T>) {
        let Some(mut row) = self.row.take() else { return };
        let state = outcome.as_ref().err().map_or("00000", SqlError::sqlstate);
        metrics::counter!("headroom_sql_statements_total", "door" => self.door, "sqlstate" => state)
            .increment(1);
        row.sqlstate = state.to_owned();
        row.error = outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
        row.elapsed_ms = u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        if self.log.rows.try_send(row).is_err() {
            metrics::counter!("headroom_sql_unlogged_total").increment(1);
        }
    }

    /// It was prepared, not run.
    pub(crate) fn not_run(mut self) {
        self.row = None;
    }
}

impl Drop for Asked {
    /// Nobody waits for it any more.
    fn drop(&mut self) {
        self.over::<()>(&Err(SqlError::Cancelled));
    }
}

/// The first bytes, whole characters.
fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(KEPT)]
}

/// A statement with the values of its parameters: without them nobody would know whose data was asked for.
pub(crate) fn recorded(text: &str, values: Option<&ParamValues>) -> String {
    let Some(ParamValues::List(values)) = values else { return text.to_owned() };
    let told =
        |(n, value): (usize, &ScalarAndMetadata)| format!("${} = {:?}", n + 1, value.value.to_string());
    let told: Vec<String> = values.iter().enumerate().map(told).collect();
    format!("{text}\n-- {}", told.join(", "))
}

#[cfg(test)]
mod tests {
    use datafusion::scalar::ScalarValue;

    use super::*;

    #[test]
    fn values_of_parameters_are_on_record() {
        let values = ParamValues::from(vec![ScalarValue::from("c1\n--"), ScalarValue::from(7_i64)]);
        let text = recorded("SELECT $1, $2", Some(&values));
        assert_eq!(text, "SELECT $1, $2\n-- $1 = \"c1\\n--\", $2 = \"7\"");
        assert_eq!(recorded("SELECT 1", None), "SELECT 1");
    }
}

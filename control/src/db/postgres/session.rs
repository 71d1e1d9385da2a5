//! One connection, spoken to from a thread that waits.
//!
//! The connection itself lives on the pool's own runtime. A caller hands a question over and waits for the answer on an
//! ordinary channel, so that it may be on a thread of another runtime or of none.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use rusqlite::types::Value;
use tokio::runtime::Handle;
use tokio_postgres::error::{DbError, Severity};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error};

use super::value::Wire;
use crate::db::Row;
use crate::{ControlError, Result};

/// How long the server may take for a statement, waiting for locks included.
pub(super) const STATEMENT: Duration = Duration::from_secs(10);

/// How long the server waits for the next statement of a transaction before it rolls it back: a node that was stopped in
/// the middle of one holds up the others' writes for so long.
pub(super) const IDLE: Duration = Duration::from_secs(5);

/// How long an answer is waited for: longer than the server takes to say that it took too long.
const ANSWER: Duration = Duration::from_secs(12);

/// The lock that all writers of a database take, one after the other: "headroom" in ASCII.
const WRITERS: u64 = 0x6865_6164_726f_6f6d;

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Outside of a transaction: what is done is done.
    Alone,
    /// In a transaction that may still be committed.
    Open,
    /// In a transaction of which a statement failed: it can only be rolled back.
    Failed,
    /// The transaction's end was asked for.
    Ending,
    /// It cannot be used any more.
    Lost,
}

/// A connection to the server.
pub(crate) struct Session {
    client: Arc<Client>,
    runtime: Handle,
    state: Cell<State>,
}

impl Session {
    pub(super) fn new(client: Client, runtime: Handle) -> Self {
        Self { client: Arc::new(client), runtime, state: Cell::new(State::Alone) }
    }

    /// Whether the next caller may have it.
    pub(super) fn usable(&self) -> bool {
        self.state.get() == State::Alone && !self.client.is_closed()
    }

    /// Runs a statement; returns how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, values: Vec<Value>) -> Result<usize> {
        let (sql, values) = (placed(sql), wired(values)?);
        let changed = self.ask(true, |client| async move {
            let typed: Vec<_> = values.iter().map(typed).collect();
            client.execute_typed(&sql, &typed).await
        })?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// Runs a statement; returns its rows.
    pub(crate) fn rows(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Row>> {
        let changes = !sql.trim_start().starts_with("SELECT");
        let (sql, values) = (placed(sql), wired(values)?);
        let rows = self.ask(changes, |client| async move {
            let typed: Vec<_> = values.iter().map(typed).collect();
            client.query_typed(&sql, &typed).await
        })?;
        let read = |row: &tokio_postgres::Row| {
            let values = (0..row.len()).map(|n| row.try_get(n).map(|Wire(value)| value));
            values.collect::<Result<_, _>>().map(Row)
        };
        rows.iter().map(|row| read(row).map_err(|error| ControlError::Postgres(told(&error)))).collect()
    }

    /// Begins a transaction and waits for its turn among all that write.
    pub(super) fn begin(&self) -> Result<()> {
        self.state.set(State::Open);
        // Each statement sees what was committed before it, and so what the writer before this one has written.
        self.batch(&format!("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({WRITERS})"))
    }

    /// Makes what the transaction did durable.
    pub(super) fn commit(&self) -> Result<()> {
        if self.state.get() == State::Failed {
            return Err(ControlError::Postgres("a statement of the transaction failed".to_owned()));
        }
        self.state.set(State::Ending);
        self.batch("COMMIT")?;
        self.state.set(State::Alone);
        Ok(())
    }

    /// Undoes what the transaction did. If that cannot be said to the server, the connection's end says it.
    pub(super) fn roll_back(&self) {
        let undone = self.state.get() != State::Lost && self.batch("ROLLBACK").is_ok();
        self.state.set(if undone { State::Alone } else { State::Lost });
    }

    /// Runs statements that have no values.
    pub(super) fn batch(&self, sql: &str) -> Result<()> {
        let sql = sql.to_owned();
        self.ask(true, |client| async move { client.batch_execute(&sql).await })
    }

    /// Asks and waits for the answer. `changes` says whether the question may change something.
    fn ask<T, F>(&self, changes: bool, question: impl FnOnce(Arc<Client>) -> F) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let answer = question(Arc::clone(&self.client));
        let (tell, told_by) = sync_channel(1);
        self.runtime.spawn(async move { drop(tell.send(tokio::time::timeout(ANSWER, answer).await)) });
        match told_by.recv() {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(error))) if is_refusal(&error) => {
                if self.state.get() == State::Open {
                    self.state.set(State::Failed);
                }
                Err(ControlError::Postgres(told(&error)))
            }
            Ok(Ok(Err(error))) => Err(self.lost(changes, told(&error))),
            Ok(Err(_)) => Err(self.lost(changes, format!("no answer within {} s", ANSWER.as_secs()))),
            Err(_) => Err(self.lost(changes, "the program ends".to_owned())),
        }
    }

    /// The connection is gone, and so is a transaction that was not at its end.
    fn lost(&self, changes: bool, reason: String) -> ControlError {
        match self.state.replace(State::Lost) {
            State::Ending => ControlError::Unsure { reason },
            State::Alone if changes => ControlError::Unsure { reason },
            _ => ControlError::Lost { reason },
        }
    }
}

/// Whether the server has refused a statement and goes on; else the connection is over.
fn is_refusal(error: &Error) -> bool {
    let severity = error.as_db_error().and_then(DbError::parsed_severity);
    severity.is_some_and(|severity| !matches!(severity, Severity::Fatal | Severity::Panic))
}

/// PostgreSQL's placeholders. No statement has a question mark for anything else.
fn placed(sql: &str) -> String {
    sql.replace('?', "$")
}

fn wired(values: Vec<Value>) -> Result<Vec<Wire>> {
    values.into_iter().map(Wire::new).collect()
}

fn typed(value: &Wire) -> (&(dyn ToSql + Sync), Type) {
    (value, value.kind())
}

/// An error with its causes, in a line.
pub(super) fn told(error: &Error) -> String {
    if let Some(said) = error.as_db_error() {
        let detail = said.detail().map_or_else(String::new, |detail| format!(": {detail}"));
        return format!("{}{detail} ({})", said.message(), said.code().code());
    }
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}

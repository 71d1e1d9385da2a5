//! The SQLite file: opening, durability settings, migrations, transactions.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::{ControlError, Result};

/// Every schema step ever shipped, oldest first; `PRAGMA user_version` counts them.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/0001.sql"),
    include_str!("schema/0002.sql"),
    include_str!("schema/0003.sql"),
    include_str!("schema/0004.sql"),
];

/// How long a statement waits for another process's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The small transactional state. Clones share one connection; calls block for
/// a few microseconds (reads) or one fsync (writes), password checks for an
/// argon2 hash (about 20 ms, outside the connection's lock).
#[derive(Clone)]
pub struct Control {
    connection: Arc<Mutex<Connection>>,
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").finish_non_exhaustive()
    }
}

impl Control {
    /// Opens or creates the file (readable by its owner only) and brings its
    /// schema up to date.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let refused = |reason: String| ControlError::Open { path: path.to_owned(), reason };
        create_private(path).map_err(|e| refused(e.to_string()))?;
        let connection = Connection::open(path).map_err(|e| refused(e.to_string()))?;
        Self::prepare(connection).map_err(|error| match error {
            ControlError::Sqlite(error) => refused(error.to_string()),
            other => other,
        })
    }

    /// A state that ends with the process, for tests and demonstrations.
    pub fn in_memory() -> Result<Self> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn prepare(mut connection: Connection) -> Result<Self> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        migrate(&mut connection)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// Runs `work` with the connection to itself.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        // A panic inside `work` leaves no half transaction: it rolled back when dropped.
        let guard = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        work(&guard)
    }

    /// Runs `work` in one write transaction: all of it is durable, or none.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut guard = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = guard.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}

fn migrate(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: u32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let found = found as usize;
    if found > MIGRATIONS.len() {
        return Err(ControlError::NewerSchema { found, known: MIGRATIONS.len() });
    }
    for step in &MIGRATIONS[found..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as u32)?;
    transaction.commit()?;
    Ok(())
}

/// The stored form of a time: microseconds since the epoch.
pub(crate) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// A stored time back.
pub(crate) fn time(column: &'static str, micros: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| ControlError::Corrupt { column, value: micros.to_string() })
}

/// A stored time that may be absent.
pub(crate) fn time_opt(column: &'static str, micros: Option<i64>) -> Result<Option<DateTime<Utc>>> {
    micros.map(|m| time(column, m)).transpose()
}

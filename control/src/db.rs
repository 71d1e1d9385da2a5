//! Where the state lies: a SQLite file, or a PostgreSQL database that several nodes share.

mod postgres;
mod rows;
mod schema;
mod sqlite;

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use postgres::Pool;
pub use postgres::{ControlConfig, Server};
pub(crate) use rows::{Db, Row, Values};
use sqlite::Sqlite;

use crate::leader::Term;
use crate::{ControlError, Result};

/// The small transactional state. Clones share what they are connected by. With SQLite a call blocks for a few
/// microseconds (reads) or one fsync (writes); with PostgreSQL for as many round trips as it has statements, two more
/// for a write, and ten seconds at most for each. Password checks take an argon2 hash (about 20 ms) more, outside of
/// every lock.
///
/// Calls may be made from anywhere: on a thread of a multi-threaded tokio runtime, the runtime's other tasks go on
/// meanwhile on another thread.
#[derive(Clone)]
pub struct Control {
    backend: Backend,
    /// Writes are refused when it is over.
    term: Option<Arc<Term>>,
}

#[derive(Clone)]
enum Backend {
    Sqlite(Arc<Sqlite>),
    Postgres(Arc<Pool>),
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").finish_non_exhaustive()
    }
}

impl Control {
    /// Opens or creates the SQLite file (readable by its owner only) and brings its schema up to date.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Ok(Self::on(Backend::Sqlite(Arc::new(Sqlite::open(path.as_ref())?))))
    }

    /// A state that ends with the process, for tests and demonstrations.
    pub fn in_memory() -> Result<Self> {
        Ok(Self::on(Backend::Sqlite(Arc::new(Sqlite::in_memory()?))))
    }

    /// Reaches a PostgreSQL database and brings its schema up to date; of nodes that start at once, one does.
    ///
    /// # Errors
    /// The server cannot be reached, refuses, or holds a newer schema.
    pub fn connect(server: &Server) -> Result<Self> {
        Ok(Self::on(Backend::Postgres(Arc::new(Pool::open(server)?))))
    }

    fn on(backend: Backend) -> Self {
        Self { backend, term: None }
    }

    /// Whether several nodes can have it: a SQLite file is of one.
    pub fn is_shared(&self) -> bool {
        matches!(self.backend, Backend::Postgres(_))
    }

    /// The same state, written only while `term` lasts.
    pub(crate) fn in_term(&self, term: &Arc<Term>) -> Self {
        Self { term: Some(Arc::clone(term)), ..self.clone() }
    }

    /// The term of the leader whose handle this is.
    pub(crate) fn term(&self) -> Option<&Term> {
        self.term.as_deref()
    }

    /// Runs `work` outside of a transaction: each of its statements is durable by itself.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&Db<'_>) -> Result<T>) -> Result<T> {
        match &self.backend {
            Backend::Sqlite(file) => file.with(work),
            Backend::Postgres(pool) => pool.with(work),
        }
    }

    /// Runs `work` in one write transaction: all of it is durable, or none. Of all that share the state, one writes at a
    /// time, and sees what the one before has written.
    ///
    /// # Errors
    /// Besides those of `work`: [`ControlError::NotLeading`] if this is the handle of a leader whose term is over.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Db<'_>) -> Result<T>) -> Result<T> {
        let work = |db: &Db<'_>| {
            self.term.as_ref().map_or(Ok(()), |term| term.check(db))?;
            work(db)
        };
        match &self.backend {
            Backend::Sqlite(file) => file.write(work),
            Backend::Postgres(pool) => pool.write(work),
        }
    }
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

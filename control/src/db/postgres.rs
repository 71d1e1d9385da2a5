//! A PostgreSQL database that several nodes share: connections, transactions, migrations.
//!
//! At most as many connections as configured, each used by one caller at a time and opened again after it was lost. A
//! transaction is never repeated: a caller is told that nothing was changed, or that it is not known whether.
//!
//! All that write take one lock of the database for their transaction, as writers of a SQLite file do: between two
//! nodes the audit chain has one end, a count of failures one value, and the queue one order.

mod away;
mod server;
mod session;
mod value;

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::params;
use tokio::runtime::{Handle, Runtime, RuntimeFlavor};

pub use server::{ControlConfig, Server};
pub(crate) use session::Session;

use away::Away;

use super::Db;
use super::schema::{Dialect, STEPS, step};
use crate::{ControlError, Result};

/// How long a caller waits until a connection is free.
const TURN: Duration = Duration::from_secs(10);

/// How long nobody tries again after the server could not be reached.
const PAUSE: Duration = Duration::from_secs(1);

/// The connections.
pub(super) struct Pool {
    server: Server,
    lines: Mutex<Lines>,
    freed: Condvar,
    /// Taken when the pool is dropped.
    runtime: Option<Runtime>,
}

#[derive(Default)]
struct Lines {
    idle: Vec<Session>,
    /// Idle ones, and those in use.
    open: usize,
    /// When the server could not be reached, and why.
    down: Option<(Instant, Away)>,
}

impl Pool {
    pub(super) fn open(server: &Server) -> Result<Self> {
        // One thread carries the bytes of all connections.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("control-postgres")
            .enable_all()
            .build()
            .map_err(|error| server.unusable(format!("no thread for its connections: {error}")))?;
        let pool = Self {
            server: server.clone(),
            lines: Mutex::default(),
            freed: Condvar::new(),
            runtime: Some(runtime),
        };
        pool.with(|db| pool.server.suits(db))?;
        pool.write(migrate).map_err(|error| match error {
            ControlError::Postgres(why) if why.contains("42501") => server.unusable(format!(
                "{why}; the user must be allowed to make tables: GRANT CREATE ON SCHEMA public TO ..."
            )),
            other => other,
        })?;
        Ok(pool)
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&Db<'_>) -> Result<T>) -> Result<T> {
        waiting(|| work(&Db::Postgres(self.take()?.session())))
    }

    pub(super) fn write<T>(&self, work: impl FnOnce(&Db<'_>) -> Result<T>) -> Result<T> {
        waiting(|| {
            let taken = self.take()?;
            let session = taken.session();
            let done = session.begin().and_then(|()| work(&Db::Postgres(session)));
            let done = done.and_then(|value| session.commit().map(|()| value));
            if done.is_err() {
                session.roll_back();
            }
            done
        })
    }

    /// A connection for one caller.
    fn take(&self) -> Result<Taken<'_>> {
        let mut lines = self.lines();
        let deadline = Instant::now() + TURN;
        loop {
            while let Some(session) = lines.idle.pop() {
                if session.usable() {
                    return Ok(Taken { pool: self, session: Some(session) });
                }
                lines.open -= 1;
            }
            if let Some((at, why)) = &lines.down
                && at.elapsed() < PAUSE
            {
                return Err(self.server.away(why.clone()));
            }
            if lines.open < self.server.connections {
                lines.open += 1;
                drop(lines);
                return self.open_another();
            }
            let Some(left) = deadline.checked_duration_since(Instant::now()) else {
                let why = format!(
                    "all {} connections were busy for {} s: raise control.connections",
                    self.server.connections,
                    TURN.as_secs()
                );
                return Err(self.server.away(Away::for_now(why)));
            };
            lines = self.freed.wait_timeout(lines, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn open_another(&self) -> Result<Taken<'_>> {
        // Counted as open already: dropped without a connection, it is counted no more.
        let mut taken = Taken { pool: self, session: None };
        let connected = self.server.connect(self.runtime().handle());
        self.lines().down = connected.as_ref().err().map(|why| (Instant::now(), why.clone()));
        taken.session = Some(connected.map_err(|why| self.server.away(why))?);
        Ok(taken)
    }

    fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("it is taken when the pool is dropped")
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // Waiting for it is not allowed on a thread of another runtime, and not needed.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A connection in use; it goes back when it is dropped, unless it is in no state for another caller.
struct Taken<'a> {
    pool: &'a Pool,
    session: Option<Session>,
}

impl Taken<'_> {
    fn session(&self) -> &Session {
        self.session.as_ref().expect("it is taken when this is dropped")
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut lines = self.pool.lines();
        match self.session.take().filter(Session::usable) {
            Some(session) => lines.idle.push(session),
            None => lines.open -= 1,
        }
        drop(lines);
        self.pool.freed.notify_one();
    }
}

/// Lets the other tasks of a runtime go on while this thread of it waits. A runtime of one thread has to wait too.
fn waiting<T>(wait: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(wait),
        _ => wait(),
    }
}

/// Runs the steps that the database has not seen. The writers' lock lets one node at a time do so.
fn migrate(db: &Db<'_>) -> Result<()> {
    let Db::Postgres(session) = db else { return Ok(()) };
    let made = db.row("SELECT to_regclass('schema_version') IS NOT NULL", &[], |row| row.get::<bool>(0))?;
    if made != Some(true) {
        session.batch("CREATE TABLE schema_version (version BIGINT NOT NULL)")?;
    }
    let found = db.row("SELECT version FROM schema_version", &[], |row| row.get::<u32>(0))?;
    let found = found.unwrap_or_default() as usize;
    if found > STEPS.len() {
        return Err(ControlError::NewerSchema { found, known: STEPS.len() });
    }
    if found == STEPS.len() {
        return Ok(());
    }
    for text in &STEPS[found..] {
        session.batch(&step(text, Dialect::Postgres))?;
    }
    db.execute("DELETE FROM schema_version", &[])?;
    db.execute("INSERT INTO schema_version (version) VALUES (?1)", params![STEPS.len() as i64])?;
    Ok(())
}

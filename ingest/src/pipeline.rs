//! From the log to the store: slices become blocks, blocks become inserts.
//!
//! Worker threads take slices in order, decode them, and insert their blocks, each table
//! with its own token. Memory is bounded by the number of workers: a worker holds one slice.
//! While the store cannot be reached a worker tries again for ever; meanwhile slices wait in
//! the log. What the store refuses for good goes to the dead-letter folder and the
//! `rejected` table. Nothing is skipped without a trace.

mod dead;
mod insert;
mod ledger;
mod worker;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use headroom_store::{Clock, Store};
use tokio_util::sync::CancellationToken;

use crate::error::IngestError;
use crate::log::{Log, Slice};

/// What went wrong last.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LastError {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub message: String,
}

/// What the workers share.
pub(crate) struct Shared {
    pub(crate) log: Arc<Log>,
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) stop: CancellationToken,
    runtime: tokio::runtime::Handle,
    slices: Mutex<Receiver<Slice>>,
    /// Rows inserted since the start.
    pub(crate) rows: AtomicU64,
    /// Slices that went to the dead-letter folder since the start.
    pub(crate) dead: AtomicU64,
    last_error: Mutex<Option<LastError>>,
}

impl Shared {
    /// Remembers an error for the status.
    pub(crate) fn note(&self, message: String) {
        let error = LastError { at: self.clock.now(), message };
        *self.last_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    pub(crate) fn last_error(&self) -> Option<LastError> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The next slice; `None` when the service stops.
    fn next(&self) -> Option<Slice> {
        let slices = self.slices.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            // A short wait, so that a stop is seen without another channel.
            match slices.recv_timeout(std::time::Duration::from_millis(50)) {
                _ if self.stop.is_cancelled() => return None,
                Ok(slice) => return Some(slice),
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    fn inserted(&self, table: &'static str, rows: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
        metrics::counter!("headroom_ingest_inserted_rows_total", "table" => table).increment(rows);
    }
}

/// The running workers. Dropping it stops them where they are; their slices stay in the log.
pub(crate) struct Pipeline {
    pub(crate) shared: Arc<Shared>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Pipeline {
    /// Starts `workers` threads. Must be called inside a tokio runtime.
    pub(crate) fn start(
        log: Arc<Log>,
        slices: Receiver<Slice>,
        store: Store,
        clock: Arc<dyn Clock>,
        workers: usize,
    ) -> Result<Self, IngestError> {
        let shared = Arc::new(Shared {
            log,
            store,
            clock,
            stop: CancellationToken::new(),
            runtime: tokio::runtime::Handle::current(),
            slices: Mutex::new(slices),
            rows: AtomicU64::new(0),
            dead: AtomicU64::new(0),
            last_error: Mutex::new(None),
        });
        let mut pipeline = Self { shared, threads: Vec::new() };
        for n in 0..workers {
            let shared = pipeline.shared.clone();
            let thread = std::thread::Builder::new()
                .name(format!("ingest-{n}"))
                .spawn(move || worker::run(&shared))
                .map_err(IngestError::Thread)?;
            pipeline.threads.push(thread);
        }
        Ok(pipeline)
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.shared.stop.cancel();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("an ingest worker ended with a panic");
            }
        }
    }
}

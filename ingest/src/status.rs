//! Where the ingester stands.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use chrono::{DateTime, Utc};
use headroom_store::Clock;
use serde::Serialize;

use crate::limits::ReasonCount;
use crate::log::Log;
use crate::pipeline::LastError;
use crate::receive::Receive;

/// Where the ingester stands.
#[derive(Debug, Clone, Serialize)]
pub struct IngestStatus {
    /// Bytes acknowledged and not yet in the store.
    pub backlog_bytes: u64,
    /// Slices that wait for the store.
    pub backlog_slices: usize,
    /// When the oldest record not yet in the store was received.
    pub oldest: Option<DateTime<Utc>>,
    /// Bytes of the durable log on disk.
    pub log_bytes: u64,
    /// The most bytes it may take.
    pub max_log_bytes: u64,
    /// Whether requests are taken: false when the log is full, the disk fails, or the service
    /// stops.
    pub accepting: bool,
    /// Spans, log records and data points accepted since the start.
    pub accepted: Accepted,
    /// Records rejected since the start.
    pub rejected: u64,
    /// Requests refused since the start.
    pub refused: u64,
    /// Those of them whose sender was not known, by reason.
    pub refused_strangers: Vec<ReasonCount>,
    /// Rows inserted since the start.
    pub inserted_rows: u64,
    /// Slices the store refused for good since the start.
    pub dead_slices: u64,
    /// What went wrong last.
    pub last_error: Option<LastError>,
    /// Each tenant that has sent something since the start.
    pub tenants: Vec<TenantStatus>,
}

/// Where one tenant stands.
#[derive(Debug, Clone, Serialize)]
pub struct TenantStatus {
    /// The tenant.
    pub tenant: String,
    /// Records accepted since the start.
    pub accepted: Accepted,
    /// What it sends: the mean of the last minute.
    pub per_second: PerSecond,
    /// Requests refused since the start, by reason.
    pub refused: Vec<ReasonCount>,
    /// Records rejected since the start, by reason.
    pub rejected: Vec<ReasonCount>,
    /// What was left out of records that are stored, since the start, by reason.
    pub warned: Vec<ReasonCount>,
    /// Its limits, and how much of each is used.
    pub limits: Vec<LimitUse>,
}

/// What comes in a second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PerSecond {
    /// Spans.
    pub traces: f64,
    /// Log records.
    pub logs: f64,
    /// Data points.
    pub metrics: f64,
    /// Bytes, as sent or unpacked, whichever is more.
    pub bytes: f64,
}

/// A limit and how much of it is used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LimitUse {
    /// The key in the configuration.
    pub limit: &'static str,
    /// The limit; none when there is no bound.
    pub most: Option<u64>,
    /// How much is used now, where that can be said.
    pub used: Option<f64>,
}

/// Accepted records by signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// Spans.
    pub traces: u64,
    /// Log records.
    pub logs: u64,
    /// Data points.
    pub metrics: u64,
}

/// Answers for as long as anyone asks, and keeps nothing alive.
pub(crate) struct View {
    pub(crate) log: Weak<Log>,
    pub(crate) pipeline: Weak<crate::pipeline::Shared>,
    pub(crate) receive: Weak<Receive>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) max_log_bytes: u64,
}

impl View {
    pub(crate) fn status(&self) -> IngestStatus {
        let log = self.log.upgrade();
        let backlog = log.as_ref().map(|log| log.backlog()).unwrap_or_default();
        let fault = log.as_ref().and_then(|log| log.fault());
        let pipeline = self.pipeline.upgrade();
        let receive = self.receive.upgrade();
        let count = |read: fn(&crate::receive::Counts) -> &AtomicU64| {
            receive.as_ref().map_or(0, |receive| read(&receive.counts).load(Ordering::Relaxed))
        };
        let accepting = receive.as_ref().is_some_and(|receive| receive.is_open())
            && fault.is_none()
            && log.as_ref().is_some_and(|log| !log.is_full());
        IngestStatus {
            accepting,
            backlog_bytes: backlog.bytes,
            backlog_slices: backlog.slices,
            oldest: backlog.oldest_ns.map(|ns| DateTime::from_timestamp_nanos(ns as i64)),
            log_bytes: backlog.disk_bytes,
            max_log_bytes: self.max_log_bytes,
            accepted: Accepted {
                traces: count(|c| &c.accepted[0]),
                logs: count(|c| &c.accepted[1]),
                metrics: count(|c| &c.accepted[2]),
            },
            rejected: count(|c| &c.rejected),
            refused: count(|c| &c.refused),
            refused_strangers: receive.as_ref().map_or_else(Vec::new, |r| r.tenants.strangers.list()),
            inserted_rows: pipeline.as_ref().map_or(0, |p| p.rows.load(Ordering::Relaxed)),
            dead_slices: pipeline.as_ref().map_or(0, |p| p.dead.load(Ordering::Relaxed)),
            last_error: fault
                .map(|message| LastError { at: self.clock.now(), message })
                .or_else(|| pipeline.and_then(|p| p.last_error())),
            tenants: receive.as_ref().map_or_else(Vec::new, |r| {
                r.tenants.status(self.clock.now().timestamp_nanos_opt().unwrap_or(i64::MAX))
            }),
        }
    }
}

impl IngestStatus {
    /// The state in one line.
    pub fn summary(&self) -> String {
        let state = if self.accepting { "accepting" } else { "refusing" };
        let mut text = format!(
            "{state}, {} bytes in {} slices wait for the store, the log takes {} of {} bytes",
            self.backlog_bytes, self.backlog_slices, self.log_bytes, self.max_log_bytes
        );
        if let Some(error) = &self.last_error {
            // Writing to a string cannot fail.
            let _ = write!(text, ", last error at {}: {}", error.at.format("%H:%M:%S"), error.message);
        }
        text
    }
}

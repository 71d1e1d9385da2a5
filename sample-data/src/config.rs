//! What to generate and where to send it, and the account of what was sent.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::limits::Limits;
use crate::ramp::Ramp;

/// Settings of one run of the sample platform.
///
/// The same `seed`, `now` and rates give the same records, byte for byte.
#[derive(Clone, Debug)]
pub struct SampleConfig {
    /// OTLP/gRPC endpoint, for example `http://127.0.0.1:4317`.
    pub endpoint: String,
    /// Ingest token, sent as `authorization: Bearer <token>`.
    pub token: Option<String>,
    /// Seed of every random choice.
    pub seed: u64,
    /// How much history to send first; `None` sends none.
    pub backfill: Option<Duration>,
    /// Go on in real time after the history.
    pub live: bool,
    /// Live mode: mean traces per second at a session's ordinary level.
    pub rate: f64,
    /// History: mean traces per minute over the whole backfill.
    pub backfill_traces_per_minute: f64,
    /// Where history ends and live time starts.
    pub now: DateTime<Utc>,
    /// An earlier run sent the history: the customers are registered, and bring new money.
    pub continues: bool,
    /// What is limited and saturates; nothing by default. Where anything is,
    /// metrics are reported every simulated minute.
    pub limits: Limits,
    /// A given course of demand in place of the sessions', from the start of
    /// the run. The rates above do not matter then.
    pub ramp: Option<Ramp>,
    /// Whether the bad deploy and the slow bank of the schedule happen.
    pub incidents: bool,
}

impl SampleConfig {
    /// The demo's defaults: 14 days of history at 8 traces a minute (about
    /// 160,000 traces), then 5 traces a second at a session's ordinary level.
    pub fn new(endpoint: impl Into<String>, now: DateTime<Utc>) -> Self {
        Self {
            endpoint: endpoint.into(),
            token: None,
            seed: 42,
            backfill: Some(Duration::from_hours(336)),
            live: true,
            rate: 5.0,
            backfill_traces_per_minute: 8.0,
            now,
            continues: false,
            limits: Limits::default(),
            ramp: None,
            incidents: true,
        }
    }

    /// The first simulated instant: `now` less the backfill, cut to the minute.
    pub fn start(&self) -> DateTime<Utc> {
        let back = self.backfill.unwrap_or_default();
        let start = self.now - chrono::Duration::from_std(back).unwrap_or_default();
        crate::clock::floor_minute(start)
    }
}

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Sending history as fast as the receiver takes it.
    Backfill,
    /// Sending in real time.
    Live,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Backfill => "filling in history",
            Self::Live => "live",
        })
    }
}

/// How far a run is. In live mode `total` grows with `done`.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Simulated minutes generated.
    pub done: u64,
    /// Simulated minutes to generate.
    pub total: u64,
    /// Backfill or live.
    pub phase: Phase,
    /// The simulated time reached.
    pub simulated_time: DateTime<Utc>,
}

/// What was sent and acknowledged by the receiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// Spans acknowledged.
    pub spans: u64,
    /// Log records acknowledged, business events included.
    pub logs: u64,
    /// Business events among `logs` (records with an event name).
    pub events: u64,
    /// Metric data points acknowledged.
    pub points: u64,
    /// Export requests acknowledged.
    pub requests: u64,
    /// Attempts repeated after back-pressure or an unavailable receiver.
    pub retries: u64,
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { spans, logs, events, points, requests, retries } = self;
        write!(
            f,
            "acknowledged {spans} spans, {logs} log records ({events} business events) and {points} metric points in {requests} requests, {retries} retries"
        )
    }
}

impl Ledger {
    /// Adds another account to this one.
    pub(crate) fn add(&mut self, other: Ledger) {
        self.spans += other.spans;
        self.logs += other.logs;
        self.events += other.events;
        self.points += other.points;
        self.requests += other.requests;
        self.retries += other.retries;
    }
}

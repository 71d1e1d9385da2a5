//! How a run went: while it goes on, and afterwards.

mod text;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::ledger::Outcome;
use crate::options::{Compression, Options};
use crate::run_id::RunId;
use crate::tally::Tally;
use crate::usage::ProcessUse;

/// How far a run is. Records count when the fate of their body is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// Since the start.
    pub elapsed: Duration,
    /// Records acknowledged.
    pub acknowledged: u64,
    /// Records that partial successes left out.
    pub rejected: u64,
    /// Records refused for good.
    pub refused: u64,
    /// Records that nobody answered for.
    pub unknown: u64,
    /// Requests that were made again.
    pub retries: u64,
    /// Records acknowledged per second since the progress before.
    pub records_per_second: f64,
    /// How late the body was sent that ended last.
    pub late: Duration,
}

/// Percentiles of times, in milliseconds; zero when there are none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Percentiles {
    /// The median.
    pub p50_ms: f64,
    /// 95 of 100 are not longer.
    pub p95_ms: f64,
    /// 99 of 100 are not longer.
    pub p99_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

impl Percentiles {
    /// Exact: of all values, by nearest rank.
    pub(crate) fn of(times: &[Duration]) -> Self {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let at = |share: f64| {
            let rank = (share * sorted.len() as f64).ceil() as usize;
            sorted.get(rank.saturating_sub(1)).map_or(0.0, |time| time.as_secs_f64() * 1e3)
        };
        Self { p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99), max_ms: at(1.0) }
    }
}

/// A body that was not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Its number.
    pub body: u32,
    /// Refused, or unknown.
    pub outcome: Outcome,
    /// The last status: of HTTP (`413`), of gRPC (`grpc 3`), `no answer` or `no connection`.
    pub status: String,
    /// The receiver's words.
    pub message: String,
}

/// How a run went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunReport {
    /// The run.
    pub run: RunId,
    /// Who received it.
    pub target: String,
    /// How bodies were compressed.
    pub compression: Compression,
    /// From the first byte to the last answer, in seconds.
    pub seconds: f64,
    /// Bodies whose fate is known.
    pub bodies: u64,
    /// Bodies acknowledged.
    pub bodies_acknowledged: u64,
    /// Records in all bodies.
    pub records: u64,
    /// Records acknowledged.
    pub records_acknowledged: u64,
    /// Records that partial successes left out of acknowledged bodies.
    pub records_rejected: u64,
    /// Records in bodies that were refused for good.
    pub records_refused: u64,
    /// Records in bodies without an answer.
    pub records_unknown: u64,
    /// Records per second that were asked for.
    pub rate_wanted: Option<f64>,
    /// Records per second that were acknowledged.
    pub rate: f64,
    /// Bytes of all bodies as encoded, each once.
    pub encoded_bytes: u64,
    /// Bytes of all bodies as sent, each once.
    pub sent_bytes: u64,
    /// Megabytes (10^6 bytes, as encoded) of acknowledged and other bodies per second.
    pub megabytes_per_second: f64,
    /// From the first byte of a body to its acknowledgement, pauses and retries included.
    pub latency: Percentiles,
    /// From when a body was due to its first byte. Without a rate nothing is ever due earlier.
    pub lateness: Percentiles,
    /// Requests that were made again, by the status that was the reason.
    pub retries: BTreeMap<String, u64>,
    /// Requests that may have arrived and were not answered: each can be a duplicate in the store.
    pub unanswered: u64,
    /// The first of the bodies that were not acknowledged.
    pub refusals: Vec<Refusal>,
    /// CPU seconds of this process.
    pub cpu_seconds: f64,
    /// CPU seconds of this process per million records.
    pub cpu_seconds_per_million: Option<f64>,
    /// CPU seconds that compressing took of those.
    pub compress_cpu_seconds: f64,
    /// How long processes were watched, in seconds: until they had come to rest.
    pub watched_seconds: Option<f64>,
    /// The processes that were watched.
    pub processes: Vec<ProcessUse>,
    /// CPU seconds of all watched processes together per million records; `None` when there are
    /// none, or one has ended.
    pub processes_cpu_seconds_per_million: Option<f64>,
}

/// What was measured around the sending.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) watched: Duration,
    pub(crate) processes: Vec<ProcessUse>,
}

impl RunReport {
    pub(crate) fn new(options: &Options, tally: Tally, measured: Measured) -> Self {
        let (seconds, records) = (measured.wall.as_secs_f64(), tally.records());
        let per_second = |amount: f64| if seconds > 0.0 { amount / seconds } else { 0.0 };
        let per_million = |cpu: f64| (records > 0).then(|| cpu / (records as f64 / 1e6));
        let processes: Option<f64> = measured.processes.iter().map(|one| one.cpu_seconds).sum();
        let processes = processes.filter(|_| !measured.processes.is_empty()).and_then(per_million);
        Self {
            run: options.run,
            target: options.target.to_string(),
            compression: options.compression,
            seconds,
            bodies: tally.acknowledged.bodies + tally.refused.bodies + tally.unknown.bodies,
            bodies_acknowledged: tally.acknowledged.bodies,
            records,
            records_acknowledged: tally.acknowledged.records,
            records_rejected: tally.rejected,
            records_refused: tally.refused.records,
            records_unknown: tally.unknown.records,
            rate_wanted: options.rate,
            rate: per_second(tally.acknowledged.records as f64),
            encoded_bytes: tally.encoded_bytes,
            sent_bytes: tally.sent_bytes,
            megabytes_per_second: per_second(tally.encoded_bytes as f64 / 1e6),
            latency: tally.latency(),
            lateness: tally.lateness(),
            unanswered: tally.unanswered,
            cpu_seconds: measured.cpu.as_secs_f64(),
            cpu_seconds_per_million: per_million(measured.cpu.as_secs_f64()),
            compress_cpu_seconds: tally.compress_cpu.as_secs_f64(),
            watched_seconds: (!measured.processes.is_empty()).then_some(measured.watched.as_secs_f64()),
            processes: measured.processes,
            processes_cpu_seconds_per_million: processes,
            retries: tally.retries,
            refusals: tally.refusals,
        }
    }

    /// Whether every record was acknowledged.
    pub fn all_acknowledged(&self) -> bool {
        self.records_acknowledged == self.records
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_by_nearest_rank() {
        let times: Vec<_> = (1..=200).rev().map(Duration::from_millis).collect();
        let of = Percentiles::of(&times);
        assert_eq!((of.p50_ms, of.p95_ms, of.p99_ms, of.max_ms), (100.0, 190.0, 198.0, 200.0));
        assert_eq!(Percentiles::of(&[]), Percentiles::default());
        assert_eq!(Percentiles::of(&times[..1]).p50_ms, 200.0);
    }
}

//! What has been counted so far in a run.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::ledger::Outcome;
use crate::report::{Percentiles, Progress, Refusal};
use crate::worker::{Done, Told};

/// Refusals that are listed one by one.
const LISTED: usize = 20;

/// Bodies and records of one outcome.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Amount {
    pub(crate) bodies: u64,
    pub(crate) records: u64,
}

impl Amount {
    fn add(&mut self, records: u32) {
        self.bodies += 1;
        self.records += u64::from(records);
    }
}

/// Everything counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) acknowledged: Amount,
    pub(crate) refused: Amount,
    pub(crate) unknown: Amount,
    pub(crate) rejected: u64,
    pub(crate) retries: BTreeMap<String, u64>,
    pub(crate) unanswered: u64,
    pub(crate) refusals: Vec<Refusal>,
    pub(crate) encoded_bytes: u64,
    pub(crate) sent_bytes: u64,
    pub(crate) compress_cpu: Duration,
    pub(crate) latencies: Vec<Duration>,
    pub(crate) lateness: Vec<Duration>,
}

impl Tally {
    pub(crate) fn add(&mut self, told: &Told) {
        match told {
            Told::Retry(status) => *self.retries.entry(status.clone()).or_default() += 1,
            Told::Done(done) => self.done(done),
        }
    }

    fn done(&mut self, done: &Done) {
        let entry = &done.entry;
        match entry.outcome {
            Outcome::Acknowledged => {
                self.acknowledged.add(entry.records - entry.rejected);
                self.rejected += u64::from(entry.rejected);
                self.latencies.push(done.took);
            }
            Outcome::Refused => self.refused.add(entry.records),
            Outcome::Unknown => self.unknown.add(entry.records),
        }
        self.unanswered += u64::from(entry.unanswered);
        self.encoded_bytes += done.bytes.0 as u64;
        self.sent_bytes += done.bytes.1 as u64;
        self.compress_cpu += done.compress_cpu;
        self.lateness.push(done.late);
        if let Some((status, message)) = &done.refusal
            && self.refusals.len() < LISTED
        {
            let (status, message) = (status.clone(), message.clone());
            self.refusals.push(Refusal { body: entry.body, outcome: entry.outcome, status, message });
        }
    }

    /// All records whose fate is known.
    pub(crate) fn records(&self) -> u64 {
        self.acknowledged.records + self.rejected + self.refused.records + self.unknown.records
    }

    /// From the first byte to the acknowledgement, retries included.
    pub(crate) fn latency(&self) -> Percentiles {
        Percentiles::of(&self.latencies)
    }

    /// From when a body was due to its first byte.
    pub(crate) fn lateness(&self) -> Percentiles {
        Percentiles::of(&self.lateness)
    }

    pub(crate) fn progress(&self, elapsed: Duration, before: &Progress) -> Progress {
        let seconds = elapsed.saturating_sub(before.elapsed).as_secs_f64();
        let newly = self.acknowledged.records - before.acknowledged;
        Progress {
            elapsed,
            acknowledged: self.acknowledged.records,
            rejected: self.rejected,
            refused: self.refused.records,
            unknown: self.unknown.records,
            retries: self.retries.values().sum(),
            records_per_second: if seconds > 0.0 { newly as f64 / seconds } else { 0.0 },
            late: self.lateness.last().copied().unwrap_or_default(),
        }
    }
}

//! What became of a tenant's requests and records since the start.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::signal::Signal;

/// Seconds over which rates are taken.
const RATE_SECONDS: usize = 60;

/// How often something happened, by its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonCount {
    /// The reason, as in metrics and in the table `rejected`.
    pub reason: String,
    /// How often since the start.
    pub count: u64,
}

/// Counts by reason: touched only when something is wrong.
#[derive(Debug, Default)]
pub(crate) struct Reasons(Mutex<BTreeMap<&'static str, u64>>);

impl Reasons {
    pub(crate) fn add(&self, reason: &'static str, n: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(reason).or_default() += n;
    }

    /// The most frequent first.
    pub(crate) fn list(&self) -> Vec<ReasonCount> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut list: Vec<_> = counts
            .iter()
            .map(|(reason, count)| ReasonCount { reason: (*reason).to_owned(), count: *count })
            .collect();
        list.sort_by_key(|one| std::cmp::Reverse(one.count));
        list
    }
}

/// The counts of one tenant.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) accepted: [AtomicU64; 3],
    /// Whole requests that were refused.
    pub(crate) refused: Reasons,
    /// Records that were rejected.
    pub(crate) rejected: Reasons,
    /// What was left out of records that are stored.
    pub(crate) warned: Reasons,
    recent: Mutex<Recent>,
}

impl Counts {
    /// Counts records that were acknowledged, and the bytes they came in.
    pub(crate) fn accept(&self, now_ns: i64, signal: Signal, records: u64, bytes: u64) {
        let at = usize::from(signal.code()) - 1;
        self.accepted[at].fetch_add(records, Ordering::Relaxed);
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = recent.slot(now_ns);
        slot[at] += records;
        slot[BYTES] += bytes;
    }

    /// Records of each signal, and bytes, a second: the mean of the last minute.
    pub(crate) fn per_second(&self, now_ns: i64) -> [f64; 4] {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.slot(now_ns);
        let mut sums = [0; 4];
        for slot in &recent.slots {
            for (sum, n) in sums.iter_mut().zip(slot) {
                *sum += n;
            }
        }
        sums.map(|sum| sum as f64 / RATE_SECONDS as f64)
    }
}

const BYTES: usize = 3;

/// A slot for each of the last seconds: records by signal, and bytes.
#[derive(Debug)]
struct Recent {
    second: i64,
    slots: [[u64; 4]; RATE_SECONDS],
}

impl Default for Recent {
    fn default() -> Self {
        Self { second: 0, slots: [[0; 4]; RATE_SECONDS] }
    }
}

impl Recent {
    fn slot(&mut self, now_ns: i64) -> &mut [u64; 4] {
        let now = now_ns.div_euclid(1_000_000_000);
        let passed = now.saturating_sub(self.second);
        if passed.abs() >= RATE_SECONDS as i64 {
            self.slots = [[0; 4]; RATE_SECONDS];
            self.second = now;
        }
        // A request that was overtaken counts in its own second.
        for second in self.second + 1..=now {
            self.slots[Self::at(second)] = [0; 4];
        }
        self.second = self.second.max(now);
        &mut self.slots[Self::at(now)]
    }

    fn at(second: i64) -> usize {
        second.rem_euclid(RATE_SECONDS as i64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_of_the_last_minute() {
        const SECOND: i64 = 1_000_000_000;
        let counts = Counts::default();
        for second in 0..200 {
            counts.accept(second * SECOND, Signal::Logs, 30, 3000);
        }
        assert_eq!(counts.per_second(199 * SECOND), [0.0, 30.0, 0.0, 3000.0]);
        counts.accept(190 * SECOND, Signal::Traces, 60, 0);
        assert_eq!(counts.per_second(199 * SECOND), [1.0, 30.0, 0.0, 3000.0]);
        assert_eq!(counts.per_second(229 * SECOND), [1.0, 15.0, 0.0, 1500.0]);
        assert_eq!(counts.per_second(1000 * SECOND), [0.0; 4]);
        assert_eq!(counts.accepted[1].load(Ordering::Relaxed), 6000);
    }

    #[test]
    fn reasons_come_with_the_most_frequent_first() {
        let reasons = Reasons::default();
        reasons.add("time", 1);
        reasons.add("trace_id", 5);
        reasons.add("time", 1);
        let list = reasons.list();
        assert_eq!(
            list.iter().map(|one| (one.reason.as_str(), one.count)).collect::<Vec<_>>(),
            [("trace_id", 5), ("time", 2)]
        );
    }
}

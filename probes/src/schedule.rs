//! When a probe is due. Pure.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use xxhash_rust::xxh3::xxh3_64;

/// The moments at which a probe is due: evenly spaced, and moved by its name, so that the probes of a minute do not all
/// run in its first second. They are the same on every node and after every start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    every_ms: i64,
    offset_ms: i64,
}

impl Schedule {
    /// Of the probe called `name`, each `every` (at least a millisecond).
    pub fn new(name: &str, every: Duration) -> Self {
        let every_ms = i64::try_from(every.as_millis()).unwrap_or(i64::MAX).max(1);
        let offset_ms = (xxh3_64(name.as_bytes()) % every_ms.unsigned_abs()) as i64;
        Self { every_ms, offset_ms }
    }

    /// The first moment after `now`.
    pub fn next(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let wait = self.every_ms - self.since(now);
        // Whole milliseconds: what `now` has beyond them would put it off for ever.
        let now = DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now);
        now + TimeDelta::milliseconds(wait)
    }

    /// How many moments lie after `from`, up to `to`: runs that were left out.
    pub fn missed(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> u64 {
        let number = |at: DateTime<Utc>| (at.timestamp_millis() - self.offset_ms).div_euclid(self.every_ms);
        u64::try_from(number(to) - number(from)).unwrap_or(0)
    }

    /// Milliseconds since the last moment.
    fn since(&self, now: DateTime<Utc>) -> i64 {
        (now.timestamp_millis() - self.offset_ms).rem_euclid(self.every_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(ms).expect("a time")
    }

    #[test]
    fn probes_of_a_minute_are_spread_over_it() {
        let seconds: std::collections::BTreeSet<_> = (0..60)
            .map(|n| Schedule::new(&format!("probe-{n}"), Duration::from_mins(1)).next(at(0)).timestamp())
            .collect();
        // 60 names in 60 seconds: 60 * (1 - 1/e) = 38 different ones are to be expected of a fair hash.
        assert!(seconds.len() >= 30, "{seconds:?}");
    }

    #[test]
    fn a_run_that_takes_longer_than_the_interval_leaves_runs_out() {
        let schedule = Schedule { every_ms: 60_000, offset_ms: 7_000 };
        let due = schedule.next(at(0));
        assert_eq!(due, at(7_000));
        assert_eq!(schedule.missed(due, at(66_999)), 0);
        assert_eq!(schedule.missed(due, at(67_000)), 1);
        assert_eq!(schedule.missed(due, at(200_000)), 3);
        assert_eq!(schedule.next(at(200_000)), at(247_000), "and none is made up for");
        assert_eq!(schedule.missed(due, at(0)), 0, "a clock that was set back");
    }

    proptest! {
        #[test]
        fn the_next_moment_is_within_an_interval_and_evenly_spaced(
            name in "[a-z]{1,8}", every in 1_u64..100_000_000, now in 0_i64..4_000_000_000_000,
        ) {
            let schedule = Schedule::new(&name, Duration::from_millis(every));
            let next = schedule.next(at(now));
            let wait = (next - at(now)).num_milliseconds();
            prop_assert!(0 < wait && wait <= every as i64);
            prop_assert_eq!((schedule.next(next) - next).num_milliseconds(), every as i64);
            prop_assert_eq!(schedule.missed(at(now), next), 1);
        }
    }
}

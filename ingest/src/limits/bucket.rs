//! A token bucket that pays for what came later than the decision.
//!
//! What a request costs is known in full only when it has been unpacked. So a request is let in
//! when the bucket covers what can be known at the door, and what it cost more is taken
//! afterwards, below zero if need be: the next request waits until the debt is paid. Over time
//! no more than the rate gets in, a request larger than the whole bucket is not shut out for
//! ever, and nothing that was already unpacked is thrown away.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Tokens are counted in parts of a billion, so that a nanosecond's refill is a whole number.
const PART: i128 = 1_000_000_000;

/// How far the times of requests beside each other may be out of order.
const JITTER_NS: i64 = 1_000_000_000;

/// A bucket; its times are nanoseconds of any clock.
#[derive(Debug)]
pub(crate) struct Bucket {
    rate: i128,
    capacity: i128,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    level: i128,
    at_ns: i64,
}

impl Bucket {
    /// A full bucket that gains `rate` tokens a second and holds `burst_s` seconds of them.
    pub(crate) fn new(rate: u64, burst_s: u64, now_ns: i64) -> Self {
        let capacity = i128::from(rate) * i128::from(burst_s) * PART;
        Self { rate: i128::from(rate), capacity, state: Mutex::new(State { level: capacity, at_ns: now_ns }) }
    }

    /// Takes `amount` tokens (at least one must be there), or says when they will be there. An
    /// amount larger than the bucket is let in when the bucket is full.
    pub(crate) fn reserve(&self, now_ns: i64, amount: u64) -> Result<(), Duration> {
        let amount = i128::from(amount) * PART;
        let mut state = self.state();
        let passed = now_ns.saturating_sub(state.at_ns);
        // A little back is a request that was overtaken; more is a clock that was set back, and
        // what it shows counts from now on.
        if !(-JITTER_NS..=0).contains(&passed) {
            state.at_ns = now_ns;
        }
        let gained = i128::from(passed.max(0)) * self.rate;
        state.level = state.level.saturating_add(gained).min(self.capacity);
        let missing = amount.max(PART).min(self.capacity) - state.level;
        if missing > 0 {
            return Err(wait(missing, self.rate));
        }
        state.level -= amount;
        Ok(())
    }

    /// Takes `amount` tokens, whatever is left.
    pub(crate) fn charge(&self, amount: u64) {
        self.state().level -= i128::from(amount) * PART;
    }

    /// Gives back `amount` tokens that were not used.
    pub(crate) fn refund(&self, amount: u64) {
        let mut state = self.state();
        state.level = (state.level + i128::from(amount) * PART).min(self.capacity);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait(missing: i128, rate: i128) -> Duration {
    let ns = (missing + rate - 1) / rate;
    Duration::from_nanos(u64::try_from(ns).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 1_000_000_000;

    #[test]
    fn a_burst_then_the_rate() {
        let bucket = Bucket::new(100, 2, 0);
        assert_eq!(bucket.reserve(0, 150), Ok(()));
        assert_eq!(bucket.reserve(0, 100), Err(Duration::from_millis(500)));
        assert_eq!(bucket.reserve(SECOND / 2, 100), Ok(()));
        // More than the bucket ever holds: when it is full.
        assert_eq!(bucket.reserve(SECOND / 2, 1000), Err(Duration::from_secs(2)));
        assert_eq!(bucket.reserve(5 * SECOND / 2, 1000), Ok(()));
        // 800 tokens in debt, and one must be there.
        assert_eq!(bucket.reserve(5 * SECOND / 2, 0), Err(Duration::from_millis(8010)));
        bucket.refund(1000);
        assert_eq!(bucket.reserve(5 * SECOND / 2, 200), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_gives_nothing_twice() {
        let bucket = Bucket::new(1, 10, 100 * SECOND);
        bucket.charge(10);
        assert!(bucket.reserve(50 * SECOND, 1).is_err());
        assert_eq!(bucket.reserve(51 * SECOND, 1), Ok(()));
        assert!(bucket.reserve(51 * SECOND, 1).is_err());
    }

    #[test]
    fn requests_out_of_order_gain_nothing() {
        let bucket = Bucket::new(10, 10, 100 * SECOND);
        bucket.charge(100);
        for _ in 0..100 {
            assert!(bucket.reserve(100 * SECOND, 1).is_err());
            assert!(bucket.reserve(100 * SECOND - SECOND / 2, 1).is_err());
        }
        assert_eq!(bucket.reserve(101 * SECOND, 10), Ok(()));
        assert!(bucket.reserve(101 * SECOND, 1).is_err());
    }

    proptest! {
        /// What gets in is never more than burst and rate allow, but for the last request's
        /// own size; and who comes back when told is let in.
        #[test]
        fn never_more_than_the_rate(
            rate in 1_u64..10_000,
            burst_s in 1_u64..20,
            steps in prop::collection::vec((0_i64..3 * SECOND, 0_u64..30_000, 0_u64..5_000), 1..200),
        ) {
            let bucket = Bucket::new(rate, burst_s, 0);
            let (mut now, mut taken, mut last) = (0_i64, 0_u128, 0_u64);
            for (step, known, later) in steps {
                now += step;
                let Err(wait) = bucket.reserve(now, known) else {
                    bucket.charge(later);
                    taken += u128::from(known + later);
                    last = known + later;
                    let allowed = u128::from(rate) * u128::from(burst_s)
                        + u128::from(rate) * now as u128 / SECOND as u128;
                    prop_assert!(taken <= allowed + u128::from(last) + 1);
                    continue;
                };
                let back = now + i64::try_from(wait.as_nanos()).expect("short");
                prop_assert!(wait > Duration::ZERO && bucket.reserve(back - 1, known).is_err());
                now = back;
                prop_assert_eq!(bucket.reserve(now, known), Ok(()));
                taken += u128::from(known);
                last = last.max(known);
            }
        }
    }
}

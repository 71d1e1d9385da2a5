//! What stands before a receiver: a token bucket, so that it is not asked too much, and a circuit breaker, so that one that
//! is down is not asked by every message.
//!
//! A closed breaker lets everything pass. After [`FAILURES`] failures in a row it opens, for [`FIRST_PAUSE`] and twice as long
//! each time up to [`LONGEST_PAUSE`]. Then one message may try (the breaker is half open): if it arrives the breaker closes,
//! if not it opens again. A receiver that asks to be left alone opens it for as long as it asks.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::answer::Verdict;

/// Failures in a row that open the breaker.
pub const FAILURES: u32 = 5;
/// How long it stays open first.
pub const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);
/// How long it stays open at most.
pub const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(10);
/// The longest that a receiver may ask to be left alone.
pub const LONGEST_ASKED: TimeDelta = TimeDelta::days(1);
/// After this long without a verdict an attempt is taken for lost, and another may try.
pub const LOST: TimeDelta = TimeDelta::seconds(60);

/// How fast messages may go out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// Messages a second in the long run, above 0.
    pub per_second: f64,
    /// Messages at once after a pause, at least 1.
    pub burst: f64,
}

/// The gate of one receiver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    rate: Rate,
    tokens: f64,
    filled_at: DateTime<Utc>,
    breaker: Breaker,
}

/// The state of the breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breaker {
    /// Everything passes.
    Closed {
        /// Failures since the last success.
        failures: u32,
    },
    /// Nothing passes.
    Open {
        /// Until then.
        until: DateTime<Utc>,
        /// How often it opened without a success in between, from 1.
        times: u32,
    },
    /// One message tries.
    HalfOpen {
        /// When it set out.
        since: DateTime<Utc>,
        /// How often the breaker opened.
        times: u32,
    },
}

impl Gate {
    /// An open gate with a full bucket.
    pub fn new(rate: Rate, now: DateTime<Utc>) -> Self {
        Self { rate, tokens: rate.burst, filled_at: now, breaker: Breaker::Closed { failures: 0 } }
    }

    /// The breaker's state, for people to see.
    pub fn breaker(&self) -> Breaker {
        self.breaker
    }

    /// Lets one message pass, whose end must be told to [`Gate::tell`].
    ///
    /// # Errors
    /// When to ask again, if it may not pass now.
    pub fn pass(&mut self, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        let probing = match self.breaker {
            Breaker::Closed { .. } => None,
            Breaker::Open { until, .. } if now < until => return Err(until),
            Breaker::HalfOpen { since, .. } if now < since + LOST => return Err(since + LOST),
            Breaker::Open { times, .. } | Breaker::HalfOpen { times, .. } => Some(times),
        };
        self.take(now)?;
        if let Some(times) = probing {
            self.breaker = Breaker::HalfOpen { since: now, times };
        }
        Ok(())
    }

    /// How a message that passed has ended. That one message is refused for good says nothing against the receiver: it
    /// answers.
    pub fn tell(&mut self, verdict: &Verdict, now: DateTime<Utc>) {
        match verdict {
            Verdict::Delivered | Verdict::Dead { .. } | Verdict::Gone { .. } => {
                self.breaker = Breaker::Closed { failures: 0 };
            }
            Verdict::Again { after: Some(asked), .. } => {
                let until = now + (*asked).min(LONGEST_ASKED);
                // Answers to messages that were under way cross: the longest wish counts.
                if !matches!(self.breaker, Breaker::Open { until: already, .. } if already >= until) {
                    self.breaker = Breaker::Open { until, times: 1 };
                }
            }
            Verdict::Again { after: None, .. } => self.failed(now),
        }
    }

    fn failed(&mut self, now: DateTime<Utc>) {
        let opened = |times: u32| {
            let pause = FIRST_PAUSE * 2_i32.pow(times.saturating_sub(1).min(10));
            Breaker::Open { until: now + pause.min(LONGEST_PAUSE), times }
        };
        self.breaker = match self.breaker {
            Breaker::Closed { failures } if failures + 1 < FAILURES => {
                Breaker::Closed { failures: failures + 1 }
            }
            Breaker::Closed { .. } => opened(1),
            Breaker::HalfOpen { times, .. } => opened(times.saturating_add(1)),
            open @ Breaker::Open { .. } => open,
        };
    }

    fn take(&mut self, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        // A clock that was set back fills nothing.
        let seconds = (now - self.filled_at).as_seconds_f64().max(0.0);
        self.tokens = (self.tokens + seconds * self.rate.per_second).min(self.rate.burst);
        self.filled_at = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        let missing = (1.0 - self.tokens) / self.rate.per_second;
        Err(now + TimeDelta::milliseconds((missing * 1e3).ceil() as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_700_000_000_000 + millis).expect("a time")
    }

    fn failure() -> Verdict {
        Verdict::Again { why: String::new(), throttled: false, after: None }
    }

    const FAST: Rate = Rate { per_second: 1e6, burst: 1e6 };

    #[test]
    fn a_message_a_second() {
        let mut gate = Gate::new(Rate { per_second: 1.0, burst: 1.0 }, at(0));
        assert_eq!(gate.pass(at(0)), Ok(()));
        assert_eq!(gate.pass(at(250)), Err(at(1_000)));
        assert_eq!(gate.pass(at(1_000)), Ok(()));
        assert_eq!(gate.pass(at(900)), Err(at(1_900)));
    }

    #[test]
    fn five_failures_open_it_and_one_success_closes_it() {
        let mut gate = Gate::new(FAST, at(0));
        for _ in 0..FAILURES {
            assert_eq!(gate.pass(at(0)), Ok(()));
            gate.tell(&failure(), at(0));
        }
        assert_eq!(gate.pass(at(29_999)), Err(at(30_000)));
        assert_eq!(gate.pass(at(30_000)), Ok(()), "one tries");
        assert_eq!(gate.pass(at(30_001)), Err(at(90_000)), "and no other");
        gate.tell(&failure(), at(31_000));
        assert_eq!(gate.pass(at(31_000)), Err(at(91_000)), "twice as long");
        assert_eq!(gate.pass(at(91_000)), Ok(()));
        gate.tell(&Verdict::Delivered, at(91_500));
        assert_eq!(gate.breaker(), Breaker::Closed { failures: 0 });
    }

    #[test]
    fn a_lost_attempt_does_not_close_it_for_ever() {
        let mut gate = Gate::new(FAST, at(0));
        (0..FAILURES).for_each(|_| gate.tell(&failure(), at(0)));
        assert_eq!(gate.pass(at(30_000)), Ok(()));
        assert_eq!(gate.pass(at(90_000)), Ok(()));
    }

    #[test]
    fn a_receiver_is_left_alone_as_long_as_it_asks() {
        let mut gate = Gate::new(FAST, at(0));
        let asked = |seconds| Verdict::Again {
            why: String::new(),
            throttled: true,
            after: Some(TimeDelta::seconds(seconds)),
        };
        gate.tell(&asked(120), at(0));
        gate.tell(&asked(5), at(0));
        assert_eq!(gate.pass(at(119_000)), Err(at(120_000)));
        assert_eq!(gate.pass(at(120_000)), Ok(()));
    }

    proptest! {
        /// In any stretch of time no more than rate times length and a burst pass.
        #[test]
        fn never_faster_than_the_rate(steps in prop::collection::vec(0_i64..700, 1..200), rate in 0.5_f64..5.0, burst in 1.0_f64..6.0) {
            let mut gate = Gate::new(Rate { per_second: rate, burst }, at(0));
            let mut now = 0;
            let mut passed = Vec::new();
            for step in steps {
                now += step;
                match gate.pass(at(now)) {
                    Ok(()) => passed.push(now),
                    Err(later) => prop_assert!(later > at(now)),
                }
            }
            for (first, &start) in passed.iter().enumerate() {
                for (last, &end) in passed.iter().enumerate().skip(first) {
                    let most = rate * (end - start) as f64 / 1e3 + burst;
                    prop_assert!((last - first + 1) as f64 <= most + 1e-6);
                }
            }
        }

        /// While it is not closed, at most one message is under way that is not lost.
        #[test]
        fn one_probe_at_a_time(steps in prop::collection::vec((0_i64..40_000, 0_u8..3), 1..200)) {
            let mut gate = Gate::new(FAST, at(0));
            let (mut now, mut probe): (i64, Option<i64>) = (0, None);
            for (step, what) in steps {
                now += step;
                let open = !matches!(gate.breaker(), Breaker::Closed { .. });
                match what {
                    0 => if gate.pass(at(now)).is_ok() && open {
                        prop_assert!(probe.is_none_or(|since| at(now) >= at(since) + LOST));
                        probe = Some(now);
                    },
                    1 => { gate.tell(&failure(), at(now)); probe = None; }
                    _ => { gate.tell(&Verdict::Delivered, at(now)); probe = None; }
                }
            }
        }
    }
}

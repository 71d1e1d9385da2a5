//! A push: demand that follows a given course instead of the sessions'.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// Traces that one arriving customer sets off in the mean while a ramp runs.
/// Measured over ten hours; the test of the ramp holds it to 2 %.
pub(crate) const TRACES_PER_JOURNEY: f64 = 1.69;

/// Traces a second that rise (or fall) evenly, or in steps, over a span of time
/// from the start of the run, and stay at the last level after it.
///
/// Everything else about demand stands still, so that a trace asks the same of
/// every service all the time: both markets are open, New York brings seven
/// customers in ten, no event moves anyone, accounts are full from the first
/// minute, an order that waits for its price waits seconds. Where nothing is
/// limited latencies do not depend on the rate. The rate counts what customers
/// would set off if nobody were refused: an order that fails is never executed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    /// Traces a second at the start.
    pub from: f64,
    /// Traces a second at the end.
    pub to: f64,
    /// In so many equal stages; evenly when `None`.
    pub steps: Option<NonZeroU32>,
    /// How long it takes.
    pub over: Duration,
}

impl Ramp {
    /// Traces a second when `since` has passed.
    pub fn rate(&self, since: Duration) -> f64 {
        let over = self.over.as_secs_f64();
        let passed = if over > 0.0 { (since.as_secs_f64() / over).min(1.0) } else { 1.0 };
        let part = match self.steps.map(|steps| f64::from(steps.get())) {
            None => passed,
            Some(1.0) => 0.0,
            // Where a stage begins, the quotient may fall short of it by a rounding.
            Some(steps) => (passed * steps + 1e-9).floor().min(steps - 1.0) / (steps - 1.0),
        };
        self.from + (self.to - self.from) * part
    }

    /// The highest rate of the ramp.
    pub(crate) fn peak(&self) -> f64 {
        self.from.max(self.to)
    }
}

/// `5..40`: evenly from 5 to 40 traces a second; `5..40/8`: in eight stages.
/// Takes half an hour until told otherwise.
impl FromStr for Ramp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("'{text}' is no ramp: write traces a second as in 5..40, or 5..40/8 for eight stages");
        let (ends, steps) = match text.split_once('/') {
            Some((ends, steps)) => (ends, Some(steps.parse().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let (from, to) = ends.split_once("..").ok_or_else(wrong)?;
        let rate = |text: &str| {
            let rate = text.trim().parse::<f64>().ok().filter(|r| (0.0..=10_000.0).contains(r));
            rate.ok_or_else(|| format!("'{text}' is no rate: give traces a second from 0 to 10000"))
        };
        Ok(Self { from: rate(from)?, to: rate(to)?, steps, over: Duration::from_mins(30) })
    }
}

impl fmt::Display for Ramp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)?;
        self.steps.map_or(Ok(()), |steps| write!(f, "/{steps}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_rises_evenly_or_in_stages_and_then_stays() {
        let at = |ramp: &Ramp, minutes| ramp.rate(Duration::from_mins(minutes));
        let even: Ramp = "5..40".parse().expect("a ramp");
        assert_eq!([0, 15, 30, 99].map(|m| at(&even, m)), [5.0, 22.5, 40.0, 40.0]);
        let stages: Ramp = "40..10/4".parse().expect("a ramp");
        assert_eq!(
            [0, 7, 8, 15, 16, 23, 99].map(|m| at(&stages, m)),
            [40.0, 40.0, 30.0, 20.0, 20.0, 10.0, 10.0]
        );
        assert_eq!(at(&"3..9/1".parse().expect("a ramp"), 20), 3.0);
        assert_eq!((even.to_string(), stages.to_string()), ("5..40".into(), "40..10/4".into()));
    }

    #[test]
    fn what_is_no_ramp_is_refused() {
        for text in
            ["", "5", "5..", "..5", "5..x", "-1..5", "5..nan", "5..inf", "1..2/0", "1..2/", "1..20000"]
        {
            assert!(text.parse::<Ramp>().is_err(), "{text}");
        }
    }
}

//! What was kept of a promise over any stretch of time, such as a month or a day of it.
//!
//! The units are those of the objective's budgeting method, so a report and the budget never disagree:
//!
//! - `availability = 1 - bad / all`, of what was seen;
//! - `downtime = bad / all * minutes seen`: of time slices the bad ones, whole; of requests the time that as large a
//!   share of the minutes would be;
//! - `lowest = 1 - (downtime + minutes not seen) / minutes`: were all that was not seen down, it would be this.
//!
//! A minute that was not seen is neither up nor down.

use crate::budget::seen_error_rate;
use crate::composite::{self, Weighed};
use crate::measured::counts_failures;

/// What a stretch of time comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Bad units over all units, 0 to 1; none where nothing was requested, or why it is not known.
    pub error_rate: Result<Option<f64>, String>,
    /// Good units; of a composite those of all parts, in their own units.
    pub good: f64,
    /// All units, likewise.
    pub total: f64,
    /// Minutes that count.
    pub minutes: f64,
    /// Minutes of them that were seen; of a composite, of the part that was seen least.
    pub seen: f64,
    /// Minutes in which more than half of the requests failed; of a composite, of the part with the most. `None` where
    /// nothing of it counts failures: slow requests are served.
    pub outage: Option<f64>,
}

impl Default for Stretch {
    /// No time at all.
    fn default() -> Self {
        Self { error_rate: Ok(None), good: 0.0, total: 0.0, minutes: 0.0, seen: 0.0, outage: None }
    }
}

impl Stretch {
    /// The parts of a promise from `from` on and before `to`, in seconds since the epoch.
    pub(crate) fn of(parts: &[Weighed<'_>], from: i64, to: i64) -> Self {
        let tallies: Vec<_> = parts.iter().map(|part| part.line.between(from, to)).collect();
        let failing = parts.iter().filter(|part| counts_failures(part.slo));
        Self {
            error_rate: match tallies.as_slice() {
                [one] => seen_error_rate(one),
                _ => composite::error_rate(parts, from, to),
            },
            good: tallies.iter().map(|tally| tally.good).sum(),
            total: tallies.iter().map(|tally| tally.total).sum(),
            minutes: tallies.iter().map(|tally| tally.length).reduce(f64::max).unwrap_or(0.0),
            seen: tallies.iter().map(|tally| tally.observed).reduce(f64::min).unwrap_or(0.0),
            outage: failing.map(|part| part.line.mostly_bad(from, to)).reduce(f64::max),
        }
    }

    /// The share that was good of what was seen, 0 to 1, or why there is none.
    pub fn availability(&self) -> Result<f64, String> {
        let nothing = || "nothing was requested".to_owned();
        self.error_rate.clone()?.map(|error| 1.0 - error).ok_or_else(nothing)
    }

    /// Minutes of downtime among those seen, or why it is not known. Where nothing was requested nothing was down.
    pub fn downtime(&self) -> Result<f64, String> {
        Ok(self.error_rate.clone()?.unwrap_or(0.0) * self.seen)
    }

    /// Minutes that count and were not seen.
    pub fn unseen(&self) -> f64 {
        (self.minutes - self.seen).max(0.0)
    }

    /// The availability there would be if all that was not seen had been down.
    pub fn lowest(&self) -> Result<f64, String> {
        Ok(1.0 - (self.downtime()? + self.unseen()) / self.minutes.max(1.0))
    }

    /// The budget of the stretch that was consumed: 1 is all that `target` allows of its units, and above 1 more.
    pub fn consumed(&self, target: f64) -> Result<f64, String> {
        Ok(self.error_rate.clone()?.unwrap_or(0.0) / (1.0 - target))
    }
}

#[cfg(test)]
mod tests;

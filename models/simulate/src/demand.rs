//! Demand as a curve: a rate at equally spaced instants, straight lines between them.

use chrono::{DateTime, Duration, Utc};

use crate::Refused;

/// Requests a second at equally spaced instants. Between two of them the rate is on the straight line that joins
/// them; after the last one it stays where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    start: DateTime<Utc>,
    step_seconds: u32,
    per_second: Vec<f64>,
}

impl Demand {
    /// A curve through counts per step, each taken as the rate at its step's start.
    ///
    /// # Errors
    /// A step of zero seconds, no values, and a value that is negative or not a number are refused by name.
    pub fn from_counts(start: DateTime<Utc>, step_seconds: u32, counts: &[f64]) -> Result<Self, Refused> {
        if step_seconds == 0 {
            return Err(Refused("the step of a demand series must be at least one second".into()));
        }
        if counts.is_empty() {
            return Err(Refused("the demand series has no values: there is nothing to replay".into()));
        }
        if let Some(at) = counts.iter().position(|v| !v.is_finite() || *v < 0.0) {
            let ts = start + Duration::seconds(at as i64 * i64::from(step_seconds));
            let value = counts[at];
            return Err(Refused(format!(
                "the demand at {} (value {}) is {value}: it must be a number that is not negative",
                ts.format("%Y-%m-%d %H:%M:%S UTC"),
                at + 1
            )));
        }
        let per_second = counts.iter().map(|count| count / f64::from(step_seconds)).collect();
        Ok(Self { start, step_seconds, per_second })
    }

    /// The first instant.
    pub fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// Seconds between two instants that have a value.
    pub fn step_seconds(&self) -> u32 {
        self.step_seconds
    }

    /// How long the curve is.
    pub fn seconds(&self) -> u32 {
        self.per_second.len() as u32 * self.step_seconds
    }

    /// Requests a second, `second` seconds after the start; before it what the start has.
    pub fn at(&self, second: i64) -> f64 {
        let step = i64::from(self.step_seconds);
        let second = second.max(0);
        let index = (second / step) as usize;
        let last = self.per_second.len() - 1;
        if index >= last {
            return self.per_second[last];
        }
        let share = (second % step) as f64 / step as f64;
        self.per_second[index] + (self.per_second[index + 1] - self.per_second[index]) * share
    }

    /// The largest rate from one second to another, both included.
    pub fn peak(&self, from: i64, to: i64) -> f64 {
        let step = i64::from(self.step_seconds);
        let first = (from.max(0) / step + 1) as usize;
        let inner = self.per_second.iter().skip(first).take_while({
            let mut at = first as i64 * step;
            move |_| {
                at += step;
                at - step <= to
            }
        });
        inner.copied().fold(self.at(from).max(self.at(to)), f64::max)
    }

    /// Requests in each whole minute that is over at `second`, from the `first` minute on.
    pub(crate) fn minutes(&self, first: usize, second: i64) -> Vec<f64> {
        let over = (second.max(0) / 60) as usize;
        let minute = |index: usize| {
            let from = index as i64 * 60;
            if self.step_seconds == 60 {
                return self.at(from) * 60.0;
            }
            (from..from + 60).map(|s| f64::midpoint(self.at(s), self.at(s + 1))).sum()
        };
        (first..over.max(first)).map(minute).collect()
    }
}

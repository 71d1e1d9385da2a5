//! What a forecast keeps getting wrong: the same hour of every week, say, when the model knows no weeks. That it happens
//! again is no news.

use chrono::{DateTime, Datelike, Timelike, Utc};

/// From some weeks on the newest has this weight.
const RATE: f64 = 0.25;
/// A habit counts as if it had been nothing this many times before.
const DOUBT: f64 = 2.0;
/// Days over which typical demand is taken.
const TYPICAL_DAYS: f64 = 2.0;

/// The mean miss of each hour of the week, and the typical demand.
#[derive(Debug, Clone)]
pub(super) struct Habits {
    /// Mean of the miss and how many weeks it is from.
    hours: Vec<(f64, f64)>,
    typical: Option<f64>,
    hour: Option<(usize, f64, f64)>,
}

impl Default for Habits {
    fn default() -> Self {
        Self { hours: vec![(0.0, 0.0); 168], typical: None, hour: None }
    }
}

impl Habits {
    /// The logarithm by which demand is usually off in this hour of the week.
    pub(super) fn bias(&self, ts: DateTime<Utc>) -> f64 {
        self.hours[cell(ts)].0
    }

    /// Typical demand of the days before.
    pub(super) fn typical(&self) -> f64 {
        self.typical.unwrap_or(0.0)
    }

    /// Takes in by what logarithm a step was off, at most as far as the band's edge: a disaster is not a habit.
    pub(super) fn learn(&mut self, ts: DateTime<Utc>, minutes: f64, median: f64, miss: f64, edge: f64) {
        let share = (minutes / (TYPICAL_DAYS * 1440.0)).min(0.5);
        let typical = self.typical.get_or_insert(median);
        *typical += share * (median - *typical);
        let here = cell(ts);
        let miss = miss.clamp(-edge, edge);
        match &mut self.hour {
            Some((hour, sum, count)) if *hour == here => {
                *sum += miss;
                *count += 1.0;
            }
            old => {
                if let Some((hour, sum, count)) = old.replace((here, miss, 1.0)) {
                    let (mean, weeks) = &mut self.hours[hour];
                    *weeks += 1.0;
                    *mean += (1.0 / (*weeks + DOUBT)).max(RATE) * (sum / count - *mean);
                }
            }
        }
    }
}

fn cell(ts: DateTime<Utc>) -> usize {
    (ts.weekday().num_days_from_monday() * 24 + ts.hour()) as usize
}

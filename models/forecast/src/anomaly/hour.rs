//! Hours: how demand stood to its forecast, and how evenly.

use chrono::{DateTime, Duration, Utc};

use crate::anomaly::band::{Place, Side};
use crate::series::median;

/// With fewer steps an hour has no course.
const LEAST: usize = 6;
/// What an hour's unevenness adds to the usual one.
const MEMORY: f64 = 1.0 / 48.0;
/// Hours after which the usual unevenness is known.
const KNOWN: usize = 48;

/// Gathers the steps of an hour; where steps are longer, each is an hour of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Hour {
    start: Option<DateTime<Utc>>,
    logs: Vec<f64>,
    edges: f64,
    /// The usual unevenness, and of how many hours.
    usual: f64,
    hours: usize,
}

/// An hour that is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Past {
    pub(super) start: DateTime<Utc>,
    pub(super) length: Duration,
    /// The median logarithm of demand over its forecast.
    pub(super) mean: f64,
    /// The mean logarithm of the band's edge over the median.
    pub(super) edge: f64,
    /// How unevenly demand stood to its forecast, over what is usual; nothing while that is unknown.
    pub(super) unevenness: Option<f64>,
}

impl Past {
    pub(super) fn side(&self) -> Side {
        if self.mean < 0.0 { Side::Below } else { Side::Above }
    }
}

impl Hour {
    /// Adds a step; gives the hour before when the step is the first of a new one.
    pub(super) fn add(&mut self, ts: DateTime<Utc>, minutes: f64, place: &Place) -> Option<Past> {
        let length = Duration::minutes((minutes as i64).max(60));
        let since = Duration::seconds(ts.timestamp().rem_euclid(length.num_seconds()));
        let start = ts - since;
        let past = self.start.filter(|old| *old != start).and_then(|old| self.close(old, length));
        self.start = Some(start);
        self.logs.push(place.log_ratio);
        self.edges += place.edge;
        past
    }

    fn close(&mut self, start: DateTime<Utc>, length: Duration) -> Option<Past> {
        let logs = std::mem::take(&mut self.logs);
        let count = logs.len() as f64;
        let edge = std::mem::take(&mut self.edges) / count;
        let mean = median(logs.clone())?;
        let mut unevenness = None;
        if logs.len() >= LEAST {
            // In widths of the band, as an hour in which the forecast is unsure may well be uneven.
            let off: f64 = logs.iter().map(|log| (log - mean).abs().min(2.0 * edge)).sum();
            let uneven = off / count / edge;
            unevenness = (self.hours >= KNOWN && self.usual > 0.0).then(|| uneven / self.usual);
            let share = if self.hours < KNOWN { 1.0 / (self.hours + 1) as f64 } else { MEMORY };
            self.usual += share * (uneven - self.usual);
            self.hours += 1;
        }
        Some(Past { start, length, mean, edge, unevenness })
    }
}

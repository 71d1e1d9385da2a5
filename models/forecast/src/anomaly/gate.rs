//! What is unusual for this series: a figure counts only where it exceeds what it reached of late.

use chrono::{DateTime, Duration, Utc};

/// Days after which a peak counts for half.
const HALF_LIFE: f64 = 7.0;
/// By how much a figure must exceed the peak of late.
const ABOVE: f64 = 1.25;
/// No single figure lifts the peak by more than this factor: one disaster must not hide the next.
const LIFT: f64 = 1.5;

/// Remembers the peak of a figure, and after an alarm stays shut until the figure has been low for an hour.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    least: f64,
    peak: f64,
    seen: Option<DateTime<Utc>>,
    shut_until: Option<DateTime<Utc>>,
}

impl Gate {
    /// A gate for figures of at least `least`.
    pub(super) fn new(least: f64) -> Self {
        Self { least, peak: 0.0, seen: None, shut_until: None }
    }

    /// Whether a figure is an alarm.
    pub(super) fn opens(&mut self, ts: DateTime<Utc>, figure: f64) -> bool {
        let days = self.seen.map_or(0.0, |seen| (ts - seen).num_seconds().max(0) as f64 / 86_400.0);
        let peak = self.peak * 0.5_f64.powf(days / HALF_LIFE);
        self.peak = peak.max(figure.min(LIFT * peak.max(self.least)));
        self.seen = Some(ts);
        let high = figure >= self.least && figure >= ABOVE * peak;
        let shut = self.shut_until.is_some_and(|until| ts < until);
        if figure >= self.least && (high || shut) {
            self.shut_until = Some(ts + Duration::hours(1));
        }
        high && !shut
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_episode_is_told_once_and_what_is_common_not_at_all() {
        let start: DateTime<Utc> = "2026-03-02T00:00:00Z".parse().unwrap();
        let minutes = |m: i64| start + Duration::minutes(m);
        let mut gate = Gate::new(10.0);
        assert!(!gate.opens(minutes(0), 9.0));
        assert!(gate.opens(minutes(5), 12.0));
        assert!(!gate.opens(minutes(10), 40.0), "the same episode");
        assert!(!gate.opens(minutes(600), 12.0), "no more than there was");
        assert!(gate.opens(minutes(1200), 60.0));
        // Three weeks later it is unusual again.
        assert!(gate.opens(minutes(1200 + 21 * 1440), 12.0));
    }
}

//! What is unusual for this series: a figure counts only where it exceeds what it reached of late.

use chrono::{DateTime, Duration, Utc};

/// Days after which a peak counts for half.
const HALF_LIFE: f64 = 7.0;
/// By how much a figure must exceed the peak of late.
const ABOVE: f64 = 1.25;
/// No single figure lifts the peak by more than this factor: one disaster must not hide the next.
const LIFT: f64 = 1.5;

/// Hours of which the peak is not compared with: a figure that rises slowly must not be measured by itself.
const NOW: i64 = 12;

/// Remembers the peak of a figure, and after an alarm stays shut until the figure has been low for some time.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    least: f64,
    quiet: Duration,
    /// The peak of what is past.
    peak: f64,
    /// The peak since an instant at most [`NOW`] hours ago.
    now: f64,
    since: Option<DateTime<Utc>>,
    shut_until: Option<DateTime<Utc>>,
}

impl Gate {
    /// A gate for figures of at least `least`; an episode ends after `hours` with lower ones.
    pub(super) fn new(least: f64, hours: i64) -> Self {
        Self { least, quiet: Duration::hours(hours), peak: 0.0, now: 0.0, since: None, shut_until: None }
    }

    /// Whether a figure is an alarm.
    pub(super) fn opens(&mut self, ts: DateTime<Utc>, figure: f64) -> bool {
        let since = *self.since.get_or_insert(ts);
        let hours = (ts - since).num_hours();
        if hours >= NOW {
            let peak = self.peak.max(self.now.min(LIFT * self.peak.max(self.least)));
            self.peak = peak * 0.5_f64.powf(hours as f64 / 24.0 / HALF_LIFE);
            (self.now, self.since) = (0.0, Some(ts));
        }
        self.now = self.now.max(figure);
        let high = figure >= self.least && figure >= ABOVE * self.peak;
        let shut = self.shut_until.is_some_and(|until| ts < until);
        if figure >= self.least && (high || shut) {
            self.shut_until = Some(ts + self.quiet);
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
        let mut gate = Gate::new(10.0, 1);
        assert!(!gate.opens(minutes(0), 9.0));
        assert!(gate.opens(minutes(5), 12.0));
        assert!(!gate.opens(minutes(10), 40.0), "the same episode");
        assert!(!gate.opens(minutes(900), 12.0), "no more than there was");
        assert!(gate.opens(minutes(1200), 60.0));
        // Three weeks later it is unusual again.
        assert!(gate.opens(minutes(1200 + 21 * 1440), 12.0));
    }
    #[test]
    fn a_slow_rise_is_told_when_it_is_high() {
        let start: DateTime<Utc> = "2026-03-02T00:00:00Z".parse().unwrap();
        let mut gate = Gate::new(10.0, 1);
        let told: Vec<i64> =
            (0..120).filter(|m| gate.opens(start + Duration::minutes(*m), *m as f64 / 10.0)).collect();
        assert_eq!(told, [100]);
    }
}

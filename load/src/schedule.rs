//! Which body is next, and when it is due.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::options::Options;

/// The schedule of a run. Bodies are due at times that do not depend on how fast others were
/// answered; without a rate everything is due at once.
#[derive(Debug)]
pub(crate) struct Schedule {
    next: AtomicU32,
    bodies: u32,
    begun: Instant,
    end: Option<Instant>,
    interval: Option<Duration>,
}

impl Schedule {
    pub(crate) fn new(options: &Options, begun: Instant) -> Self {
        let records = options.records_per_body;
        let bodies = options.total.map(|total| total.div_ceil(records as u64));
        Self {
            next: AtomicU32::new(0),
            bodies: bodies.map_or(u32::MAX, |bodies| u32::try_from(bodies).unwrap_or(u32::MAX)),
            begun,
            end: options.duration.map(|duration| begun + duration),
            interval: options.rate.map(|rate| Duration::from_secs_f64(records as f64 / rate)),
        }
    }

    /// The next body and when it is due, or `None` when enough has been sent.
    pub(crate) fn next(&self) -> Option<(u32, Instant)> {
        // The counter stops at its end, so that it never comes round to numbers that were given.
        let body = self
            .next
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n < self.bodies).then(|| n + 1))
            .ok()?;
        let now = Instant::now();
        let due = self.interval.map_or(now, |interval| self.begun + interval.mul_f64(f64::from(body)));
        // What was due and has not had its turn by the end is not sent: the rate reached tells.
        (self.end.is_none_or(|end| due.max(now) < end)).then_some((body, due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(change: impl FnOnce(&mut Options)) -> (Schedule, Instant) {
        let mut options = Options::new("http://localhost".parse().unwrap());
        change(&mut options);
        let begun = Instant::now();
        (Schedule::new(&options, begun), begun)
    }

    #[test]
    fn a_total_is_rounded_up_to_whole_bodies() {
        let (schedule, _) = schedule(|options| options.total = Some(2_001));
        let bodies: Vec<_> = std::iter::from_fn(|| schedule.next()).map(|(body, _)| body).collect();
        assert_eq!(bodies, [0, 1, 2]);
        assert_eq!(schedule.next(), None);
    }

    #[test]
    fn due_times_do_not_wait_for_anybody() {
        let (schedule, begun) = schedule(|options| {
            options.rate = Some(10_000.0);
            options.duration = Some(Duration::from_millis(450));
        });
        let due = |(_, due): (u32, Instant)| (due - begun).as_millis();
        let all: Vec<_> = std::iter::from_fn(|| schedule.next().map(due)).collect();
        assert_eq!(all, [0, 100, 200, 300, 400]);
    }
}

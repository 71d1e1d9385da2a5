//! The plan as windows.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

use crate::ask::Ask;
use crate::desk::{Desk, Source};
use crate::refusal::Refusal;

/// A time for which at least so many replicas are planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Start, a whole minute, not after the plan's.
    pub from: DateTime<Utc>,
    /// End, a whole minute.
    pub until: DateTime<Utc>,
    /// Replicas of the window.
    pub replicas: u32,
    /// Replicas until then.
    pub before: u32,
    /// Why, in a sentence.
    pub reason: String,
}

/// A service's steps ahead.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The service.
    pub service: String,
    /// The demand quantile planned at.
    pub quantile: f64,
    /// Fewest and most replicas.
    pub min: u32,
    /// Most replicas.
    pub max: u32,
    /// When the plan was made.
    pub made_at: DateTime<Utc>,
    /// The windows that begin after now, in the order of time, without gaps.
    pub windows: Vec<Window>,
}

impl Desk {
    /// The steps ahead of a service until `until`, within the bounds. A step that the bounds swallow is none.
    ///
    /// # Errors
    /// [`Refusal`], also when there is only a fallback: that is no plan of what comes.
    pub fn schedule(&self, ask: &Ask, until: DateTime<Utc>) -> Result<Schedule, Refusal> {
        let answer = self.answer(ask)?;
        let (Some(quantile), Some(made_at)) = (answer.quantile, answer.made_at) else {
            debug_assert_eq!(answer.source, Source::Fallback);
            return Err(Refusal::Unavailable(format!("there is no plan to export: {}", answer.reason)));
        };
        let bounds = self.bounds(ask)?;
        let mut windows: Vec<Window> = Vec::new();
        let mut before = bounds.clamp(answer.planned);
        for step in answer.ahead.iter().filter(|step| step.at < until) {
            let replicas = bounds.clamp(step.replicas);
            if replicas == before {
                continue;
            }
            let from = whole_minute(step.at);
            let mut window = Window { from, until, replicas, before, reason: step.reason.clone() };
            if let Some(last) = windows.pop_if(|last| last.from == from) {
                // Of two steps in a minute the larger counts, so that the floor is never below the plan.
                window.before = last.before;
                window.replicas = replicas.max(last.replicas);
            } else if let Some(last) = windows.last_mut() {
                last.until = from;
            }
            before = window.replicas;
            windows.push(window);
        }
        let service = answer.service;
        Ok(Schedule { service, quantile, min: bounds.clamp(0), max: bounds.max, made_at, windows })
    }
}

/// The minute a moment is in.
fn whole_minute(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at)
}

impl Schedule {
    /// At most `limit` windows. Neighbours are joined at the larger floor, those first that add the least
    /// replica-time.
    pub(crate) fn at_most(&self, limit: usize) -> Vec<Window> {
        let mut windows = self.windows.clone();
        while windows.len() > limit.max(1) {
            let added = |pair: &[Window]| {
                let (less, more) = if pair[0].replicas < pair[1].replicas {
                    (&pair[0], &pair[1])
                } else {
                    (&pair[1], &pair[0])
                };
                i64::from(more.replicas - less.replicas) * (less.until - less.from).num_seconds()
            };
            let Some((at, _)) = windows.windows(2).map(added).enumerate().min_by_key(|(_, added)| *added)
            else {
                break;
            };
            let later = windows.remove(at + 1);
            let kept = &mut windows[at];
            kept.until = later.until;
            if later.replicas > kept.replicas {
                kept.replicas = later.replicas;
                kept.reason = later.reason;
            }
            if let Some(next) = windows.get(at + 1).map(|_| at + 1) {
                windows[next].before = windows[at].replicas;
            }
        }
        windows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;
    use proptest::prelude::*;

    proptest! {
        /// Joined windows cover the same time, are few enough, and are never below the plan.
        #[test]
        fn joining_never_lowers_the_floor(
            plan in prop::collection::vec((1_u32..60, 1_i64..180), 1..60), limit in 1_usize..30,
        ) {
            let start = Utc.with_ymd_and_hms(2026, 1, 28, 18, 0, 0).unwrap();
            let (mut from, mut before) = (start, 1);
            let windows = plan.iter().map(|(replicas, minutes)| {
                let until = from + TimeDelta::minutes(*minutes);
                let window = Window { from, until, replicas: *replicas, before, reason: String::new() };
                (from, before) = (until, *replicas);
                window
            });
            let schedule = Schedule {
                service: "gateway".to_owned(), quantile: 0.95, min: 1, max: 60, made_at: start,
                windows: windows.collect(),
            };
            let joined = schedule.at_most(limit);
            prop_assert!(joined.len() <= limit);
            prop_assert_eq!(joined[0].from, start);
            prop_assert_eq!(joined.last().map(|w| w.until), schedule.windows.last().map(|w| w.until));
            prop_assert!(joined.windows(2).all(|w| w[0].until == w[1].from && w[1].before == w[0].replicas));
            for window in &schedule.windows {
                let floor = joined.iter().find(|j| j.from <= window.from && window.until <= j.until);
                prop_assert!(floor.is_some_and(|floor| floor.replicas >= window.replicas));
            }
        }
    }
}

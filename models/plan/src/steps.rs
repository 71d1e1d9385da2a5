//! From needs to floors: ahead of the demand, held to an event's end, in steps that can be taken.
//!
//! Each of these only ever raises a floor, but for the bounds at the end. Nothing here takes replicas away: where the
//! floor falls the autoscaler scales in by what it measures.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};
use headroom_calendar::{Event, EventClass};
use headroom_forecast::Prediction;

use crate::ServiceCapacity;
use crate::needs::{self, Need};
use crate::staffing::TOLERANCE;

/// Syncs of the autoscaler in a minute.
const SYNCS: u32 = 4;

/// The floors wanted, bounds left aside.
pub(crate) struct Wanted {
    /// For each minute, the highest in it.
    pub(crate) floors: Vec<u32>,
    /// For the first minute until a rise in it is due.
    pub(crate) before_rise: u32,
}

/// The floors wanted for each minute; `in_force` is the floor until now.
pub(crate) fn wanted(
    forecast: &[Prediction],
    measured: &[(DateTime<Utc>, f64)],
    needs: &[Need],
    capacity: &ServiceCapacity,
    in_force: u32,
) -> Wanted {
    let floors = held(forecast, measured, needs, capacity);
    let ahead = capacity.ahead_minutes() as usize;
    let before_rise = floors.iter().take(ahead.max(1)).copied().max().unwrap_or(0);
    let floors = window_max(&floors, 0, ahead);
    let mut floors = without_dips(&floors, capacity.stabilisation_minutes as usize, in_force);
    if let Some(step) = capacity.max_step {
        let minute = step.saturating_mul(SYNCS);
        for at in (0..floors.len().saturating_sub(1)).rev() {
            floors[at] = floors[at].max(floors[at + 1].saturating_sub(minute));
        }
    }
    Wanted { floors, before_rise }
}

/// The needs, with an event's peak held until its end: the highest measured since it began, and expected from then
/// on. What was only feared, the quantile above the median, is not held once its minute is over.
fn held(
    forecast: &[Prediction],
    measured: &[(DateTime<Utc>, f64)],
    needs: &[Need],
    capacity: &ServiceCapacity,
) -> Vec<u32> {
    let so_far = |event: &Event| {
        let since = measured.iter().rev().take_while(|(ts, _)| *ts >= event.effect_start());
        let peak = since.map(|(_, demand)| *demand).filter(|demand| demand.is_finite()).fold(0.0, f64::max);
        capacity.staffed(peak)
    };
    let mut peaks: HashMap<(DateTime<Utc>, EventClass, &str), u32> = HashMap::new();
    let mut floors = Vec::with_capacity(needs.len());
    for (need, prediction) in needs.iter().zip(forecast) {
        let mut floor = need.replicas;
        for event in needs::held(prediction) {
            let peak =
                peaks.entry((event.start, event.class, event.name.as_str())).or_insert_with(|| so_far(event));
            *peak = need.expected.max(*peak);
            floor = floor.max(*peak);
        }
        floors.push(floor);
    }
    floors
}

/// Fills dips of at most `minutes` whole, and leaves longer ones as they are (a closing, in the words of mathematical
/// morphology); `held` was the floor before the first.
fn without_dips(floors: &[u32], minutes: usize, held: u32) -> Vec<u32> {
    let known = std::iter::repeat_n(held, minutes).chain(floors.iter().copied());
    let highest = window_max(&known.collect::<Vec<u32>>(), 0, minutes);
    let lowest = window_max(&highest.iter().map(|floor| u32::MAX - floor).collect::<Vec<u32>>(), minutes, 0);
    lowest.into_iter().skip(minutes).map(|floor| u32::MAX - floor).collect()
}

/// The floors in force, from the replicas running now: within the service's bounds, rising no faster than its steps
/// allow, and by enough that the autoscaler does not take a rise for noise.
pub(crate) fn taken(
    wanted: &[u32],
    needs: &[Need],
    capacity: &ServiceCapacity,
    running: Option<u32>,
) -> Vec<u32> {
    let bounded = |replicas: u32| replicas.clamp(capacity.least(), capacity.max_replicas);
    let mut now = bounded(running.or(wanted.first().copied()).unwrap_or(0));
    // What was last wanted: below `now` when a rise was rounded up past the tolerance.
    let mut base = now;
    let floors = wanted.iter().zip(needs).map(|(wanted, need)| {
        let wanted = bounded(*wanted);
        if wanted > now {
            let reachable =
                capacity.max_step.map_or(u32::MAX, |step| now.saturating_add(step.saturating_mul(SYNCS)));
            now = bounded(wanted.max(past_tolerance(now)).min(reachable).max(need.reactive));
        } else if wanted < base {
            now = wanted;
        }
        base = wanted;
        now
    });
    floors.collect()
}

/// The fewest replicas that the autoscaler does not take for the same as `running`.
fn past_tolerance(running: u32) -> u32 {
    (f64::from(running) * (1.0 + TOLERANCE) + 1e-9).floor() as u32 + 1
}

/// The largest value from `back` steps before to `ahead` steps after each step.
pub(crate) fn window_max(values: &[u32], back: usize, ahead: usize) -> Vec<u32> {
    let mut window: VecDeque<usize> = VecDeque::new();
    let mut next = 0;
    (0..values.len())
        .map(|at| {
            while next < values.len() && next <= at + ahead {
                while window.back().is_some_and(|last| values[*last] <= values[next]) {
                    window.pop_back();
                }
                window.push_back(next);
                next += 1;
            }
            while window.front().is_some_and(|first| *first + back < at) {
                window.pop_front();
            }
            window.front().map_or(0, |first| values[*first])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_dip_is_filled_whole_or_left() {
        assert_eq!(without_dips(&[9, 3, 3, 8, 3, 3, 3, 8], 2, 0), [9, 8, 8, 8, 3, 3, 3, 8]);
        assert_eq!(
            without_dips(&[3, 3, 8, 1], 2, 5),
            [5, 5, 8, 1],
            "wanted back soon after the floor in force"
        );
        assert_eq!(without_dips(&[3, 3, 3, 8], 2, 5), [3, 3, 3, 8]);
    }

    proptest! {
        #[test]
        fn what_is_filled_needs_no_filling(floors in proptest::collection::vec(0u32..6, 1..60), minutes in 0usize..8, held in 0u32..6) {
            let filled = without_dips(&floors, minutes, held);
            prop_assert!(filled.iter().zip(&floors).all(|(filled, floor)| filled >= floor));
            prop_assert_eq!(without_dips(&filled, minutes, held), filled.clone());
            for (at, pair) in filled.windows(2).enumerate().filter(|(_, pair)| pair[1] < pair[0]) {
                let back = filled[at + 1..].iter().position(|floor| *floor > pair[1]);
                prop_assert!(back.is_none_or(|dip| dip > minutes), "{filled:?} at {at}");
            }
        }
    }
}

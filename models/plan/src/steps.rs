//! From needs to floors: ahead of the demand, held to an event's end, in steps that can be taken.
//!
//! Each of these only ever raises a floor, but for the bounds at the end. Nothing here takes replicas away: where the
//! floor falls the autoscaler scales in by what it measures.

use std::collections::{HashMap, VecDeque};

use headroom_forecast::Prediction;

use crate::ServiceCapacity;
use crate::needs::{self, Need};

/// Syncs of the autoscaler in a minute.
const SYNCS: u32 = 4;
/// The autoscaler leaves alone what is within this of the replicas there are.
const TOLERANCE: f64 = 0.1;

/// The floors wanted for each minute, bounds left aside.
pub(crate) fn wanted(forecast: &[Prediction], needs: &[Need], capacity: &ServiceCapacity) -> Vec<u32> {
    let mut floors: Vec<u32> = needs.iter().map(|need| need.replicas).collect();
    hold(&mut floors, forecast);
    let floors = window_max(&floors, 0, capacity.ahead_minutes() as usize);
    let mut floors = without_dips(&floors, capacity.stabilisation_minutes as usize);
    if let Some(step) = capacity.max_step {
        let minute = step.saturating_mul(SYNCS);
        for at in (0..floors.len().saturating_sub(1)).rev() {
            floors[at] = floors[at].max(floors[at + 1].saturating_sub(minute));
        }
    }
    floors
}

/// Keeps the highest need of an event until the event's end.
fn hold(floors: &mut [u32], forecast: &[Prediction]) {
    let mut highest: HashMap<(chrono::DateTime<chrono::Utc>, headroom_calendar::EventClass, &str), u32> =
        HashMap::new();
    for (floor, prediction) in floors.iter_mut().zip(forecast) {
        let own = *floor;
        for event in needs::held(prediction) {
            let peak = highest.entry((event.start, event.class, event.name.as_str())).or_insert(0);
            *peak = own.max(*peak);
            *floor = (*floor).max(*peak);
        }
    }
}

/// Fills dips after which the floor is wanted back within `minutes`.
fn without_dips(floors: &[u32], minutes: usize) -> Vec<u32> {
    let (before, after) = (window_max(floors, minutes, 0), window_max(floors, 0, minutes));
    before.into_iter().zip(after).map(|(before, after)| before.min(after)).collect()
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

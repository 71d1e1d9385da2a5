//! From needs to floors: ahead of the demand, held to an event's end, in steps that can be taken.
//!
//! Each of these only ever raises a floor, but for the bounds at the end. Nothing here takes replicas away: where the
//! floor falls the autoscaler scales in by what it measures.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};
use headroom_calendar::EventClass;
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

/// The floors wanted for each minute; `held` is the floor in force until now.
pub(crate) fn wanted(
    forecast: &[Prediction],
    needs: &[Need],
    capacity: &ServiceCapacity,
    held: u32,
) -> Wanted {
    let mut floors: Vec<u32> = needs.iter().map(|need| need.replicas).collect();
    hold(&mut floors, forecast, held);
    let ahead = capacity.ahead_minutes() as usize;
    let before_rise = floors.iter().take(ahead.max(1)).copied().max().unwrap_or(0);
    let floors = window_max(&floors, 0, ahead);
    let mut floors = without_dips(&floors, capacity.stabilisation_minutes as usize);
    if let Some(step) = capacity.max_step {
        let minute = step.saturating_mul(SYNCS);
        for at in (0..floors.len().saturating_sub(1)).rev() {
            floors[at] = floors[at].max(floors[at + 1].saturating_sub(minute));
        }
    }
    Wanted { floors, before_rise }
}

/// Keeps the highest need of an event until the event's end. One that has begun keeps the floor in force.
fn hold(floors: &mut [u32], forecast: &[Prediction], held: u32) {
    let Some(first) = forecast.first().map(|p| p.ts) else { return };
    let mut highest: HashMap<(DateTime<Utc>, EventClass, &str), u32> = HashMap::new();
    for (floor, prediction) in floors.iter_mut().zip(forecast) {
        let own = *floor;
        for event in needs::held(prediction) {
            let begun = if event.effect_start() < first { held } else { 0 };
            let peak = highest.entry((event.start, event.class, event.name.as_str())).or_insert(begun);
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

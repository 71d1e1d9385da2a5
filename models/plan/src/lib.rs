//! Replicas from demand: enough at the newsvendor quantile, ready before the demand, given up slowly.
//!
//! For each minute the need is the demand quantile over a replica's capacity. A minute's plan is the largest need
//! of the minutes from the stabilisation window before it to the lead (and margin) after it. Replicas are given up
//! only if the next stabilisation window does not want them back, and only some at a time: so a step down is never
//! followed by a step up within the window. What reactive scaling would ask for at the median is the lower bound
//! of the need, and so of the plan.

mod capacity;
mod reason;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use headroom_calendar::Calendar;
use headroom_forecast::Prediction;

pub use capacity::ServiceCapacity;

/// One minute of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedMinute {
    /// Start of the minute.
    pub ts: DateTime<Utc>,
    /// Replicas to run.
    pub replicas: u32,
    /// Replicas that reactive scaling would ask for at the median demand.
    pub reactive: u32,
    /// Why the plan is at this number: the sentence of its last step.
    pub reason: Arc<str>,
}

/// Minutes between two steps down.
const DOWN_EVERY: usize = 5;

/// Plans the minutes of a forecast, which must follow each other without gaps. `running` is the number of replicas
/// planned until now, from which the first step down is limited.
pub fn plan(
    forecast: &[Prediction],
    capacity: &ServiceCapacity,
    running: Option<u32>,
    calendar: &Calendar,
) -> Vec<PlannedMinute> {
    let demand: Vec<f64> = forecast.iter().map(|p| p.at(capacity.quantile())).collect();
    let needs: Vec<u32> = demand.iter().map(|d| replicas(*d, capacity)).collect();
    let reactive: Vec<u32> = forecast.iter().map(|p| replicas(p.median(), capacity)).collect();
    let ahead = (capacity.lead_seconds + capacity.margin_seconds).div_ceil(60) as usize;
    let hold = capacity.stabilisation_minutes as usize;
    let needs: Vec<u32> = needs.iter().zip(&reactive).map(|(n, r)| *n.max(r)).collect();
    let wanted = window_max(&needs, hold, ahead);
    let kept = window_max(&wanted, 0, hold);

    let steps = reason::Steps { forecast, demand: &demand, needs: &needs, ahead, hold, capacity, calendar };
    let mut now = running.unwrap_or_else(|| wanted.first().copied().unwrap_or(capacity.min_replicas));
    let mut last_down: Option<usize> = None;
    let mut why: Option<Arc<str>> = None;
    let mut minutes = Vec::with_capacity(forecast.len());
    for (at, prediction) in forecast.iter().enumerate() {
        let before = now;
        if wanted[at] > now {
            now = wanted[at];
        } else if kept[at] < now && last_down.is_none_or(|down| at >= down + DOWN_EVERY) {
            let step = ((f64::from(now) * capacity.scale_down_step) as u32).max(1);
            now = kept[at].max(now.saturating_sub(step));
            last_down = Some(at);
        }
        let reason = match why.take() {
            Some(unchanged) if now == before => unchanged,
            None if now == before => steps.standing(at, now).into(),
            _ => steps.changed(at, before, now).into(),
        };
        minutes.push(PlannedMinute {
            ts: prediction.ts,
            replicas: now,
            reactive: reactive[at],
            reason: Arc::clone(&reason),
        });
        why = Some(reason);
    }
    minutes
}

/// Replicas for a demand in requests per minute, within the service's bounds.
fn replicas(demand: f64, capacity: &ServiceCapacity) -> u32 {
    let exact = demand / capacity.requests_per_minute;
    // A demand that fills a replica to the last request does not need the next one.
    let needed = (exact - 1e-9).ceil().max(0.0);
    (needed as u32).clamp(capacity.min_replicas, capacity.max_replicas)
}

/// The largest value from `back` steps before to `ahead` steps after each step.
fn window_max(values: &[u32], back: usize, ahead: usize) -> Vec<u32> {
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

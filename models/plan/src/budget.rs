//! A budget of replica-hours a day, and what is given up for it.

use chrono::{DateTime, NaiveDate, Utc};

use crate::ServiceCapacity;
use crate::needs::Need;
use crate::steps;

/// Minutes of a day.
const DAY: f64 = 1440.0;

/// What a day's budget took from the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenUp {
    /// The UTC day.
    pub day: NaiveDate,
    /// Replica-hours that the planned part of the day may have.
    pub budget_replica_hours: f64,
    /// Replica-hours given up.
    pub replica_hours: f64,
    /// The minute that lost most.
    pub worst: DateTime<Utc>,
    /// Replicas that this minute had before, and has now.
    pub replicas: (u32, u32),
    /// Whether what reactive scaling asks for is by itself above the budget, which the plan does not cut.
    pub reactive_above: bool,
}

impl GivenUp {
    /// What was given up, in a sentence.
    pub fn told(&self) -> String {
        let (before, after) = self.replicas;
        let beyond = if self.reactive_above {
            "; what reactive scaling asks for is by itself above it and stays"
        } else {
            ""
        };
        format!(
            "the budget of {:.1} replica-hours for the planned part of {} gives up {:.1} replica-hours, most at {} UTC ({before} -> {after} replicas){beyond}",
            self.budget_replica_hours,
            self.day,
            self.replica_hours,
            self.worst.format("%H:%M"),
        )
    }
}

/// Cuts the floors of each day to its budget. First to go is the same share of every minute's room above the median's
/// replicas, still ready before the demand; then of what lies above reactive scaling, which stays. A day of which
/// only a part is planned has that part of the budget.
pub(crate) fn keep(
    floors: &mut [u32],
    minutes: &[DateTime<Utc>],
    needs: &[Need],
    capacity: &ServiceCapacity,
) -> Vec<GivenUp> {
    let Some(budget) = capacity.budget_replica_hours else { return Vec::new() };
    let reactive: Vec<u32> =
        needs.iter().map(|n| n.reactive.clamp(capacity.least(), capacity.max_replicas)).collect();
    let in_time = steps::window_max(&reactive, 0, capacity.ahead_minutes() as usize);
    let days = minutes.chunk_by(|a, b| a.date_naive() == b.date_naive());
    let mut from = 0;
    let mut given_up = Vec::new();
    for day in days {
        let range = from..from + day.len();
        from = range.end;
        let allowed = budget * day.len() as f64 / DAY;
        let floors = &mut floors[range.clone()];
        let before = floors.to_vec();
        for least in [&in_time[range.clone()], &reactive[range.clone()]] {
            cut(floors, least, allowed);
        }
        let lost = |at: &usize| before[*at] - floors[*at];
        let Some(worst) = (0..day.len()).rev().max_by_key(lost).filter(|at| lost(at) > 0) else { continue };
        given_up.push(GivenUp {
            day: day[0].date_naive(),
            budget_replica_hours: allowed,
            replica_hours: hours(&before) - hours(floors),
            worst: day[worst],
            replicas: (before[worst], floors[worst]),
            reactive_above: hours(floors) > allowed,
        });
    }
    given_up
}

fn hours(replicas: &[u32]) -> f64 {
    replicas.iter().map(|n| f64::from(*n)).sum::<f64>() / 60.0
}

/// Takes from every floor the same share of what lies above `least`, as little as makes the hours fit.
fn cut(floors: &mut [u32], least: &[u32], allowed: f64) {
    if hours(floors) <= allowed {
        return;
    }
    let with = |share: f64| -> Vec<u32> {
        let kept = |(floor, least): (&u32, &u32)| {
            floor - (f64::from(floor.saturating_sub(*least)) * (1.0 - share)).ceil() as u32
        };
        floors.iter().zip(least).map(kept).collect()
    };
    // The hours grow with the share that is kept: the largest that fits, by halving.
    let (mut fits, mut above) = (0.0, 1.0);
    for _ in 0..30 {
        let middle = f64::midpoint(fits, above);
        if hours(&with(middle)) <= allowed { fits = middle } else { above = middle }
    }
    let kept = with(fits);
    floors.copy_from_slice(&kept);
}

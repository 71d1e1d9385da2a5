//! Replicas from demand: enough at the newsvendor quantile, ready before the demand, held to an event's end.
//!
//! A [`plan`] is a floor for the autoscaler, minute by minute. It is made in these steps:
//!
//! 1. Each minute's demand is taken at the quantile that the costs of being short and idle ask for, by class of
//!    event; [`staffing`] turns it into replicas that leave the more room the smaller the pool is. What reactive
//!    scaling asks for (of the measured demand now, of the median later) is the least.
//! 2. The floor of a minute is the largest need from it to the lead after it: a replica's and a node's start, the
//!    autoscaler's lag, a margin. An event's peak is held to its end, a dip that is wanted back soon is filled, and
//!    a rise that is too steep for the service's steps begins earlier.
//! 3. Bounds: least, most, the budget of a day. What a budget takes away is told.
//!
//! What the last minutes say of the next ones is [`Near`]'s: a forecaster's own quantiles are those of a day ahead.
//!
//! A plan never scales in. Where its floor falls away, the autoscaler gives replicas up by what it measures.
//!
//! Without a forecast that can be trusted the last plan stands, and without one a fallback from measured demand;
//! [`Plan::source`] and the reasons say so.

mod budget;
mod capacity;
mod fallback;
mod near;
mod needs;
mod reason;
pub mod staffing;
mod steps;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use headroom_calendar::Calendar;
use headroom_forecast::Prediction;

use steps::Wanted;

pub use budget::GivenUp;
pub use capacity::{Costs, Mode, ServiceCapacity};
pub use near::Near;

/// Minutes for which the measured demand is taken to stand: the autoscaler's own window before it scales in.
const STANDING_MINUTES: usize = 5;

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// When the plan is made.
    pub now: DateTime<Utc>,
    /// The demand to expect, in minutes that follow each other without gaps from now on; or why there is none.
    pub forecast: Result<&'a [Prediction], &'a str>,
    /// Requests in the minutes measured of late (the last day, where known), the newest last.
    pub measured: &'a [(DateTime<Utc>, f64)],
    /// The replicas asked for now, by whomever.
    pub running: Option<u32>,
    /// The plan made before.
    pub last: Option<&'a Plan>,
    /// The venues, for wall-clock times in reasons.
    pub calendar: &'a Calendar,
}

/// A plan: floors for the autoscaler.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Whether it is to be acted on.
    pub mode: Mode,
    /// What it rests on.
    pub source: Source,
    /// The floors, one for each minute: the highest in it.
    pub minutes: Vec<PlannedMinute>,
    /// Seconds into its minute at which a rise is due, so that capacity is ready in time and not up to a minute
    /// before.
    pub rise_seconds: u32,
    /// The floor of the first minute until then.
    pub before_rise: u32,
    /// What budgets took away, by day.
    pub given_up: Vec<GivenUp>,
}

impl Plan {
    /// The floor in force at an instant, and the minute that gives it; nothing outside of the plan.
    pub fn at(&self, ts: DateTime<Utc>) -> Option<(u32, &PlannedMinute)> {
        let index = self.minutes.partition_point(|minute| minute.ts <= ts).checked_sub(1)?;
        let minute = &self.minutes[index];
        if ts >= minute.ts + Duration::minutes(1) {
            return None;
        }
        let due = ts >= minute.ts + Duration::seconds(i64::from(self.rise_seconds));
        let Some(before) = index.checked_sub(1).map(|before| &self.minutes[before]) else {
            return Some((if due { minute.replicas } else { self.before_rise }, minute));
        };
        let early = !due && before.replicas < minute.replicas;
        let minute = if early { before } else { minute };
        Some((minute.replicas, minute))
    }
}

/// What a plan rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The forecast.
    Forecast,
    /// An earlier plan.
    LastPlan {
        /// When that was made.
        made_at: DateTime<Utc>,
        /// Why no new one could be made.
        why: String,
    },
    /// Measured demand alone.
    Fallback {
        /// Why neither a new plan nor an earlier one could be had.
        why: String,
    },
}

/// One minute of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedMinute {
    /// Start of the minute.
    pub ts: DateTime<Utc>,
    /// The fewest replicas to run.
    pub replicas: u32,
    /// Replicas that reactive scaling asks for: what it asks for now at the measured demand in the first minutes,
    /// the fewest it would not raise at the median demand later.
    pub reactive: u32,
    /// The demand quantile provisioned for; none where the plan does not rest on a forecast.
    pub quantile: Option<f64>,
    /// Why the plan is at this number: the sentence of its last step.
    pub reason: Arc<str>,
}

/// A service's capacity that has no meaning: the sentence names the setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no plan can be made: {0}")]
pub struct Unplannable(pub String);

/// Plans the minutes of a forecast, or says what stands in for it.
///
/// # Errors
/// Only a capacity without a meaning; whatever is wrong with the data leads to a plan that says so.
pub fn plan(situation: &Situation<'_>, capacity: &ServiceCapacity) -> Result<Plan, Unplannable> {
    capacity.check().map_err(Unplannable)?;
    let measured = standing(situation);
    let standing = capacity.reactive(measured, situation.running);
    let forecast = match trusted(situation, capacity) {
        Ok(forecast) => forecast,
        Err(why) => {
            let last = fallback::last_plan(situation, capacity, standing, &why);
            return Ok(last.unwrap_or_else(|| fallback::measured(situation, capacity, standing, &why)));
        }
    };
    let needs = needs::of(forecast, capacity, standing, STANDING_MINUTES);
    let in_force = situation.last.and_then(|last| last.at(situation.now)).map_or(0, |(floor, _)| floor);
    let Wanted { floors: wanted, before_rise } =
        steps::wanted(forecast, situation.measured, &needs, capacity, in_force);
    let unbudgeted = steps::taken(&wanted, &needs, capacity, situation.running);
    let mut floors = unbudgeted.clone();
    let times: Vec<DateTime<Utc>> = forecast.iter().map(|p| p.ts).collect();
    let given_up = budget::keep(&mut floors, &times, &needs, capacity);

    let steps = reason::Steps {
        forecast,
        needs: &needs,
        wanted: &wanted,
        unbudgeted: &unbudgeted,
        capacity,
        calendar: situation.calendar,
        measured,
        standing,
    };
    let mut before = situation.running;
    let mut why: Option<Arc<str>> = None;
    let mut minutes = Vec::with_capacity(forecast.len());
    for (at, replicas) in floors.into_iter().enumerate() {
        let reason = match (before.filter(|b| *b != replicas), why.take()) {
            (Some(before), _) => steps.changed(at, before, replicas).into(),
            (None, Some(unchanged)) => unchanged,
            (None, None) => steps.standing(at, replicas).into(),
        };
        minutes.push(PlannedMinute {
            ts: times[at],
            replicas,
            reactive: needs[at].reactive.clamp(capacity.least(), capacity.max_replicas),
            quantile: Some(needs[at].quantile),
            reason: Arc::clone(&reason),
        });
        (before, why) = (Some(replicas), Some(reason));
    }
    // No dip between the floor in force and the rise.
    let before_rise = before_rise.max(in_force).clamp(capacity.least(), minutes[0].replicas);
    let rise_seconds = capacity.ahead_minutes() * 60 - capacity.ahead_seconds();
    let source = Source::Forecast;
    Ok(Plan {
        made_at: situation.now,
        mode: capacity.mode,
        source,
        minutes,
        before_rise,
        rise_seconds,
        given_up,
    })
}

/// The demand that reactive scaling goes by: that of the last two minutes, of which the newest may still be filling.
/// The autoscaler's own window before it scales in comes on top, and is not the plan's.
fn standing(situation: &Situation<'_>) -> f64 {
    let since = situation.now - Duration::minutes(3);
    let recent = situation.measured.iter().filter(|(ts, value)| *ts > since && value.is_finite());
    recent.map(|(_, value)| *value).fold(0.0, f64::max)
}

/// The forecast, or why it cannot be planned from.
fn trusted<'a>(situation: &Situation<'a>, capacity: &ServiceCapacity) -> Result<&'a [Prediction], String> {
    let forecast = situation.forecast.map_err(ToOwned::to_owned)?;
    if let Some(fault) = needs::fault(forecast) {
        return Err(fault);
    }
    let newest = situation.measured.iter().rev().find(|(_, value)| value.is_finite() && *value >= 0.0);
    let Some((newest, _)) = newest else { return Err("no demand was measured".to_owned()) };
    let age = (situation.now - *newest).num_minutes();
    if age > i64::from(capacity.stale_minutes) {
        return Err(format!(
            "the newest measured demand is of {}, {age} minutes ago",
            newest.format("%Y-%m-%d %H:%M UTC")
        ));
    }
    Ok(forecast)
}

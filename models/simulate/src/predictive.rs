//! Floors from the forecaster and the planner: the past goes in, a plan comes out, again and again.

use chrono::{DateTime, Duration, Utc};
use headroom_forecast::{Context, Fitted, Forecaster, Prediction, Series};
use headroom_plan::{Near, Plan, PlannedMinute, ServiceCapacity, Situation};

use crate::Refused;
use crate::policy::{Floors, Seen};

/// Minutes that a plan is made for, beyond what it looks ahead and its interval.
const REACH_MINUTES: i64 = 15;
/// Minutes between two times that the level follows the demand; the minutes in between are scaled to it.
const OBSERVE_MINUTES: i64 = 15;
/// Hours between two fits.
const REFIT_HOURS: i64 = 24;

/// A fitted model, or why there is none.
type Fit = Result<Box<dyn Fitted>, String>;

/// Plans from the forecast of one forecaster. It knows the demand up to the moment and the calendar, with what
/// the calendar knew by then.
pub struct Predictive<'a> {
    forecaster: &'a dyn Forecaster,
    context: Context,
    capacity: ServiceCapacity,
    every: Duration,
    /// Demand per minute: what was known before the replay, and what the replay has shown so far.
    past: Series,
    shown: usize,
    fitted: Option<(DateTime<Utc>, Fit)>,
    observed: DateTime<Utc>,
    near: Near,
    plan: Option<Plan>,
    /// Each step that was in force, with its reason.
    taken: Vec<PlannedMinute>,
}

impl<'a> Predictive<'a> {
    /// A planner that makes a plan every so many minutes. `history` is the demand before the replay, per minute.
    ///
    /// # Errors
    /// A capacity without a meaning, and a history that is not per minute.
    pub fn new(
        forecaster: &'a dyn Forecaster,
        context: Context,
        capacity: ServiceCapacity,
        history: Series,
        every_minutes: u32,
    ) -> Result<Self, Refused> {
        capacity.check().map_err(Refused)?;
        if history.step_minutes != 1 {
            return Err(Refused(format!(
                "the history has steps of {} minutes: plans are made from minutes",
                history.step_minutes
            )));
        }
        let every = Duration::minutes(i64::from(every_minutes.max(1)));
        let near = Near::new(capacity.ahead_minutes());
        let observed = DateTime::UNIX_EPOCH;
        let (shown, fitted, plan, taken) = (0, None, None, Vec::new());
        Ok(Self {
            forecaster,
            context,
            capacity,
            every,
            past: history,
            shown,
            fitted,
            observed,
            near,
            plan,
            taken,
        })
    }

    /// The steps that were in force so far, each with its reason.
    pub fn taken(&self) -> &[PlannedMinute] {
        &self.taken
    }

    /// Takes in the minutes that are over since the last time.
    fn follow(&mut self, seen: &Seen<'_>) {
        let fresh = seen.minutes(self.shown);
        if self.shown == 0 {
            self.join(seen.start());
        }
        for (index, demand) in fresh.iter().enumerate() {
            self.near.observe(self.past.end() + Duration::minutes(index as i64), *demand);
        }
        self.shown += fresh.len();
        self.past.values.extend(fresh.into_iter().map(Some));
    }

    /// Lets the history end where the replay starts: what lies after is not the past, and a gap is a gap.
    fn join(&mut self, start: DateTime<Utc>) {
        self.past = self.past.before(start);
        if self.past.values.is_empty() {
            self.past.start = start;
        }
        let gap = (start - self.past.end()).num_minutes().max(0) as usize;
        self.past.values.extend(std::iter::repeat_n(None, gap));
    }

    fn refit(&mut self, now: DateTime<Utc>) {
        if self.fitted.as_ref().is_none_or(|(at, _)| now - *at >= Duration::hours(REFIT_HOURS)) {
            let fitted = self.forecaster.fit(&self.past, &self.context).map_err(|why| why.to_string());
            self.fitted = Some((now, fitted));
            self.observed = now;
        } else if let Some((_, Ok(fitted))) = &mut self.fitted
            && now - self.observed >= Duration::minutes(OBSERVE_MINUTES)
        {
            fitted.observe(&self.past.since(self.observed - Duration::hours(2)));
            self.observed = now;
        }
    }

    fn replan(&mut self, seen: &Seen<'_>) {
        self.follow(seen);
        let now = seen.now();
        self.refit(now);
        let ahead = self.capacity.ahead_minutes() + self.capacity.stabilisation_minutes;
        let reach = REACH_MINUTES + i64::from(ahead) + self.every.num_minutes();
        let forecast: Result<Vec<Prediction>, &str> = match &self.fitted {
            Some((_, Ok(fitted))) => Ok(self.near.forecast(fitted.as_ref(), now, reach as usize)),
            Some((_, Err(why))) => Err(why.as_str()),
            None => Err("nothing was fitted"),
        };
        let day = self.past.since(now - Duration::days(1));
        let measured: Vec<(DateTime<Utc>, f64)> =
            day.values.iter().enumerate().filter_map(|(i, v)| Some((day.at(i), (*v)?))).collect();
        let situation = Situation {
            now,
            forecast: forecast.as_deref().map_err(|why| *why),
            measured: &measured,
            running: Some(seen.replicas()),
            last: self.plan.as_ref(),
            calendar: &self.context.calendar,
        };
        // The capacity was checked: a plan can be made.
        if let Ok(plan) = headroom_plan::plan(&situation, &self.capacity) {
            self.plan = Some(plan);
        }
    }
}

impl Floors for Predictive<'_> {
    fn floor(&mut self, seen: &Seen<'_>) -> Option<u32> {
        let now = seen.now();
        if self.plan.as_ref().is_none_or(|plan| now - plan.made_at >= self.every) {
            self.replan(seen);
        }
        let (replicas, minute) = self.plan.as_ref()?.at(now)?;
        if self.taken.last().is_none_or(|last| last.replicas != replicas) {
            self.taken.push(PlannedMinute { ts: now, replicas, ..minute.clone() });
        }
        Some(replicas)
    }
}

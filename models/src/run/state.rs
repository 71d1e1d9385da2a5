//! What the loop keeps of one series, and the rows it writes for it.

mod findings;
mod fit;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Duration, DurationRound, Utc};
use headroom_store::Store;

use crate::body::ForecastEvent;
use crate::calendar::{Calendar, Event};
use crate::config::ModelsConfig;
use crate::forecast::{Fitted, Prediction, Signal};
use crate::plan::{self, Near, Plan, Situation};
use crate::rows::{ForecastRow, PlanRow, event_text};
use crate::run::choice::{Choice, Turn};
use crate::run::watch::Watch;
use crate::series::Series;
use crate::subject::Subject;
pub(super) use findings::Findings;
use fit::Fit;

/// Hours that a tick without a new fit rewrites: what the last hour showed has faded after them.
const NEAR_HOURS: i64 = 4;
/// Minutes between stored points beyond the fine hours.
const COARSE: usize = 5;
/// The newest minute may still be filling.
const SETTLE_MINUTES: i64 = 1;

/// One round of the loop.
#[derive(Clone, Copy)]
pub(super) struct Round<'a> {
    pub(super) store: &'a Store,
    pub(super) tenant: &'a str,
    pub(super) config: &'a ModelsConfig,
    pub(super) calendar: &'a Arc<Calendar>,
    pub(super) turn: &'a Turn,
    /// The minute in which it began.
    pub(super) now: DateTime<Utc>,
}

impl Round<'_> {
    /// Up to where demand is taken for measured.
    pub(super) fn until(&self) -> DateTime<Utc> {
        self.now - Duration::minutes(SETTLE_MINUTES)
    }
}

/// A series and its models.
pub(super) struct SeriesState {
    subject: Subject,
    choice: Option<Choice>,
    watch: Option<Watch>,
    /// What was found and is not stored yet.
    findings: Findings,
    /// The model in use, or why there is none.
    fit: Result<Fit, String>,
    /// When a fit was last tried.
    tried: Option<DateTime<Utc>>,
    /// Whether the whole horizon of the fit is stored, so that the next hours are enough.
    whole: bool,
    /// The plan made last.
    plan: Option<Plan>,
    /// What was measured in the last day.
    measured: Vec<(DateTime<Utc>, f64)>,
    /// What the last minutes say of the next; there is one once a plan was made.
    near: Option<Near>,
}

/// The rows of one series in one round, or why there is no forecast among them.
pub(super) struct Written {
    pub(super) forecasts: Result<Vec<ForecastRow>, String>,
    pub(super) plans: Vec<PlanRow>,
}

impl SeriesState {
    pub(super) fn new(subject: Subject) -> Self {
        Self {
            subject,
            choice: None,
            watch: None,
            findings: Findings::default(),
            fit: Err("no fit was tried yet".to_owned()),
            tried: None,
            whole: false,
            plan: None,
            measured: Vec::new(),
            near: None,
        }
    }

    /// What it is of.
    pub(super) fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The plan made last.
    pub(super) fn planned(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// Whether anything was measured in the last day.
    pub(super) fn is_alive(&self) -> bool {
        !self.measured.is_empty()
    }

    /// Whether it was fitted, or it was seen that it cannot be.
    pub(super) fn is_tried(&self) -> bool {
        self.tried.is_some()
    }

    /// Takes in the minutes measured of late, its own and those of the signals that lead it: the level follows, nothing is
    /// fitted.
    pub(super) async fn follow(&mut self, recent: &Series, signals: &[Signal], round: &Round<'_>) {
        if let Some(choice) = &mut self.choice
            && let Some(reports) = choice.take(self.subject.name()).await
        {
            self.chosen(round, &reports);
            // Long ago, so that it is fitted with the forecaster that it now has.
            self.tried = Some(DateTime::UNIX_EPOCH);
        }
        self.measure(recent, round.until());
        // The watch looks at each minute once. A fit that is due shows it all of the history.
        if self.due(round).is_none() {
            let found = self.watch.as_mut().map(|watch| watch.observe(recent));
            self.found(round, found.unwrap_or_default());
        }
        if let Ok(fit) = &mut self.fit {
            fit.fitted.observe_signals(signals);
            fit.fitted.observe(recent);
        }
    }

    /// Keeps the last day of measured demand.
    fn measure(&mut self, history: &Series, until: DateTime<Utc>) {
        let known = self.measured.last().map(|(ts, _)| *ts);
        let day = history.since(until - Duration::days(1));
        let from = if day.values.is_empty() { until } else { day.start };
        self.measured.retain(|(ts, _)| *ts < from && *ts >= until - Duration::days(1));
        let minutes = day.values.iter().enumerate().filter_map(|(i, value)| Some((day.at(i), (*value)?)));
        self.measured.extend(minutes);
        for (ts, demand) in self.measured.iter().filter(|(ts, _)| known.is_none_or(|known| *ts > known)) {
            self.near.iter_mut().for_each(|near| near.observe(*ts, *demand));
        }
    }

    /// The capacity of the service whose replicas it decides.
    fn capacity<'a>(&self, config: &'a ModelsConfig) -> Option<&'a plan::ServiceCapacity> {
        config.services.get(self.subject.planned()?)
    }

    /// The rows of this round: the whole horizon after a fit, the next hours otherwise. Without a model there is a plan
    /// all the same, if there is a capacity: the last one, or a fallback.
    pub(super) fn rows(&mut self, round: &Round<'_>) -> Written {
        let now = round.now;
        let fit = match &self.fit {
            Ok(fit) => fit,
            Err(why) => {
                let (why, near) = (why.clone(), now + Duration::hours(NEAR_HOURS));
                let plans = self.plans(round, Err(&why), |ts| ts < near);
                return Written { forecasts: Err(why), plans };
            }
        };
        let horizon = Duration::days(i64::from(round.config.horizon_days)).num_minutes();
        let stored = if self.whole { (NEAR_HOURS * 60).min(horizon) } else { horizon };
        let capacity = self.capacity(round.config);
        // The plan looks ahead, so that its last minutes need more forecast than is stored.
        let beyond = capacity.map_or(0, |c| i64::from(c.ahead_minutes() + c.stabilisation_minutes));
        let fine = i64::from(round.config.fine_hours) * 60;
        let keep = |ts: DateTime<Utc>| {
            let minutes = (ts - now).num_minutes();
            let on_grid = ts.duration_trunc(Duration::minutes(COARSE as i64)).is_ok_and(|t| t == ts);
            minutes < stored && (minutes < fine || on_grid)
        };
        let kept = (0..stored).map(|i| now + Duration::minutes(i)).filter(|ts| keep(*ts));
        let forecasts = self.forecasts(fit, round, kept.map(|ts| fit.fitted.predict(ts)));
        let near = capacity.map(|capacity| {
            let near = self.near.get_or_insert_with(|| Near::new(capacity.ahead_minutes()));
            near.forecast(fit.fitted.as_ref(), now, (stored + beyond) as usize)
        });
        let plans = self.plans(round, Ok(near.as_deref().unwrap_or_default()), keep);
        self.whole = true;
        Written { forecasts: Ok(forecasts), plans }
    }

    fn forecasts(
        &self,
        fit: &Fit,
        round: &Round<'_>,
        predictions: impl Iterator<Item = Prediction>,
    ) -> Vec<ForecastRow> {
        let made_at = round.now.timestamp_millis();
        let mut lifts: BTreeMap<(DateTime<Utc>, &'static str), f64> = BTreeMap::new();
        let mut event = |event: &Event, multiplier: f64| {
            // The shape holds what an open does; as a multiplier it is read off the forecast.
            let mut lift = || {
                let key = (event.start, event.class.id());
                *lifts.entry(key).or_insert_with(|| self::lift(fit.fitted.as_ref(), event))
            };
            event_text(&event_body(event, if event.class.in_shape() { lift() } else { multiplier }))
        };
        let row = |p: Prediction| {
            let [q50, q80, q90, q95, q99, q999] = p.quantiles;
            ForecastRow {
                tenant: round.tenant.to_owned(),
                metric: self.subject.metric().to_owned(),
                service: self.subject.service().to_owned(),
                made_at,
                ts: p.ts.timestamp(),
                q50,
                q80,
                q90,
                q95,
                q99,
                q999,
                events: p.events.iter().map(|(e, multiplier)| event(e, *multiplier)).collect(),
                model: fit.model.clone(),
            }
        };
        predictions.map(row).collect()
    }

    /// Has the next rows be of the whole horizon: those that were made are not stored.
    pub(super) fn not_stored(&mut self) {
        self.whole = false;
    }

    /// Makes the plan of a service that has a capacity, and the rows of the minutes that are kept.
    fn plans(
        &mut self,
        round: &Round<'_>,
        forecast: Result<&[Prediction], &str>,
        keep: impl Fn(DateTime<Utc>) -> bool,
    ) -> Vec<PlanRow> {
        let Some(capacity) = self.capacity(round.config) else { return Vec::new() };
        let (now, calendar) = (round.now, round.calendar.as_ref());
        let service = self.subject.name();
        let earlier = self.plan.iter().flat_map(|plan| &plan.minutes).take_while(|m| m.ts < now);
        let running = earlier.last().map(|m| m.replicas);
        let last = self.plan.as_ref();
        let situation = Situation { now, forecast, measured: &self.measured, running, last, calendar };
        let plan = match plan::plan(&situation, capacity) {
            Ok(plan) => plan,
            Err(refused) => {
                tracing::warn!(service, %refused, "the last plan stands");
                return Vec::new();
            }
        };
        for given_up in &plan.given_up {
            tracing::warn!(service, "{}", given_up.told());
        }
        let row = |m: &plan::PlannedMinute| PlanRow {
            tenant: round.tenant.to_owned(),
            service: service.to_owned(),
            made_at: now.timestamp_millis(),
            ts: m.ts.timestamp(),
            replicas: m.replicas,
            reactive: m.reactive,
            reason: m.reason.to_string(),
            mode: plan.mode.id().to_owned(),
        };
        let rows = coarse(&plan.minutes, keep).map(row).collect();
        self.plan = Some(plan);
        rows
    }
}

/// The minutes that are stored. Between two stored ones a plan only falls: a minute at which it rises is stored
/// whatever the grid, so that nobody reads a step later than it was planned.
fn coarse(
    minutes: &[plan::PlannedMinute],
    keep: impl Fn(DateTime<Utc>) -> bool,
) -> impl Iterator<Item = &plan::PlannedMinute> {
    let last = minutes.iter().rposition(|m| keep(m.ts)).map_or(0, |last| last + 1);
    minutes[..last].iter().enumerate().filter_map(move |(i, m)| {
        let rises = i > 0 && minutes[i - 1].replicas < m.replicas;
        (keep(m.ts) || rises).then_some(m)
    })
}

/// The median demand in an event over that of the half hour that ends half an hour before it.
fn lift(fitted: &dyn Fitted, event: &Event) -> f64 {
    let sum = |from: DateTime<Utc>| {
        (0..6).map(|i| fitted.predict(from + Duration::minutes(i * 5)).median()).sum::<f64>()
    };
    let before = sum(event.start - Duration::minutes(60));
    if before > 0.0 { sum(event.start) / before } else { 1.0 }
}

fn event_body(event: &Event, multiplier: f64) -> ForecastEvent {
    ForecastEvent {
        name: event.name.clone(),
        class: event.class.id().to_owned(),
        venue: event.venue.clone(),
        start: event.start,
        end: event.end(),
        multiplier,
    }
}

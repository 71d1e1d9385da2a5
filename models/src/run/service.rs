//! What the loop keeps of one service, and the rows it writes for it.

mod findings;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Duration, DurationRound, Utc};
use headroom_query::{TimeRange, rates};
use headroom_store::Store;

use crate::body::ForecastEvent;
use crate::calendar::{Calendar, Event};
use crate::config::ModelsConfig;
use crate::error::Result;
use crate::forecast::{Context, Fitted, Prediction, Unavailable};
use crate::plan::{self, Near, Plan, Situation};
use crate::read;
use crate::rows::{ForecastRow, METRIC, PlanRow, event_text};
use crate::run::choice::{Choice, Turn};
use crate::run::counts;
use crate::run::watch::Watch;
use crate::series::Series;
pub(super) use findings::Findings;

/// Hours that a tick without a new fit rewrites: what the last hour showed has faded after them.
const NEAR_HOURS: i64 = 4;
/// Minutes between stored points beyond the fine hours.
const COARSE: usize = 5;
/// The newest minute may still be filling.
const SETTLE_MINUTES: i64 = 1;

/// A service's models.
pub(super) struct ServiceState {
    name: String,
    choice: Option<Choice>,
    watch: Option<Watch>,
    /// What was found and is not stored yet.
    findings: Findings,
    fitted: Option<(DateTime<Utc>, String, Box<dyn Fitted>)>,
    /// The calendar it was fitted with.
    calendar: Option<Arc<Calendar>>,
    /// When a whole forecast was last written.
    whole: Option<DateTime<Utc>>,
    /// The plan made last.
    plan: Option<Plan>,
    /// Requests in the minutes measured in the last day.
    measured: Vec<(DateTime<Utc>, f64)>,
    /// What the last minutes say of the next; there is one once a plan was made.
    near: Option<Near>,
}

/// The rows of one tick.
pub(super) struct Written {
    pub(super) forecasts: Vec<ForecastRow>,
    pub(super) plans: Vec<PlanRow>,
}

impl ServiceState {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            choice: None,
            watch: None,
            findings: Findings::default(),
            fitted: None,
            calendar: None,
            whole: None,
            plan: None,
            measured: Vec::new(),
            near: None,
        }
    }

    /// The plan made last.
    pub(super) fn planned(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Fits anew when it is time or the calendar is another one, and else takes in the last two hours.
    pub(super) async fn refresh(
        &mut self,
        store: &Store,
        tenant: &str,
        config: &ModelsConfig,
        calendar: &Arc<Calendar>,
        turn: &Turn,
        now: DateTime<Utc>,
    ) -> Result<Result<(), Unavailable>> {
        if let Some(choice) = &mut self.choice
            && let Some(reports) = choice.take(&self.name).await
        {
            self.chosen(tenant, now, &reports);
            self.fitted = None;
        }
        let until = now - Duration::minutes(SETTLE_MINUTES);
        let refit = Duration::minutes(i64::from(config.refit_minutes));
        let known = self.calendar.as_ref().is_some_and(|known| Arc::ptr_eq(known, calendar));
        let fresh = known && self.fitted.as_ref().is_some_and(|(at, _, _)| now - *at < refit);
        let back = if fresh {
            Duration::hours(2).max(refit * 2)
        } else {
            Duration::days(i64::from(config.history_days))
        };
        let range = TimeRange { from: until - back, to: until };
        let rates = rates::per_minute(store, tenant, &self.name, range).await?;
        let history = Series::from_counts(&counts(&rates), until);
        self.measure(&history, until);
        if fresh {
            let found = self.watch.as_mut().map(|watch| watch.observe(&history));
            self.found(tenant, now, found.unwrap_or_default());
        } else {
            let told =
                if self.watch.is_none() { read::newest(store, tenant, &self.name, now).await? } else { None };
            let horizon = Duration::days(i64::from(config.horizon_days) + 1);
            let context = Context {
                calendar: Arc::clone(calendar),
                service: self.name.clone(),
                horizon,
                signals: Vec::new(),
            };
            let history = Arc::new(history.clone());
            if let Err(reason) = self.fit(tenant, &history, &context, now).await {
                self.fitted = None;
                return Ok(Err(reason));
            }
            self.whole = None;
            self.calendar = Some(Arc::clone(calendar));
            self.replay(tenant, &history, context.clone(), told, now).await;
            if let Some(choice) = &mut self.choice {
                choice.begin(&history, &context, turn, now);
            }
        }
        if let Some((_, _, fitted)) = &mut self.fitted {
            fitted.observe(&history);
        }
        Ok(Ok(()))
    }

    /// Keeps the last day of measured demand.
    fn measure(&mut self, history: &Series, until: DateTime<Utc>) {
        let known = self.measured.last().map(|(ts, _)| *ts);
        self.measured.retain(|(ts, _)| *ts < history.start && *ts >= until - Duration::days(1));
        let day = history.since(until - Duration::days(1));
        let minutes = day.values.iter().enumerate().filter_map(|(i, value)| Some((day.at(i), (*value)?)));
        self.measured.extend(minutes);
        for (ts, demand) in self.measured.iter().filter(|(ts, _)| known.is_none_or(|known| *ts > known)) {
            self.near.iter_mut().for_each(|near| near.observe(*ts, *demand));
        }
    }

    async fn fit(
        &mut self,
        tenant: &str,
        history: &Arc<Series>,
        context: &Context,
        now: DateTime<Utc>,
    ) -> Result<(), Unavailable> {
        let first = if self.choice.is_none() {
            let (history, context) = (Arc::clone(history), context.clone());
            Some(apart(&self.name, move || Choice::first(&history, &context)).await?)
        } else {
            None
        };
        let choice = first.as_ref().map(|(choice, _)| choice).or(self.choice.as_ref());
        let Some(forecaster) = choice.map(|choice| Arc::clone(choice.forecaster())) else { return Ok(()) };
        let (model, history, context) = (forecaster.name(), Arc::clone(history), context.clone());
        let fitted = apart(&self.name, move || forecaster.fit(&history, &context)).await?;
        // Without enough history for a fit nothing is chosen: the next try goes by what has come in since.
        if let Some((choice, reports)) = first {
            self.choice = Some(choice);
            self.chosen(tenant, now, &reports);
        }
        self.fitted = Some((now, model, fitted));
        Ok(())
    }

    /// The rows of this tick: the whole horizon after a fit, the next hours otherwise.
    pub(super) fn rows(
        &mut self,
        tenant: &str,
        config: &ModelsConfig,
        calendar: &Calendar,
        now: DateTime<Utc>,
    ) -> Option<Written> {
        let (_, model, fitted) = self.fitted.as_ref()?;
        let horizon = Duration::days(i64::from(config.horizon_days)).num_minutes();
        let stored = if self.whole.is_none() { horizon } else { (NEAR_HOURS * 60).min(horizon) };
        let capacity = config.services.get(&self.name);
        // The plan looks ahead, so that its last minutes need more forecast than is stored.
        let beyond = capacity.map_or(0, |c| i64::from(c.ahead_minutes() + c.stabilisation_minutes));
        let forecast: Vec<Prediction> =
            (0..stored + beyond).map(|i| fitted.predict(now + Duration::minutes(i))).collect();
        let fine = i64::from(config.fine_hours) * 60;
        let keep = |ts: DateTime<Utc>| {
            let minutes = (ts - now).num_minutes();
            let on_grid = ts.duration_trunc(Duration::minutes(COARSE as i64)).is_ok_and(|t| t == ts);
            minutes < stored && (minutes < fine || on_grid)
        };
        let made_at = now.timestamp_millis();
        let mut lifts: BTreeMap<(DateTime<Utc>, &'static str), f64> = BTreeMap::new();
        let forecasts = forecast
            .iter()
            .filter(|p| keep(p.ts))
            .map(|p| {
                let [q50, q80, q90, q95, q99, q999] = p.quantiles;
                let (tenant, metric, service) = (tenant.to_owned(), METRIC.to_owned(), self.name.clone());
                let events = p.events.iter().map(|(event, multiplier)| {
                    // The shape holds what an open does; as a multiplier it is read off the forecast.
                    let mut lift = || {
                        *lifts
                            .entry((event.start, event.class.id()))
                            .or_insert_with(|| self::lift(fitted.as_ref(), event))
                    };
                    event_text(&event_body(event, if event.class.in_shape() { lift() } else { *multiplier }))
                });
                let events = events.collect();
                ForecastRow {
                    tenant,
                    metric,
                    service,
                    made_at,
                    ts: p.ts.timestamp(),
                    q50,
                    q80,
                    q90,
                    q95,
                    q99,
                    q999,
                    events,
                    model: model.clone(),
                }
            })
            .collect();
        let near = capacity.map(|capacity| {
            let near = self.near.get_or_insert_with(|| Near::new(capacity.ahead_minutes()));
            near.forecast(fitted.as_ref(), now, forecast.len())
        });
        let plans = self.plans(tenant, config, calendar, now, Ok(near.as_deref().unwrap_or_default()), keep);
        Some(Written { forecasts, plans })
    }

    /// The rows of a plan where no forecast could be made: the last plan, or a fallback.
    pub(super) fn plans_without_forecast(
        &mut self,
        tenant: &str,
        config: &ModelsConfig,
        calendar: &Calendar,
        now: DateTime<Utc>,
        why: &str,
    ) -> Vec<PlanRow> {
        let near = now + Duration::hours(NEAR_HOURS);
        self.plans(tenant, config, calendar, now, Err(why), |ts| ts < near)
    }

    /// Makes the plan of a service that has a capacity, and the rows of the minutes that are kept.
    fn plans(
        &mut self,
        tenant: &str,
        config: &ModelsConfig,
        calendar: &Calendar,
        now: DateTime<Utc>,
        forecast: Result<&[Prediction], &str>,
        keep: impl Fn(DateTime<Utc>) -> bool,
    ) -> Vec<PlanRow> {
        let Some(capacity) = config.services.get(&self.name) else { return Vec::new() };
        let earlier = self.plan.iter().flat_map(|plan| &plan.minutes).take_while(|m| m.ts < now);
        let running = earlier.last().map(|m| m.replicas);
        let last = self.plan.as_ref();
        let situation = Situation { now, forecast, measured: &self.measured, running, last, calendar };
        let plan = match plan::plan(&situation, capacity) {
            Ok(plan) => plan,
            Err(refused) => {
                tracing::warn!(service = self.name, %refused, "the last plan stands");
                return Vec::new();
            }
        };
        for given_up in &plan.given_up {
            tracing::warn!(service = self.name, "{}", given_up.told());
        }
        let row = |m: &plan::PlannedMinute| PlanRow {
            tenant: tenant.to_owned(),
            service: self.name.clone(),
            made_at: now.timestamp_millis(),
            ts: m.ts.timestamp(),
            replicas: m.replicas,
            reactive: m.reactive,
            reason: m.reason.to_string(),
        };
        let rows = coarse(&plan.minutes, keep).map(row).collect();
        self.plan = Some(plan);
        rows
    }

    /// Notes that the rows of `now` are stored.
    pub(super) fn written(&mut self, now: DateTime<Utc>) {
        self.whole.get_or_insert(now);
    }
}

/// Does what takes long apart from the threads that answer.
async fn apart<T: Send + 'static>(
    service: &str,
    work: impl FnOnce() -> Result<T, Unavailable> + Send + 'static,
) -> Result<T, Unavailable> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|broken| Err(Unavailable(format!("the fit of {service} broke off: {broken}"))))
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

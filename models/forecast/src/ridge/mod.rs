//! Level x shape x events, with the level from a ridge regression on the recent past.
//!
//! In logarithms, demand is the shape of its phase, plus the effects of events, plus a deviation. The deviation of a
//! step to come is regressed on those of the recent past ([`features`]), with coefficients of their own for each
//! distance, shrunk toward "what lasted long will last". That one regression holds the last value, the moving means
//! and the seasonal naive forecasts as special cases, and takes from each what it was worth.
//!
//! Quantiles are those of past misses in units of the unrest at their time: split-conformal, by distance and by class
//! of event, with the probability corrected online by what was covered since.

mod basis;
mod conformal;
mod features;
mod leads;
mod learn;
mod solve;
#[cfg(test)]
mod tests;
mod tilt;
mod timeline;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::effects::{Effects, Groups, Overlay};
use crate::past::moved_by;
use crate::phase::PhaseCalendar;
use crate::series::Series;
use crate::settled;
use crate::signal::Signal;
use crate::{Context, Fitted, Forecaster, Prediction, Unavailable, monotone};
use basis::Basis;
use conformal::{Misses, Moment};
use features::{Ladder, Past};
use headroom_calendar::Event;
use leads::Leads;
use learn::{Learned, Lesson};
use tilt::Tilt;
use timeline::Timeline;

/// Days of history that are looked at.
const MOST_DAYS: i64 = 2200;
/// Least history: a day's worth of steps, or this many.
const LEAST_STEPS: usize = 24;
/// The time laid out beyond the horizon, for the steps that come in before the next fit.
const MARGIN: Duration = Duration::days(2);

/// The model of this page for one choice of sessions; whether events count can be switched off to measure them.
#[derive(Debug, Clone)]
pub struct RidgeModel {
    /// Whose sessions the days follow.
    pub phases: PhaseCalendar,
    /// Whether events are taken into account.
    pub events: bool,
}

impl RidgeModel {
    /// The model with events.
    pub fn new(phases: PhaseCalendar) -> Self {
        Self { phases, events: true }
    }
}

impl Forecaster for RidgeModel {
    fn name(&self) -> String {
        format!("ridge({}{})", self.phases.name(), if self.events { "" } else { ", no events" })
    }

    fn fit(&self, history: &Series, context: &Context) -> Result<Box<dyn Fitted>, Unavailable> {
        Ok(Box::new(RidgeFit::new(self, history, context)?))
    }
}

struct RidgeFit {
    phases: PhaseCalendar,
    timeline: Timeline,
    overlay: Overlay,
    effects: Effects,
    ladder: Ladder,
    /// The shape that holds now.
    basis: Basis,
    past: Past,
    leads: Leads,
    learned: Learned,
    tilt: Tilt,
    misses: Misses,
    floor: f64,
    origin: DateTime<Utc>,
}

impl RidgeFit {
    fn new(model: &RidgeModel, history: &Series, context: &Context) -> Result<Self, Unavailable> {
        let origin = history.end();
        let mut history = history.since(origin - Duration::days(MOST_DAYS));
        if let Some(change) = settled::change(&history) {
            history = history.since(change.since);
        }
        if history.measured() < LEAST_STEPS {
            return Err(Unavailable(format!(
                "{} has {} measured steps of history; a forecast needs at least {LEAST_STEPS}",
                context.service,
                history.measured()
            )));
        }
        if history.mean() <= 0.0 {
            return Err(Unavailable(format!("{} received no requests in its history", context.service)));
        }
        let events = if model.events {
            context.calendar.events(history.start, origin + context.horizon + MARGIN, origin)
        } else {
            Vec::new()
        };
        let step = history.step_minutes;
        let overlay = Overlay::new(events, &context.service, &model.phases, &mut Groups::default(), step);
        let timeline = Timeline::new(&history, &model.phases, context.horizon + MARGIN);
        let ladder = Ladder::new(timeline.per_day, timeline.known);
        let mut leads = Leads::new(&context.signals, &timeline, &ladder);
        let floor = history.floor();
        let basis = Basis::now(&timeline, &model.phases, &overlay, floor);
        let bases = basis::all(&timeline, &model.phases, &overlay, &basis);
        let ahead = timeline.steps.len() - timeline.known;
        let mut effects = Effects::default();
        let mut known = None;
        if timeline.steps[..timeline.known].iter().any(|step| overlay.moved(step.ts)) {
            let lesson = Lesson {
                timeline: &timeline,
                overlay: &overlay,
                ladder: &ladder,
                bases: &bases,
                effects: None,
                leads: &leads,
            };
            let pasts = lesson.pasts();
            let learned = lesson.learn(&pasts, timeline.per_day.min(ahead.max(1)));
            effects = Effects::fit(&lesson.samples(&pasts, &learned), &overlay);
            known = Some(&effects);
        }
        let lesson = Lesson {
            timeline: &timeline,
            overlay: &overlay,
            ladder: &ladder,
            bases: &bases,
            effects: known,
            leads: &leads,
        };
        let pasts = lesson.pasts();
        let learned = lesson.learn(&pasts, ahead.max(1));
        let tilt = lesson.tilt(&pasts, &learned);
        let misses = lesson.misses(&pasts, &learned, &tilt);
        let past = lesson.past(&basis, timeline.known.saturating_sub(ladder.reach()), timeline.known);
        leads.forget(timeline.known);
        Ok(Self {
            phases: model.phases.clone(),
            timeline,
            overlay,
            effects,
            ladder,
            basis,
            past,
            leads,
            learned,
            tilt,
            misses,
            floor,
            origin,
        })
    }

    /// What is known of the step `ahead` of the origin.
    fn features(&self, ahead: usize) -> Vec<f64> {
        let origin = self.timeline.known;
        self.leads.join(self.ladder.features(&self.past, origin, ahead), origin)
    }

    /// How many lived steps ahead of the origin a step lies.
    fn ahead(&self, ts: DateTime<Utc>) -> usize {
        (self.timeline.position(ts) + 1).saturating_sub(self.timeline.known).max(1)
    }

    /// The logarithm of the median, the unrest around it, and whose misses it shares.
    fn expect(&self, ts: DateTime<Utc>) -> (f64, f64, usize, Option<Moment>) {
        let ahead = self.ahead(ts);
        let slot = self.phases.slot(ts);
        let (event, log) = moved_by(&self.overlay, &self.effects, ts, slot, false);
        let moment = event.map(|event| self.overlay.moment(event, ts, slot.bucket));
        let x = self.features(ahead);
        let unrest = self.ladder.unrest(&self.past, self.timeline.known, ahead);
        let reach = self.learned.reach(ahead);
        let level = self.basis.log(slot.key) + reach.deviation(&x);
        let tilt = moment.map_or(0.0, |moment| self.tilt.at(moment, level));
        let center = level + log + tilt;
        (center, reach.scale(&unrest), self.learned.index(ahead), moment)
    }
}

impl Fitted for RidgeFit {
    fn observe(&mut self, recent: &Series) {
        let fresh = recent.since(self.origin);
        let mut seen = Vec::new();
        for (index, value) in fresh.values.iter().enumerate() {
            let Some(value) = value else { continue };
            let (center, scale, reach, moment) = self.expect(fresh.at(index));
            seen.push((reach, moment, ((value + self.floor).ln() - center) / scale));
        }
        self.misses.correct(&seen, seen.len() as f64 / self.timeline.per_day as f64);
        let until = fresh.end().max(self.origin);
        self.timeline.extend(&self.phases, until + MARGIN);
        let position = self.timeline.position(until);
        for step in &mut self.timeline.steps[self.timeline.known..position] {
            step.value = fresh.value(step.ts);
            self.leads.lay(step);
            self.past.push(learn::residual(step, &self.basis, &self.overlay, Some(&self.effects)));
        }
        self.timeline.known = position;
        self.leads.forget(position);
        self.origin = until;
    }

    fn observe_signals(&mut self, recent: &[Signal]) {
        self.leads.append(recent);
    }

    fn follows_minutes(&self) -> bool {
        true
    }

    fn lifts(&self, ts: DateTime<Utc>) -> Vec<(Arc<str>, f64)> {
        let ahead = self.ahead(ts);
        self.leads.multipliers(&self.features(ahead), self.learned.reach(ahead).beta())
    }

    fn predict(&self, ts: DateTime<Utc>) -> Prediction {
        let (center, scale, reach, moment) = self.expect(ts);
        let quantiles = self
            .misses
            .quantiles(reach, moment, scale)
            .map(|miss| ((center + miss).min(700.0).exp() - self.floor).max(0.0));
        let bucket = self.phases.slot(ts).bucket;
        let events = self.effects.multipliers(ts, bucket, &self.overlay).into_iter();
        let events = events.map(|(e, m)| (Arc::<Event>::clone(&self.overlay.events[e]), m)).collect();
        Prediction { ts, quantiles: monotone(quantiles), events }
    }

    fn phases(&self) -> &PhaseCalendar {
        &self.phases
    }
}

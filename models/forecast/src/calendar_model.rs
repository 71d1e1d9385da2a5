//! Level x session-phase shape x event multipliers.
//!
//! The shape of a stretch of days comes from the days before it, its level from the days before each day, an
//! event's multiplier from the other occurrences: so the residuals, from which the quantiles are taken, are those
//! of forecasts and not of a fit. A history of less than three weeks is too short for that; there the shape of
//! each fourth of the days comes from the other three fourths.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::effects::{Effects, Groups, Overlay, Sample};
use crate::level::LevelModel;
use crate::past::{Placed, SHAPE_DAYS, Stretch, between, blocks, stratum};
use crate::phase::{PhaseCalendar, Slot};
use crate::series::Series;
use crate::shape::{Point, Shape};
use crate::spread::{Spread, reach};
use crate::{Context, Fitted, Forecaster, Prediction, Unavailable, monotone};
use headroom_calendar::Event;

/// Days from which residuals are taken.
const CALIBRATION_DAYS: usize = 250;
/// Least history: the steps of half a day.
const LEAST_MINUTES: usize = 720;
/// Hours after which what the last hour showed has lost half of its weight.
const NOWCAST_HALF_LIFE: f64 = 2.0;
/// Bounds of what the last hour may do to the forecast. An outage must not lower the plan by much.
const NOWCAST: (f64, f64) = (0.8, 4.0);

/// The model of this page for one choice of sessions; whether events count can be switched off to measure them.
#[derive(Debug, Clone)]
pub struct CalendarModel {
    /// Whose sessions the days follow.
    pub phases: PhaseCalendar,
    /// Whether events are taken into account.
    pub events: bool,
}

impl CalendarModel {
    /// The model with events.
    pub fn new(phases: PhaseCalendar) -> Self {
        Self { phases, events: true }
    }
}

impl Forecaster for CalendarModel {
    fn name(&self) -> String {
        format!("calendar({}{})", self.phases.name(), if self.events { "" } else { ", no events" })
    }

    fn fit(&self, history: &Series, context: &Context) -> Result<Box<dyn Fitted>, Unavailable> {
        Ok(Box::new(CalendarFit::new(self, history, context)?))
    }
}

struct CalendarFit {
    phases: PhaseCalendar,
    shape: Shape,
    /// The level of the coming days.
    expected: f64,
    levels: BTreeMap<i32, f64>,
    overlay: Overlay,
    effects: Effects,
    spread: Spread,
    floor: f64,
    origin: DateTime<Utc>,
    step_minutes: u32,
    /// The points of the current day with its events taken out, from which its level is taken as it fills.
    today: Vec<Point>,
    nowcast: f64,
}

impl CalendarFit {
    fn new(model: &CalendarModel, history: &Series, context: &Context) -> Result<Self, Unavailable> {
        let origin = history.end();
        let least = LEAST_MINUTES / (history.step_minutes.max(1) as usize);
        if history.measured() < least {
            return Err(Unavailable(format!(
                "{} has {} minutes of measured history; a forecast needs at least {LEAST_MINUTES}",
                context.service,
                history.measured() * history.step_minutes as usize
            )));
        }
        let mut groups = Groups::default();
        let events = if model.events {
            context.calendar.events(history.start, origin + context.horizon, origin)
        } else {
            Vec::new()
        };
        let overlay =
            Overlay::new(events, &context.service, &model.phases, &mut groups, history.step_minutes);
        let placed: Vec<Placed> = history
            .values
            .iter()
            .enumerate()
            .filter_map(|(index, value)| {
                let ts = history.at(index);
                Some(Placed { ts, slot: model.phases.slot(ts), value: (*value)?, moved: overlay.moved(ts) })
            })
            .collect();
        let mut days: Vec<i32> = placed.iter().map(|p| p.slot.day).collect();
        days.dedup();
        days.sort_unstable();
        days.dedup();
        let fit = |window: &[i32]| {
            let kept = between(&placed, window).iter().filter(|p| window.binary_search(&p.slot.day).is_ok());
            let ordinary: Vec<Point> = kept.clone().filter(|p| !p.moved).map(Placed::point).collect();
            // A history that is all event still has a shape.
            let points = if ordinary.is_empty() { kept.map(Placed::point).collect() } else { ordinary };
            Shape::fit(&points, &model.phases, history.step_minutes)
        };
        let floor = history.floor();
        let stretches: Vec<Stretch<'_>> = blocks(&days)
            .into_iter()
            .map(|(block, window)| Stretch { shape: fit(&window), block, window, placed: &placed })
            .collect();
        // In the first round a day that is all event has no level; in the second it has one, its events taken out.
        let mut effects = Effects::default();
        for round in 0..2 {
            let known = (round > 0).then_some(&effects);
            let samples = stretches
                .iter()
                .flat_map(|stretch| stretch.forecast(known, &overlay))
                .filter(|(p, _)| p.moved);
            let samples: Vec<Sample> = samples
                .filter_map(|(p, base)| {
                    let base = base[0]?;
                    Some(Sample {
                        ts: p.ts,
                        bucket: p.slot.bucket,
                        ratio: (p.value + floor) / (base + floor),
                    })
                })
                .collect();
            effects = Effects::fit(&samples, &overlay);
        }
        let calibrated = days[days.len().saturating_sub(CALIBRATION_DAYS)];
        let mut residuals = Vec::new();
        for (p, base) in stretches.iter().flat_map(|stretch| stretch.forecast(Some(&effects), &overlay)) {
            if p.slot.day < calibrated && !p.moved {
                continue;
            }
            let (stratum, log) = stratum(&overlay, &effects, p.ts, p.slot, true);
            for (distance, base) in base.iter().enumerate() {
                if let Some(base) = base {
                    residuals.push((distance, stratum, (p.value + floor) / (base * log.exp() + floor)));
                }
            }
        }
        let spread = Spread::fit(residuals, |group| effects.occurrences(group));
        let recent = &days[days.len().saturating_sub(SHAPE_DAYS)..];
        let shape = fit(recent);
        let settled = |p: &Placed| p.settled(Some(&effects), &overlay);
        let levels = shape.levels(&between(&placed, recent).iter().filter_map(settled).collect::<Vec<_>>());
        let today = model.phases.slot(origin - Duration::minutes(i64::from(history.step_minutes))).day;
        let today = between(&placed, &[today]).iter().filter_map(settled).collect();
        let level = LevelModel::fit(&levels);
        let Some(expected) = level.foreseen(i32::MAX) else {
            return Err(Unavailable(format!("{} received no requests in its history", context.service)));
        };
        Ok(Self {
            phases: model.phases.clone(),
            shape,
            levels,
            overlay,
            effects,
            spread,
            floor,
            origin,
            step_minutes: history.step_minutes,
            today,
            nowcast: 1.0,
            expected,
        })
    }

    fn ordinary(&self, slot: Slot) -> f64 {
        self.expected * self.shape.value(slot.key)
    }

    /// Takes the level of the current day, as far as it is known.
    fn settle_today(&mut self) {
        if let (Some(first), Some(level)) = (self.today.first(), self.shape.level_of(&self.today)) {
            self.levels.insert(first.day, level);
        }
    }

    fn close_day(&mut self) {
        self.settle_today();
        self.today.clear();
    }

    /// How the demand of the last hour stands to what the levels of the days would have given.
    fn follow(&mut self, recent: &Series) {
        let (mut seen, mut expected) = (0.0, 0.0);
        let hour = recent.since(recent.end() - Duration::hours(1));
        for (index, value) in hour.values.iter().enumerate() {
            let (Some(value), ts) = (value, hour.at(index)) else { continue };
            let slot = self.phases.slot(ts);
            let (_, log) = stratum(&self.overlay, &self.effects, ts, slot, false);
            seen += value;
            expected += self.ordinary(slot) * log.exp();
        }
        let ratio = (seen + 30.0 * self.floor) / (expected + 30.0 * self.floor);
        self.nowcast = ratio.clamp(NOWCAST.0, NOWCAST.1);
    }
}

impl Fitted for CalendarFit {
    fn observe(&mut self, recent: &Series) {
        let fresh = recent.since(self.origin);
        for (index, value) in fresh.values.iter().enumerate() {
            let (Some(value), ts) = (value, fresh.at(index)) else { continue };
            let slot = self.phases.slot(ts);
            if self.today.last().is_some_and(|p| p.day != slot.day) {
                self.close_day();
            }
            let placed = Placed { ts, slot, value: *value, moved: self.overlay.moved(ts) };
            self.today.extend(placed.settled(Some(&self.effects), &self.overlay));
        }
        self.settle_today();
        if !fresh.values.is_empty() {
            self.origin = fresh.end();
            self.expected = LevelModel::fit(&self.levels).foreseen(i32::MAX).unwrap_or(self.expected);
        }
        self.follow(recent);
    }

    fn predict(&self, ts: DateTime<Utc>) -> Prediction {
        let slot = self.phases.slot(ts);
        let events = self.effects.multipliers(ts, slot.bucket, &self.overlay);
        let (stratum, log) = stratum(&self.overlay, &self.effects, ts, slot, false);
        let ahead = (ts - self.origin).num_minutes().max(0) as f64 / 60.0;
        let nowcast = self.nowcast.powf(0.5_f64.powf(ahead / NOWCAST_HALF_LIFE));
        let median = self.ordinary(slot) * log.exp() * nowcast;
        let last = self.phases.slot(self.origin - Duration::minutes(i64::from(self.step_minutes))).day;
        let factors = self.spread.factors(reach(slot.day - last), stratum);
        let events =
            events.into_iter().map(|(e, m)| (Arc::<Event>::clone(&self.overlay.events[e]), m)).collect();
        Prediction {
            ts,
            quantiles: monotone(factors.map(|f| (median + self.floor) * f - self.floor)),
            events,
        }
    }

    fn phases(&self) -> &PhaseCalendar {
        &self.phases
    }
}

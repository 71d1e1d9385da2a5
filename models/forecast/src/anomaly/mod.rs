//! Where demand is not what was forecast: points far outside the band, runs of mild excesses, hours of the wrong shape,
//! and changes of level. They annotate and rank; nothing is scaled by them.
//!
//! A [`Detector`] takes each measured step with its forecast and keeps no history: what is usual for a series is in
//! the forecast's quantiles and in the peaks of late.

mod band;
mod changepoint;
mod gate;
mod habit;
mod hour;
mod reason;

use chrono::{DateTime, Duration, Utc};
use headroom_calendar::Venue;

pub use band::Side;

use crate::Prediction;
use band::{Place, place};
use changepoint::Changepoints;
use gate::Gate;
use habit::Habits;
use hour::Hour;

/// A point counts when less likely than one in ten thousand.
const POINT_NATS: f64 = 9.21;
/// What a run of excesses must add up to.
const RUN_NATS: f64 = 15.0;
/// No point adds more than this to a run: one freak is no run.
const RUN_CAP: f64 = 5.0;
/// By how much points must be less likely than usual, on average, to make a run.
const RUN_DRIFT: f64 = 0.6;
/// Points closer together than this are not independent, and count for as much less.
const INDEPENDENT_MINUTES: f64 = 15.0;
/// Days over which the usual unlikeliness is learned.
const USUAL_DAYS: f64 = 3.0;
/// How many times the usual unevenness an hour of the wrong shape has.
const SHAPE_FACTOR: f64 = 2.0;
/// Days between changes of level, before anything is seen.
const SHIFT_DAYS: f64 = 14.0;
/// A change of level counts from this size (natural logarithm) on.
const SHIFT_LEAST: f64 = 0.18;

/// What kind of anomaly it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A step far outside the band.
    Point,
    /// A run of steps each of which is only a little out.
    Run,
    /// An hour whose total may be as usual but not its course.
    Shape,
    /// A level that changed and stayed.
    Level,
}

impl Kind {
    /// Its name as it is stored.
    pub fn id(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Run => "run",
            Self::Shape => "shape",
            Self::Level => "level",
        }
    }
}

/// One anomaly, at the step at which it was known.
#[derive(Debug, Clone, PartialEq)]
pub struct Anomaly {
    /// The step that made it certain.
    pub ts: DateTime<Utc>,
    /// Since when it lasts.
    pub since: DateTime<Utc>,
    /// Its kind.
    pub kind: Kind,
    /// More or less than usual.
    pub side: Side,
    /// Demand in the step `ts`.
    pub value: f64,
    /// The median foreseen for it.
    pub expected: f64,
    /// How far out, in half widths of the band (whose edge is the 0.999 quantile): of the point, of the run's or the
    /// new level's mean, or the unevenness of the hour over the usual one.
    pub score: f64,
    /// The probability of a point so far out; of a run, a shape or a level as far as it can be told.
    pub tail: f64,
    /// The event that is on, if any.
    pub event: Option<String>,
    /// A sentence.
    pub reason: String,
}

/// Watches one series.
#[derive(Debug, Clone)]
pub struct Detector {
    step_minutes: u32,
    clock: Option<Venue>,
    sides: [Watch; 2],
    hour: Hour,
    shapes: Gate,
    levels: Changepoints,
    shifts: Gate,
    habits: Habits,
    told: Option<DateTime<Utc>>,
}

/// What is kept for each side of the band.
#[derive(Debug, Clone)]
struct Watch {
    points: Gate,
    runs: Gate,
    /// The sum of the run so far, when it began, the sum of its distances and their count.
    run: f64,
    since: Option<DateTime<Utc>>,
    distance: f64,
    steps: f64,
    /// The usual unlikeliness; 1 where the quantiles are right.
    usual: f64,
}

impl Detector {
    /// A detector for steps of a length; reasons name the time at the venue, or in UTC.
    pub fn new(step_minutes: u32, clock: Option<Venue>) -> Self {
        let watch = Watch {
            points: Gate::new(POINT_NATS, 2),
            runs: Gate::new(RUN_NATS, 6),
            run: 0.0,
            since: None,
            distance: 0.0,
            steps: 0.0,
            usual: 1.0,
        };
        let per_day = 1440.0 / f64::from(step_minutes.clamp(60, 1440));
        Self {
            step_minutes: step_minutes.max(1),
            clock,
            sides: [watch.clone(), watch],
            hour: Hour::default(),
            shapes: Gate::new(SHAPE_FACTOR, 6),
            levels: Changepoints::new(SHIFT_DAYS * per_day),
            shifts: Gate::new(SHIFT_LEAST, 6),
            habits: Habits::default(),
            told: None,
        }
    }

    /// Takes in a measured step with its forecast, in the order of time, and tells what it makes certain: the
    /// greatest, where it is several things at once. A step without data is left out; a value that is no number too.
    pub fn observe(&mut self, value: f64, expected: &Prediction) -> Option<Anomaly> {
        if !value.is_finite() {
            return None;
        }
        let ts = expected.ts;
        let (minutes, bias) = (f64::from(self.step_minutes), self.habits.bias(ts));
        let place = place(value, &expected.quantiles, self.habits.typical(), bias);
        self.habits.learn(ts, minutes, expected.median(), place.log_ratio + bias, place.edge);
        let mut found = Vec::new();
        for (side, watch) in [Side::Above, Side::Below].into_iter().zip(&mut self.sides) {
            let here = (place.side == side).then_some(place);
            if here.is_some_and(|place| watch.points.opens(ts, place.nats)) {
                found.push((Kind::Point, side, ts, place.widths, (-place.nats).exp(), place.log_ratio));
            }
            if let Some((since, widths)) = watch.run(ts, here, minutes) {
                found.push((Kind::Run, side, since, widths, (-RUN_NATS).exp(), place.log_ratio));
            }
        }
        if let Some(past) = self.hour.add(ts, minutes, &place) {
            let known = self.told.is_some_and(|told| told >= past.start);
            let shape = past.unevenness.filter(|uneven| self.shapes.opens(ts, *uneven) && !known);
            if let Some(uneven) = shape {
                let tail = 1.0 / (1.0 + uneven * uneven);
                found.push((Kind::Shape, past.side(), past.start, uneven, tail, past.mean));
            }
            if let Some(shift) = self.levels.observe(past.mean) {
                let since = past.start - past.length * (shift.ago as i32 - 1);
                let side = if shift.size < 0.0 { Side::Below } else { Side::Above };
                if self.shifts.opens(ts, shift.size.abs()) {
                    let tail = (1.0 - shift.probability).max(0.0);
                    found.push((Kind::Level, side, since, shift.size.abs() / past.edge, tail, shift.size));
                }
            }
        }
        let (kind, side, since, score, tail, log_ratio) =
            found.into_iter().max_by(|a, b| a.3.total_cmp(&b.3))?;
        self.told = Some(ts);
        let event = expected.events.iter().find(|(e, _)| !e.class.in_shape()).map(|(e, _)| e.name.clone());
        let mut anomaly = Anomaly {
            ts,
            since,
            kind,
            side,
            value,
            expected: expected.median(),
            score,
            tail,
            event,
            reason: String::new(),
        };
        anomaly.reason = reason::sentence(&anomaly, log_ratio, self.clock.as_ref());
        Some(anomaly)
    }
}

impl Watch {
    /// Adds a step to the run; tells since when it lasts, and how far out it is on average, when it is one.
    fn run(&mut self, ts: DateTime<Utc>, here: Option<Place>, minutes: f64) -> Option<(DateTime<Utc>, f64)> {
        let nats = here.map_or(0.0, |place| (place.nats - 2.0_f64.ln()).clamp(0.0, RUN_CAP));
        let weight = (minutes / INDEPENDENT_MINUTES).min(1.0);
        self.run += weight * (nats - (self.usual * 0.5).max(0.25) - RUN_DRIFT);
        self.run = self.run.min(1.5 * RUN_NATS);
        // Half of the steps lie on the other side, and of an exponential tail the mean is 1.
        let share = (minutes / (USUAL_DAYS * 1440.0)).min(0.1);
        self.usual += share * (2.0 * nats - self.usual);
        if self.run <= 0.0 {
            (self.run, self.since, self.distance, self.steps) = (0.0, None, 0.0, 0.0);
            return None;
        }
        self.since.get_or_insert(ts);
        self.distance += here.map_or(0.0, |place| place.widths);
        self.steps += 1.0;
        let (since, widths) = (self.since?, self.distance / self.steps);
        // Two points do not make a run.
        let long = ts - since >= Duration::minutes(45) && self.steps >= 4.0;
        (self.runs.opens(ts, self.run) && long).then_some((since, widths))
    }
}

/// The order in which to look at them: what no event explains before what one may, then by score.
pub fn rank(anomalies: &mut [Anomaly]) {
    rank_by(anomalies, |anomaly| (anomaly.event.is_some(), anomaly.score, anomaly.ts));
}

/// The same order for anything that is told of anomalies: whether an event may explain one, its score, and its step.
pub fn rank_by<T>(items: &mut [T], of: impl Fn(&T) -> (bool, f64, DateTime<Utc>)) {
    items.sort_by(|a, b| {
        let ((a_event, a_score, a_ts), (b_event, b_score, b_ts)) = (of(a), of(b));
        a_event.cmp(&b_event).then(b_score.total_cmp(&a_score)).then(a_ts.cmp(&b_ts))
    });
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

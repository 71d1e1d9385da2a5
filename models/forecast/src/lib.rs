//! What demand to expect, as quantiles, with the calendar's events taken into account.
//!
//! A [`Forecaster`] fits a history and gives a [`Fitted`] model, which predicts any minute up to its horizon and
//! follows the demand as it comes in. [`promote::best`] back-tests all of them on a service and picks one.

pub mod anomaly;
pub mod backtest;
mod calendar_model;
pub mod challengers;
mod effects;
pub mod evaluate;
pub mod files;
mod level;
mod lookback;
mod naive;
pub mod outlook;
mod past;
mod phase;
mod prior;
pub mod promote;
mod ridge;
pub mod series;
mod settled;
mod shape;
mod signal;
mod spread;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

pub use calendar_model::CalendarModel;
pub use naive::SeasonalNaive;
pub use phase::{Bucket, PhaseCalendar};
pub use prior::PriorModel;
pub use ridge::RidgeModel;
pub use series::Series;
pub use signal::Signal;

use headroom_calendar::{Calendar, Event};

/// The probabilities at which demand is forecast.
pub const QUANTILES: [f64; 6] = [0.5, 0.8, 0.9, 0.95, 0.99, 0.999];

/// Why a figure cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unavailable(pub String);

/// What a fit may know beside the history.
#[derive(Debug, Clone)]
pub struct Context {
    /// Sessions and events.
    pub calendar: Arc<Calendar>,
    /// The service, to which events may be limited.
    pub service: String,
    /// How far the fitted model must be able to predict.
    pub horizon: Duration,
    /// Series that move before demand does; a model that goes without them ignores them.
    pub signals: Vec<Signal>,
}

/// A way to forecast.
pub trait Forecaster: Send + Sync {
    /// Its name, as it is stored beside each forecast.
    fn name(&self) -> String;

    /// Fits the history, whose end is the forecast's origin.
    fn fit(&self, history: &Series, context: &Context) -> Result<Box<dyn Fitted>, Unavailable>;
}

/// A fitted model.
pub trait Fitted: Send + Sync {
    /// Takes in demand measured since the fit (or since the last call): the level follows, nothing else changes.
    fn observe(&mut self, recent: &Series);

    /// Takes in what the signals of the [`Context`] showed since the fit (or since the last call), each by its name
    /// and in its steps. To be called before [`Self::observe`] takes in the demand of that time.
    fn observe_signals(&mut self, _recent: &[Signal]) {}

    /// Whether what it says of the next minutes goes by the last ones already, each distance in its own measure.
    fn follows_minutes(&self) -> bool {
        false
    }

    /// The demand to expect in the step that starts at `ts`.
    fn predict(&self, ts: DateTime<Utc>) -> Prediction;

    /// By what the signals of the [`Context`] multiply demand in the step that starts at `ts`, as they stand now: 1
    /// where they are as usual or say nothing about it. Empty when the model goes without them.
    fn lifts(&self, _ts: DateTime<Utc>) -> Vec<(Arc<str>, f64)> {
        Vec::new()
    }

    /// Which venue's sessions the model goes by, the main one first; empty when it goes by the clock.
    fn phases(&self) -> &PhaseCalendar;
}

/// The demand to expect in one step.
#[derive(Debug, Clone)]
pub struct Prediction {
    /// Start of the step.
    pub ts: DateTime<Utc>,
    /// Demand at each of [`QUANTILES`], never falling.
    pub quantiles: [f64; 6],
    /// The events that move it, with what each multiplies it by.
    pub events: Vec<(Arc<Event>, f64)>,
}

impl Prediction {
    /// The median.
    pub fn median(&self) -> f64 {
        self.quantiles[0]
    }

    /// The demand at any probability from 0.5 to 0.999, between the forecast ones linear in -ln(1 - p), in which
    /// an exponential tail is a straight line.
    pub fn at(&self, probability: f64) -> f64 {
        let stretch = |p: f64| -(1.0 - p).ln();
        let p = probability.clamp(QUANTILES[0], QUANTILES[5]);
        let upper = QUANTILES.iter().position(|q| *q >= p).unwrap_or(5).max(1);
        let (low, high) = (QUANTILES[upper - 1], QUANTILES[upper]);
        let share = (stretch(p) - stretch(low)) / (stretch(high) - stretch(low));
        self.quantiles[upper - 1] + (self.quantiles[upper] - self.quantiles[upper - 1]) * share
    }
}

/// Raises each quantile to the one below it, and negatives to 0.
fn monotone(mut quantiles: [f64; 6]) -> [f64; 6] {
    let mut floor = 0.0_f64;
    for q in &mut quantiles {
        floor = floor.max(*q);
        *q = floor;
    }
    quantiles
}

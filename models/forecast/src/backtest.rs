//! Rolling-origin back-test: fit on what was known, predict what came, score by kind of step.
//!
//! An average hides what a model does in the hours that matter: on eleven years of SPY volume, knowing the
//! calendar betters the overall loss by a few per cent and halves it in the hours of a rate decision. So scores
//! are kept for all steps, for ordinary ones, and for each class of event.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use crate::effects::{Groups, Overlay};
use crate::evaluate::lead;
use crate::phase::PhaseCalendar;
use crate::series::Series;
use crate::{Context, Forecaster, QUANTILES, Unavailable};

/// Scores of one kind of step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Score {
    /// Steps scored.
    pub steps: usize,
    demand: f64,
    absolute: f64,
    loss: [f64; 6],
    covered: [usize; 6],
    short: [f64; 6],
}

impl Score {
    fn add(&mut self, actual: f64, quantiles: &[f64; 6]) {
        self.steps += 1;
        self.demand += actual;
        self.absolute += (actual - quantiles[0]).abs();
        for (index, (p, q)) in QUANTILES.iter().zip(quantiles).enumerate() {
            let miss = actual - q;
            self.loss[index] += if miss > 0.0 { p * miss } else { (p - 1.0) * miss };
            self.covered[index] += usize::from(miss <= 0.0);
            self.short[index] += miss.max(0.0);
        }
    }

    /// Sum of absolute errors of the median over the sum of demand.
    pub fn wape(&self) -> f64 {
        self.absolute / self.demand
    }

    /// Pinball loss at each of [`QUANTILES`] over the mean demand.
    pub fn pinball(&self) -> [f64; 6] {
        self.loss.map(|l| l / self.demand)
    }

    /// Share of steps at or below each quantile.
    pub fn coverage(&self) -> [f64; 6] {
        self.covered.map(|c| c as f64 / self.steps as f64)
    }

    /// Share of the demand above each quantile: what capacity at that quantile would not have served.
    pub fn unserved(&self) -> [f64; 6] {
        self.short.map(|s| s / self.demand)
    }

    /// The median's absolute error over that of another forecaster on the same steps; nothing where that made none.
    pub fn relative_mae(&self, other: &Self) -> Option<f64> {
        self.over(other, |score| score.absolute)
    }

    /// The loss over all quantiles over that of another forecaster on the same steps; nothing where that had none.
    pub fn relative_wql(&self, other: &Self) -> Option<f64> {
        self.over(other, |score| score.loss.iter().sum())
    }

    fn over(&self, other: &Self, figure: impl Fn(&Self) -> f64) -> Option<f64> {
        let (own, its) = (figure(self), figure(other));
        (self.steps == other.steps && its > 0.0).then(|| own / its)
    }
}

/// One forecaster's scores.
#[derive(Debug, Clone)]
pub struct Report {
    /// The forecaster.
    pub name: String,
    /// All steps.
    pub all: Score,
    /// By stratum: `ordinary`, and each class of event. A step in two events counts for both.
    pub strata: BTreeMap<String, Score>,
    /// By distance from the origin, such as `2: 15 to 60 min`.
    pub leads: BTreeMap<String, Score>,
}

impl Report {
    /// The figure promotion goes by: mean pinball at 0.5, 0.9 and 0.99 over all steps, and a quarter of it over
    /// the steps in events where there are any. Smaller is better.
    pub fn figure(&self) -> f64 {
        let mean = |score: &Score| {
            let p = score.pinball();
            (p[0] + p[2] + p[4]) / 3.0
        };
        let events: Vec<f64> = self
            .strata
            .iter()
            .filter(|(name, s)| *name != "ordinary" && s.demand > 0.0)
            .map(|(_, s)| mean(s))
            .collect();
        let extra = if events.is_empty() { 0.0 } else { events.iter().sum::<f64>() / events.len() as f64 };
        mean(&self.all) + 0.25 * extra
    }
}

/// Fits at every `refit`-th origin, lets the model observe up to each other one, and scores the `reach` after it.
pub fn run(
    forecaster: &dyn Forecaster,
    series: &Series,
    context: &Context,
    origins: &[DateTime<Utc>],
    reach: Duration,
    refit: usize,
) -> Result<Report, Unavailable> {
    let mut groups = Groups::default();
    let venues = PhaseCalendar::Venues(context.calendar.venues().to_vec());
    let events = context.calendar.events(series.start, series.end(), series.end());
    let overlay = Overlay::new(events, &context.service, &venues, &mut groups, series.step_minutes);
    let mut report = Report {
        name: forecaster.name(),
        all: Score::default(),
        strata: BTreeMap::new(),
        leads: BTreeMap::new(),
    };
    let mut fitted = None;
    for (number, origin) in origins.iter().enumerate() {
        let known = series.before(*origin);
        if number % refit.max(1) == 0 {
            fitted = Some(forecaster.fit(&known, context)?);
        } else if let Some(model) = fitted.as_mut() {
            model.observe(&known);
        }
        let Some(model) = fitted.as_ref() else { continue };
        let first = series.index(*origin).unwrap_or(series.values.len());
        for (index, value) in series.values.iter().enumerate().skip(first) {
            let (Some(actual), ts) = (value, series.at(index)) else { continue };
            if ts >= *origin + reach {
                break;
            }
            let quantiles = model.predict(ts).quantiles;
            report.all.add(*actual, &quantiles);
            report.leads.entry(lead(ts - *origin).to_owned()).or_default().add(*actual, &quantiles);
            let mut ordinary = true;
            for event in overlay.at(ts).iter().map(|e| &overlay.events[*e]).filter(|e| !e.class.in_shape()) {
                ordinary = false;
                report.strata.entry(event.class.id().to_owned()).or_default().add(*actual, &quantiles);
            }
            if ordinary {
                report.strata.entry("ordinary".to_owned()).or_default().add(*actual, &quantiles);
            }
        }
    }
    Ok(report)
}

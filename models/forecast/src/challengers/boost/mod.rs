//! A quantile gradient-boosting model on a feature frame: time, session, events near by, the same time of other days,
//! the recent level.
//!
//! Trees of our own: of the crates looked at, one has no quantile loss (forust-ml), one is no longer kept (gbdt) and
//! one brings a thread pool and a probe of the machine and cannot share its bins among quantiles (perpetual).

mod booster;
mod features;
mod tree;

use chrono::{DateTime, Duration, Utc};

use booster::{Booster, Lesson, quantile};
use features::{Features, Means};
use tree::Frame;

use crate::phase::PhaseCalendar;
use crate::spread::{REACHES, reach};
use crate::{Context, Fitted, Forecaster, Prediction, QUANTILES, Series, Unavailable, monotone};

/// The quantiles that have trees; the others lie between or beyond them, and are moved to where they belong.
const BOOSTED: [f64; 3] = [0.5, 0.8, 0.95];
/// Most rows learned from besides those in events.
const ROWS: usize = 6000;
/// Fewest rows to learn from.
const LEAST: usize = 400;
/// Shares of the rows, in the order of time, for growing and for stopping; the rest is for the residuals.
const GROW: f64 = 0.5;
const STOP: f64 = 0.15;
/// With fewer residuals at a distance, those of all distances count.
const FEW: usize = 100;

/// The model. Events count like any other feature, so it needs many of them before it knows what they do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Boosted;

impl Forecaster for Boosted {
    fn name(&self) -> String {
        "boosted".to_owned()
    }

    fn fit(&self, history: &Series, context: &Context) -> Result<Box<dyn Fitted>, Unavailable> {
        let (features, means) = (Features::new(history, context), Means::new(history));
        let rows = rows(history, &features, &means, context.horizon);
        if rows.len() < LEAST {
            return Err(Unavailable(format!(
                "{} has {} steps to learn from after its first two days; boosting needs at least {LEAST}",
                context.service,
                rows.len()
            )));
        }
        let target: Vec<f64> = rows.iter().map(|r| r.target).collect();
        let columns: Vec<Vec<f32>> = (0..rows[0].features.len())
            .map(|column| rows.iter().map(|row| row.features[column]).collect())
            .collect();
        let reaches: Vec<usize> = rows.iter().map(|r| r.reach).collect();
        let rows: Vec<Vec<f32>> = rows.into_iter().map(|r| r.features).collect();
        let frame = Frame::new(&columns);
        let lesson = Lesson { frame: &frame, features: &rows, target: &target };
        let all: Vec<u32> = (0..rows.len() as u32).collect();
        let grow = (rows.len() as f64 * GROW) as usize;
        let stop = grow + (rows.len() as f64 * STOP) as usize;
        let early = BOOSTED.map(|p| Booster::fit(&lesson, p, &all[..grow], &all[grow..stop]));
        let misses: Vec<(usize, [f64; 6])> = (stop..rows.len())
            .map(|row| (reaches[row], quantiles(&early, &rows[row]).map(|q| target[row] - q)))
            .collect();
        let boosters = std::array::from_fn(|i| early[i].again(&lesson, BOOSTED[i], &all));
        let Some(level) = features.level(&means, history.end()) else {
            return Err(Unavailable(format!("{} has no demand in its last week", context.service)));
        };
        Ok(Box::new(BoostedFit { features, means, boosters, shifts: shifts(&misses), level }))
    }
}

struct Row {
    target: f64,
    features: Vec<f32>,
    reach: usize,
}

/// The steps to learn from, each as seen from an origin before it: three of five within a day, one within four days,
/// one within fourteen.
fn rows(history: &Series, features: &Features, means: &Means, horizon: Duration) -> Vec<Row> {
    let step = i64::from(history.step_minutes);
    let day = (1440 / step).max(1) as usize;
    let mut stride = history.values.len().div_ceil(ROWS);
    // Every time of the day must have its turn.
    while gcd(stride, day) > 1 {
        stride += 1;
    }
    let mut rows = Vec::new();
    for (index, value) in history.values.iter().enumerate().skip(2 * day) {
        let (Some(value), ts) = (value, history.at(index)) else { continue };
        if index % stride != 0 && !features.moved(ts) {
            continue;
        }
        let turn = (index as f64 * 0.618_033_988_7).fract();
        let days = match turn {
            0.0..0.6 => turn / 0.6,
            0.6..0.8 => 1.0 + (turn - 0.6) / 0.2 * 3.0,
            _ => 4.0 + (turn - 0.8) / 0.2 * 10.0,
        };
        let ahead = ((days * 1440.0) as i64).min(horizon.num_minutes()) / step * step;
        // Where the history is too short for so distant an origin, the nearest that has a day before it.
        let origin = (ts - Duration::minutes(ahead)).max(history.start + Duration::days(1));
        let Some(level) = features.level(means, origin) else { continue };
        rows.push(Row {
            target: features.relative(*value, level),
            features: features.row(means, ts, origin, level),
            reach: reach((ts - origin).num_days() as i32 + 1),
        });
    }
    rows
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// All six quantiles from those boosted: between them on straight lines in -ln(1 - p), beyond them the last, which the
/// residuals then move out. A tail drawn on by a line would explode where the trees see a wide spread.
fn quantiles(boosters: &[Booster; 3], features: &[f32]) -> [f64; 6] {
    let stretch = |p: f64| -(1.0 - p).ln();
    let known = boosters.each_ref().map(|b| b.value(features));
    QUANTILES.map(|p| {
        let low = usize::from(p > BOOSTED[1]);
        let (from, to) = (stretch(BOOSTED[low]), stretch(BOOSTED[low + 1]));
        let share = ((stretch(p) - from) / (to - from)).min(1.0);
        known[low] + (known[low + 1] - known[low]).max(0.0) * share
    })
}

/// By how much each quantile must be moved, by distance, so that as many of the residuals lie below it as should.
fn shifts(misses: &[(usize, [f64; 6])]) -> [[f64; 6]; 3] {
    std::array::from_fn(|distance| {
        let own = misses.iter().filter(|(d, _)| *d == distance).count();
        let kept = || misses.iter().filter(|(d, _)| own < FEW || *d == distance);
        std::array::from_fn(|i| quantile(QUANTILES[i], kept().map(|(_, miss)| miss[i]).collect()))
    })
}

struct BoostedFit {
    features: Features,
    means: Means,
    boosters: [Booster; 3],
    shifts: [[f64; 6]; REACHES.len()],
    level: f64,
}

impl Fitted for BoostedFit {
    fn observe(&mut self, recent: &Series) {
        self.means.append(recent);
        self.level = self.features.level(&self.means, self.means.end()).unwrap_or(self.level);
    }

    fn predict(&self, ts: DateTime<Utc>) -> Prediction {
        let origin = self.means.end();
        let row = self.features.row(&self.means, ts, origin, self.level);
        let shifts = self.shifts[reach((ts - origin).num_days() as i32 + 1)];
        let relative = quantiles(&self.boosters, &row);
        let quantiles = std::array::from_fn(|i| self.features.absolute(relative[i] + shifts[i], self.level));
        Prediction { ts, quantiles: monotone(quantiles), events: Vec::new() }
    }

    fn phases(&self) -> &PhaseCalendar {
        &self.features.phases
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

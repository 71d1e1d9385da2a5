//! Bootstrap intervals of the coefficients and of what follows from them.
//!
//! A load test sets its loads: they are the same in every repetition, and with seven of them a resample of cases
//! would leave out the very loads that show the peak, or keep fewer than three. So by default the loads stay and
//! residuals are drawn anew around the fitted curve ([`Resampling::Residuals`]; A. C. Davison and D. V. Hinkley,
//! Bootstrap Methods and their Application, 1997, section 6.2 and 7.3). Residuals of a load are those of the mean of
//! its points, freed of what the fit took from them (divided by the root of 1 − leverage) and of their mean. As few
//! residuals know little about the spread behind them, they are stretched by Student's t over the normal quantile: for
//! seven loads that lifts the coverage of the intervals from 87 % to 93 %.
//!
//! Where each load is measured five times or more, and the means of the loads lie along the curve, the points of a
//! load are drawn among themselves ([`Resampling::Cases`]): that lets a load near saturation scatter more than an
//! idle one. If the means do not lie along the curve the scatter within a load is not what makes the fit uncertain,
//! and residuals are drawn.
//!
//! More than 256 different loads are put into 256 cells of neighbours, each of which counts as a load. More than
//! 10 000 points are not drawn one by one: the mean of a cell's draws comes from its normal limit.

#[cfg(test)]
mod tests;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use utoipa::ToSchema;

use super::Usl;
use super::cells::Cell;
use super::fit::{Found, Sample, Scaled, descend, invert_curvature};
use crate::curve::points::Point;
use crate::curve::resample::{LEVEL, NORMAL, RESAMPLES, generator, interval, normal};
use crate::curve::student;

/// Points per load from which its own scatter is known.
const REPEATS: usize = 5;

/// Above this many points, the means of cells are drawn from their normal limit.
const MOST_DRAWS: usize = 10_000;

/// Means off the curve by less than this share of the largest throughput are on it, however surely they are off.
const ON_CURVE: f64 = 0.02;

/// What is drawn anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resampling {
    /// Residuals, around the curve at the measured loads.
    Residuals,
    /// The points of each load among themselves.
    Cases,
}

/// Intervals from resamples. A bound that does not exist is none: an upper bound of the peak is none if too many
/// resamples have no peak.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Bootstrap {
    /// Share of repetitions that the intervals are to cover.
    pub level: f64,
    /// Resamples that were fitted.
    pub resamples: usize,
    /// What they were drawn from.
    pub seed: u64,
    /// What was drawn anew.
    pub resampling: Resampling,
    /// Of α.
    #[schema(value_type = Vec<Option<f64>>)]
    pub alpha: [Option<f64>; 2],
    /// Of β.
    #[schema(value_type = Vec<Option<f64>>)]
    pub beta: [Option<f64>; 2],
    /// Of γ.
    #[schema(value_type = Vec<Option<f64>>)]
    pub gamma: [Option<f64>; 2],
    /// Of the load at the peak.
    #[schema(value_type = Vec<Option<f64>>)]
    pub peak_load: [Option<f64>; 2],
    /// Of the throughput at the peak; that of a resample without peak is its limit.
    #[schema(value_type = Vec<Option<f64>>)]
    pub peak_throughput: [Option<f64>; 2],
    /// Of γ/α.
    #[schema(value_type = Vec<Option<f64>>)]
    pub limit: [Option<f64>; 2],
}

/// How the means of the loads lie along the curve, by the scatter of repeated measurements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LackOfFit {
    /// Probability of such means if they came from the curve.
    pub(super) p: f64,
    /// Typical distance of a mean from the curve, as a share of the largest throughput.
    pub(super) distance: f64,
}

impl LackOfFit {
    /// Whether the curve is not the one behind the points.
    pub(super) fn shows(&self) -> bool {
        self.p < 0.01 && self.distance > ON_CURVE
    }
}

/// A cell and how its points lie around the curve, in scaled units.
struct Unit {
    sample: Sample,
    /// Distances of the points from the curve, each at its own load.
    residuals: Vec<f64>,
    mean: f64,
}

impl Unit {
    fn new(scaled: &Scaled, cell: &Cell, parameters: &[f64; 3]) -> Option<Self> {
        let distance = |p: &Point| {
            let sample = scaled.sample(p.load, p.throughput, 1.0);
            Some(sample.x - sample.value(parameters)?)
        };
        let residuals: Vec<f64> =
            scaled.sorted[cell.range.clone()].iter().map(distance).collect::<Option<_>>()?;
        let mean = residuals.iter().sum::<f64>() / residuals.len() as f64;
        let mut sample = scaled.sample(cell.load, 0.0, cell.weight());
        // On the curve.
        sample.x = sample.value(parameters)?;
        Some(Self { sample, residuals, mean })
    }

    /// Sum of squares around their own mean.
    fn within(&self) -> f64 {
        self.residuals.iter().map(|r| (r - self.mean).powi(2)).sum()
    }

    fn count(&self) -> f64 {
        self.residuals.len() as f64
    }
}

/// The points around their curve, ready to be drawn from.
pub(super) struct Resampler<'a> {
    scaled: &'a Scaled,
    found: Found,
    units: Vec<Unit>,
}

impl<'a> Resampler<'a> {
    /// None if the curve has a pole among the points, which a fitted one has not.
    pub(super) fn new(scaled: &'a Scaled, found: Found) -> Option<Self> {
        let units = scaled.cells.iter().map(|cell| Unit::new(scaled, cell, &found.parameters));
        Some(Self { scaled, units: units.collect::<Option<_>>()?, found })
    }

    /// None where loads are not repeated.
    pub(super) fn lack_of_fit(&self) -> Option<LackOfFit> {
        let loads = self.units.len() as f64;
        let pure = self.units.iter().map(|u| u.count() - 1.0).sum::<f64>();
        if loads <= 3.0 || pure < 3.0 {
            return None;
        }
        let between = self.units.iter().map(|u| u.count() * u.mean * u.mean).sum::<f64>() / (loads - 3.0);
        let within = self.units.iter().map(Unit::within).sum::<f64>() / pure;
        let distance = (self.units.iter().map(|u| u.mean * u.mean).sum::<f64>() / (loads - 3.0)).sqrt();
        let f = if between == 0.0 { 0.0 } else { between / within };
        Some(LackOfFit { p: student::f_tail(f, loads - 3.0, pure), distance })
    }

    /// How many loads in a row lie on one side of the curve, if sides change more seldom than chance has it (A. Wald
    /// and J. Wolfowitz, 1940) and the points are clearly off. None for few loads.
    pub(super) fn bent_stretch(&self) -> Option<usize> {
        let above: Vec<bool> = self.units.iter().map(|u| u.mean > 0.0).collect();
        let count = above.len() as f64;
        let distance = (self.units.iter().map(|u| u.mean * u.mean).sum::<f64>() / count).sqrt();
        if above.len() < 10 || distance <= ON_CURVE {
            return None;
        }
        let up = above.iter().filter(|a| **a).count() as f64;
        let pairs = 2.0 * up * (count - up);
        let runs = above.chunk_by(|a, b| a == b);
        let expected = pairs / count + 1.0;
        let variance = pairs * (pairs - count) / (count * count * (count - 1.0));
        let seldom = (runs.clone().count() as f64 - expected) < -2.33 * variance.max(0.0).sqrt();
        runs.map(<[bool]>::len).max().filter(|_| seldom)
    }

    /// The resampling that suits the points.
    pub(super) fn suited(&self) -> Resampling {
        let repeated = self.units.iter().all(|u| u.residuals.len() >= REPEATS);
        let on_curve = !self.lack_of_fit().is_some_and(|lack| lack.shows());
        if repeated && on_curve { Resampling::Cases } else { Resampling::Residuals }
    }

    /// Draws and fits. None if more than one resample in ten cannot be fitted.
    pub(super) fn bootstrap(&self, resampling: Resampling, resamples: usize, seed: u64) -> Option<Bootstrap> {
        let resamples = resamples.clamp(*RESAMPLES.start(), *RESAMPLES.end());
        let mut rng = generator(seed);
        let pool = self.pool()?;
        let one_by_one = self.scaled.sorted.len() <= MOST_DRAWS;
        let mut curves: Vec<Usl> = Vec::with_capacity(resamples);
        let mut samples: Vec<Sample> = self.units.iter().map(|u| u.sample).collect();
        for _ in 0..resamples {
            for (sample, unit) in samples.iter_mut().zip(&self.units) {
                let drawn = match resampling {
                    Resampling::Residuals => {
                        pool[rng.random_range(0..pool.len())] / unit.sample.weight.sqrt()
                    }
                    Resampling::Cases => unit.draw(one_by_one, &mut rng),
                };
                sample.x = unit.sample.x + drawn;
            }
            let found = descend(&samples, self.found.parameters).filter(|f| f.converged);
            curves.extend(found.and_then(|f| self.scaled.usl(f.parameters)));
        }
        (curves.len() * 10 >= resamples * 9).then(|| summary(&curves, resampling, seed))
    }

    /// The residuals to draw from, as if each were of one point.
    fn pool(&self) -> Option<Vec<f64>> {
        let inverse = invert_curvature(&self.found);
        let mut pool: Vec<f64> = self
            .units
            .iter()
            .map(|unit| {
                let slope = unit.sample.slope(unit.sample.x);
                let taken = inverse.as_ref().map_or(0.0, |inverse| {
                    let leans = |i: usize| (0..3).map(|j| inverse[i][j] * slope[j]).sum::<f64>();
                    (0..3).map(|i| slope[i] * leans(i)).sum::<f64>() * unit.sample.weight
                });
                // A point that holds the curve by itself has a residual of 0 over 0.
                unit.mean * unit.sample.weight.sqrt() / (1.0 - taken.clamp(0.0, 0.99)).sqrt()
            })
            .collect();
        let mean = pool.iter().sum::<f64>() / pool.len() as f64;
        let known = pool.len().checked_sub(3).filter(|known| *known > 0)? as f64;
        let p = 0.5 * (1.0 + LEVEL);
        let stretch = student::quantile(p, known) / student::quantile(p, NORMAL);
        pool.iter_mut().for_each(|r| *r = (*r - mean) * stretch);
        Some(pool)
    }
}

impl Unit {
    /// The mean of as many residuals drawn from its own.
    fn draw(&self, one_by_one: bool, rng: &mut ChaCha8Rng) -> f64 {
        let count = self.residuals.len();
        // Draws scatter less than what they are drawn from, by one degree of freedom.
        let free = (self.count() - 1.0).max(1.0);
        let off = if one_by_one {
            let drawn: f64 = (0..count).map(|_| self.residuals[rng.random_range(0..count)]).sum();
            (drawn / self.count() - self.mean) * (self.count() / free).sqrt()
        } else {
            normal(rng) * (self.within() / free / self.count()).sqrt()
        };
        self.mean + off
    }
}

fn summary(curves: &[Usl], resampling: Resampling, seed: u64) -> Bootstrap {
    let of = |figure: fn(&Usl) -> Option<f64>| {
        interval(curves.iter().map(|c| figure(c).unwrap_or(f64::INFINITY)).collect())
    };
    Bootstrap {
        level: LEVEL,
        resamples: curves.len(),
        seed,
        resampling,
        alpha: of(|c| Some(c.alpha())),
        beta: of(|c| Some(c.beta())),
        gamma: of(|c| Some(c.gamma())),
        peak_load: of(|c| c.peak().map(|peak| peak.load)),
        peak_throughput: of(|c| c.peak().map(|peak| peak.throughput).or_else(|| c.limit())),
        limit: of(Usl::limit),
    }
}

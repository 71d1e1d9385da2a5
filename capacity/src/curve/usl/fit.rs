//! Least squares on throughput, under the bounds of the law.
//!
//! The law is fitted in the form X = N / (a + vN + uN(N − 1)) with a = (1 − α)/γ, v = α/γ and u = β/γ, in which the
//! bounds 0 ≤ α ≤ 1, β ≥ 0 and γ > 0 are a, v, u ≥ 0. Loads and throughputs are divided by their largest, so that
//! neither their units nor their size matter. Levenberg and Marquardt's method runs from several starts on the
//! points grouped by load, and from the best of these on all points; of the parameters at a bound only those move
//! that the gradient draws inward.
//!
//! Every point counts the same, as in the published fits (R: `usl`, `nls`).

mod descent;
mod linear;

use super::Usl;
use super::cells::{Cell, cells};
use crate::curve::points::Point;
pub(super) use descent::{Found, Sample, descend};
use linear::{Matrix, invert};

/// A fitted curve with what it leaves unexplained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UslFit {
    /// The curve.
    pub usl: Usl,
    /// Standard errors of α, β and γ from the curvature of the sum of squares; none if the points do not determine
    /// each coefficient.
    pub standard_errors: Option<[f64; 3]>,
    /// Root of the sum of squared residuals over the degrees of freedom, in the unit of throughput.
    pub residual_standard_error: f64,
    /// Points less the three coefficients.
    pub degrees_of_freedom: usize,
    /// Share of the variance of throughput that the curve explains; none if throughput does not vary. Below 0 where
    /// a constant would do better.
    pub r_squared: Option<f64>,
}

/// Why there is no curve.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FitError {
    /// Three coefficients need more than three points.
    #[error("{points} points do not determine three coefficients; measure at least 4 loads above 0")]
    TooFewPoints {
        /// Points with a load above 0.
        points: usize,
    },
    /// A point is not a measurement.
    #[error(
        "point {number} has the load {load} and the throughput {throughput}; both must be numbers from 0 up, and nothing is done at load 0"
    )]
    NotAPoint {
        /// Counted from 1.
        number: usize,
        /// Its load.
        load: f64,
        /// Its throughput.
        throughput: f64,
    },
    /// Nothing was done at any load.
    #[error("throughput is 0 at every load; check what the column holds")]
    NoThroughput,
    /// No minimum was found.
    #[error("the least squares fit does not converge: the points do not lie along such a curve")]
    NoConvergence,
    /// The best coefficients have no meaning.
    #[error(
        "throughput falls so steeply from the lowest load on that no curve of this kind fits; measure lower loads"
    )]
    NoCurve,
}

/// What is needed to fit again: the points sorted by load, and the units in which they are fitted.
pub(super) struct Scaled {
    pub(super) sorted: Vec<Point>,
    pub(super) cells: Vec<Cell>,
    load: f64,
    throughput: f64,
}

/// Fits the law to points. Those of load 0 and throughput 0 carry nothing and are passed over.
pub fn fit(points: &[Point]) -> Result<UslFit, FitError> {
    let scaled = Scaled::new(points)?;
    scaled.fit().map(|(fit, _)| fit)
}

impl Scaled {
    pub(super) fn new(points: &[Point]) -> Result<Self, FitError> {
        let bad = |p: &&Point| !(p.load >= 0.0 && p.throughput >= 0.0 && p.load + p.throughput < f64::MAX);
        let bad = |p: &Point| bad(&p) || (p.load == 0.0 && p.throughput > 0.0);
        if let Some(at) = points.iter().position(bad) {
            let Point { load, throughput } = points[at];
            return Err(FitError::NotAPoint { number: at + 1, load, throughput });
        }
        let mut sorted: Vec<Point> = points.iter().copied().filter(|p| p.load > 0.0).collect();
        sorted.sort_by(|a, b| a.load.total_cmp(&b.load));
        let load = sorted.last().map_or(0.0, |p| p.load);
        let throughput = sorted.iter().map(|p| p.throughput).fold(0.0, f64::max);
        if sorted.len() > 3 && throughput == 0.0 {
            return Err(FitError::NoThroughput);
        }
        let cells = cells(&sorted);
        Ok(Self { sorted, cells, load, throughput })
    }

    pub(super) fn fit(&self) -> Result<(UslFit, Found), FitError> {
        if self.sorted.len() <= 3 || self.cells.len() < 3 {
            return Err(FitError::TooFewPoints { points: self.cells.len().min(self.sorted.len()) });
        }
        let grouped: Vec<Sample> =
            self.cells.iter().map(|c| self.sample(c.load, c.throughput, c.weight())).collect();
        let start = best_start(&grouped).ok_or(FitError::NoConvergence)?;
        let all: Vec<Sample> = self.sorted.iter().map(|p| self.sample(p.load, p.throughput, 1.0)).collect();
        let found = descend(&all, start.parameters).filter(|f| f.converged).ok_or(FitError::NoConvergence)?;
        let usl = self.usl(found.parameters).ok_or(FitError::NoCurve)?;
        Ok((self.described(usl, &found, &all), found))
    }

    /// A measurement in scaled units.
    pub(super) fn sample(&self, load: f64, throughput: f64, weight: f64) -> Sample {
        let n = load / self.load;
        Sample { n, pairs: n * (n - 1.0 / self.load), x: throughput / self.throughput, weight }
    }

    /// The curve of scaled parameters.
    pub(super) fn usl(&self, [a, v, u]: [f64; 3]) -> Option<Usl> {
        let one = a * self.load + v;
        Usl::new((v / one).min(1.0), u / self.load / one, self.throughput / one)
    }

    fn described(&self, usl: Usl, found: &Found, samples: &[Sample]) -> UslFit {
        let count = samples.len() as f64;
        let degrees_of_freedom = samples.len() - 3;
        let variance = found.cost / degrees_of_freedom as f64;
        let mean = samples.iter().map(|s| s.x).sum::<f64>() / count;
        let total: f64 = samples.iter().map(|s| (s.x - mean).powi(2)).sum();
        let change = self.change(found.parameters);
        let standard_errors = invert_curvature(found).map(|covariance| {
            std::array::from_fn(|i| (variance * quadratic(&covariance, &change[i])).max(0.0).sqrt())
        });
        UslFit {
            usl,
            standard_errors: standard_errors.filter(|errors: &[f64; 3]| errors.iter().all(|e| e.is_finite())),
            residual_standard_error: variance.sqrt() * self.throughput,
            degrees_of_freedom,
            r_squared: (total > 0.0).then(|| 1.0 - found.cost / total),
        }
    }

    /// How α, β and γ change with the scaled parameters.
    fn change(&self, [a, v, u]: [f64; 3]) -> Matrix {
        let one = a * self.load + v;
        let square = one * one;
        [
            [-v * self.load / square, a * self.load / square, 0.0],
            [-u / square, -u / self.load / square, 1.0 / self.load / one],
            [-self.throughput * self.load / square, -self.throughput / square, 0.0],
        ]
    }
}

/// The inverse of JᵀWJ; none if the points do not determine each coefficient.
pub(super) fn invert_curvature(found: &Found) -> Option<Matrix> {
    invert(&found.curvature)
}

fn quadratic(matrix: &Matrix, v: &[f64; 3]) -> f64 {
    (0..3).map(|i| (0..3).map(|j| v[i] * matrix[i][j] * v[j]).sum::<f64>()).sum()
}

/// The best that is found from shapes between a line, an early peak and a plateau.
fn best_start(samples: &[Sample]) -> Option<Found> {
    let mut best: Option<Found> = None;
    for start in starts(samples) {
        if let Some(found) = descend(samples, start)
            && best.as_ref().is_none_or(|b| found.cost < b.cost)
        {
            best = Some(found);
        }
    }
    best
}

fn starts(samples: &[Sample]) -> Vec<[f64; 3]> {
    let mut shapes = vec![[1.0, 0.0, 0.0]];
    for peak in [0.1, 0.3, 0.7, 1.5] {
        for contention in [0.1, 1.0, 10.0] {
            shapes.push([1.0, contention / peak, 1.0 / (peak * peak)]);
            shapes.push([1.0, contention / peak, 0.0]);
        }
    }
    shapes
        .into_iter()
        .filter_map(|shape| {
            // The height is linear: its best value is known.
            let (mut along, mut square) = (0.0, 0.0);
            for sample in samples {
                let value = sample.value(&shape)?;
                along += sample.weight * value * sample.x;
                square += sample.weight * value * value;
            }
            (along > 0.0).then(|| shape.map(|p| p * square / along))
        })
        .collect()
}

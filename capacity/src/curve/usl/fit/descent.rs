//! Levenberg and Marquardt's descent within bounds.

use super::linear::{Matrix, solve};

/// Steps before the search is given up.
const STEPS: usize = 500;

/// The gradient is 0 where no residual leans on a parameter by more than this share.
const LEVEL: f64 = 1e-9;
/// Where rounding ends the descent, this share is still a minimum.
const NEARLY_LEVEL: f64 = 1e-5;

/// A measurement in scaled units.
#[derive(Debug, Clone, Copy)]
pub(in crate::curve::usl) struct Sample {
    /// Load.
    pub(in crate::curve::usl) n: f64,
    /// N(N − 1), scaled.
    pub(in crate::curve::usl) pairs: f64,
    /// Throughput.
    pub(in crate::curve::usl) x: f64,
    /// How many points it stands for.
    pub(in crate::curve::usl) weight: f64,
}

impl Sample {
    /// The curve here; none where it has a pole.
    pub(in crate::curve::usl) fn value(&self, [a, v, u]: &[f64; 3]) -> Option<f64> {
        let below = a + v * self.n + u * self.pairs;
        let value = self.n / below;
        (below > 0.0 && value.is_finite()).then_some(value)
    }

    /// How the curve changes with each parameter, where it has this value.
    pub(in crate::curve::usl) fn slope(&self, value: f64) -> [f64; 3] {
        let common = -value * value / self.n;
        [common, common * self.n, common * self.pairs]
    }
}

/// Where the descent ended.
#[derive(Debug, Clone, Copy)]
pub(in crate::curve::usl) struct Found {
    pub(in crate::curve::usl) parameters: [f64; 3],
    /// Weighted sum of squared residuals.
    pub(in crate::curve::usl) cost: f64,
    /// JᵀWJ
    pub(in crate::curve::usl) curvature: Matrix,
    pub(in crate::curve::usl) converged: bool,
}

/// The sum of squares around some parameters.
struct Place {
    cost: f64,
    gradient: [f64; 3],
    curvature: Matrix,
}

impl Place {
    fn at(samples: &[Sample], parameters: &[f64; 3]) -> Option<Self> {
        let mut place = Self { cost: 0.0, gradient: [0.0; 3], curvature: [[0.0; 3]; 3] };
        for sample in samples {
            let value = sample.value(parameters)?;
            let slope = sample.slope(value);
            let residual = value - sample.x;
            place.cost += sample.weight * residual * residual;
            for i in 0..3 {
                let weighted = sample.weight * slope[i];
                place.gradient[i] += weighted * residual;
                for (sum, other) in place.curvature[i].iter_mut().zip(slope).take(i + 1) {
                    *sum += weighted * other;
                }
            }
        }
        for i in 0..3 {
            for j in i + 1..3 {
                place.curvature[i][j] = place.curvature[j][i];
            }
        }
        (place.cost.is_finite() && place.curvature.iter().flatten().all(|v| v.is_finite())).then_some(place)
    }

    /// The largest cosine between the residuals and a free parameter's slope.
    fn lean(&self, free: [bool; 3]) -> f64 {
        (0..3)
            .filter(|i| free[*i])
            .map(|i| self.gradient[i].abs() / (self.curvature[i][i] * self.cost).sqrt().max(1e-300))
            .fold(0.0, f64::max)
    }
}

/// Descends from a start; none if the curve has a pole there.
pub(in crate::curve::usl) fn descend(samples: &[Sample], start: [f64; 3]) -> Option<Found> {
    let exact = 1e-28 * samples.iter().map(|s| s.weight * s.x * s.x).sum::<f64>();
    let mut parameters = start;
    let mut place = Place::at(samples, &parameters)?;
    let mut damping = 1e-3;
    let mut converged = false;
    for _ in 0..STEPS {
        let free = std::array::from_fn(|i| parameters[i] > 0.0 || place.gradient[i] < 0.0);
        let lean = place.lean(free);
        if place.cost <= exact || lean <= LEVEL {
            converged = true;
            break;
        }
        let mut damped = place.curvature;
        for (i, row) in damped.iter_mut().enumerate() {
            row[i] *= 1.0 + damping;
        }
        let next = solve(&damped, &place.gradient, free)
            .map(|step| std::array::from_fn(|i| (parameters[i] - step[i]).max(0.0)));
        let better = next.and_then(|next| Some((next, Place::at(samples, &next)?))).filter(|(_, there)| {
            // Close to the minimum the sum of squares is lost in rounding and the gradient is not.
            there.cost < place.cost
                || (there.cost <= place.cost * (1.0 + 1e-14) && there.lean(free) < 0.5 * lean)
        });
        if let Some((next, there)) = better {
            parameters = next;
            place = there;
            damping = (damping * 0.1).max(1e-12);
        } else {
            damping *= 10.0;
            if damping > 1e16 {
                converged = lean <= NEARLY_LEVEL;
                break;
            }
        }
    }
    Some(Found { parameters, cost: place.cost, curvature: place.curvature, converged })
}

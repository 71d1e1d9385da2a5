//! The Universal Scalability Law.
//!
//! X(N) = γN / (1 + α(N − 1) + βN(N − 1)): throughput X at load N. γ is the throughput of one user (or thread, or
//! processor), α the contention (the share of the work that only one can do at a time), β the coherency (the work of
//! each pair to agree). N. J. Gunther, Guerrilla Capacity Planning, Springer 2007.

pub mod bootstrap;
mod cells;
pub mod fit;
#[cfg(test)]
pub(super) mod tests;
pub mod verdict;

use serde::Serialize;
use utoipa::ToSchema;

use super::points::Point;

/// Coefficients of the law, of which the curve has a meaning at every load.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usl {
    alpha: f64,
    beta: f64,
    gamma: f64,
}

/// A load and the throughput that the curve has there.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
#[schema(as = CurvePeak)]
pub struct Peak {
    /// In the unit of the measured loads.
    pub load: f64,
    /// In the unit of the measured throughputs.
    pub throughput: f64,
}

impl Usl {
    /// A curve, if the coefficients describe one: 0 ≤ α ≤ 1, β ≥ 0, γ > 0, and a throughput that is finite at every
    /// load (it would not be below load 1 where β is several times 1 − α).
    pub fn new(alpha: f64, beta: f64, gamma: f64) -> Option<Self> {
        let in_range = (0.0..=1.0).contains(&alpha)
            && (0.0..=1e300).contains(&beta)
            && gamma > 0.0
            && gamma.is_finite()
            // Its lowest point lies between load 0 and 1.
            && (beta <= alpha || (beta - alpha).powi(2) < 4.0 * beta * (1.0 - alpha));
        in_range.then_some(Self { alpha, beta, gamma })
    }

    /// α, contention.
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// β, coherency.
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// γ, the throughput at load 1.
    pub fn gamma(&self) -> f64 {
        self.gamma
    }

    /// Throughput at a load. A load that is not a positive number carries nothing.
    pub fn throughput(&self, load: f64) -> f64 {
        if load.is_nan() || load <= 0.0 {
            return 0.0;
        }
        // Not above the largest number, whatever the load.
        (self.gamma * (load / self.slowdown(load.min(1e150)))).min(f64::MAX)
    }

    /// What the R package `usl` calls scalability: the throughput at a load.
    pub fn scalability(&self, load: f64) -> f64 {
        self.throughput(load)
    }

    /// The share of γ that each unit of load still brings.
    pub fn efficiency(&self, load: f64) -> f64 {
        1.0 / self.slowdown(load.clamp(f64::MIN_POSITIVE, 1e150))
    }

    /// The efficiency of a measured point, against γ of the curve; none for load 0.
    pub fn measured_efficiency(&self, point: &Point) -> Option<f64> {
        let efficiency = point.throughput / (self.gamma * point.load);
        efficiency.is_finite().then_some(efficiency)
    }

    /// Where throughput is largest, at load √((1 − α)/β). None if it never falls (β = 0), or falls from the start
    /// (α = 1).
    pub fn peak(&self) -> Option<Peak> {
        let load = ((1.0 - self.alpha) / self.beta).sqrt();
        (self.beta > 0.0 && load > 0.0).then(|| self.at(load))
    }

    /// The throughput that contention alone would never let pass: γ/α. None without contention.
    pub fn limit(&self) -> Option<f64> {
        let limit = self.gamma / self.alpha;
        (self.alpha > 0.0 && limit.is_finite()).then_some(limit)
    }

    /// The load up to which more users pay off: 1/α, where γN meets the limit. None without contention.
    pub fn optimal(&self) -> Option<Peak> {
        let load = 1.0 / self.alpha;
        (self.alpha > 0.0 && load.is_finite()).then(|| self.at(load))
    }

    /// The lowest load that brings a throughput; none above the peak or the limit.
    pub fn load_for(&self, throughput: f64) -> Option<f64> {
        if throughput == 0.0 {
            return Some(0.0);
        }
        // βN² + (α − β − γ/X)N + (1 − α) = 0; this form of the smaller root loses no digits.
        let rise = self.gamma / throughput - (self.alpha - self.beta);
        let rest = 1.0 - self.alpha;
        let load = 2.0 * rest / (rise + (rise * rise - 4.0 * self.beta * rest).sqrt());
        (throughput > 0.0 && rise > 0.0 && rest > 0.0 && load.is_finite()).then_some(load)
    }

    /// 1 + α(N − 1) + βN(N − 1)
    fn slowdown(&self, load: f64) -> f64 {
        1.0 + (load - 1.0) * (self.alpha + self.beta * load)
    }

    fn at(&self, load: f64) -> Peak {
        Peak { load, throughput: self.throughput(load) }
    }
}

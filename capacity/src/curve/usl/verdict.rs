//! Whether a fitted curve may be believed, and how far beyond the points.
//!
//! Least squares give coefficients for any points. Three things make them unsafe: points that do not determine them
//! (the fit is refused), points that follow another curve (the fit is weak), and questions beyond the points. The
//! error of an extrapolation is not in the residuals but in whether the law holds out there: the first six points of
//! the published ray tracer lie within 1 % of a curve that peaks at 24 processors, and the system went on rising to
//! 64. So
//!
//! - a peak among the measured loads is given if its bootstrap interval has an end;
//! - a peak up to twice the largest load is given if its interval is no wider than ±50 %, and makes the fit weak;
//! - a peak beyond that is not given;
//! - a limit is given up to four times the largest throughput, and only if its interval lies within a factor of three.
//!   It is the asymptote of a system without coherency, and known far worse than the peak: that of the published
//!   SPEC SDM 91, 3246, lies between 2072 and 8636.

mod reasons;
#[cfg(test)]
mod tests;

use super::bootstrap::{Bootstrap, Resampler};
use super::cells::distinct_loads;
use super::fit::{Scaled, UslFit};
use super::{Peak, Usl};
use crate::curve::points::Point;
use reasons::{beyond_the_points, doubts, refusals, spread_of_loads};

/// What to think of a fit.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Nothing speaks against it.
    Good,
    /// The coefficients are the best there are, with these doubts.
    Weak {
        /// Sentences with figures.
        reasons: Vec<String>,
    },
    /// The points do not tell; there are no coefficients.
    Refused {
        /// Sentences with figures.
        reasons: Vec<String>,
    },
}

impl Verdict {
    /// Why it is not good.
    pub fn reasons(&self) -> &[String] {
        match self {
            Self::Good => &[],
            Self::Weak { reasons } | Self::Refused { reasons } => reasons,
        }
    }

    fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reasons: vec![reason.into()] }
    }
}

/// A fit that may be believed.
#[derive(Debug, Clone, PartialEq)]
pub struct Believed {
    /// The fit.
    pub fit: UslFit,
    /// Intervals; none if the resamples cannot be fitted.
    pub bootstrap: Option<Bootstrap>,
    /// The peak, or why none is given.
    pub peak: Result<Peak, String>,
    /// The limit γ/α, or why none is given.
    pub limit: Result<f64, String>,
}

/// The points at a glance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts {
    /// With a load above 0.
    pub count: usize,
    /// Left out: load 0 and throughput 0.
    pub empty: usize,
    /// Loads closer than 1 % to each other count as one.
    pub distinct_loads: usize,
    /// Smallest and largest.
    pub load: [f64; 2],
    /// Smallest and largest.
    pub throughput: [f64; 2],
}

/// What came of an attempt to fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Appraisal {
    /// None if the points are no measurements, or there are none.
    pub facts: Option<Facts>,
    /// None if the fit is refused.
    pub believed: Option<Believed>,
    /// What to think of it.
    pub verdict: Verdict,
}

/// Fits the law to points, with at least 1,000 bootstrap resamples drawn from a seed, and judges the fit.
pub fn appraise(points: &[Point], resamples: usize, seed: u64) -> Appraisal {
    let scaled = match Scaled::new(points) {
        Ok(scaled) if scaled.sorted.is_empty() => {
            return Appraisal {
                facts: None,
                believed: None,
                verdict: Verdict::refused("there is no point with a load above 0"),
            };
        }
        Ok(scaled) => scaled,
        Err(error) => {
            return Appraisal { facts: None, believed: None, verdict: Verdict::refused(error.to_string()) };
        }
    };
    let facts = facts(points, &scaled);
    let refused = |verdict| Appraisal { facts: Some(facts), believed: None, verdict };
    let too_little = spread_of_loads(&facts);
    if !too_little.is_empty() {
        return refused(Verdict::Refused { reasons: too_little });
    }
    let (fit, found) = match scaled.fit() {
        Ok(fitted) => fitted,
        Err(error) => return refused(Verdict::refused(error.to_string())),
    };
    let reasons = refusals(&fit, &facts);
    if !reasons.is_empty() {
        return refused(Verdict::Refused { reasons });
    }
    let Some(resampler) = Resampler::new(&scaled, found) else {
        return refused(Verdict::refused("the curve has no value at some of the loads"));
    };
    let bootstrap = resampler.bootstrap(resampler.suited(), resamples, seed);
    let (peak, limit) = beyond_the_points(&fit.usl, bootstrap.as_ref(), &facts);
    let reasons = doubts(&fit, &resampler, bootstrap.as_ref(), peak.as_ref().ok(), &facts);
    let verdict = if reasons.is_empty() { Verdict::Good } else { Verdict::Weak { reasons } };
    Appraisal { facts: Some(facts), believed: Some(Believed { fit, bootstrap, peak, limit }), verdict }
}

impl Believed {
    /// The curve.
    pub fn usl(&self) -> &Usl {
        &self.fit.usl
    }

    /// The load 1/α up to which more users pay off; none if the limit is not known.
    pub fn optimal(&self) -> Option<Peak> {
        self.limit.as_ref().ok()?;
        self.fit.usl.optimal()
    }
}

fn facts(points: &[Point], scaled: &Scaled) -> Facts {
    let sorted = &scaled.sorted;
    let throughput = sorted
        .iter()
        .fold([f64::MAX, 0.0], |[low, high]: [f64; 2], p| [low.min(p.throughput), high.max(p.throughput)]);
    Facts {
        count: sorted.len(),
        empty: points.len() - sorted.len(),
        distinct_loads: distinct_loads(sorted),
        load: [sorted.first(), sorted.last()].map(|p| p.map_or(0.0, |p| p.load)),
        throughput,
    }
}

//! The answer to `headroom capacity fit`: a curve, its intervals, and what to think of them.

#[cfg(test)]
mod tests;
mod text;

use serde::Serialize;
use utoipa::ToSchema;

use super::points::Point;
use super::resample::LEVEL;
use super::student;
use super::usl::Peak;
use super::usl::bootstrap::Bootstrap;
use super::usl::fit::UslFit;
use super::usl::verdict::{Appraisal, Facts, Verdict, appraise};

/// How load was put on the system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoadModel {
    /// A number of users, each of whom waits for an answer before asking again.
    Closed,
    /// Requests that come at a rate, whether or not others are answered.
    Open,
    /// Not told.
    #[default]
    Unknown,
}

/// What the caller may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FitOptions {
    /// Bootstrap resamples; kept within 1,000 and 100,000.
    pub resamples: usize,
    /// What they are drawn from: the same seed gives the same intervals.
    pub seed: u64,
    /// How load was put on the system.
    pub load_model: LoadModel,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self { resamples: 1_000, seed: 1, load_model: LoadModel::Unknown }
    }
}

/// A verdict in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// Nothing speaks against the fit.
    Good,
    /// The coefficients are the best there are, with doubts.
    Weak,
    /// There are no coefficients.
    Refused,
}

/// Intervals estimate ± t · standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Intervals {
    /// The level under which they are published.
    pub level: f64,
    /// The level that they have if errors are normal.
    pub coverage: f64,
    /// Of α; may reach below 0.
    pub alpha: [f64; 2],
    /// Of β; may reach below 0.
    pub beta: [f64; 2],
    /// Of γ.
    pub gamma: [f64; 2],
}

/// Of the coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct StandardErrors {
    /// Of α.
    pub alpha: f64,
    /// Of β.
    pub beta: f64,
    /// Of γ.
    pub gamma: f64,
}

/// The points at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct PointsBody {
    /// With a load above 0.
    pub count: usize,
    /// Loads closer than 1 % to each other count as one.
    pub distinct_loads: usize,
    /// Smallest and largest.
    pub load: [f64; 2],
    /// Smallest and largest.
    pub throughput: [f64; 2],
}

/// A fit of the Universal Scalability Law. Without coefficients, `reasons` says why.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CurveFit {
    /// Whether to believe it.
    pub verdict: Grade,
    /// Why the verdict is not good.
    pub reasons: Vec<String>,
    /// What else to know.
    pub notes: Vec<String>,
    /// α, contention.
    pub alpha: Option<f64>,
    /// β, coherency.
    pub beta: Option<f64>,
    /// γ, throughput at load 1.
    pub gamma: Option<f64>,
    /// As the R package `usl` prints them under 95 %: with the 0.95 quantile of t on one degree of freedom less than
    /// there are points. Their `coverage` is lower; they are here to be compared.
    pub intervals: Option<Intervals>,
    /// Two-sided intervals of Student's t at 95 %, on the degrees of freedom.
    pub student_intervals: Option<Intervals>,
    /// Intervals from resamples, within the bounds of the law.
    pub bootstrap: Option<Bootstrap>,
    /// Of α, β and γ.
    pub standard_errors: Option<StandardErrors>,
    /// Typical distance of a point from the curve, in the unit of throughput.
    pub residual_standard_error: Option<f64>,
    /// Points less three.
    pub degrees_of_freedom: Option<usize>,
    /// Share of the variance of throughput that the curve explains.
    pub r_squared: Option<f64>,
    /// Where throughput is largest.
    pub peak: Option<Peak>,
    /// Why there is no peak.
    pub peak_reason: Option<String>,
    /// γ/α, the throughput that contention alone would never let pass.
    pub limit: Option<f64>,
    /// Why there is no limit.
    pub limit_reason: Option<String>,
    /// The load 1/α up to which more users pay off; null without limit.
    pub optimal: Option<Peak>,
    /// What was fitted.
    pub points: Option<PointsBody>,
    /// How load was put on the system.
    pub load_model: LoadModel,
}

/// Fits the Universal Scalability Law to points of throughput at load, and judges the fit.
pub fn fit(points: &[Point], options: &FitOptions) -> CurveFit {
    let Appraisal { facts, believed, verdict } = appraise(points, options.resamples, options.seed);
    let grade = match verdict {
        Verdict::Good => Grade::Good,
        Verdict::Weak { .. } => Grade::Weak,
        Verdict::Refused { .. } => Grade::Refused,
    };
    let mut body = CurveFit {
        verdict: grade,
        reasons: verdict.reasons().to_vec(),
        notes: notes(facts.as_ref(), options.load_model),
        alpha: None,
        beta: None,
        gamma: None,
        intervals: None,
        student_intervals: None,
        bootstrap: None,
        standard_errors: None,
        residual_standard_error: None,
        degrees_of_freedom: None,
        r_squared: None,
        peak: None,
        peak_reason: Some("the fit is refused".to_owned()),
        limit: None,
        limit_reason: Some("the fit is refused".to_owned()),
        optimal: None,
        points: facts.map(|f| PointsBody {
            count: f.count,
            distinct_loads: f.distinct_loads,
            load: f.load,
            throughput: f.throughput,
        }),
        load_model: options.load_model,
    };
    if let Some(believed) = believed {
        let fit = &believed.fit;
        body.alpha = Some(fit.usl.alpha());
        body.beta = Some(fit.usl.beta());
        body.gamma = Some(fit.usl.gamma());
        body.intervals = intervals(fit, 0.95, fit.degrees_of_freedom + 2);
        body.student_intervals = intervals(fit, 0.975, fit.degrees_of_freedom);
        body.standard_errors =
            fit.standard_errors.map(|[alpha, beta, gamma]| StandardErrors { alpha, beta, gamma });
        body.residual_standard_error = Some(fit.residual_standard_error);
        body.degrees_of_freedom = Some(fit.degrees_of_freedom);
        body.r_squared = fit.r_squared;
        body.optimal = believed.optimal();
        (body.peak, body.peak_reason) = either(believed.peak);
        (body.limit, body.limit_reason) = either(believed.limit);
        body.bootstrap = believed.bootstrap;
    }
    body
}

/// The intervals with the quantile `p` of t on `df` degrees of freedom.
fn intervals(fit: &UslFit, p: f64, df: usize) -> Option<Intervals> {
    let t = student::quantile(p, df as f64);
    let [alpha, beta, gamma] = fit.standard_errors?;
    let around = |estimate: f64, error: f64| [estimate - t * error, estimate + t * error];
    let intervals = Intervals {
        level: LEVEL,
        coverage: 2.0 * student::cdf(t, fit.degrees_of_freedom as f64) - 1.0,
        alpha: around(fit.usl.alpha(), alpha),
        beta: around(fit.usl.beta(), beta),
        gamma: around(fit.usl.gamma(), gamma),
    };
    let bounds = [intervals.alpha, intervals.beta, intervals.gamma];
    bounds.iter().flatten().all(|b| b.is_finite()).then_some(intervals)
}

fn notes(facts: Option<&Facts>, model: LoadModel) -> Vec<String> {
    let mut notes = Vec::new();
    match facts.map_or(0, |f| f.empty) {
        0 => {}
        1 => notes.push("1 row of load 0 and throughput 0 is left out".to_owned()),
        empty => notes.push(format!("{empty} rows of load 0 and throughput 0 are left out")),
    }
    notes.extend(model.note().map(str::to_owned));
    notes
}

impl LoadModel {
    fn note(self) -> Option<&'static str> {
        match self {
            Self::Closed => Some(
                "closed model: users wait for answers, so the test slows down with the system; its throughput is sound, its latency percentiles are too low near saturation",
            ),
            Self::Open => Some(
                "open model: the law is about requests in the system at once; if the loads are arrival rates, multiply each by its mean response time first",
            ),
            Self::Unknown => None,
        }
    }
}

fn either<T>(known: Result<T, String>) -> (Option<T>, Option<String>) {
    match known {
        Ok(value) => (Some(value), None),
        Err(reason) => (None, Some(reason)),
    }
}

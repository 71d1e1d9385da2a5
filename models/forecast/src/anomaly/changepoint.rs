//! Level shifts: Bayesian online changepoint detection (Adams and MacKay, 2007) on the residuals, a Student-t
//! predictive from a normal-gamma prior for each length of the current run.

use std::collections::VecDeque;

use crate::series::median;

/// Residuals before the first answer, from which their spread is taken.
const WARM_UP: usize = 24;
/// Run lengths less likely than this are forgotten.
const FORGET: f64 = 1e-7;
/// Runs are not told apart beyond this length.
const LONGEST: usize = 1000;
/// A run this long is an established level.
const SHORT: usize = 24;
/// A new level must have lasted for so many residuals.
const SETTLED: usize = 6;
/// It must be this probable that the current run is a short one.
const SURE: f64 = 0.9;
/// The median of the new level must lie this many spreads from the old one; by the mean a freak would be a level.
const APART: f64 = 2.0;

/// A change of level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shift {
    /// How many residuals ago the new level began; 1 is the last one.
    pub(super) ago: usize,
    /// The new level less the old one.
    pub(super) size: f64,
    /// The probability that the level changed.
    pub(super) probability: f64,
}

/// What is known of a run: the parameters of its normal-gamma posterior.
#[derive(Debug, Clone, Copy)]
struct Run {
    length: usize,
    probability: f64,
    mean: f64,
    weight: f64,
    alpha: f64,
    beta: f64,
}

/// The detector.
#[derive(Debug, Clone)]
pub(super) struct Changepoints {
    hazard: f64,
    first: Vec<f64>,
    prior: Option<Run>,
    runs: Vec<Run>,
    /// Mean and spread of the level before the change that is being weighed.
    settled: (f64, f64),
    /// The last residuals, the latest at the end.
    recent: VecDeque<f64>,
    /// Residuals since the last change that was told.
    told: usize,
}

impl Changepoints {
    /// A detector that expects a change every so many residuals.
    pub(super) fn new(every: f64) -> Self {
        Self {
            hazard: 1.0 / every,
            first: Vec::new(),
            prior: None,
            runs: Vec::new(),
            settled: (0.0, 1.0),
            recent: VecDeque::new(),
            told: 0,
        }
    }

    /// Takes in a residual; tells a change once it is sure of it.
    pub(super) fn observe(&mut self, residual: f64) -> Option<Shift> {
        let Some(prior) = self.prior else {
            self.first.push(residual);
            if self.first.len() == WARM_UP {
                self.start();
            }
            return None;
        };
        self.told += 1;
        self.recent.push_back(residual);
        if self.recent.len() > SHORT {
            self.recent.pop_front();
        }
        // Freaks are points, not levels: no residual counts for more than eight spreads of the run it is in.
        let (mean, spread) = self.settled;
        let residual = residual.clamp(mean - 8.0 * spread, mean + 8.0 * spread);
        let mut changed = 0.0;
        for run in &mut self.runs {
            let joint = run.probability * run.density(residual);
            changed += joint * self.hazard;
            run.probability = joint * (1.0 - self.hazard);
            run.learn(residual);
        }
        let mut fresh = Run { probability: changed, ..prior };
        fresh.learn(residual);
        self.runs.push(fresh);
        let total: f64 = self.runs.iter().map(|r| r.probability).sum();
        if total <= 0.0 || !total.is_finite() {
            self.runs = vec![Run { probability: 1.0, ..fresh }];
        } else {
            self.runs.iter_mut().for_each(|r| r.probability /= total);
            self.runs.retain(|r| r.probability > FORGET && r.length < LONGEST || r.length <= 1);
        }
        self.verdict()
    }

    fn start(&mut self) {
        let Some(middle) = median(self.first.clone()) else { return };
        let off = self.first.iter().map(|r| (r - middle).abs()).collect();
        let spread = (median(off).unwrap_or(0.0) * 1.4826).max(0.01);
        let prior = Run {
            length: 0,
            probability: 1.0,
            mean: middle,
            weight: 0.02,
            alpha: 2.0,
            beta: 2.0 * spread * spread,
        };
        let mut run = prior;
        std::mem::take(&mut self.first).into_iter().for_each(|r| run.learn(r));
        (self.prior, self.runs, self.settled) = (Some(prior), vec![run], (middle, spread));
    }

    fn verdict(&mut self) -> Option<Shift> {
        let likely = *self.runs.iter().max_by(|a, b| a.probability.total_cmp(&b.probability))?;
        if likely.length >= SHORT {
            self.settled = (likely.mean, likely.spread());
            return None;
        }
        let probability: f64 = self.runs.iter().filter(|r| r.length < SHORT).map(|r| r.probability).sum();
        if likely.length < SETTLED || probability < SURE || self.told < SHORT {
            return None;
        }
        let (old, spread) = self.settled;
        let new = median(self.recent.iter().rev().take(likely.length).copied().collect())?;
        if (new - old).abs() < APART * spread {
            return None;
        }
        self.told = 0;
        self.settled = (new, likely.spread());
        Some(Shift { ago: likely.length, size: new - old, probability })
    }
}

impl Run {
    fn learn(&mut self, residual: f64) {
        let off = residual - self.mean;
        self.beta += self.weight * off * off / (2.0 * (self.weight + 1.0));
        self.mean += off / (self.weight + 1.0);
        self.weight += 1.0;
        self.alpha += 0.5;
        self.length += 1;
    }

    fn spread(&self) -> f64 {
        (self.beta / self.alpha).sqrt()
    }

    /// The density of the next residual: Student-t with 2 alpha degrees of freedom.
    fn density(&self, residual: f64) -> f64 {
        let freedom = 2.0 * self.alpha;
        let scale = (self.beta * (self.weight + 1.0) / (self.alpha * self.weight)).sqrt();
        let t = (residual - self.mean) / scale;
        let log = ln_gamma(f64::midpoint(freedom, 1.0))
            - ln_gamma(freedom / 2.0)
            - 0.5 * (freedom * std::f64::consts::PI).ln()
            - scale.ln()
            - f64::midpoint(freedom, 1.0) * (1.0 + t * t / freedom).ln();
        log.exp()
    }
}

/// The logarithm of the gamma function for arguments of at least 1: Stirling's series at the argument moved up by 8.
fn ln_gamma(x: f64) -> f64 {
    let mut shift = 0.0;
    let mut z = x;
    while z < 9.0 {
        shift += z.ln();
        z += 1.0;
    }
    let series = 1.0 / (12.0 * z) - 1.0 / (360.0 * z.powi(3)) + 1.0 / (1260.0 * z.powi(5));
    (z - 0.5) * z.ln() - z + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - shift
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Noise with a spread of about 0.1, the same each time.
    fn noise(i: usize) -> f64 {
        let unit = |by: f64| (i as f64 * by).fract() - 0.5;
        0.2 * (unit(0.618_033_988_7) + unit(0.414_213_562_3))
    }

    fn shifts(residuals: impl Iterator<Item = f64>) -> Vec<(usize, Shift)> {
        let mut detector = Changepoints::new(336.0);
        residuals.enumerate().filter_map(|(i, r)| Some((i, detector.observe(r)?))).collect()
    }

    #[test]
    fn a_step_is_found_soon_and_where_it_was() {
        let found = shifts((0..400).map(|i| noise(i) + if i >= 200 { 0.5 } else { 0.0 }));
        assert_eq!(found.len(), 1, "{found:?}");
        let (at, shift) = found[0];
        assert!((202..210).contains(&at), "told at {at}");
        assert!((at + 1 - shift.ago).abs_diff(200) <= 2, "{shift:?} at {at}");
        assert!((shift.size - 0.5).abs() < 0.2, "{shift:?}");
    }

    #[test]
    fn there_and_back_are_two_changes() {
        let found = shifts((0..600).map(|i| noise(i) + if (200..300).contains(&i) { -0.6 } else { 0.0 }));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].1.size < -0.4 && found[1].1.size > 0.4, "{found:?}");
    }

    #[test]
    fn noise_and_single_freaks_are_no_change() {
        assert_eq!(shifts((0..3000).map(noise)), []);
        assert_eq!(shifts((0..600).map(|i| noise(i) + if i % 97 == 50 { 3.0 } else { 0.0 })), []);
        assert_eq!(shifts((0..600).map(|_| 0.0)), []);
    }

    #[test]
    fn the_gamma_function_is_right() {
        for (x, value) in [(1.0, 1.0_f64), (2.0, 1.0), (5.0, 24.0), (10.0, 362_880.0)] {
            assert!((ln_gamma(x) - value.ln()).abs() < 1e-9, "{x}");
        }
        assert!((ln_gamma(1.5) - (std::f64::consts::PI.sqrt() / 2.0).ln()).abs() < 1e-9);
    }
}

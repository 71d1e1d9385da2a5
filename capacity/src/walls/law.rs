//! How much of a resource a request takes: the utilisation law, fitted to what was measured.
//!
//! By the utilisation law a resource is in use `rate x time held` in the mean (Denning and Buzen, *The
//! Operational Analysis of Queueing Network Models*, 1978), so that use grows in a straight line with requests,
//! whatever the distributions, as long as a request needs the same work. What is in use without any request
//! (an idle process, a cache) is the intercept.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Fewest steps that a law is fitted to.
const FEWEST: usize = 12;
/// Least ratio of the busiest to the quietest tenth of the steps.
const LEAST_SPREAD: f64 = 1.5;
const RESAMPLES: usize = 300;
/// Steps that are drawn together: neighbours resemble each other, and drawing them one by one would make the
/// interval too narrow.
const BLOCK: usize = 8;

/// Use of a resource against requests a second: `used = idle + per_request x rate`.
#[derive(Debug, Clone, PartialEq)]
pub struct UseLaw {
    /// In use without requests; not below 0.
    pub idle: f64,
    /// In use for each request a second: the time that a request holds one unit, in seconds, for cores and
    /// connections; bytes for memory.
    pub per_request: f64,
    /// Share of the variance of use that requests explain.
    pub r_squared: f64,
    /// Steps it was fitted to.
    pub points: usize,
    /// Lowest and highest requests a second among them.
    pub rates: (f64, f64),
    /// `(idle, per_request)` of samples drawn from the steps in blocks: what else it might have been.
    pub samples: Vec<(f64, f64)>,
}

impl UseLaw {
    /// The law of points `(requests a second, in use)` in time order.
    ///
    /// # Errors
    ///
    /// Why these points carry none: too few, too little spread, or no growth with requests.
    pub fn fit(points: &[(f64, f64)]) -> Result<Self, String> {
        if points.len() < FEWEST {
            let n = points.len();
            return Err(format!("{n} steps have both requests and a measurement; a law needs {FEWEST}"));
        }
        let rates = spread(points);
        if rates.1 < LEAST_SPREAD * rates.0 {
            return Err(format!(
                "requests only vary between {:.3} and {:.3} a second; a law needs a busier and a quieter time",
                rates.0, rates.1
            ));
        }
        let (mut idle, mut per_request) = line(&mut points.iter().copied()).unwrap_or_default();
        let mut samples = resampled(points, line);
        // Asked of the free line: one through nought always rises.
        let rises = lowest(&samples, |(_, slope)| slope) > 0.0;
        if lowest(&samples, |(idle, _)| idle) <= 0.0 {
            // Nothing is held without requests, as far as these points tell: a line through nought wobbles less.
            per_request = through_nought(&mut points.iter().copied()).map_or(0.0, |(_, slope)| slope);
            idle = 0.0;
            samples = resampled(points, through_nought);
        }
        if !rises || per_request <= 0.0 || lowest(&samples, |(_, slope)| slope) <= 0.0 {
            return Err("use does not grow with requests".to_owned());
        }
        let r_squared = r_squared(points, idle, per_request);
        Ok(Self { idle, per_request, r_squared, points: points.len(), rates, samples })
    }
}

/// From points to an intercept and a slope.
type Line = fn(&mut dyn Iterator<Item = (f64, f64)>) -> Option<(f64, f64)>;

/// Laws of samples that are drawn from the points in blocks.
fn resampled(points: &[(f64, f64)], law: Line) -> Vec<(f64, f64)> {
    let mut rng = ChaCha8Rng::seed_from_u64(0x5eed);
    (0..RESAMPLES).filter_map(|_| law(&mut blocks(points, &mut rng))).collect()
}

/// The lower end of the 95 % interval of a figure.
fn lowest(samples: &[(f64, f64)], figure: impl Fn((f64, f64)) -> f64) -> f64 {
    let mut figures: Vec<f64> = samples.iter().map(|sample| figure(*sample)).collect();
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 40).copied().unwrap_or_default()
}

/// The tenth and the ninetieth percentile of the rates.
fn spread(points: &[(f64, f64)]) -> (f64, f64) {
    let mut rates: Vec<f64> = points.iter().map(|(rate, _)| *rate).collect();
    rates.sort_unstable_by(f64::total_cmp);
    (rates[rates.len() / 10], rates[rates.len() * 9 / 10])
}

/// Least squares with an intercept that is not below 0.
fn line(points: &mut dyn Iterator<Item = (f64, f64)>) -> Option<(f64, f64)> {
    let (mut w, mut x, mut y, mut xx, mut xy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (rate, used) in points {
        w += 1.0;
        x += rate;
        y += used;
        xx += rate * rate;
        xy += rate * used;
    }
    let spread = w * xx - x * x;
    if !(w > 0.0 && xx > 0.0 && spread > 1e-12 * w * xx) {
        return None;
    }
    let slope = (w * xy - x * y) / spread;
    let intercept = (y - slope * x) / w;
    Some(if intercept < 0.0 { (0.0, xy / xx) } else { (intercept, slope) })
}

/// Least squares through nought.
fn through_nought(points: &mut dyn Iterator<Item = (f64, f64)>) -> Option<(f64, f64)> {
    let (mut xx, mut xy) = (0.0, 0.0);
    for (rate, used) in points {
        xx += rate * rate;
        xy += rate * used;
    }
    (xx > 0.0).then(|| (0.0, xy / xx))
}

fn blocks<'a>(points: &'a [(f64, f64)], rng: &mut ChaCha8Rng) -> impl Iterator<Item = (f64, f64)> + use<'a> {
    let starts: Vec<usize> =
        (0..points.len().div_ceil(BLOCK)).map(|_| rng.random_range(0..points.len())).collect();
    starts.into_iter().flat_map(|start| (start..start + BLOCK).map(|i| points[i % points.len()]))
}

fn r_squared(points: &[(f64, f64)], idle: f64, per_request: f64) -> f64 {
    let mean = points.iter().map(|(_, used)| used).sum::<f64>() / points.len() as f64;
    let (mut left, mut all) = (0.0, 0.0);
    for (rate, used) in points {
        left += (used - idle - per_request * rate).powi(2);
        all += (used - mean).powi(2);
    }
    if all > 0.0 { (1.0 - left / all).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_found_and_its_samples_surround_it() {
        let wobble = |i: usize| ((i * 7919) % 101) as f64 / 101.0 - 0.5;
        let points: Vec<_> = (0..200)
            .map(|i| {
                let rate = 10.0 + (i % 90) as f64;
                (rate, 2.0 + 0.05 * rate + 0.4 * wobble(i))
            })
            .collect();
        let law = UseLaw::fit(&points).unwrap();
        assert!((law.per_request - 0.05).abs() < 0.001 && (law.idle - 2.0).abs() < 0.1, "{law:?}");
        assert!(law.r_squared > 0.98);
        let below = law.samples.iter().filter(|(_, slope)| *slope < law.per_request).count();
        assert!((60..240).contains(&below), "{below} of {}", law.samples.len());
    }

    #[test]
    fn what_carries_no_law_says_why() {
        let refused = |points: &[(f64, f64)]| UseLaw::fit(points).unwrap_err();
        insta::assert_snapshot!(refused(&[(1.0, 1.0); 3]), @"3 steps have both requests and a measurement; a law needs 12");
        insta::assert_snapshot!(refused(&[(5.0, 1.0); 30]), @"requests only vary between 5.000 and 5.000 a second; a law needs a busier and a quieter time");
        let flat: Vec<_> = (0..60).map(|i| (1.0 + f64::from(i), 4.0)).collect();
        insta::assert_snapshot!(refused(&flat), @"use does not grow with requests");
    }

    proptest! {
        #[test]
        fn nothing_that_is_not_a_number_comes_out(points in prop::collection::vec((0.0..1e6, 0.0..1e9), 0..60)) {
            if let Ok(law) = UseLaw::fit(&points) {
                prop_assert!(law.idle >= 0.0 && law.per_request > 0.0 && law.per_request.is_finite());
                prop_assert!((0.0..=1.0).contains(&law.r_squared));
            }
        }
    }
}

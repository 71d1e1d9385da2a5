//! What the bootstraps share: draws from a seed, and the interval of what came out.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::student;

/// The level of every interval.
pub(super) const LEVEL: f64 = 0.95;

/// Degrees of freedom with which Student's t is the normal distribution.
pub(super) const NORMAL: f64 = 1e7;

/// Resamples at least and at most, whatever is asked for.
pub(super) const RESAMPLES: std::ops::RangeInclusive<usize> = 1_000..=100_000;

/// A generator that is the same on every machine.
pub(super) fn generator(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A draw from the standard normal distribution (G. E. P. Box and M. E. Muller, 1958).
pub(super) fn normal(rng: &mut impl Rng) -> f64 {
    // In 0 < u <= 1, where the logarithm is finite.
    let u: f64 = 1.0 - rng.random::<f64>();
    let angle = std::f64::consts::TAU * rng.random::<f64>();
    (-2.0 * u.ln()).sqrt() * angle.cos()
}

/// The two-sided interval of drawn values. A value that does not exist is drawn as infinity; a bound that does not
/// exist is none. None for both without draws.
pub(super) fn interval(drawn: Vec<f64>) -> [Option<f64>; 2] {
    between(drawn, 0.5 * (1.0 - LEVEL))
}

/// The interval of values drawn from few independent parts: as much wider as Student's t is than the normal
/// distribution (the expanded percentile interval; T. C. Hesterberg, The American Statistician 69, 2015).
pub(super) fn expanded_interval(drawn: Vec<f64>, parts: usize) -> [Option<f64>; 2] {
    let free = parts.saturating_sub(1).max(1) as f64;
    let t = student::quantile(0.5 * (1.0 + LEVEL), free) * ((free + 1.0) / free).sqrt();
    between(drawn, student::cdf(-t, NORMAL))
}

fn between(mut drawn: Vec<f64>, tail: f64) -> [Option<f64>; 2] {
    drawn.sort_by(f64::total_cmp);
    [tail, 1.0 - tail].map(|p| quantile(&drawn, p).filter(|v| v.is_finite()))
}

/// The quantile of sorted values, between its neighbours in proportion.
pub(super) fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = p.clamp(0.0, 1.0) * last as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    // Not low + 0 * (inf - inf).
    Some(if low == high { low } else { low + at.fract() * (high - low) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let sorted = [1.0, 2.0, 4.0, 8.0, 16.0];
        assert_eq!(quantile(&sorted, 0.0), Some(1.0));
        assert_eq!(quantile(&sorted, 0.5), Some(4.0));
        assert_eq!(quantile(&sorted, 0.6), Some(4.0 + 0.4 * 4.0));
        assert_eq!(quantile(&sorted, 1.0), Some(16.0));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn a_bound_among_values_that_do_not_exist_is_none() {
        let drawn: Vec<f64> = (0..100).map(|i| if i < 90 { f64::from(i) } else { f64::INFINITY }).collect();
        let [low, high] = interval(drawn);
        assert!(low.is_some_and(|low| (low - 2.475).abs() < 1e-9));
        assert_eq!(high, None);
        assert_eq!(interval(vec![f64::INFINITY; 10]), [None, None]);
    }

    #[test]
    fn few_parts_make_an_interval_wider() {
        let drawn: Vec<f64> = (0..=1000).map(f64::from).collect();
        let [low, high] = interval(drawn.clone()).map(Option::unwrap_or_default);
        assert!((low - 25.0).abs() < 1e-9 && (high - 975.0).abs() < 1e-9);
        // t is 2.145 on 14 degrees of freedom; times the root of 15/14 it is 2.220, and the tail 1.32 %.
        let [low, high] = expanded_interval(drawn.clone(), 15).map(Option::unwrap_or_default);
        assert!((low - 13.2).abs() < 0.1 && (high - 986.8).abs() < 0.1, "{low} {high}");
        let [low, _] = expanded_interval(drawn, 100_000).map(Option::unwrap_or_default);
        assert!((low - 25.0).abs() < 0.1);
    }

    #[test]
    fn normal_draws_have_mean_0_and_variance_1() {
        let mut rng = generator(7);
        let drawn: Vec<f64> = (0..20_000).map(|_| normal(&mut rng)).collect();
        let mean = drawn.iter().sum::<f64>() / 2e4;
        let variance = drawn.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 2e4;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04, "{mean} {variance}");
    }
}

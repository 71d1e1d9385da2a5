//! What the bootstraps share: draws from a seed, and the interval of what came out.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The level of every interval.
pub(super) const LEVEL: f64 = 0.95;

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
pub(super) fn interval(mut drawn: Vec<f64>) -> [Option<f64>; 2] {
    drawn.sort_by(f64::total_cmp);
    let tail = 0.5 * (1.0 - LEVEL);
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
    fn normal_draws_have_mean_0_and_variance_1() {
        let mut rng = generator(7);
        let drawn: Vec<f64> = (0..20_000).map(|_| normal(&mut rng)).collect();
        let mean = drawn.iter().sum::<f64>() / 2e4;
        let variance = drawn.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / 2e4;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04, "{mean} {variance}");
    }
}

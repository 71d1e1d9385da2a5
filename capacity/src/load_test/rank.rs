//! The rank test of Mann and Whitney (1947, Ann. Math. Statist. 18, 50-60): whether values of one sample tend
//! to be greater than those of another, without a shape of distribution.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Fewest values in each sample for the normal approximation.
const LEAST: usize = 5;

/// The result of a rank test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RankTest {
    /// The statistic U of the first sample: the pairs in which its value is the greater, ties half.
    pub u: f64,
    /// The chance of a difference at least so great between samples of one distribution, two-sided.
    pub p_value: f64,
}

/// Tests whether `a` and `b` come from one distribution: normal approximation with the correction for ties and
/// for continuity. `None` with fewer than five values in either, or when one is not finite.
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Option<RankTest> {
    if a.len() < LEAST || b.len() < LEAST || a.iter().chain(b).any(|value| !value.is_finite()) {
        return None;
    }
    let mut all: Vec<(f64, bool)> =
        a.iter().map(|value| (*value, true)).chain(b.iter().map(|value| (*value, false))).collect();
    all.sort_by(|x, y| x.0.total_cmp(&y.0));
    let (m, n) = (a.len() as f64, b.len() as f64);
    let (mut ranks_of_a, mut ties, mut at) = (0.0, 0.0, 0);
    while at < all.len() {
        let equal = all[at..].iter().take_while(|(value, _)| *value == all[at].0).count();
        // Ranks at+1 to at+equal, each of the mean of them.
        let rank = at as f64 + f64::midpoint(equal as f64, 1.0);
        ranks_of_a += rank * all[at..at + equal].iter().filter(|(_, of_a)| *of_a).count() as f64;
        ties += (equal as f64).powi(3) - equal as f64;
        at += equal;
    }
    let total = m + n;
    let u = ranks_of_a - m * (m + 1.0) / 2.0;
    let variance = m * n / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if variance <= 0.0 {
        return Some(RankTest { u, p_value: 1.0 });
    }
    let distance = ((u - m * n / 2.0).abs() - 0.5).max(0.0);
    Some(RankTest { u, p_value: erfc(distance / variance.sqrt() / std::f64::consts::SQRT_2).min(1.0) })
}

/// The complementary error function for x of at least 0, by 7.1.26 of Abramowitz and Stegun, Handbook of
/// Mathematical Functions; wrong by at most 1.5e-7.
fn erfc(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let polynomial = t
        * (0.254_829_592
            + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    polynomial * (-x * x).exp()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    /// SciPy 1.x, `scipy.stats.mannwhitneyu(a, b, method="asymptotic")`; the last pair is the example of
    /// permeability constants in Hollander and Wolfe (1973), p. 69.
    #[test]
    fn the_values_are_those_of_scipy() {
        for (a, b, u, p) in [
            (
                &[19.0, 22.0, 16.0, 29.0, 24.0][..],
                &[20.0, 11.0, 17.0, 12.0, 15.0][..],
                22.0,
                0.060_102_805_938_866_31,
            ),
            (
                &[1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 5.0],
                &[3.0, 4.0, 4.0, 5.0, 5.0, 5.0, 6.0, 7.0, 8.0],
                8.0,
                0.007_195_018_607_115_902,
            ),
            (
                &[0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
                &[1.15, 0.88, 0.90, 0.74, 1.21],
                35.0,
                0.244_623_605_126_982_33,
            ),
        ] {
            let test = mann_whitney(a, b).unwrap();
            assert_eq!(test.u, u);
            assert!((test.p_value - p).abs() < 1e-6, "{} for {p}", test.p_value);
        }
    }

    #[test]
    fn too_few_or_equal_values_are_no_evidence() {
        assert_eq!(mann_whitney(&[1.0; 4], &[2.0; 9]), None);
        assert_eq!(mann_whitney(&[1.0, 2.0, 3.0, f64::NAN, 5.0], &[2.0; 9]), None);
        assert_eq!(mann_whitney(&[1.0; 9], &[1.0; 9]), Some(RankTest { u: 40.5, p_value: 1.0 }));
    }

    proptest! {
        #[test]
        fn it_does_not_matter_which_comes_first(
            a in prop::collection::vec(0_i32..50, 5..60), b in prop::collection::vec(0_i32..50, 5..60),
        ) {
            let a: Vec<f64> = a.into_iter().map(f64::from).collect();
            let b: Vec<f64> = b.into_iter().map(f64::from).collect();
            let (one, other) = (mann_whitney(&a, &b).unwrap(), mann_whitney(&b, &a).unwrap());
            prop_assert!((one.p_value - other.p_value).abs() < 1e-12);
            prop_assert!((0.0..=1.0).contains(&one.p_value));
            prop_assert!((one.u + other.u - (a.len() * b.len()) as f64).abs() < 1e-9);
        }
    }
}

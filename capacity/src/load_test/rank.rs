//! The rank test of Mann and Whitney (1947, Ann. Math. Statist. 18, 50-60): whether values of one sample tend
//! to be greater than those of another, without a shape of distribution.

use headroom_canary::{Sample, asymptotic};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Fewest values in each sample for the normal approximation.
const LEAST: usize = 5;

/// The result of a rank test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = LoadTestRank)]
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
    let [a, b] = [a, b].map(|sample| Sample::of(sample.iter().copied()));
    let (u, p_value) = asymptotic(&a, &b);
    Some(RankTest { u, p_value })
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

//! Two shares compared: how far apart they are, how sure that is, and how likely chance alone would part them so.

use headroom_canary::normal;

/// Expected counts below which the normal approximation is not trusted (Cochran's rule).
const FEW: f64 = 5.0;
/// 1.96: leaves 2.5 % on either side.
pub const Z95: f64 = 1.959_963_984_540_054;

/// So many of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Those that have it.
    pub of: u64,
    /// All.
    pub all: u64,
}

impl Share {
    /// The proportion, 0 of none.
    pub fn value(self) -> f64 {
        if self.all == 0 { 0.0 } else { self.of as f64 / self.all as f64 }
    }

    /// Wilson's score interval, `z` standard deviations wide on either side.
    pub fn interval(self, z: f64) -> (f64, f64) {
        if self.all == 0 {
            return (0.0, 1.0);
        }
        let (p, n) = (self.value(), self.all as f64);
        let middle = p + z * z / (2.0 * n);
        let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z * z / n;
        (((middle - half) / scale).max(0.0), ((middle + half) / scale).min(1.0))
    }
}

/// The interval of `a - b`: Newcombe's hybrid of two score intervals (Statistics in Medicine 17, 1998, method 10).
pub fn difference(a: Share, b: Share, z: f64) -> (f64, f64) {
    let (p, q) = (a.value(), b.value());
    let ((low_a, high_a), (low_b, high_b)) = (a.interval(z), b.interval(z));
    let low = p - q - ((p - low_a).powi(2) + (high_b - q).powi(2)).sqrt();
    let high = p - q + ((high_a - p).powi(2) + (q - low_b).powi(2)).sqrt();
    (low.max(-1.0), high.min(1.0))
}

/// How likely two samples of one population differ at least so much, either way: the pooled two-proportion test with
/// Yates' correction, and Fisher's exact test where a count of fewer than five is to be expected.
pub fn p_value(a: Share, b: Share) -> f64 {
    let (n, m) = (a.all as f64, b.all as f64);
    let had = (a.of + b.of) as f64;
    let without = n + m - had;
    if n == 0.0 || m == 0.0 || had == 0.0 || without == 0.0 {
        return 1.0;
    }
    if had.min(without) * n.min(m) / (n + m) < FEW {
        return fisher(a, b);
    }
    let pooled = had / (n + m);
    let apart = (a.value() - b.value()).abs() - 0.5 * (1.0 / n + 1.0 / m);
    let z = apart.max(0.0) / (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    (2.0 * normal::cumulative(-z)).min(1.0)
}

/// The sum of all tables with the same margins that are no likelier than this one.
fn fisher(a: Share, b: Share) -> f64 {
    let had = a.of + b.of;
    let (first, last) = (had.saturating_sub(b.all), had.min(a.all));
    // The weights relative to the first table's, in logarithms, so that no margin is too large.
    let mut weights = Vec::with_capacity((last - first + 1) as usize);
    let mut weight = 0.0_f64;
    for k in first..=last {
        weights.push(weight);
        let up = (had - k) as f64 * (a.all - k) as f64;
        let down = (k + 1) as f64 * (b.all + k + 1 - had) as f64;
        weight += (up / down).ln();
    }
    let most = weights.iter().copied().fold(f64::MIN, f64::max);
    let seen = weights[(a.of - first) as usize];
    let sum = |keep: &dyn Fn(f64) -> bool| -> f64 {
        weights.iter().filter(|weight| keep(**weight)).map(|weight| (weight - most).exp()).sum()
    };
    // The same allowance for rounding as in R.
    (sum(&|weight| weight <= seen + 1e-7) / sum(&|_| true)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn share(of: u64, all: u64) -> Share {
        Share { of, all }
    }

    fn near(found: f64, known: f64, within: f64) {
        assert!((found - known).abs() < within, "{found} is not {known}");
    }

    /// Newcombe, Statistics in Medicine 17: 857 (81 of 263, and 15 of 148) and 873 (56 of 70 beside 48 of 80, and 9 of
    /// 10 beside 3 of 10, and 10 of 10 beside 0 of 10).
    #[test]
    fn published_intervals() {
        for (of, all, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)]
        {
            let found = share(of, all).interval(Z95);
            near(found.0, low, 5e-5);
            near(found.1, high, 5e-5);
        }
        for (a, b, low, high) in [
            (share(56, 70), share(48, 80), 0.0524, 0.3339),
            (share(9, 10), share(3, 10), 0.1705, 0.8090),
            (share(10, 10), share(0, 10), 0.6075, 1.0),
        ] {
            let found = difference(a, b, Z95);
            near(found.0, low, 5e-5);
            near(found.1, high, 5e-5);
        }
    }

    /// R: `fisher.test` of Fisher's tea, Fisher's twins (`matrix(c(2,10,15,3),2)`) and `matrix(c(1,9,11,3),2)`, and
    /// `prop.test(c(56,48),c(70,80))`.
    #[test]
    fn known_probabilities() {
        near(p_value(share(3, 4), share(1, 4)), 0.485_714_3, 1e-6);
        near(fisher(share(2, 17), share(10, 13)), 0.000_536_724_1, 1e-9);
        near(fisher(share(1, 12), share(9, 12)), 0.002_759_456, 1e-8);
        near(p_value(share(56, 70), share(48, 80)), 0.013_41, 1e-5);
        near(p_value(share(0, 10), share(0, 10)), 1.0, 1e-12);
    }

    proptest! {
        #[test]
        fn intervals_hold_what_was_seen(a in 0_u64..500, b in 0_u64..500, n in 1_u64..500, m in 1_u64..500) {
            let (a, b) = (share(a.min(n), n), share(b.min(m), m));
            let (low, high) = difference(a, b, Z95);
            let seen = a.value() - b.value();
            prop_assert!(low <= seen + 1e-9 && seen <= high + 1e-9);
            let (back_low, back_high) = difference(b, a, Z95);
            prop_assert!((low + back_high).abs() < 1e-9 && (high + back_low).abs() < 1e-9);
        }

        #[test]
        fn probabilities_are_such_and_symmetric(a in 0_u64..60, b in 0_u64..60, n in 1_u64..60, m in 1_u64..60) {
            let (a, b) = (share(a.min(n), n), share(b.min(m), m));
            let p = p_value(a, b);
            prop_assert!((0.0..=1.0).contains(&p));
            prop_assert!((p - p_value(b, a)).abs() < 1e-9);
        }

        /// The approximation and the exact test agree where both may be used.
        #[test]
        fn large_samples_agree(a in 20_u64..80, b in 20_u64..80) {
            let (a, b) = (share(a, 100), share(b, 100));
            prop_assert!((p_value(a, b) - fisher(a, b)).abs() < 0.03);
        }
    }
}

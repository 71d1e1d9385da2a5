//! The standard normal distribution.

use std::f64::consts::SQRT_2;

/// Probability of a value of at most `z`.
pub fn cumulative(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// The value that is exceeded with probability `tail`, in (0, 0.5]: found by halving, to the last digit.
pub fn upper_quantile(tail: f64) -> f64 {
    // Beyond 39 the probability is below the smallest number.
    let (mut low, mut high) = (0.0, 39.0);
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        if cumulative(-middle) > tail { low = middle } else { high = middle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points() {
        // qnorm(0.975), qnorm(0.99) and pnorm(-3) of R.
        assert!((upper_quantile(0.025) - 1.959_963_984_540_054).abs() < 1e-14);
        assert!((upper_quantile(0.01) - 2.326_347_874_040_841).abs() < 1e-14);
        assert!((cumulative(-3.0) - 0.001_349_898_031_630_095).abs() < 1e-17);
        assert!(upper_quantile(0.5).abs() < 1e-15);
    }
}

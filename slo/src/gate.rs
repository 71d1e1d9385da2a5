//! The gate for low traffic: is it likely that so many failures are chance?
//!
//! At 99.9 % and 50 requests an hour one failure burns 20 times too fast, and one
//! failure says nothing. The gate asks for the probability of at least `bad` failures
//! among `total` requests of a service that keeps exactly its promise, by the
//! binomial distribution, and lets an alert pass only when that is below a limit.

/// Whether `bad` of `total` at an allowed share `p` is less likely than `limit`.
pub fn significant(bad: f64, total: f64, p: f64, limit: f64) -> bool {
    upper_tail(bad.ceil().max(0.0) as u64, total.round().max(0.0) as u64, p) < limit || limit >= 1.0
}

/// `P(X >= k)` for X binomial with n trials of probability p, exact to rounding.
pub fn upper_tail(k: u64, n: u64, p: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    if k > n || p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    // Sum whichever tail falls from here on: its terms shrink and the sum ends soon.
    let odds = p / (1.0 - p);
    if k as f64 > n as f64 * p {
        let mut term = ln_point(k, n, p).exp();
        let mut sum = 0.0;
        let mut i = k;
        while i <= n && term > sum * 1e-17 {
            sum += term;
            term *= (n - i) as f64 / (i + 1) as f64 * odds;
            i += 1;
        }
        sum.min(1.0)
    } else {
        let mut i = k - 1;
        let mut term = ln_point(i, n, p).exp();
        let mut sum = 0.0;
        loop {
            sum += term;
            if i == 0 || term <= sum * 1e-17 {
                break;
            }
            term *= i as f64 / (n - i + 1) as f64 / odds;
            i -= 1;
        }
        (1.0 - sum).max(0.0)
    }
}

/// ln P(X = k).
fn ln_point(k: u64, n: u64, p: f64) -> f64 {
    let choose = ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
    choose + k as f64 * p.ln() + (n - k) as f64 * (-p).ln_1p()
}

/// ln n!, summed up to 255 and by Stirling's series above (error below 1e-15 relative).
fn ln_factorial(n: u64) -> f64 {
    if n < 256 {
        return (2..=n).map(|i| (i as f64).ln()).sum();
    }
    let x = n as f64;
    let series = 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3)) + 1.0 / (1260.0 * x.powi(5));
    x * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI * x).ln() + series
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn least_bad(n: u64, limit: f64) -> u64 {
        (1..=n).find(|bad| significant(*bad as f64, n as f64, 0.001, limit)).expect("some number is enough")
    }

    #[test]
    fn least_numbers_of_failures_at_99_9_percent() {
        let table =
            [(50, [2, 3, 3]), (100, [2, 3, 4]), (200, [3, 4, 4]), (500, [4, 5, 6]), (1000, [5, 6, 7])];
        for (n, row) in table {
            let got = [1e-2, 1e-3, 1e-4].map(|limit| least_bad(n, limit));
            assert_eq!(got, row, "{n}");
        }
    }

    #[test]
    fn edges_and_large_numbers() {
        assert_eq!(upper_tail(0, 10, 0.1), 1.0);
        assert_eq!(upper_tail(11, 10, 0.1), 0.0);
        assert!((upper_tail(10, 10, 0.5) - 0.5_f64.powi(10)).abs() < 1e-15);
        assert!((upper_tail(1, 69, 0.001) - (1.0 - 0.999_f64.powi(69))).abs() < 1e-12);
        // Twice the allowed of ten million is no chance; the allowed number itself is.
        assert!(upper_tail(20_000, 10_000_000, 0.001) < 1e-100);
        assert!((upper_tail(10_000, 10_000_000, 0.001) - 0.5).abs() < 0.01);
        assert!(!significant(0.0, 0.0, 0.001, 1e-3));
        assert!(significant(1.0, 10.0, 0.001, 1.0), "a limit of 1 turns the gate off");
    }

    proptest! {
        #[test]
        fn agrees_with_the_plain_sum(n in 1_u64..60, k in 0_u64..61, p in 0.001_f64..0.999) {
            let mut point = (1.0 - p).powi(n as i32);
            let mut sum = 0.0;
            for i in 0..=n {
                if i >= k { sum += point; }
                point *= (n - i) as f64 / (i + 1) as f64 * p / (1.0 - p);
            }
            prop_assert!((upper_tail(k, n, p) - sum).abs() < 1e-9, "{} {}", upper_tail(k, n, p), sum);
        }

        #[test]
        fn more_failures_are_never_more_likely(n in 1_u64..5_000, k in 0_u64..5_000, p in 0.0001_f64..0.5) {
            prop_assert!(upper_tail(k + 1, n, p) <= upper_tail(k, n, p) + 1e-9);
        }
    }
}

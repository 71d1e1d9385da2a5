#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

/// The columns 0.95, 0.975 and 0.995 of the table of Student's t, as printed in every handbook.
const TABLE: [(f64, [f64; 3]); 10] = [
    (1.0, [6.314, 12.706, 63.657]),
    (2.0, [2.920, 4.303, 9.925]),
    (3.0, [2.353, 3.182, 5.841]),
    (4.0, [2.132, 2.776, 4.604]),
    (5.0, [2.015, 2.571, 4.032]),
    (10.0, [1.812, 2.228, 3.169]),
    (20.0, [1.725, 2.086, 2.845]),
    (30.0, [1.697, 2.042, 2.750]),
    (60.0, [1.671, 2.000, 2.660]),
    (120.0, [1.658, 1.980, 2.617]),
];

#[test]
fn the_printed_table_of_student_comes_out() {
    for (df, row) in TABLE {
        for (p, expected) in [0.95, 0.975, 0.995].into_iter().zip(row) {
            let got = quantile(p, df);
            assert!((got - expected).abs() < 6e-4, "t({p}, {df}) is {expected}, not {got}");
        }
    }
}

#[test]
fn many_degrees_of_freedom_give_the_normal_distribution() {
    assert!((quantile(0.975, 1e6) - 1.959_966).abs() < 1e-5);
    assert!((quantile(0.95, 1e7) - 1.644_854).abs() < 1e-5);
}

#[test]
fn the_printed_table_of_f_comes_out() {
    // Upper 5 % and 1 % points of F.
    for (f, between, within, p) in
        [(9.55, 2.0, 3.0, 0.05), (18.0, 2.0, 4.0, 0.01), (3.49, 2.0, 20.0, 0.05), (3.36, 4.0, 11.0, 0.05)]
    {
        let got = f_tail(f, between, within);
        assert!((got - p).abs() < 2e-4, "{f} on {between} and {within}: {got}, not {p}");
    }
    assert_eq!(f_tail(f64::INFINITY, 2.0, 3.0), 0.0);
}

#[test]
fn ln_gamma_knows_the_factorials() {
    assert!((ln_gamma(6.0) - 120.0_f64.ln()).abs() < 1e-12);
    assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-12);
}

proptest! {
    #[test]
    fn quantile_inverts_cdf(p in 0.001_f64..0.999, df in 1.0_f64..2000.0) {
        prop_assert!((cdf(quantile(p, df), df) - p).abs() < 1e-9);
    }

    #[test]
    fn two_sides_are_one_f(t in 0.01_f64..20.0, df in 1.0_f64..500.0) {
        prop_assert!((2.0 * (1.0 - cdf(t, df)) - f_tail(t * t, 1.0, df)).abs() < 1e-9);
    }
}

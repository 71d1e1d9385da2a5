#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::fit::{FitError, UslFit, fit};
use super::*;

/// SPEC SDM 91 on a SPARCcenter 2000, as in the R package `usl`.
pub(in crate::curve) const SPECSDM91: [(f64, f64); 7] = [
    (1.0, 64.9),
    (18.0, 995.9),
    (36.0, 1652.4),
    (72.0, 1853.2),
    (108.0, 1828.9),
    (144.0, 1775.0),
    (216.0, 1702.2),
];

/// A ray tracer on an SGI Origin 2000 (Gunther 2007), as in the R package `usl`.
pub(in crate::curve) const RAYTRACER: [(f64, f64); 11] = [
    (1.0, 20.0),
    (4.0, 78.0),
    (8.0, 130.0),
    (12.0, 170.0),
    (16.0, 190.0),
    (20.0, 200.0),
    (24.0, 210.0),
    (28.0, 230.0),
    (32.0, 260.0),
    (48.0, 280.0),
    (64.0, 310.0),
];

pub(in crate::curve) fn points(pairs: &[(f64, f64)]) -> Vec<Point> {
    pairs.iter().map(|(load, throughput)| Point { load: *load, throughput: *throughput }).collect()
}

fn fitted(pairs: &[(f64, f64)]) -> UslFit {
    fit(&points(pairs)).unwrap()
}

/// Equal in the last digit that is printed.
fn printed(got: f64, expected: f64, last_digit: f64) {
    assert!((got - expected).abs() <= 0.501 * last_digit, "{expected} is printed, {got} comes out");
}

#[test]
fn specsdm91_gives_the_published_parameters() {
    let fit = fitted(&SPECSDM91);
    printed(fit.usl.alpha(), 0.027_728_5, 1e-7);
    printed(fit.usl.beta(), 0.000_104_4, 1e-7);
    printed(fit.usl.gamma(), 89.995_233_0, 1e-6);
    let [alpha, beta, gamma] = fit.standard_errors.unwrap();
    printed(alpha, 0.009_121_7, 1e-7);
    printed(beta, 0.000_019_9, 1e-7);
    printed(gamma, 14.213_489_4, 1e-5);
    printed(fit.residual_standard_error, 82.85, 0.01);
    assert_eq!(fit.degrees_of_freedom, 4);
    printed(fit.r_squared.unwrap(), 0.9896, 1e-4);
}

#[test]
fn specsdm91_gives_the_published_peak_limit_and_optimum() {
    let usl = fitted(&SPECSDM91).usl;
    let peak = usl.peak().unwrap();
    printed(peak.load, 96.519_56, 1e-5);
    printed(peak.throughput, 1884.0, 1.0);
    printed(usl.limit().unwrap(), 3_245.589, 1e-3);
    let optimal = usl.optimal().unwrap();
    printed(optimal.load, 36.064_01, 1e-5);
    printed(optimal.throughput, 1542.0, 1.0);
    // Published with two digits, for the fit and for coefficients put in its place.
    printed(usl.scalability(20.0), 1100.0, 100.0);
    printed(Usl::new(0.001, 0.000_01, usl.gamma()).unwrap().scalability(20.0), 1800.0, 100.0);
}

#[test]
fn specsdm91_gives_the_published_curve_and_efficiencies() {
    let usl = fitted(&SPECSDM91).usl;
    let curve = [90.0, 1078.0, 1541.0, 1850.0, 1879.0, 1822.0, 1646.0];
    let efficiencies = [0.7211, 0.6148, 0.5100, 0.2860, 0.1882, 0.1370, 0.0876];
    for (point, (throughput, efficiency)) in
        points(&SPECSDM91).iter().zip(curve.into_iter().zip(efficiencies))
    {
        printed(usl.throughput(point.load), throughput, 1.0);
        printed(usl.measured_efficiency(point).unwrap(), efficiency, 1e-4);
    }
}

#[test]
fn raytracer_first_six_give_the_published_parameters() {
    let usl = fitted(&RAYTRACER[..6]).usl;
    printed(usl.alpha(), 0.024_44, 1e-5);
    printed(usl.beta(), 0.001_63, 1e-5);
    printed(usl.gamma(), 20.856_05, 1e-5);
}

#[test]
fn raytracer_whole_is_published_at_the_bound_of_beta() {
    let fit = fitted(&RAYTRACER);
    printed(fit.usl.alpha(), 0.0578, 1e-4);
    assert!(fit.usl.beta() < 1e-12, "{}", fit.usl.beta());
    printed(fit.usl.gamma(), 21.8488, 1e-4);
    assert_eq!(fit.usl.peak(), None);
}

#[test]
fn synthetic_points_of_the_r_package_give_their_parameters() {
    let pairs = [(1.0, 1.0), (2.0, 1.8868), (4.0, 3.0769), (6.0, 3.5294), (8.0, 3.5398), (10.0, 3.3557)];
    let usl = fitted(&pairs).usl;
    printed(usl.alpha(), 0.02, 1e-4);
    printed(usl.beta(), 0.02, 1e-4);
    printed(usl.gamma(), 1.0, 1e-4);
}

#[test]
fn a_straight_line_has_no_peak_and_no_limit() {
    let usl =
        fitted(&[(1.0, 12.5), (2.0, 25.0), (4.0, 50.0), (8.0, 100.0), (16.0, 200.0), (32.0, 400.0)]).usl;
    assert!((usl.gamma() - 12.5).abs() < 1e-9);
    assert!(usl.alpha() < 1e-12 && usl.beta() < 1e-12, "{usl:?}");
}

#[test]
fn what_cannot_be_fitted_says_why() {
    let wrong = |pairs: &[(f64, f64)]| fit(&points(pairs)).unwrap_err().to_string();
    insta::assert_snapshot!(wrong(&[]), @"0 points do not determine three coefficients; measure at least 4 loads above 0");
    insta::assert_snapshot!(wrong(&[(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]), @"3 points do not determine three coefficients; measure at least 4 loads above 0");
    insta::assert_snapshot!(wrong(&[(1.0, 1.0), (2.0, 2.0), (2.0, 2.1), (1.0, 1.2)]), @"2 points do not determine three coefficients; measure at least 4 loads above 0");
    insta::assert_snapshot!(wrong(&[(1.0, 1.0), (2.0, f64::NAN)]), @"point 2 has the load 2 and the throughput NaN; both must be numbers from 0 up, and nothing is done at load 0");
    insta::assert_snapshot!(wrong(&[(1.0, 0.0), (2.0, 0.0), (3.0, 0.0), (4.0, 0.0)]), @"throughput is 0 at every load; check what the column holds");
}

#[test]
fn a_curve_has_a_meaning_at_every_load() {
    assert!(Usl::new(0.5, 0.1, 1.0).is_some());
    assert!(Usl::new(1.0, 0.0, 1.0).is_some());
    for (alpha, beta, gamma) in [
        (-0.1, 0.0, 1.0),
        (1.1, 0.0, 1.0),
        (0.1, -1.0, 1.0),
        (0.1, 0.1, 0.0),
        (f64::NAN, 0.1, 1.0),
        (0.1, f64::INFINITY, 1.0),
        // Below 0 between loads 0 and 1.
        (0.0, 5.0, 1.0),
    ] {
        assert_eq!(Usl::new(alpha, beta, gamma), None, "{alpha} {beta} {gamma}");
    }
}

/// Coefficients whose curve bends within the loads 1 to 64 times `unit`.
fn shapes() -> impl Strategy<Value = (Usl, f64)> {
    let figures = (0.0_f64..0.9, 0.0_f64..1.0, 0.3_f64..3.0, -3.0_f64..9.0, -1.0_f64..4.2);
    figures.prop_filter_map("no curve", |(serial, coherent, bend, height, unit)| {
        let unit = 10.0_f64.powf(unit);
        // X = N / (a + vN + uN(N - 1)) with N in units of `unit`.
        let scaled = [1.0, serial / bend, coherent / (64.0 * bend)];
        let (a, v, u) = (scaled[0] * unit, scaled[1], scaled[2] / unit);
        let one = a + v;
        Usl::new(v / one, u / one, 10.0_f64.powf(height) / one).map(|usl| (usl, unit))
    })
}

proptest! {
    #[test]
    fn exact_points_give_their_curve_whatever_the_units((usl, unit) in shapes()) {
        let loads = [1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0].map(|n| n * unit);
        let points: Vec<Point> =
            loads.iter().map(|n| Point { load: *n, throughput: usl.throughput(*n) }).collect();
        let fit = fit(&points).unwrap();
        for point in &points {
            let off = (fit.usl.throughput(point.load) / point.throughput - 1.0).abs();
            prop_assert!(off < 1e-6, "{:?} for {usl:?} off by {off}", fit.usl);
        }
        prop_assert!((fit.usl.gamma() / usl.gamma() - 1.0).abs() < 1e-4, "{:?} for {usl:?}", fit.usl);
    }

    #[test]
    fn the_order_of_points_does_not_matter(shuffled in Just(SPECSDM91.to_vec()).prop_shuffle()) {
        prop_assert_eq!(fitted(&shuffled), fitted(&SPECSDM91));
    }

    #[test]
    fn any_points_give_a_curve_or_a_reason(
        pairs in prop::collection::vec((any::<f64>(), any::<f64>()), 0..12),
        sane in prop::collection::vec((1e-1_f64..1e6, 0.0_f64..1e9), 0..12),
    ) {
        for pairs in [pairs, sane] {
            if let Ok(fit) = fit(&points(&pairs)) {
                let figures = [fit.usl.alpha(), fit.usl.beta(), fit.usl.gamma(), fit.residual_standard_error];
                prop_assert!(figures.iter().all(|f| f.is_finite() && *f >= 0.0));
                prop_assert!(fit.r_squared.is_none_or(f64::is_finite));
            } else if let Err(error) = fit(&points(&pairs)) {
                prop_assert!(error != FitError::NoConvergence || pairs.len() > 3);
            }
        }
    }

    #[test]
    fn load_for_inverts_throughput((usl, unit) in shapes(), share in 0.0_f64..1.0) {
        let top = usl.peak().map_or(64.0 * unit, |peak| peak.load.min(64.0 * unit));
        let load = share * top;
        let back = usl.load_for(usl.throughput(load)).unwrap();
        prop_assert!((back - load).abs() < 1e-5 * top, "{back} for {load}");
    }

    #[test]
    fn nothing_is_above_the_peak((usl, unit) in shapes(), n in 0.01_f64..1000.0) {
        if let Some(peak) = usl.peak() {
            prop_assert!(usl.throughput(n * unit) <= peak.throughput * (1.0 + 1e-12));
            prop_assert_eq!(usl.load_for(peak.throughput * 1.001), None);
        }
    }

    #[test]
    fn a_curve_gives_numbers_at_any_load(
        (alpha, beta, gamma) in (0.0_f64..=1.0, 0.0_f64..4.0, 1e-300_f64..1e300), load in any::<f64>(),
    ) {
        if let Some(usl) = Usl::new(alpha, beta, gamma) {
            let optional = [usl.limit(), usl.load_for(load), usl.optimal().map(|o| o.throughput)];
            let figures = [usl.throughput(load), usl.efficiency(load)];
            for figure in optional.into_iter().flatten().chain(figures) {
                prop_assert!(figure.is_finite() && figure >= 0.0, "{figure} at {load} of {usl:?}");
            }
        }
    }
}

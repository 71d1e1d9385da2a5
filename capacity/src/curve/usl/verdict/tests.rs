#![allow(clippy::unwrap_used)]

use super::*;
use crate::curve::resample::{generator, normal};
use crate::curve::usl::tests::{RAYTRACER, SPECSDM91, points};

const LOADS: [f64; 8] = [1.0, 8.0, 16.0, 32.0, 48.0, 64.0, 96.0, 128.0];

fn appraised(pairs: &[(f64, f64)]) -> Appraisal {
    appraise(&points(pairs), 1_000, 1)
}

fn why(pairs: &[(f64, f64)]) -> String {
    appraised(pairs).verdict.reasons().join("\n")
}

/// Points of a function with normal errors.
fn noisy(throughput: impl Fn(f64) -> f64, loads: &[f64], noise: f64, seed: u64) -> Vec<(f64, f64)> {
    let mut rng = generator(seed);
    loads.iter().map(|load| (*load, (throughput(*load) + noise * normal(&mut rng)).max(0.0))).collect()
}

#[test]
fn published_points_are_good() {
    assert_eq!(appraised(&SPECSDM91).verdict, Verdict::Good);
    assert_eq!(appraised(&RAYTRACER).verdict, Verdict::Good);
}

#[test]
fn too_few_loads_are_refused() {
    insta::assert_snapshot!(why(&SPECSDM91[..5]), @"only 5 different loads are measured; three coefficients need at least 6");
    // Ten points, but at three loads.
    let near = [1.0, 1.001, 1.002, 1.003, 2.0, 2.001, 2.002, 4.0, 4.001, 4.002].map(|n| (n, 10.0 * n));
    insta::assert_snapshot!(why(&near), @"only 3 different loads are measured; three coefficients need at least 6");
}

#[test]
fn loads_close_together_are_refused() {
    let close = [100.0, 110.0, 120.0, 130.0, 140.0, 150.0, 160.0].map(|n| (n, 2.0 * n));
    insta::assert_snapshot!(why(&close), @"loads reach only from 100 to 160; the largest must be at least 2 times the smallest for the curve to show");
}

#[test]
fn nothing_measured_is_refused() {
    insta::assert_snapshot!(why(&[]), @"there is no point with a load above 0");
    insta::assert_snapshot!(why(&[(0.0, 0.0)]), @"there is no point with a load above 0");
    insta::assert_snapshot!(why(&LOADS.map(|n| (n, 0.0))), @"throughput is 0 at every load; check what the column holds");
    insta::assert_snapshot!(why(&LOADS.map(|n| (n, 100.0))), @"throughput is 100 at every load: it does not depend on load");
    insta::assert_snapshot!(why(&[(1.0, f64::NAN)]), @"point 1 has the load 1 and the throughput NaN; both must be numbers from 0 up, and nothing is done at load 0");
    insta::assert_snapshot!(why(&[(0.0, 5.0)]), @"point 1 has the load 0 and the throughput 5; both must be numbers from 0 up, and nothing is done at load 0");
}

#[test]
fn noise_without_dependence_is_refused() {
    let refused = (0..200)
        .filter(|seed| {
            let flat = appraised(&noisy(|_| 100.0, &LOADS, 10.0, *seed));
            matches!(flat.verdict, Verdict::Refused { .. })
        })
        .count();
    // One test in a hundred may err.
    assert!(refused >= 194, "{refused} of 200");
    insta::assert_snapshot!(why(&noisy(|_| 100.0, &LOADS, 10.0, 1)), @"throughput, from 89.83 to 108.9, does not depend on load more than chance would have it: the curve explains 23 % of its variation");
}

#[test]
fn a_system_seen_only_in_saturation_is_weak_or_refused() {
    // The end of SPEC SDM 91's curve: 95 % of the rise lie below load 60.
    let usl = Usl::new(0.027_7, 0.000_104, 90.0).unwrap();
    let loads = [60.0, 70.0, 80.0, 90.0, 100.0, 110.0, 120.0, 130.0, 150.0, 180.0];
    let noisy = |noise| noisy(|n| usl.throughput(n), &loads, noise, 1);
    insta::assert_snapshot!(why(&noisy(2.0)), @"the lowest load 60 already brings 95 % of the largest throughput, so how it rises is not seen; measure lower loads");
    insta::assert_snapshot!(why(&noisy(25.0)), @"throughput, from 1781 to 1900, does not depend on load more than chance would have it: the curve explains 70 % of its variation");
}

#[test]
fn an_unknown_throughput_of_one_user_is_refused() {
    let usl = Usl::new(0.15, 0.0, 400.0).unwrap();
    let loads: Vec<f64> = (1..=40).map(|i| 60.0 + 15.0 * f64::from(i)).collect();
    insta::assert_snapshot!(why(&noisy(|n| usl.throughput(n), &loads, 35.0, 1)), @r#"
the throughput at load 1 is known with a standard error of 23 % only; measure loads below 75
the lowest load 75 already brings 91 % of the largest throughput, so how it rises is not seen; measure lower loads
"#);
    insta::assert_snapshot!(why(&noisy(|n| usl.throughput(n), &loads, 88.0, 5)), @"the throughput at load 1 cannot be determined: 332.9 with a standard error of 162; measure loads below 75");
}

#[test]
fn a_system_that_only_falls_is_refused() {
    insta::assert_snapshot!(why(&LOADS.map(|n| (n, 1000.0 / (1.0 + 0.1 * n)))), @"throughput falls from the lowest load 1 on, so nothing shows how it rises; measure lower loads");
    insta::assert_snapshot!(why(&LOADS.map(|n| (n, 1000.0 / (n * n)))), @"throughput falls so steeply from the lowest load on that no curve of this kind fits; measure lower loads");
}

#[test]
fn a_straight_line_is_good_without_peak_and_limit() {
    let line = appraised(&LOADS.map(|n| (n, 12.5 * n)));
    assert_eq!(line.verdict, Verdict::Good);
    let believed = line.believed.unwrap();
    insta::assert_snapshot!(believed.peak.clone().unwrap_err(), @"throughput does not fall up to the largest measured load 128: no coherency is seen, and without it there is no peak");
    insta::assert_snapshot!(believed.limit.clone().unwrap_err(), @"no contention is seen, and without it there is no limit");
    assert_eq!(believed.optimal(), None);
}

#[test]
fn a_peak_far_beyond_the_points_is_not_given() {
    let usl = Usl::new(0.02, 0.000_01, 90.0).unwrap();
    assert!(usl.peak().unwrap().load > 256.0);
    let believed = appraised(&LOADS.map(|n| (n, usl.throughput(n)))).believed.unwrap();
    insta::assert_snapshot!(believed.peak.unwrap_err(), @"beyond the data: the curve would peak at load 313, more than twice the largest measured load 128; measure higher loads");
    assert!(believed.limit.is_ok());
}

#[test]
fn a_peak_that_resamples_do_not_agree_on_is_not_given() {
    let usl = Usl::new(0.02, 0.000_03, 90.0).unwrap();
    let believed = appraised(&noisy(|n| usl.throughput(n), &LOADS, 40.0, 4)).believed.unwrap();
    insta::assert_snapshot!(believed.peak.unwrap_err(), @"the load of the peak lies anywhere above 144.6; measure more loads around and above 219.1");
}

#[test]
fn a_limit_that_resamples_do_not_agree_on_is_not_given() {
    let usl = Usl::new(0.008, 0.000_1, 90.0).unwrap();
    let believed = appraised(&noisy(|n| usl.throughput(n), &LOADS, 150.0, 4)).believed.unwrap();
    insta::assert_snapshot!(believed.limit.unwrap_err(), @"saturation was not observed well enough: the limit lies anywhere above 4205; measure loads where throughput levels off");
}

#[test]
fn a_limit_that_was_not_approached_is_not_given() {
    let usl = Usl::new(0.001, 0.0, 90.0).unwrap();
    let believed = appraised(&LOADS.map(|n| (n, usl.throughput(n)))).believed.unwrap();
    insta::assert_snapshot!(believed.limit.unwrap_err(), @"saturation was not observed: the largest measured throughput 10222 is 11 % of what would be the limit");
}

#[test]
fn noise_makes_a_fit_weak() {
    let usl = Usl::new(0.03, 0.000_2, 50.0).unwrap();
    let many: Vec<f64> = LOADS.iter().flat_map(|load| [*load; 3]).collect();
    insta::assert_snapshot!(why(&noisy(|n| usl.throughput(n), &many, 110.0, 1)), @r#"
points lie 11 % of the largest throughput off the curve; repeat the measurements for longer
the throughput at load 1 is known with a standard error of 21 % only; measure loads below 1
"#);
}

#[test]
fn another_curve_makes_a_fit_weak() {
    // A bottleneck without any contention before it: a sharp knee.
    let loads: Vec<f64> = (1..=24).map(f64::from).collect();
    insta::assert_snapshot!(why(&noisy(|n| (50.0 * n).min(600.0), &loads, 1.0, 1)), @"the points leave the curve in stretches, 9 loads in a row on one side: the system bends more sharply or more gently than this law");
    let repeated: Vec<f64> = loads.iter().flat_map(|load| [*load; 4]).collect();
    insta::assert_snapshot!(why(&noisy(|n| (50.0 * n).min(600.0), &repeated, 1.0, 1)), @"measurements at the same or neighbouring loads agree with each other better than with the curve: something beside the load changes between loads, or the system follows another curve");
}

#[test]
fn the_right_curve_is_seldom_doubted() {
    let usl = Usl::new(0.03, 0.000_2, 50.0).unwrap();
    let loads: Vec<f64> = (1..=24).map(|i| 5.0 * f64::from(i)).collect();
    let doubted =
        (0..40).filter(|seed| !why(&noisy(|n| usl.throughput(n), &loads, 20.0, *seed)).is_empty()).count();
    assert!(doubted <= 3, "{doubted} of 40");
}

#![allow(clippy::unwrap_used)]

use std::time::Instant;

use super::*;
use crate::curve::resample::generator;
use crate::curve::usl::tests::{SPECSDM91, points};

fn curve() -> Usl {
    Usl::new(0.03, 0.0002, 50.0).unwrap()
}

/// Points around the curve with an error of `noise` times what `scale` makes of the load.
fn noisy(loads: &[f64], noise: f64, scale: impl Fn(f64) -> f64, seed: u64) -> Vec<Point> {
    let mut rng = generator(seed);
    let point = |load: &f64| {
        let off = noise * scale(*load) * normal(&mut rng);
        Point { load: *load, throughput: (curve().throughput(*load) + off).max(0.0) }
    };
    loads.iter().map(point).collect()
}

fn repeated(loads: &[f64], times: usize) -> Vec<f64> {
    loads.iter().flat_map(|load| std::iter::repeat_n(*load, times)).collect()
}

const LOADS: [f64; 8] = [1.0, 8.0, 16.0, 32.0, 48.0, 64.0, 96.0, 128.0];

fn bootstrap(points: &[Point], resampling: Option<Resampling>) -> Bootstrap {
    let scaled = Scaled::new(points).unwrap();
    let (_, found) = scaled.fit().unwrap();
    let resampler = Resampler::new(&scaled, found).unwrap();
    resampler.bootstrap(resampling.unwrap_or_else(|| resampler.suited()), 1_000, 1).unwrap()
}

fn width(interval: [Option<f64>; 2]) -> f64 {
    interval[1].unwrap() - interval[0].unwrap()
}

#[test]
fn the_same_seed_gives_the_same_intervals() {
    let points = points(&SPECSDM91);
    assert_eq!(bootstrap(&points, None), bootstrap(&points, None));
}

#[test]
fn a_design_without_repetition_draws_residuals() {
    assert_eq!(bootstrap(&points(&SPECSDM91), None).resampling, Resampling::Residuals);
}

#[test]
fn repeated_loads_draw_their_own_points_and_agree_with_residuals() {
    let points = noisy(&repeated(&LOADS, 12), 20.0, |_| 1.0, 5);
    let cases = bootstrap(&points, None);
    assert_eq!(cases.resampling, Resampling::Cases);
    let residuals = bootstrap(&points, Some(Resampling::Residuals));
    for (a, b) in [(cases.gamma, residuals.gamma), (cases.peak_throughput, residuals.peak_throughput)] {
        let ratio = width(a) / width(b);
        assert!((0.4..1.6).contains(&ratio), "{ratio}");
    }
}

#[test]
fn cases_see_that_only_high_loads_scatter() {
    let points = noisy(&repeated(&LOADS, 20), 1.0, |load| load, 8);
    let (cases, residuals) = (bootstrap(&points, None), bootstrap(&points, Some(Resampling::Residuals)));
    assert_eq!(cases.resampling, Resampling::Cases);
    assert!(width(cases.gamma) < 0.7 * width(residuals.gamma), "{:?} {:?}", cases.gamma, residuals.gamma);
}

#[test]
fn loads_that_do_not_follow_the_curve_draw_residuals() {
    // Quiet within a load, but each load has a condition of its own.
    let mut points = noisy(&repeated(&LOADS, 6), 2.0, |_| 1.0, 3);
    for point in &mut points {
        point.throughput *= if (point.load as u64 / 16).is_multiple_of(2) { 1.1 } else { 0.9 };
    }
    assert_eq!(bootstrap(&points, None).resampling, Resampling::Residuals);
}

#[test]
fn intervals_cover_the_truth() {
    let mut covered = [0; 6];
    let runs = 80;
    for seed in 0..runs {
        let b = bootstrap(&noisy(&LOADS, 15.0, |_| 1.0, seed), None);
        let peak = curve().peak().unwrap();
        let truths = [
            (b.alpha, curve().alpha()),
            (b.beta, curve().beta()),
            (b.gamma, curve().gamma()),
            (b.peak_load, peak.load),
            (b.peak_throughput, peak.throughput),
            (b.limit, curve().limit().unwrap()),
        ];
        for (count, ([low, high], truth)) in covered.iter_mut().zip(truths) {
            *count += u64::from(low.unwrap() <= truth && high.is_none_or(|high| truth <= high));
        }
    }
    // 95 % of 80 is 76; an error of four would be three standard deviations.
    assert!(covered.iter().all(|count| *count >= 68), "{covered:?} of {runs}");
}

#[test]
fn ten_thousand_different_loads_share_cells() {
    let mut rng = generator(2);
    let loads: Vec<f64> = (0..10_000).map(|_| 1.0 + 127.0 * rng.random::<f64>()).collect();
    let points = noisy(&loads, 30.0, |_| 1.0, 4);
    let start = Instant::now();
    let b = bootstrap(&points, None);
    let took = start.elapsed();
    println!("1,000 resamples of 10,000 points at different loads: {took:?}");
    assert_eq!(b.resampling, Resampling::Cases);
    // The standard error says how wide the interval must be.
    let fit = super::super::fit::fit(&points).unwrap();
    let expected = 2.0 * 1.96 * fit.standard_errors.unwrap()[2];
    assert!((width(b.gamma) / expected - 1.0).abs() < 0.15, "{} is not {expected}", width(b.gamma));
    assert!((fit.usl.gamma() - curve().gamma()).abs() < expected);
}

#[test]
fn a_million_points_are_no_more_work_than_ten_thousand() {
    let points = noisy(&repeated(&LOADS, 5_000), 30.0, |_| 1.0, 4);
    let b = bootstrap(&points, None);
    let errors = super::super::fit::fit(&points).unwrap().standard_errors.unwrap();
    let expected = 2.0 * 1.96 * errors[2];
    assert!((width(b.gamma) / expected - 1.0).abs() < 0.15, "{} is not {expected}", width(b.gamma));
}

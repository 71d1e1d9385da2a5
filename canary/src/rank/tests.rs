//! Published values: Kayenta's `MannWhitneySuite` (its own are computed by R), R's and SciPy's documentation.

use proptest::prelude::*;

use super::*;

const TIED_CONTROL: [(f64, u64); 13] = [
    (1.5, 2),
    (2.0, 16),
    (2.5, 18),
    (3.0, 16),
    (3.5, 10),
    (4.0, 8),
    (4.5, 4),
    (5.0, 6),
    (5.5, 2),
    (6.0, 5),
    (8.0, 1),
    (15.5, 1),
    (54.5, 1),
];
const TIED_EXPERIMENT: [(f64, u64); 14] = [
    (1.5, 9),
    (2.0, 16),
    (2.5, 22),
    (3.0, 17),
    (3.5, 9),
    (4.0, 5),
    (4.5, 1),
    (5.0, 3),
    (5.5, 1),
    (6.0, 2),
    (6.5, 2),
    (7.0, 1),
    (7.5, 1),
    (16.5, 1),
];
const TIED_AGAIN_CONTROL: [(f64, u64); 13] = [
    (0.0, 1),
    (0.5, 7),
    (1.0, 32),
    (1.5, 70),
    (2.0, 33),
    (2.5, 22),
    (3.0, 6),
    (3.5, 2),
    (4.0, 3),
    (4.5, 1),
    (5.5, 1),
    (7.0, 1),
    (7.5, 1),
];
const TIED_AGAIN_EXPERIMENT: [(f64, u64); 12] = [
    (0.5, 20),
    (1.0, 41),
    (1.5, 67),
    (2.0, 37),
    (2.5, 3),
    (3.0, 2),
    (3.5, 3),
    (4.0, 1),
    (5.0, 1),
    (5.5, 3),
    (8.5, 1),
    (19.0, 1),
];
const ERRORS_CONTROL: [(f64, u64); 16] = [
    (0.0, 193),
    (1.388_888_888_888_885_7, 1),
    (1.470_588_235_294_116, 1),
    (1.492_537_313_432_834, 3),
    (1.538_461_538_461_561_4, 1),
    (1.562_500_000_000_014_2, 1),
    (1.587_301_587_301_581_7, 1),
    (1.639_344_262_295_068_7, 1),
    (1.694_915_254_237_301_4, 1),
    (1.724_137_931_034_476_9, 1),
    (1.754_385_964_912_288, 1),
    (1.785_714_285_714_277_6, 1),
    (1.851_851_851_851_861_9, 1),
    (2.500_000_000_000_028_4, 1),
    (2.985_074_626_865_653_6, 1),
    (3.124_999_999_999_986, 1),
];
const ERRORS_EXPERIMENT: [(f64, u64); 49] = [
    (0.0, 146),
    (1.234_567_901_234_584, 1),
    (1.333_333_333_333_328_6, 1),
    (1.351_351_351_351_354_4, 1),
    (1.369_863_013_698_619_6, 1),
    (1.388_888_888_888_885_7, 1),
    (1.428_571_428_571_416_4, 2),
    (1.428_571_428_571_444_8, 1),
    (1.449_275_362_318_829_3, 1),
    (1.470_588_235_294_116, 1),
    (1.515_151_515_151_515_6, 2),
    (1.5625, 2),
    (1.562_500_000_000_014_2, 1),
    (1.587_301_587_301_581_7, 1),
    (1.612_903_225_806_448_4, 1),
    (1.639_344_262_295_068_7, 2),
    (1.666_666_666_666_657_2, 2),
    (1.666_666_666_666_671_4, 1),
    (1.694_915_254_237_287_2, 1),
    (1.724_137_931_034_476_9, 2),
    (1.754_385_964_912_273_7, 1),
    (1.754_385_964_912_288, 1),
    (1.785_714_285_714_277_6, 1),
    (1.818_181_818_181_813, 4),
    (1.851_851_851_851_847_6, 3),
    (1.851_851_851_851_861_9, 2),
    (1.886_792_452_830_178_5, 1),
    (1.886_792_452_830_192_7, 2),
    (1.923_076_923_076_919_8, 1),
    (1.960_784_313_725_511_7, 2),
    (2.000_000_000_000_028_4, 1),
    (2.040_816_326_530_603, 2),
    (2.439_024_390_243_887, 1),
    (2.564_102_564_102_555, 1),
    (2.702_702_702_702_709, 1),
    (2.816_901_408_450_718_2, 1),
    (2.985_074_626_865_682, 1),
    (3.030_303_030_303_045_4, 1),
    (3.125_000_000_000_014, 1),
    (3.174_603_174_603_163_3, 1),
    (3.225_806_451_612_911, 1),
    (3.333_333_333_333_343, 2),
    (3.389_830_508_474_574_3, 1),
    (3.448_275_862_068_953_8, 1),
    (3.571_428_571_428_583_6, 1),
    (3.703_703_703_703_681, 1),
    (4.081_632_653_061_206, 1),
    (4.109_589_041_095_901_5, 1),
    (5.555_555_555_555_557, 1),
];

/// Tolerance of the root finder by which R and Kayenta look for an interval's ends.
const ROOT: f64 = 1e-4;

fn near(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{got} is not {expected}");
}

/// Kayenta's "returns expected values".
#[test]
fn four_against_four() {
    let (control, experiment) = (Sample::of([1.0, 2.0, 3.0, 4.0]), Sample::of([10.0, 20.0, 30.0, 40.0]));
    let test = mann_whitney(&control, &experiment, 0.95).expect("a test");
    assert_eq!((test.lower, test.estimate, test.upper, test.method), (6.0, 22.5, 39.0, Method::Exact));
    near(test.p_value, 0.028_571_428_571_428_57, 1e-16);
}

/// Kayenta's "tie out with R version", and "again".
#[test]
fn ties_as_r_has_them() {
    let test = |control: &[(f64, u64)], experiment: &[(f64, u64)], confidence| {
        let (control, experiment) = (control.iter().copied(), experiment.iter().copied());
        mann_whitney(&Sample::of_counts(control), &Sample::of_counts(experiment), confidence).expect("a test")
    };
    let first = test(&TIED_CONTROL, &TIED_EXPERIMENT, 0.95);
    assert_eq!((first.lower, first.upper, first.method), (-0.5, 0.0, Method::Normal));
    near(first.lower, -0.500_002_521_696_696, ROOT);
    near(first.upper, -3.486_287_505_871_302e-5, ROOT);
    near(first.estimate, -0.499_939_390_718_032_3, ROOT);
    let again = test(&TIED_AGAIN_CONTROL, &TIED_AGAIN_EXPERIMENT, 0.98);
    near(again.lower, -0.499_917_325_054_908_7, ROOT);
    near(again.upper, -6.912_685_789_769_486e-6, ROOT);
    near(again.estimate, -3.450_440_827_293_15e-5, ROOT);
    let errors = test(&ERRORS_CONTROL, &ERRORS_EXPERIMENT, 0.95);
    near(errors.lower, 3.521_755_377_702_165e-5, ROOT);
    near(errors.upper, 2.024_564_616_623_34e-5, ROOT);
    near(errors.estimate, 2.627_924_304_515_565_3e-5, ROOT);
}

/// Kayenta's "tie out intermediate variables": the standardised statistic, less the quantile of the normal distribution, when
/// the experiment is shifted to either end. R and Kayenta look for the root of it.
#[test]
fn the_statistic_is_that_of_r() {
    let control = Sample::of_counts(ERRORS_CONTROL);
    let standardised = |shift: f64, quantile: f64| {
        let x = Sample::of_counts(ERRORS_EXPERIMENT.map(|(value, count)| (value - shift, count)));
        let (n, m) = (x.len() as f64, control.len() as f64);
        let within = differences::pairs_within(&x, &control, 0.0) as f64;
        let below = differences::pairs_within(&x, &control, -f64::from_bits(1)) as f64;
        let distance = n * m - f64::midpoint(within, below) - n * m / 2.0;
        (distance - 0.5 * distance.signum()) / deviation(n, m, ties_together(&x, &control)) - quantile
    };
    let quantile = normal::upper_quantile(0.025);
    near(quantile, 1.959_963_984_540_053_6, 1e-14);
    near(standardised(-3.124_999_999_999_986, quantile), 17.090_968_923_762_254, 1e-9);
    near(standardised(5.555_555_555_555_557, quantile), -20.997_687_930_433_106, 1e-9);
    near(standardised(-3.124_999_999_999_986, -quantile), 21.010_896_892_842_36, 1e-9);
    near(standardised(5.555_555_555_555_557, -quantile), -17.077_759_961_353, 1e-9);
}

/// Permeability constants of Hollander and Wolfe (1973), p. 69, the example of `?wilcox.test` in R.
#[test]
fn permeability() {
    let experiment = Sample::of([0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]);
    let control = Sample::of([1.15, 0.88, 0.90, 0.74, 1.21]);
    let test = mann_whitney(&control, &experiment, 0.95).expect("a test");
    assert_eq!((test.u, test.method), (35.0, Method::Exact));
    near(test.p_value, 0.2544, 5e-5);
    near(test.estimate, 0.305, 1e-12);
    near(test.lower, -0.15, 1e-12);
    near(test.upper, 0.76, 1e-12);
}

/// `scipy.stats.mannwhitneyu`: the example of its documentation, and one with ties, `method="asymptotic"`.
#[test]
fn values_of_scipy() {
    let test =
        mann_whitney(&Sample::of([20.0, 11.0, 17.0, 12.0]), &Sample::of([19.0, 22.0, 16.0, 29.0, 24.0]), 0.9);
    let test = test.expect("a test");
    assert_eq!(test.u, 17.0);
    near(test.p_value, 0.111_111_111_111_111_1, 1e-15);
    let experiment = Sample::of([1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0, 5.0]);
    let control = Sample::of([3.0, 4.0, 4.0, 5.0, 5.0, 5.0, 6.0, 7.0, 8.0]);
    let test = mann_whitney(&control, &experiment, 0.9).expect("a test");
    assert_eq!(test.u, 8.0);
    near(test.p_value, 0.007_195_018_607_115_902, 1e-15);
}

#[test]
fn nothing_and_all_the_same() {
    assert_eq!(mann_whitney(&Sample::default(), &Sample::of([1.0]), 0.95), None);
    let same = Sample::of([2.0; 70]);
    let test = mann_whitney(&same, &same, 0.95).expect("a test");
    assert_eq!((test.p_value, test.lower, test.estimate, test.upper), (1.0, 0.0, 0.0, 0.0));
}

proptest! {
    /// A histogram is tested as the list of all its observations would be.
    #[test]
    fn counts_stand_for_observations(
        control in prop::collection::vec((0_i32..20, 1_u64..30), 2..12),
        experiment in prop::collection::vec((0_i32..20, 1_u64..30), 2..12),
    ) {
        let counted = |pairs: &[(i32, u64)]| Sample::of_counts(pairs.iter().map(|(v, n)| (f64::from(*v), *n)));
        let listed = |pairs: &[(i32, u64)]| {
            Sample::of(pairs.iter().flat_map(|(v, n)| std::iter::repeat_n(f64::from(*v), *n as usize)))
        };
        let one = mann_whitney(&counted(&control), &counted(&experiment), 0.95).expect("a test");
        let other = mann_whitney(&listed(&control), &listed(&experiment), 0.95).expect("a test");
        prop_assert_eq!(one, other);
        prop_assert!(one.lower <= one.estimate && one.estimate <= one.upper);
        prop_assert!((0.0..=1.0).contains(&one.p_value));
    }

    /// Shifting the experiment shifts the estimate; exchanging the samples turns it round.
    #[test]
    fn shifts_and_mirrors(
        control in prop::collection::vec(-50_i32..50, 2..70), experiment in prop::collection::vec(-50_i32..50, 2..70),
        shift in -30_i32..30,
    ) {
        let sample = |values: &[i32], by: i32| Sample::of(values.iter().map(|v| f64::from(v + by)));
        let plain = mann_whitney(&sample(&control, 0), &sample(&experiment, 0), 0.9).expect("a test");
        let shifted = mann_whitney(&sample(&control, 0), &sample(&experiment, shift), 0.9).expect("a test");
        let mirrored = mann_whitney(&sample(&experiment, 0), &sample(&control, 0), 0.9).expect("a test");
        prop_assert_eq!(shifted.estimate, plain.estimate + f64::from(shift));
        prop_assert_eq!(mirrored.estimate, -plain.estimate);
        prop_assert!((mirrored.p_value - plain.p_value).abs() < 1e-12);
        prop_assert_eq!((mirrored.lower, mirrored.upper), (-plain.upper, -plain.lower));
    }
}

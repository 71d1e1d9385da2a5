//! What Kayenta's `ClassifierSuite` and `ScorerSuite` say, with their data.

use headroom_canary::{Class, Config, Direction, Importance, Metric, Observed, judge};

const TEN: [f64; 30] = [
    9.776_734_312_010_946,
    10.587_071_850_477_695,
    7.837_550_638_890_177,
    9.324_332_688_611_388,
    8.377_450_540_978_442,
    8.935_926_439_960_628,
    8.270_766_332_472_851,
    9.748_430_812_671_692,
    11.623_746_715_547_156,
    9.275_344_267_963_394,
    8.153_804_774_917_152,
    10.562_020_975_754_294,
    13.498_135_575_451_835,
    11.054_419_256_110_332,
    6.953_890_359_005_509,
    12.521_008_342_195_48,
    9.021_635_860_354_644,
    4.923_485_669_953_166,
    11.251_360_203_607_172,
    11.598_449_508_040_337,
    8.435_232_204_668_182,
    11.110_228_516_867_279,
    10.700_633_801_647_55,
    8.921_277_365_211_525,
    10.086_167_067_942_661,
    11.421_075_154_830_87,
    9.379_234_781_364_495,
    7.798_032_014_855_259,
    10.623_398_072_757_46,
    11.909_642_062_063_739,
];

const ABOUT_TEN: [f64; 30] = [
    11.145_358_677_408_6,
    9.961_805_988_559_702,
    7.068_574_306_369_829,
    7.301_266_181_048_366,
    9.794_463_026_565_673,
    9.603_791_860_368_73,
    6.186_779_335_033_939,
    12.345_599_159_550_174,
    10.371_891_733_859_533,
    8.609_430_078_501_672,
    9.913_162_673_361_084,
    10.361_375_299_003_466,
    14.206_800_387_518_818,
    10.946_153_754_753_3,
    10.215_876_627_044_048,
    11.739_760_899_484_603,
    10.907_627_468_626_439,
    12.823_353_694_464_775,
    8.101_860_977_173_214,
    8.498_161_640_880_493,
    12.113_441_374_697_231,
    13.272_210_809_932_028,
    10.114_579_381_663_297,
    6.946_395_876_797_807,
    6.210_527_854_172_778,
    10.160_401_684_903_775,
    8.345_771_206_645_546,
    8.383_822_063_895_833,
    7.002_020_507_008_377,
    10.755_757_401_808_442,
];

const TWENTY: [f64; 30] = [
    20.878_412_601_720_026,
    21.785_505_811_916_22,
    19.708_280_847_170_19,
    15.859_946_903_461_562,
    19.510_058_772_176_84,
    19.392_005_525_270_303,
    22.926_528_314_912_1,
    17.156_530_276_709_894,
    18.655_117_916_226_17,
    23.422_607_911_610_392,
    24.055_817_684_156_644,
    22.626_899_585_165_01,
    21.979_472_967_817_678,
    21.659_318_607_218_694,
    20.067_707_574_072_426,
    22.119_570_836_305_414,
    16.440_371_326_673_07,
    21.559_622_826_341_27,
    21.000_181_443_489_22,
    17.779_369_411_412_663,
    17.806_006_358_943_584,
    18.537_200_618_386_11,
    20.555_550_300_210_797,
    19.552_928_184_468_378,
    21.771_118_944_087_092,
    21.809_622_806_176_627,
    20.961_762_909_905_27,
    20.977_571_577_503_02,
    19.106_303_205_498_794,
    16.976_918_966_987_08,
];

const ABOUT_TWENTY: [f64; 30] = [
    20.758_113_589_510_348,
    22.802_059_629_464_56,
    20.612_340_363_492_21,
    20.973_274_654_749_986,
    23.469_237_330_498_622,
    21.531_339_889_548_05,
    21.767_353_687_439_805,
    18.308_050_730_374_3,
    19.062_145_167_827_566,
    25.879_498_436_001_78,
    18.982_629_726_336_13,
    19.387_920_182_269_266,
    18.995_398_251_246_982,
    24.228_420_230_932_805,
    20.050_985_172_694_688,
    18.234_045_109_175_6,
    17.870_515_494_460_435,
    23.058_103_863_806_62,
    18.400_259_567_501_134,
    16.971_352_091_177_167,
    19.467_529_066_052_15,
    17.904_654_233_420_31,
    17.553_948_617_825_83,
    16.104_611_843_907_193,
    24.381_710_814_330_39,
    15.919_294_339_922_635,
    20.479_409_626_304_697,
    19.083_072_014_924_06,
    17.455_788_050_722_866,
    18.853_826_823_235_142,
];

fn metric(control: &[f64], experiment: &[f64], direction: Direction) -> Metric {
    let values = |values: &[f64]| values.iter().copied().map(Some).collect();
    Metric {
        name: "metric".to_owned(),
        groups: Vec::new(),
        observed: Observed::Values { control: values(control), experiment: values(experiment) },
        direction,
        missing: headroom_canary::Missing::Remove,
        outliers: headroom_canary::Outliers::Keep,
        importance: Importance::Normal,
        must_have_data: false,
        effect: headroom_canary::Effect::MeanRatio,
        allowed: None,
        critical: None,
    }
}

#[test]
fn classifications() {
    let class = |control: &[f64], experiment: &[f64], direction| {
        metric(control, experiment, direction).find(0.95, 0.10).class
    };
    assert_eq!(class(&ABOUT_TEN, &TEN, Direction::Either), Class::Pass);
    assert_eq!(class(&ABOUT_TEN, &TWENTY, Direction::Either), Class::High);
    assert_eq!(class(&ABOUT_TWENTY, &TEN, Direction::Either), Class::Low);
    assert_eq!(class(&ABOUT_TWENTY, &TEN, Direction::Increase), Class::Pass);
    assert_eq!(class(&ABOUT_TEN, &TWENTY, Direction::Decrease), Class::Pass);
    assert_eq!(class(&ABOUT_TEN, &TWENTY, Direction::Increase), Class::High);
    assert_eq!(class(&ABOUT_TWENTY, &TEN, Direction::Decrease), Class::Low);
}

/// A metric that is classified so, in a group.
fn classified(class: Class, group: &str, importance: Importance) -> Metric {
    let (control, experiment): (&[f64], &[f64]) = match class {
        Class::Pass => (&TEN, &TEN),
        Class::High => (&TEN, &TWENTY),
        Class::Low => (&TWENTY, &TEN),
        Class::NoData => (&TEN, &[]),
    };
    Metric { groups: vec![group.to_owned()], importance, ..metric(control, experiment, Direction::Either) }
}

fn score(metrics: &[(Class, &str, Importance)], weights: &[(&str, f64)]) -> f64 {
    let metrics: Vec<Metric> =
        metrics.iter().map(|(class, group, importance)| classified(*class, group, *importance)).collect();
    let weights = weights.iter().map(|(group, weight)| ((*group).to_owned(), *weight)).collect();
    judge(&metrics, &Config { weights, ..Config::default() }).expect("a judgement").score
}

#[test]
fn scores() {
    use Class::{High, Low, NoData, Pass};
    use Importance::{Critical, Normal, ReportOnly};
    assert_eq!(score(&[(Pass, "a", Normal)], &[]), 100.0);
    assert_eq!(score(&[(High, "a", Normal)], &[]), 0.0);
    assert_eq!(score(&[(Pass, "a", Normal), (High, "a", Normal)], &[]), 50.0);
    let third = score(&[(Pass, "a", Normal), (High, "a", Normal), (Low, "a", Normal)], &[]);
    assert!((third - 33.33).abs() < 1e-2);
    let two = [(Pass, "a", Normal), (Pass, "a", Normal), (High, "b", Normal)];
    assert_eq!(score(&two, &[("a", 75.0), ("b", 25.0)]), 75.0);
    let equal = [(Pass, "a", Normal), (High, "a", Normal), (High, "b", Normal)];
    assert_eq!(score(&equal, &[("a", 50.0), ("b", 50.0)]), 25.0);
    assert_eq!(score(&[(NoData, "a", Normal)], &[]), 0.0);
    assert_eq!(score(&[(Pass, "a", Normal), (High, "a", Critical)], &[]), 0.0);
    assert_eq!(score(&[(Low, "a", Normal), (Pass, "a", Critical)], &[]), 50.0);
    assert_eq!(score(&[(Pass, "a", Normal), (High, "a", ReportOnly)], &[]), 100.0);
}

use super::*;
use crate::returns::{Day, IndexPoint, ShortPeriods, daily_index};
use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;

const MIXED: [Option<f64>; 9] =
    [None, Some(0.01), Some(0.10), Some(-0.04), Some(0.02), Some(0.03), Some(0.02), Some(0.01), Some(-0.10)];

/// empyrical's mixed_returns.
fn mixed(frequency: Frequency) -> Series {
    Series::new(frequency, &MIXED).unwrap()
}

fn series(percents: &[f64]) -> Series {
    let rows: Vec<Option<f64>> = percents.iter().map(|percent| Some(percent / 100.0)).collect();
    Series::new(Frequency::TradingDay, &rows).unwrap()
}

fn near(told: f64, expected: f64) {
    assert!((told - expected).abs() < 1e-8 * expected.abs().max(1.0), "{told} and not {expected}");
}

fn index(values: &[f64]) -> Vec<IndexPoint> {
    let first: NaiveDate = "2015-01-01".parse().unwrap();
    let point =
        |(at, value): (usize, &f64)| IndexPoint { date: first + TimeDelta::days(at as i64), value: *value };
    values.iter().enumerate().map(point).collect()
}

#[test]
fn empyrical_annual_volatility() {
    let told = volatility(&mixed(Frequency::TradingDay), Convention::SimpleAYear).unwrap();
    near(told.value, 0.913_646_539_970_463_7);
    assert_eq!(serde_json::to_value(told).unwrap()["convention"], "simple_a_year");
    // Of weeks and months their tables have 0 in the first row, which is a return and no opening row.
    let rows = MIXED.map(|value| Some(value.unwrap_or(0.0)));
    let told = |frequency| {
        volatility(&Series::new(frequency, &rows).unwrap(), Convention::SimpleAYear).unwrap().value
    };
    near(told(Frequency::Week), 0.388_515_693_948_705_83);
    near(told(Frequency::Month), 0.186_636_902_388_925_58);
}

#[test]
fn portfolio_performance_risk_test_volatility() {
    let returns = series(&[0.5, -1.0 / 3.0, -0.5, 1.0, 1.0, -0.5]);
    near(volatility(&returns, Convention::LogOverPeriod).unwrap().value, 0.017_736_692_475);
    near(semi_deviation(&returns).unwrap().value, 0.012_188_677_034);
    let alike = series(&[10.0; 20]);
    assert_eq!(volatility(&alike, Convention::LogOverPeriod).unwrap().value, 0.0);
}

#[test]
fn empyrical_downside_risk() {
    let told = |required| downside_deviation(&mixed(Frequency::TradingDay), required).unwrap().value;
    near(told(0.0), 0.604_483_250_388_296_5);
    near(told(0.1), 1.716_173_068_195_629_5);
}

#[test]
fn empyrical_sharpe_ratio() {
    near(sharpe(&mixed(Frequency::TradingDay), 0.0).unwrap(), 1.723_861_396_170_686_6);
    near(sharpe(&series(&[1., 2., 1., 1., 1., 1., 1., 1., 1.]), 0.0).unwrap(), 52.915_026_221_291_804);
    let negative = series(&[0., -6., -7., -1., -9., -2., -6., -8., -5.]);
    near(sharpe(&negative, 0.0).unwrap(), -24.406_808_633_910_085);
}

#[test]
fn empyrical_sortino_ratio() {
    near(sortino(&mixed(Frequency::TradingDay), 0.0).unwrap(), 2.605_531_251_673_693);
    near(sortino(&mixed(Frequency::TradingDay), 0.01).unwrap(), -1.393_477_958_891_997_7);
}

#[test]
fn empyrical_cagr_and_calmar_count_the_opening_row() {
    let mixed = mixed(Frequency::TradingDay);
    near(mixed.cagr(ShortPeriods::Annualise).unwrap(), 1.913_592_537_319_423_1);
    near(calmar(&mixed, ShortPeriods::Annualise).unwrap(), 19.135_925_373_194_233);
    // The same 8 returns over 8 periods, as they are.
    let bare = Series::new(Frequency::TradingDay, &MIXED[1..]).unwrap();
    near(bare.cagr(ShortPeriods::Annualise).unwrap(), bare.growth().powf(252.0 / 8.0) - 1.0);
    assert!(bare.cagr(ShortPeriods::Annualise).unwrap() > 2.3);
    assert_eq!(bare.cagr(ShortPeriods::Refuse), Err(NoRisk::UnderAYear { rows: 8, a_year: 252 }));
    let years = Series::new(Frequency::Year, &[Some(0.03); 3]).unwrap();
    near(years.cagr(ShortPeriods::Refuse).unwrap(), 0.03);
}

#[test]
fn an_index_of_n_points_has_one_period_less() {
    let grown = Series::of_index(Frequency::Year, &index(&[1.0, 1.1, 1.21])).unwrap();
    assert_eq!(grown.returns().len(), 2);
    near(grown.cagr(ShortPeriods::Refuse).unwrap(), 0.1);
}

#[test]
fn empyrical_max_drawdown() {
    near(mixed(Frequency::TradingDay).depth(), 0.1);
    let falling = series(&[0., -6., -7., -1., -9., -2., -6., -8., -5.]);
    near(falling.depth(), 0.365_907_303_498_736);
    near(series(&[10., -10., 10.]).depth(), 0.1);
    // A loss in the first period is one.
    near(series(&[-10., 5.]).depth(), 0.1);
}

#[test]
fn portfolio_performance_risk_test_drawdown() {
    let rising = drawdown(&index(&[1., 2., 3., 4., 5., 6., 7., 8., 9., 10.])).unwrap();
    assert_eq!(rising, Drawdown { depth: 0.0, deepest: None, longest_days: 1 });
    let found = drawdown(&index(&[2., 2., 0.5, 2., 2., 3., 4., 5., 6., 7.])).unwrap();
    assert_eq!((found.depth, found.longest_days), (0.75, 5));
    near(drawdown(&index(&[1., 1.1, 1.2, -0.4])).unwrap().depth, 4.0 / 3.0);
}

#[test]
fn a_fall_has_a_start_a_trough_and_a_way_back() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let mut points = index(&[1., 1.2, 1.2, 0.9, 0.6, 1.0, 1.2, 1.3]);
    let found = drawdown(&points).unwrap();
    let fall = found.deepest.unwrap();
    assert_eq!((fall.start, fall.trough), (day("2015-01-03"), day("2015-01-05")));
    assert_eq!((fall.recovery, fall.days), (Some(day("2015-01-07")), 4));
    near(found.depth, 0.5);
    points.reverse();
    assert_eq!(drawdown(&points), Ok(found), "in any order");
    let rounded = drawdown(&index(&[1., 0.9, 1.0 - f64::EPSILON / 2.0, 1.0 + f64::EPSILON])).unwrap();
    assert_eq!(rounded.deepest.unwrap().recovery, Some(day("2015-01-03")), "but for the last digit");
    let flat = drawdown(&index(&[1., 1.0 - f64::EPSILON / 2.0])).unwrap();
    assert_eq!((flat.depth, flat.deepest), (0.0, None));
    let open = drawdown(&index(&[1., 0.9, 0.95])).unwrap().deepest.unwrap();
    assert_eq!((open.recovery, open.days), (None, 2));
}

#[test]
fn a_withdrawal_is_no_fall() {
    let day = |date: &str, value: i64, outflow: i64| Day {
        date: date.parse().unwrap(),
        value: Some(value.into()),
        inflow: 0.into(),
        outflow: outflow.into(),
    };
    let days = [day("2026-01-01", 100, 0), day("2026-01-02", 10, 90), day("2026-01-03", 9, 0)];
    near(drawdown(&daily_index(&days).unwrap()).unwrap().depth, 0.1);
}

#[test]
fn empyrical_alpha_and_beta() {
    let own = Series::new(Frequency::TradingDay, &MIXED[1..]).unwrap();
    let benchmark = series(&[-6., -7., -1., -9., -2., -6., -8., -5.]);
    near(beta(&own, &benchmark).unwrap().beta, -0.712_962_962_962_963_1);
    // Earlier versions told the simple one, later ones the compounded one.
    let found = alpha(&own, &benchmark, 0.0).unwrap();
    near(found.simple, -8.306_666_666_666_668);
    near(found.compounded, -0.999_785_383_488_500_4);
    let itself = beta(&own, &own).unwrap();
    near(itself.beta, 1.0);
    near(itself.correlation.unwrap(), 1.0);
    near(alpha(&own, &own, 0.0).unwrap().simple, 0.0);
}

#[test]
fn empyrical_up_and_down_capture() {
    let mixed = mixed(Frequency::TradingDay);
    let negative = series(&[-6., -7., -1., -9., -2., -6., -8., -5.]);
    let found = capture(&negative, &mixed).unwrap();
    near(found.up, -0.000_433_632_8);
    near(found.down, 0.999_560_257_037_986_3);
    near(found.ratio, -0.000_433_823_6);
    let positive = capture(&series(&[2., 1., 1., 1., 1., 1., 1., 1.]), &mixed).unwrap();
    near(positive.up, 0.007_616_776_2);
    assert!((positive.down - -11.274_002_21).abs() < 1e-8);
}

#[test]
fn empyrical_tail_ratio() {
    // Their test is to one decimal; interpolated by hand it is (0.03 + 0.65 * 0.07) / (0.1 - 0.35 * 0.06).
    let told = tail_ratio(&mixed(Frequency::TradingDay)).unwrap();
    assert!((told - 0.947_368_421_052_631_3).abs() < 0.05, "{told}");
    near(told, 0.075_5 / 0.079);
}

#[test]
fn what_cannot_be_told_says_why() {
    let flat = series(&[1.0; 9]);
    assert_eq!(sharpe(&flat, 0.0), Err(NoRisk::NoSpread));
    assert_eq!(sortino(&flat, 0.0), Err(NoRisk::NoShortfall));
    assert_eq!(calmar(&flat, ShortPeriods::Annualise), Err(NoRisk::NoDrawdown));
    let rounded = series(&[10.0, -4e-14]);
    assert_eq!(calmar(&rounded, ShortPeriods::Annualise), Err(NoRisk::NoDrawdown));
    assert_eq!(beta(&series(&[1., 2., 3., 4., 5., 6., 7., 8., 9.]), &flat), Err(NoRisk::FlatBenchmark));
    assert_eq!(capture(&flat, &flat), Err(NoRisk::NeverWent { way: "down".to_owned() }));
    assert_eq!(tail_ratio(&series(&[0.0, 0.0, 1.0])), Err(NoRisk::NoTail));
    let lost = series(&[1.0, -100.0]);
    assert_eq!(volatility(&lost, Convention::LogOverPeriod), Err(NoRisk::LostEverything { row: 1 }));
    assert_eq!(lost.cagr(ShortPeriods::Annualise), Ok(-1.0));
    let rows = |rows: &[Option<f64>]| Series::new(Frequency::Month, rows).unwrap_err().to_string();
    insta::assert_snapshot!(rows(&[Some(0.1), None]), @"the return of row 1 (counted from 0) is missing; only the first row may have none");
    insta::assert_snapshot!(rows(&[Some(f64::NAN)]), @"the return of row 0 (counted from 0) is NaN, and a return is a number from -1 up");
    let one = series(&[1.0]);
    insta::assert_snapshot!(volatility(&one, Convention::SimpleAYear).unwrap_err(), @"it takes 2 returns or more, and there is 1");
    insta::assert_snapshot!(beta(&one, &flat).unwrap_err(), @"the series has 1 returns each day of trading and the benchmark 9 each day of trading");
    insta::assert_snapshot!(drawdown(&index(&[0.0, 1.0])).unwrap_err(), @"the index is 0 on 2015-01-01, from which no fall can be measured: it is a number above 0");
    assert_eq!(drawdown(&[]), Err(NoRisk::TooFew { needed: 1, found: 0 }));
}

proptest! {
    #[test]
    fn ratios_are_numbers_or_reasons_and_do_not_depend_on_a_shift(
        percents in prop::collection::vec(-50i32..60, 2..40),
        shift in -20i32..20,
    ) {
        let percents: Vec<f64> = percents.into_iter().map(f64::from).collect();
        let own = series(&percents);
        for figure in [sharpe(&own, 0.0), sortino(&own, 0.0), calmar(&own, ShortPeriods::Annualise), tail_ratio(&own)] {
            prop_assert!(figure.is_err() || figure.unwrap().is_finite());
        }
        // Shifted together with what is required, nothing changes.
        let shifted = series(&percents.iter().map(|percent| percent + f64::from(shift)).collect::<Vec<f64>>());
        let required = f64::from(shift) / 100.0;
        if let (Ok(a), Ok(b)) = (sharpe(&own, 0.0), sharpe(&shifted, required)) {
            prop_assert!((a - b).abs() < 1e-9 * a.abs().max(1.0));
        }
        if let (Ok(a), Ok(b)) = (sortino(&own, 0.0), sortino(&shifted, required)) {
            prop_assert!((a - b).abs() < 1e-9 * a.abs().max(1.0));
        }
    }

    #[test]
    fn the_drawdown_of_a_series_is_that_of_its_index(percents in prop::collection::vec(-50i32..60, 1..40)) {
        let own = series(&percents.into_iter().map(f64::from).collect::<Vec<f64>>());
        let mut values = vec![1.0];
        for value in own.returns() {
            values.push(values.last().unwrap() * (1.0 + value));
        }
        let found = drawdown(&index(&values)).unwrap();
        prop_assert!((found.depth - own.depth()).abs() < 1e-12);
        prop_assert_eq!(found.deepest.is_some(), found.depth > 0.0);
    }
}

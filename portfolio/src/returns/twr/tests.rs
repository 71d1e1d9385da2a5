use super::*;
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn on(date: &str, value: &str, inflow: &str, outflow: &str) -> Day {
    let decimal = |text: &str| text.parse::<Decimal>().unwrap();
    let value = (!value.is_empty()).then(|| decimal(value));
    Day { date: day(date), value, inflow: decimal(inflow), outflow: decimal(outflow) }
}

#[test]
fn portfolio_performance_time_weighted() {
    let days = [
        on("2026-01-01", "177.94", "0", "0"),
        on("2026-02-01", "160.26", "0", "0"),
        on("2026-03-01", "264.57", "84", "0"),
        on("2026-04-01", "426.82", "67", "0"),
    ];
    let found = daily(&days).unwrap();
    assert!((found.total - 0.255_768).abs() < 1e-6, "{found:?}");
    let refused = found.annualised(ShortPeriods::Refuse).unwrap_err();
    insta::assert_snapshot!(refused, @"90 days are less than a year: such a return is told as it is and not annualised");
    let annual = found.annualised(ShortPeriods::Annualise).unwrap();
    assert!((annual - (1.255_768_f64.powf(365.0 / 90.0) - 1.0)).abs() < 1e-5, "{annual}");
}

#[test]
fn inflows_work_from_the_start_of_their_day_and_outflows_until_its_end() {
    let days = [
        on("2026-01-01", "100", "0", "0"),
        on("2026-01-02", "220", "100", "0"),
        on("2026-01-03", "132", "0", "110"),
    ];
    // 10 % on 200, then 10 % on 220.
    assert!((daily(&days).unwrap().total - 0.21).abs() < 1e-12);
}

#[test]
fn a_tiny_start_beside_a_large_flow_does_not_explode() {
    let days = [on("2026-01-01", "0.01", "0", "0"), on("2026-01-02", "101000", "100000", "0")];
    assert!((daily(&days).unwrap().total - 0.01).abs() < 1e-3);
    let linked = linked(
        &[
            Valuation { date: day("2026-01-01"), value: Decimal::new(1, 2) },
            Valuation { date: day("2026-01-31"), value: 101_000.into() },
        ],
        &[Flow { date: day("2026-01-20"), amount: 100_000.into() }],
        Timing::Start,
        Decimal::new(1, 1),
    );
    assert!(matches!(linked, Err(NoReturn::NotValued { .. })), "{linked:?}");
}

#[test]
fn what_is_missing_is_named() {
    let why = |days: &[Day]| daily(days).unwrap_err().to_string();
    let first = on("2026-01-01", "100", "0", "0");
    insta::assert_snapshot!(why(&[first]), @"a return needs a value at the beginning and a later one at the end");
    insta::assert_snapshot!(why(&[first, first]), @"there are two values for 2026-01-01");
    let unknown = [first, on("2026-01-02", "", "0", "5"), on("2026-01-03", "100", "0", "0")];
    insta::assert_snapshot!(why(&unknown), @"the value at the close of 2026-01-02 is missing, and money moved next to it");
    let gone = [first, on("2026-01-02", "0", "0", "0"), on("2026-01-03", "5", "0", "0")];
    insta::assert_snapshot!(why(&gone), @"from 2026-01-03 on 0 is at work, and a return needs more than 0");
    // A day without a value and without a flow is no gap.
    let quiet = [first, on("2026-01-02", "", "0", "0"), on("2026-01-03", "110", "0", "0")];
    assert!((daily(&quiet).unwrap().total - 0.1).abs() < 1e-12);
}

proptest! {
    #[test]
    fn only_growth_counts_and_not_what_is_paid_in(days in prop::collection::vec((-30i64..40, 0i64..1_000, prop::bool::ANY), 1..30)) {
        let start = day("2026-01-01");
        let mut value = Decimal::from(1_000);
        let mut told = vec![Day { date: start, value: Some(value), inflow: Decimal::ZERO, outflow: Decimal::ZERO }];
        let mut growth = 1.0;
        for (at, (percent, amount, within)) in days.iter().enumerate() {
            let amount = Decimal::from(*amount);
            let (inflow, outflow) = if *within { (amount, Decimal::ZERO) } else { (Decimal::ZERO, amount.min(value / Decimal::TWO)) };
            let grown = (value + inflow) * (Decimal::ONE + Decimal::new(*percent, 2));
            growth *= 1.0 + *percent as f64 / 100.0;
            let outflow = outflow.min(grown / Decimal::TWO).round_dp(6);
            value = (grown - outflow).round_dp(6);
            told.push(Day { date: start + chrono::TimeDelta::days(at as i64 + 1), value: Some(value), inflow, outflow });
        }
        prop_assume!(value > Decimal::ONE);
        let found = daily(&told).unwrap();
        prop_assert!((found.total - (growth - 1.0)).abs() < 1e-4 * growth.max(1.0), "{} and not {}", found.total, growth - 1.0);
        // Valued on each day of a flow, the linked return is the same.
        let valuations: Vec<Valuation> = told.iter().map(|day| Valuation { date: day.date, value: day.value.unwrap() }).collect();
        if told.iter().all(|day| day.outflow.is_zero()) {
            let flows: Vec<Flow> = told.iter().filter(|day| !day.inflow.is_zero()).map(|day| Flow { date: day.date, amount: day.inflow }).collect();
            let linked = linked(&valuations, &flows, Timing::Start, Decimal::new(1, 1)).unwrap();
            prop_assert!((linked.total - found.total).abs() < 1e-9 * growth.max(1.0));
        }
    }
}

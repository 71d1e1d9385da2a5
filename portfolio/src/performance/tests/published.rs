//! Numbers that others publish, told from a file.

use super::*;
use crate::returns::{NoReturn, ShortPeriods};

/// Portfolio Performance, manual: time-weighted rate of return. Our own manual has it too.
#[test]
fn portfolio_performance_time_weighted() {
    let manual = include_str!("../../../../docs/portfolio.md");
    let section = manual.split("### The performance of a portfolio").nth(1).unwrap();
    let days = section.split("```csv\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let told = of_lines(days, &Ask { frequency: Frequency::Month, ..Ask::default() });
    near(told.time_weighted.total.map(|total| (total * 1e6).round()), 255_768.0);
    assert_eq!((told.gain, told.inflows), (dec("97.88"), dec("151")));
    assert_eq!(told.time_weighted.annualised, None);
    let why = &told.unavailable["time_weighted.annualised"];
    assert_eq!((why.reason.clone(), why.missing), (NoReturn::UnderAYear { days: 90 }.to_string(), false));
    let asked = of_lines(days, &Ask { short: ShortPeriods::Annualise, ..Ask::default() });
    let total: f64 = 160.26 / 177.94 * 264.57 / (160.26 + 84.0) * 426.82 / (264.57 + 67.0);
    near(asked.time_weighted.annualised, total.powf(365.0 / 90.0) - 1.0);
}

/// bloombergprep.com: Modified Dietz. Only both ends are valued.
#[test]
fn bloomberg_modified_dietz() {
    let days = "date,value,flow\n2025-12-31,585.60,\n2026-01-05,,-15.05\n2026-01-09,,19.82\n2026-01-15,,16.42
2026-01-24,,-18.96\n2026-01-31,602.34,";
    let told = of_lines(days, &Ask::default());
    assert_eq!((told.gain, told.start_value, told.end_value), (dec("14.51"), dec("585.6"), dec("602.34")));
    assert_eq!((told.inflows, told.outflows), (dec("36.24"), dec("34.01")));
    near(told.modified_dietz.total.map(|total| (total * 1e5).round()), 2_454.0);
    assert!(told.money_weighted.total.is_some() && told.money_weighted.annual.is_some());
    assert_eq!(told.time_weighted.total, None);
    insta::assert_snapshot!(told.unavailable["time_weighted.total"].reason, @"the value at the close of 2026-01-05 is missing, and money moved next to it: the value of 2026-01-05 is empty");
}

/// Portfolio Performance: IRRTest.
#[test]
fn portfolio_performance_irr_test() {
    let annual = |days: &str| of_lines(days, &Ask::default()).money_weighted.annual;
    near(annual("date,value\n2010-01-01,200\n2010-12-31,210"), 0.050_140_747);
    let slow = annual(
        "date,value,outflow\n2002-11-30,4398,\n2007-06-11,,200\n2008-05-11,,270\n2009-05-01,,280\n2010-06-01,,280
2011-05-02,,300\n2012-04-30,,330\n2012-12-06,14508,",
    );
    assert!((slow.unwrap() - 0.144_46).abs() < 1e-4, "{slow:?}");
    near(
        annual("date,value,inflow\n2019-05-24,1560.94,\n2020-01-13,,1160\n2020-06-29,42.80,"),
        -0.999_251_643,
    );
}

/// empyrical: mixed_returns, of which the value of each day is the product.
const MIXED: [&str; 8] = ["0.01", "0.10", "-0.04", "0.02", "0.03", "0.02", "0.01", "-0.10"];
/// empyrical: negative_returns, without the first.
const NEGATIVE: [&str; 8] = ["-0.06", "-0.07", "-0.01", "-0.09", "-0.02", "-0.06", "-0.08", "-0.05"];

fn values(returns: &[&str]) -> Vec<(NaiveDate, Decimal)> {
    let mut value = Decimal::ONE;
    let mut date: NaiveDate = "2026-01-01".parse().unwrap();
    let mut values = vec![(date, value)];
    for text in returns {
        value *= Decimal::ONE + text.parse::<Decimal>().unwrap();
        date = date.succ_opt().unwrap();
        values.push((date, value));
    }
    values
}

#[test]
fn empyrical_risk_of_mixed_returns() {
    let days = values(&MIXED).into_iter().map(|(date, value)| returns::Day {
        date,
        value: Some(value),
        inflow: Decimal::ZERO,
        outflow: Decimal::ZERO,
    });
    let days: Vec<returns::Day> = days.collect();
    let others = values(&NEGATIVE).into_iter().map(|(date, value)| (date, value.try_into().unwrap()));
    let benchmark = Some(Benchmark::Values(others.collect()));
    let told = of_days(&days, &Ask { benchmark, ..Ask::default() });
    let risk = &told.risk;
    assert_eq!((risk.returns, risk.frequency), (Some(8), Frequency::TradingDay));
    near(risk.volatility.map(|told| told.value), 0.913_646_539_970_463_7);
    near(risk.downside_deviation.map(|told| told.value), 0.604_483_250_388_296_5);
    near(risk.sharpe, 1.723_861_396_170_686_6);
    near(risk.sortino, 2.605_531_251_673_693);
    near(risk.max_drawdown.map(|told| told.depth), 0.1);
    near(risk.tail_ratio, 0.075_5 / 0.079);
    // Without the opening row that theirs counts as time.
    assert_eq!(risk.cagr, None);
    let asked = of_days(&days, &Ask { short: ShortPeriods::Annualise, ..Ask::default() });
    near(asked.risk.cagr, 2.913_592_537_319_423_f64.powf(9.0 / 8.0) - 1.0);
    near(asked.risk.calmar, asked.risk.cagr.unwrap() / 0.1);
    let beside = told.benchmark.unwrap();
    near(beside.beta.map(|told| told.beta), -0.712_962_962_962_963_1);
    near(beside.alpha.map(|told| told.simple), -8.306_666_666_666_668);
    near(beside.alpha.map(|told| told.compounded), -0.999_785_383_488_500_4);
    near(beside.active, told.time_weighted.total.unwrap() - beside.benchmark.unwrap());
}

/// ghostfolio: novn-buy-and-sell.
#[test]
fn ghostfolio_novn_buy_and_sell() {
    let lines =
        "2022-03-07,deposit,,,,151.6,CHF\n2022-03-07,buy,NOVN,2,75.8,,CHF\n2022-04-08,sell,NOVN,2,85.73,,CHF";
    let told = of(lines, &Ask::default());
    assert_eq!(told.gain, dec("19.86"));
    for total in [told.time_weighted.total, told.modified_dietz.total, told.money_weighted.total] {
        near(total.map(|total| (total * 1e6).round()), 131_003.0);
    }
    let contributions = told.contributions.unwrap();
    assert_eq!((contributions[0].gain, contributions[0].average_capital), (dec("19.86"), dec("151.6")));
    assert_eq!(contributions[0].contribution, told.modified_dietz.total);
}

/// beangrow: returns_test.py, test_compute_irr. What was there before is worth the first day's price.
#[test]
fn beangrow_truncated_flows() {
    let bought = |date: &str, price: &str| {
        format!("{date},deposit,,,,{price}\n{date},buy,CORP,1,{price}\n{date},price,CORP,,{price}\n")
    };
    let lines: String =
        [("2020-12-28", "101"), ("2020-12-29", "102"), ("2020-12-30", "103"), ("2020-12-31", "104")]
            .map(|(date, price)| bought(date, price))
            .concat();
    let (from, to) = ("2020-12-30".parse().ok(), "2021-01-01".parse().ok());
    let told = of(&lines, &Ask { from, to, ..Ask::default() });
    assert_eq!((told.start_value, told.end_value, told.inflows), (dec("309"), dec("416"), dec("104")));
    assert!((told.money_weighted.annual.unwrap() - 3.530).abs() < 1e-3, "{told}");
}

/// ffn (MIT): tests/data/test_data.csv, AAPL.
#[test]
fn ffn_month_and_year_to_date() {
    let prices =
        "date,value\n2004-12-10,32.575\n2004-12-23,32.005\n2004-12-31,32.2\n2005-01-14,35.1\n2005-01-31,38.45
2005-02-15,44.205";
    let between = |from: &str, to: &str| {
        let (from, to) = (from.parse().ok(), to.parse().ok());
        of_lines(prices, &Ask { from, to, ..Ask::default() }).time_weighted.total.unwrap()
    };
    for (from, to, expected) in [
        ("2004-12-10", "2004-12-25", -0.0175),
        ("2004-12-31", "2005-01-15", 0.0901),
        ("2005-01-31", "2005-02-15", 0.1497),
        ("2004-12-31", "2005-02-15", 0.3728),
    ] {
        assert!((between(from, to) - expected).abs() < 5e-5, "{from} {to}: {}", between(from, to));
    }
}

/// ffn: the same, its first ten rows.
#[test]
fn ffn_drawdown_and_growth() {
    let prices = "date,value\n2004-03-10,13.84\n2004-03-11,13.575\n2004-03-12,13.78\n2004-03-15,13.225\n2004-03-16,12.91
2004-03-17,13.095\n2004-03-18,12.835\n2004-03-19,12.93\n2004-03-22,12.93\n2004-03-23,12.645";
    let told = of_lines(prices, &Ask { short: ShortPeriods::Annualise, ..Ask::default() });
    let drawdown = told.risk.max_drawdown.unwrap();
    assert!((drawdown.depth - 0.086).abs() < 5e-4, "{drawdown:?}");
    assert!((told.index[1].drawdown.unwrap() - 0.019).abs() < 5e-4);
    // Theirs is by 365.25 days.
    assert!((told.time_weighted.annualised.unwrap() + 0.921).abs() < 5e-4, "{told}");
    assert_eq!(told.risk.returns, Some(9));
}

/// Wealthfolio: perf_does_not_explode_when_start_value_tiny_vs_cash_flow, in numbers of our own.
#[test]
fn a_tiny_start_beside_a_large_flow_does_not_explode() {
    let lines = "2026-01-01,deposit,,,,0.01\n2026-01-20,deposit,,,,100000\n2026-01-20,buy,X,1000,100\n2026-01-20,price,X,,101";
    let (from, to) = ("2026-01-01".parse().ok(), "2026-01-31".parse().ok());
    let told = of(lines, &Ask { from, to, large_flow: Some(0.1), ..Ask::default() });
    near(told.time_weighted.total.map(|total| (total * 1e6).round()), 10_000.0);
    assert_eq!(told.gain, dec("1000"));
    near(told.linked.unwrap().total.map(|total| (total * 1e6).round()), 10_000.0);
    // At work for 11 of 30 days.
    near(told.modified_dietz.total.map(|total| (total * 1e6).round()), 27_273.0);
    let late = lines.replace("2026-01-20", "2026-01-30");
    let told = of(&late, &Ask { from, to, ..Ask::default() });
    insta::assert_snapshot!(told.unavailable["modified_dietz.total"].reason, @"from 2026-01-01 on 3333.3433333333333333333333333 is at work on average beside a flow of 100000: value the portfolio when the flow comes");
}

/// GIPS: valued at the end of each month and on the day of each large flow, modified Dietz in between. By hand.
#[test]
fn gips_linked_by_months_and_on_large_flows() {
    let days = "date,value,flow\n2025-12-31,1000,\n2026-01-11,,50\n2026-01-31,1100,\n2026-02-15,1400,300
2026-02-28,1350,\n2026-03-31,1300,-20";
    let told = of_lines(days, &Ask { large_flow: Some(0.1), ..Ask::default() });
    let linked = told.linked.unwrap();
    // The first flow is at work for 21 of 31 days. The large one comes after a valuation, the last before one.
    let january: f64 = 50.0 / (1000.0 + 50.0 * 21.0 / 31.0);
    let expected = (1.0 + january) * (1350.0 / 1400.0) * (1320.0 / 1350.0) - 1.0;
    near(linked.total, expected);
    assert_eq!((linked.valuations, linked.large_flow), (Some(5), 0.1));
    // Where it is large, what goes out needs a value of its day.
    let out = days.replace("2026-01-11,,50", "2026-01-11,,-50");
    let told = of_lines(&out, &Ask { large_flow: Some(0.04), ..Ask::default() });
    insta::assert_snapshot!(told.unavailable["linked.total"].reason, @"the value of 2026-01-11 is empty");
}

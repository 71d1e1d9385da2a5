use super::*;
use chrono::NaiveDate;
use proptest::prelude::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn paid(payments: &[(&str, &str)]) -> Vec<Payment> {
    payments
        .iter()
        .map(|(date, amount)| Payment { date: day(date), amount: amount.parse().unwrap() })
        .collect()
}

fn rate(payments: &[(&str, &str)], day_count: DayCount) -> Result<f64> {
    xirr(&paid(payments), day_count).map(|rates| rates.rate)
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-8
}

#[test]
fn portfolio_performance_irr_test() {
    let told = rate(&[("2010-01-01", "-200"), ("2010-12-31", "210")], DayCount::Act365Fixed).unwrap();
    assert!(near(told, 0.050_140_75), "{told}");
}

#[test]
fn portfolio_performance_irr_test_with_a_slow_curve() {
    let flows = [
        ("2002-11-30", "-4398"),
        ("2007-06-11", "200"),
        ("2008-05-11", "270"),
        ("2009-05-01", "280"),
        ("2010-06-01", "280"),
        ("2011-05-02", "300"),
        ("2012-04-30", "330"),
        ("2012-12-06", "14508"),
    ];
    let told = rate(&flows, DayCount::Act365Fixed).unwrap();
    assert!((told - 0.144_462_996_7).abs() < 1e-4 && (told - 0.144_439).abs() < 1e-6, "{told}");
}

#[test]
fn portfolio_performance_irr_test_with_a_small_convergence_interval() {
    let flows = [("2019-05-24", "-1560.94"), ("2020-01-13", "-1160"), ("2020-06-29", "42.80")];
    let told = rate(&flows, DayCount::Act365Fixed).unwrap();
    assert!(near(told, -0.999_251_643), "{told}");
}

#[test]
fn pyxirr_readme() {
    let flows = [("2020-01-01", "-1000"), ("2021-01-01", "750"), ("2022-01-01", "500")];
    let told = rate(&flows, DayCount::Act365Fixed).unwrap();
    assert!(near(told, 0.175_009_26), "{told}");
    let mut turned = flows;
    turned.reverse();
    assert_eq!(rate(&turned, DayCount::Act365Fixed), Ok(told));
}

#[test]
fn a_year_under_each_convention() {
    // 10 % over 2024, which has 366 days.
    let told: Vec<String> = DayCount::ALL
        .map(|convention| {
            let rate = rate(&[("2024-01-01", "-100"), ("2025-01-01", "110")], convention).unwrap();
            format!("{convention} {rate:.6}")
        })
        .to_vec();
    insta::assert_snapshot!(told.join("\n"), @"
    act/365 0.099714
    act/360 0.098283
    act/act 0.100000
    act/364 0.099427
    act/365.25 0.099785
    30/360 0.100000
    30/360 us 0.100000
    30e/360 0.100000
    30e/360 isda 0.100000
    30e+/360 0.100000
    nl/365 0.100000
    nl/360 0.098565
    ");
}

#[test]
fn of_several_rates_that_of_a_spreadsheet_is_told_and_the_others_too() {
    // -100 (1 + r)^2 + 230 (1 + r) - 132 = 0 at 10 % and 20 %.
    let found = irr(&["-100", "230", "-132"].map(|amount| amount.parse().unwrap())).unwrap();
    assert!(near(found.rate, 0.1) && found.others.len() == 1 && near(found.others[0], 0.2), "{found:?}");
    // At -50 % and -80 %: Newton's method comes to the latter.
    let found = irr(&["-100", "70", "-10"].map(|amount| amount.parse().unwrap())).unwrap();
    assert!(near(found.rate, -0.8) && near(found.others[0], -0.5), "{found:?}");
    // At -20 % and 120 %, from which the method runs away: the former is nearer to 0.
    let found = irr(&["-100", "300", "-176"].map(|amount| amount.parse().unwrap())).unwrap();
    assert!(near(found.rate, -0.2) && near(found.others[0], 1.2), "{found:?}");
}

#[test]
fn more_than_doubling_each_year_is_not_told_of_a_loss() {
    // At -50 % and 150 %, with 300 lost in sum; Newton's method comes to the latter.
    let found = irr(&["400", "-1200", "500"].map(|amount| amount.parse().unwrap())).unwrap();
    assert!(near(found.rate, -0.5) && near(found.others[0], 1.5), "{found:?}");
    // Unless there is nothing else: 300 % by what was borrowed, and the sum is a loss.
    let found = irr(&["100", "-400"].map(|amount| amount.parse().unwrap())).unwrap();
    assert!(near(found.rate, 3.0) && found.others.is_empty(), "{found:?}");
}

#[test]
fn nearly_everything_may_be_lost_and_much_be_won() {
    let lost = rate(&[("2020-01-01", "-1000000"), ("2020-12-31", "10")], DayCount::Act365Fixed).unwrap();
    assert!((lost - (1e-5 - 1.0)).abs() < 1e-12, "{lost}");
    let won = rate(&[("2020-01-01", "-1"), ("2020-01-02", "2")], DayCount::Act365Fixed).unwrap();
    assert!((won / 2f64.powi(365) - 1.0).abs() < 1e-9, "{won}");
}

#[test]
fn what_has_no_rate_says_why() {
    let why = |payments: &[(&str, &str)]| rate(payments, DayCount::Act365Fixed).unwrap_err();
    assert_eq!(why(&[]), NoReturn::NoPayments);
    assert_eq!(why(&[("2020-01-01", "0")]), NoReturn::NoPayments);
    assert_eq!(why(&[("2020-01-01", "-1"), ("2021-01-01", "-1")]), NoReturn::OneWay);
    assert_eq!(why(&[("2020-01-01", "-1"), ("2020-01-01", "2")]), NoReturn::OneDay);
    assert_eq!(why(&[("2020-01-01", "-1"), ("2020-01-01", "1")]), NoReturn::EveryRate);
    // -1 + 1/(1+r) - 1/(1+r)^2 stays below 0.
    let none = [("2020-01-01", "-1"), ("2020-12-31", "1"), ("2021-12-31", "-1")];
    assert_eq!(why(&none), NoReturn::NoRate);
    // (v - 10) (v^19 + 1) with v = 1 / (1 + r) is 0 at -90 % alone, by sums of 10^20 on either side.
    let mut steep = vec![Decimal::ZERO; 21];
    (steep[0], steep[1], steep[19], steep[20]) =
        (Decimal::from(-10), Decimal::ONE, Decimal::from(-10), Decimal::ONE);
    assert_eq!(irr(&steep), Err(NoReturn::TooSteep));
}

#[test]
fn over_a_period_the_rate_is_not_a_years() {
    let at = |date: &str, value: i64| Valuation { date: day(date), value: value.into() };
    let flow = Flow { date: day("2026-01-16"), amount: 100.into() };
    let (start, end) = (at("2026-01-01", 100), at("2026-01-31", 220));
    let found = money_weighted(start, end, &[flow], Timing::End).unwrap();
    // 100 g + 100 g^(1/2) = 220.
    let growth = 1.0 + found.rate;
    assert!((100.0 * growth + 100.0 * growth.sqrt() - 220.0).abs() < 1e-9, "{found:?}");
    let lost = money_weighted(start, at("2026-01-31", 0), &[flow], Timing::End).unwrap();
    assert_eq!(lost.rate, -1.0, "everything is lost");
    let nothing = money_weighted(at("2026-01-01", 0), at("2026-01-31", 0), &[], Timing::End);
    assert_eq!(nothing, Err(NoReturn::EveryRate));
}

proptest! {
    #[test]
    fn money_that_grows_at_a_rate_has_that_rate(
        rate in -0.9..5.0f64,
        flows in prop::collection::vec((1u32..3000, 1i64..100_000), 1..20),
    ) {
        let start = day("2020-01-01");
        let last = start + chrono::TimeDelta::days(3_000);
        let mut payments = Vec::new();
        let mut grown = 0.0;
        for (after, cents) in flows {
            let date = start + chrono::TimeDelta::days(i64::from(after));
            let amount = Decimal::new(cents, 2);
            grown += float(amount).unwrap() * (1.0 + rate).powf(DayCount::Act365Fixed.years(date, last));
            payments.push(Payment { date, amount: -amount });
        }
        prop_assume!(payments.iter().any(|p| p.date < last - chrono::TimeDelta::days(30)));
        let end = Decimal::from_f64_retain(grown).filter(|end| *end > Decimal::new(1, 4) && *end < Decimal::from(10_000_000_000_i64));
        prop_assume!(end.is_some());
        payments.push(Payment { date: last, amount: end.unwrap() });
        let found = xirr(&payments, DayCount::Act365Fixed).unwrap();
        prop_assert!((found.rate - rate).abs() < 1e-6 * (1.0 + rate.abs()), "{} and not {rate}", found.rate);
        // Neither the order nor the currency unit matters.
        payments.reverse();
        for payment in &mut payments {
            payment.amount *= Decimal::from(2);
        }
        let again = xirr(&payments, DayCount::Act365Fixed).unwrap();
        prop_assert!((again.rate - found.rate).abs() < 1e-9 * (1.0 + rate.abs()));
    }
}

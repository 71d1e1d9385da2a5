//! Which days count, and what a day without a value hides.

use super::*;

const TWO_WEEKENDS: &str = "2026-01-02,deposit,,,,1000\n2026-01-02,buy,X,10,50\n2026-01-02,price,X,,50
    2026-01-03,deposit,,,,100\n2026-01-05,price,X,,55\n2026-01-06,price,X,,52\n2026-01-09,price,X,,60";

fn dates(told: &Performance) -> Vec<String> {
    told.index.iter().map(|day| day.date.to_string()).collect()
}

#[test]
fn the_index_has_the_days_on_which_anything_was_booked_or_priced() {
    let told = of(TWO_WEEKENDS, &Ask { to: "2026-01-11".parse().ok(), ..Ask::default() });
    // From the day before the first booking; Saturday the 3rd had a deposit, and Sunday the 11th ends the period.
    assert_eq!(
        dates(&told),
        ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-05", "2026-01-06", "2026-01-09", "2026-01-11"]
    );
    assert_eq!(told.index[2].flow, dec("100"));
    let total = (1150.0 / 1100.0) * (1120.0 / 1150.0) * (1200.0 / 1120.0) - 1.0;
    near(told.time_weighted.total, total);
    near(told.index[4].drawdown, 30.0 / 1150.0);
}

#[test]
fn risk_counts_days_of_trading_or_every_day_of_the_calendar() {
    let returns = |frequency| {
        let risk = of(TWO_WEEKENDS, &Ask { frequency, to: "2026-01-11".parse().ok(), ..Ask::default() }).risk;
        (risk.returns.unwrap(), risk.volatility.unwrap().value)
    };
    let (trading, spread) = returns(Frequency::TradingDay);
    // The 2nd, 5th, 6th and 9th: the deposit on Saturday is no day of trading.
    assert_eq!(trading, 4);
    let own = [0.0, 1150.0 / 1100.0 - 1.0, 1120.0 / 1150.0 - 1.0, 1200.0 / 1120.0 - 1.0];
    let mean = own.iter().sum::<f64>() / 4.0;
    let variance = own.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 3.0;
    near(Some(spread), (variance * 252.0).sqrt());
    assert_eq!(returns(Frequency::Day).0, 10);
    assert_eq!(returns(Frequency::Week).0, 2);
}

#[test]
fn prices_of_what_is_not_held_yet_do_not_begin_a_period() {
    let lines = format!("2025-01-02,price,X,,10\n2025-06-02,fx,EUR/USD,,1.1\n{TWO_WEEKENDS}");
    assert_eq!(of(&lines, &Ask::default()), of(TWO_WEEKENDS, &Ask::default()));
    let early = Ask { from: "2020-01-01".parse().ok(), ..Ask::default() };
    assert_eq!(of(TWO_WEEKENDS, &early).period, of(TWO_WEEKENDS, &Ask::default()).period);
}

#[test]
fn a_period_begins_and_ends_at_the_close_of_its_days() {
    let ask = Ask { from: "2026-01-03".parse().ok(), to: "2026-01-08".parse().ok(), ..Ask::default() };
    let told = of(TWO_WEEKENDS, &ask);
    assert_eq!((told.start_value, told.end_value), (dec("1100"), dec("1120")));
    assert_eq!((told.inflows, told.gain), (dec("0"), dec("20")));
    assert_eq!(dates(&told), ["2026-01-03", "2026-01-05", "2026-01-06", "2026-01-08"]);
    near(told.modified_dietz.total, 20.0 / 1100.0);
    let none = of(TWO_WEEKENDS, &Ask { to: "2026-01-01".parse().ok(), ..Ask::default() });
    insta::assert_snapshot!(none.unavailable["period"].reason, @"nothing was booked by 2026-01-01: the first booking is of 2026-01-02");
    insta::assert_snapshot!(of("", &Ask::default()).unavailable["period"].reason, @"nothing was booked");
    insta::assert_snapshot!(of_lines("date,value\n2026-01-01,1", &Ask::default()).unavailable["period"].reason, @"a period that begins at the close of 2026-01-01 cannot end at that of 2026-01-01: it ends on a later day");
}

#[test]
fn a_value_that_is_missing_takes_with_it_what_depends_on_it_and_no_more() {
    // Y is bought on the 5th and has a price on the 6th only.
    let quiet = TWO_WEEKENDS
        .replace("2026-01-06,price", "2026-01-05,buy,Y,1,100\n2026-01-06,price,Y,,110\n2026-01-06,price");
    let told = of(&quiet, &Ask::default());
    assert_eq!(told.index[3].value, None);
    near(told.time_weighted.total, (1130.0 / 1100.0) * (1210.0 / 1130.0) - 1.0);
    assert_eq!((told.risk.volatility, told.risk.max_drawdown), (None, None));
    insta::assert_snapshot!(told.unavailable["risk.volatility"].reason, @"the value of 2026-01-05 is not known: Y: no price of Y is known at that time");
    assert!(!told.is_whole());

    // With money moving next to it, the daily return depends on it too; the others do not.
    let moved = format!("{quiet}\n2026-01-06,deposit,,,,500");
    let told = of(&moved, &Ask::default());
    assert_eq!((told.time_weighted.total, told.gain), (None, dec("110")));
    insta::assert_snapshot!(told.unavailable["time_weighted.total"].reason, @"the value at the close of 2026-01-05 is missing, and money moved next to it: Y: no price of Y is known at that time");
    assert!(told.modified_dietz.total.is_some() && told.money_weighted.annual.is_some());
    assert!(told.contributions.unwrap().iter().all(|row| row.contribution.is_some()));

    // At the end all depends on it.
    let told = of(&quiet, &Ask { to: "2026-01-05".parse().ok(), ..Ask::default() });
    assert_eq!((told.end_value, told.gain, told.modified_dietz.total), (None, None, None));
    assert_eq!((told.start_value, told.inflows), (dec("0"), dec("1100")));
    let contributions = told.contributions.unwrap();
    assert_eq!((contributions[0].gain, contributions[0].contribution), (dec("50"), None));
    assert_eq!(contributions[1].gain, None);
    insta::assert_snapshot!(told.unavailable["contributions.Y"].reason, @"Y: no price of Y is known at that time");
}

#[test]
fn a_flow_without_a_rate_is_told_and_what_is_worth_stays() {
    let lines = "2026-01-02,deposit,,,,1000,USD\n2026-01-05,deposit,,,,10,EUR\n2026-01-06,fx,EUR/USD,,1.2";
    let told = of(lines, &Ask::default());
    assert_eq!((told.end_value, told.inflows, told.gain), (dec("1012"), None, None));
    insta::assert_snapshot!(told.unavailable["inflows"].reason, @"flow of 2026-01-05: no exchange rate from EUR to USD is known; no exchange rate from EUR to USD is known at that time");
    insta::assert_snapshot!(told.unavailable["contributions.cash"].reason, @"flow of 2026-01-05: no exchange rate from EUR to USD is known; no exchange rate from EUR to USD is known at that time");
}

#[test]
fn what_comes_and_goes_at_one_moment_is_no_flow() {
    // 550 dollars become 500 euros.
    let lines = "2026-01-02,deposit,,,,1100\n2026-01-02,fx,EUR/USD,,1.1\n2026-01-05,withdrawal,,,,550
        2026-01-05,deposit,,,,500,EUR\n2026-01-06,fx,EUR/USD,,1.21";
    let told = of(lines, &Ask::default());
    assert_eq!((told.inflows, told.outflows, told.gain), (dec("1100"), dec("0"), dec("55")));
    near(told.time_weighted.total, 0.05);
    // At two moments both count: the first is at work from the start of the day, the other until its end.
    let apart = lines.replace("2026-01-05,withdrawal", "2026-01-05 10:00,withdrawal");
    let told = of(&apart, &Ask::default());
    assert_eq!((told.inflows, told.outflows), (dec("1650"), dec("550")));
    near(told.time_weighted.total, 0.05);
}

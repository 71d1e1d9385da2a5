//! Valuation, allocation, and days.

use chrono::TimeDelta;

use super::*;
use crate::file::read_labels;

const TWO_CURRENCIES: &str = "2026-01-01,deposit,,,,1000\n2026-01-02,deposit,,,,500,EUR\n2026-01-03,buy,X,10,50,,,2
    2026-01-03,buy,E,4,100,,EUR,1\n2026-01-04,price,X,,60\n2026-01-04,price,E,,90,,EUR\n2026-01-05,fx,EUR/USD,,1.2
    2026-01-06,dividend,E,,,5,EUR\n2026-01-06,interest,,,,0.5\n2026-01-06,tax,E,,,1,EUR\n2026-01-07,fee,,,,3
    2026-01-08,withdrawal,,,,100";

fn seen(lines: &str, as_of: &str, view: &View) -> Valuation {
    value(&entries(lines), day(as_of), Terms::default(), view)
}

#[test]
fn currencies_are_kept_apart_and_summed_in_any_of_them() {
    let valuation = seen(TWO_CURRENCIES, "2026-01-31", &View::default());
    let eur = &valuation.accounts[0];
    assert_eq!((eur.currency.as_str(), eur.cash, eur.deposits), ("EUR", some("103"), some("500")));
    assert_eq!(
        (eur.dividends, eur.taxes, eur.fees, eur.interest),
        (some("5"), some("1"), some("1"), some("0"))
    );
    let usd = &valuation.accounts[1];
    assert_eq!(
        (usd.cash, usd.withdrawals, usd.fees, usd.interest),
        (some("395.5"), some("100"), some("5"), some("0.5"))
    );
    assert_eq!(valuation.base_currency.as_deref(), Some("USD"));
    assert_eq!((valuation.totals.market_value, valuation.totals.cash), (some("1032"), some("519.1")));
    assert_eq!((valuation.totals.value, valuation.totals.unrealised), (some("1551.1"), some("52")));

    let view = View { base_currency: Some("EUR".to_owned()), ..View::default() };
    let euros = seen(TWO_CURRENCIES, "2026-01-31", &view);
    assert_eq!(euros.totals.value, some("1292.583333333333"));
    let early = seen(TWO_CURRENCIES, "2026-01-04", &view);
    assert_eq!((early.totals.value, early.totals.market_value), (None, None));
    assert_eq!(early.unavailable, ["totals: no exchange rate from USD to EUR is known at that time"]);
    assert_eq!(early.positions[1].market_value, some("600"));
    let unknown = View { base_currency: Some("CHF".to_owned()), ..View::default() };
    assert_eq!(seen(TWO_CURRENCIES, "2026-01-31", &unknown).unavailable.len(), 2);
}

#[test]
fn the_last_rate_counts_whichever_way_it_is_told() {
    let lines = "2026-01-01,deposit,,,,100,EUR\n2026-01-01,fx,EUR/USD,,1.1\n2026-01-02,fx,USD/EUR,,0.8";
    let view = View { base_currency: Some("USD".to_owned()), ..View::default() };
    assert_eq!(seen(lines, "2026-01-01", &view).totals.value, some("110"));
    assert_eq!(seen(lines, "2026-01-02", &view).totals.value, some("125"));
}

#[test]
fn a_stale_price_is_none() {
    let at = |as_of, days| {
        let view = View { stale_after: Some(TimeDelta::days(days)), ..View::default() };
        seen("2026-01-01,buy,X,1,50\n2026-01-04,price,X,,60", as_of, &view)
    };
    assert_eq!(at("2026-01-10", 7).totals.market_value, some("60"));
    let stale = at("2026-01-11", 7);
    assert_eq!((stale.totals.value, stale.positions[0].price), (None, None));
    assert_eq!(
        stale.unavailable,
        ["X: the last price of X is of 2026-01-04T00:00:00Z, more than 7 days before"]
    );
    assert_eq!(stale.positions[0].cost_basis, some("50"));
    assert!(at("2026-01-09", 1).unavailable[0].ends_with("more than a day before"));
}

#[test]
fn the_whole_is_allocated() {
    let table = "symbol,asset_class,sector\nX,equity,energy\nE,fund,\n";
    let labels = read_labels("labels.csv", table.as_bytes()).unwrap();
    let lines =
        "2026-01-01,deposit,,,,1000\n2026-01-03,buy,X,10,50\n2026-01-03,buy,E,4,25\n2026-01-03,price,X,,70
        2026-01-03,price,E,,50";
    let allocations = seen(lines, "2026-01-03", &View { labels, ..View::default() }).allocations.unwrap();
    let told: Vec<String> = allocations
        .iter()
        .map(|allocation| {
            let parts = allocation
                .parts
                .iter()
                .map(|part| format!("{} {} {}", part.name, part.value, part.share.unwrap()));
            format!("{}: {}", allocation.by, parts.collect::<Vec<_>>().join(", "))
        })
        .collect();
    assert_eq!(
        told,
        [
            "symbol: E 200 0.153846, X 700 0.538462, cash 400 0.307692",
            "currency: USD 1300 1",
            "asset_class: cash 400 0.307692, equity 700 0.538462, fund 200 0.153846",
            "sector: (none) 200 0.153846, cash 400 0.307692, energy 700 0.538462",
        ]
    );
    let owed = seen("2026-01-03,fee,,,,1", "2026-01-03", &View::default()).allocations.unwrap();
    assert_eq!(owed[0].parts[0].share, None);
    assert_eq!(seen("2026-01-03,buy,X,1,1", "2026-01-03", &View::default()).allocations, None);
}

#[test]
fn days_are_valued_in_one_pass_as_each_alone() {
    let lines = entries(TWO_CURRENCIES);
    let days = days_until(&lines, day("2026-01-10"));
    assert_eq!(days.len(), 10);
    for base in ["USD", "EUR", "CHF"] {
        let view = View { base_currency: Some(base.to_owned()), ..View::default() };
        let daily = daily(&lines, &days, Terms::default(), &view);
        for (found, date) in daily.iter().zip(&days) {
            let alone = value(&lines, end_of(*date), Terms::default(), &view);
            assert_eq!((found.date, found.value), (*date, alone.totals.value));
            assert_eq!(found.value.is_none(), !found.unavailable.is_empty(), "{found:?}");
        }
    }
}

#[test]
fn what_comes_in_and_goes_out_is_told_at_the_rates_of_its_day() {
    let days = ["2026-01-01", "2026-01-04", "2026-01-10"].map(|date| date.parse().unwrap());
    let flows = |lines: &str, base: &str| -> Vec<Vec<Option<Decimal>>> {
        let view = View { base_currency: Some(base.to_owned()), ..View::default() };
        let daily = daily(&entries(lines), &days, Terms::default(), &view);
        daily.iter().map(|day| day.flows.iter().map(|flow| flow.amount).collect()).collect()
    };
    assert_eq!(flows(TWO_CURRENCIES, "USD"), [vec![some("1000")], vec![None], vec![some("-100")]]);
    let rates = format!("{TWO_CURRENCIES}\n2026-01-02 17:00,fx,EUR/USD,,1.1");
    assert_eq!(flows(&rates, "USD"), [vec![some("1000")], vec![some("550")], vec![some("-100")]]);
    assert_eq!(flows(&rates, "EUR"), [vec![None], vec![some("500")], vec![some("-83.333333333333")]]);

    let before = daily(&entries("2026-01-05,deposit,,,,1"), &days, Terms::default(), &View::default());
    assert_eq!(
        (before[1].value, before[1].unavailable.clone()),
        (None, vec!["nothing was booked yet".to_owned()])
    );
}

#[test]
fn people_read_tables() {
    let lines = "2026-01-01,deposit,,,,1000,,,d\n2026-01-02,buy,X,3,100,,,1,b\n2026-01-03,sell,X,1,110,,,1,s
        2026-01-04,price,X,,120\n2026-01-04,buy,E,1,10,,EUR,,e\n2026-01-05,sell,E,2,10,,EUR,,f";
    insta::assert_snapshot!(seen(lines, "2026-01-31", &View::default()), @"
    as of     2026-01-31T23:59:59Z
    cost by   first in, first out
    value     - USD

      position  quantity  average  cost  price  value  unrealised  realised  income  fees
      E                -        -     -      -      -           -         -       -     -  EUR
      X                2      100   200    120    240          40        10       0     2  USD

      account  cash  deposits  withdrawals  dividends  interest  fees  taxes  realised
      EUR        10         0            0          0         0     0      0         -
      USD       808      1000            0          0         0     2      0        10

    totals in USD
      market value  -
      cash          -
      cost basis    -
      unrealised    -
      realised      -
      dividends     0
      interest      0
      fees          2
      taxes         0

    not available, because
      E: 2 E were sold when 1 were held
      totals: no exchange rate from EUR to USD is known at that time

    flagged
      f: 2 E were sold when 1 were held
    ");
    let lines = "2026-01-01,deposit,,,,3\n2026-01-02,buy,X,1,1\n2026-01-02,price,X,,1.5";
    let whole = seen(lines, "2026-01-31", &View::default()).to_string();
    let (_, allocated) = whole.split_at(whole.find("by symbol").unwrap());
    insta::assert_snapshot!(allocated, @"
    by symbol
      X     1.5  42.86 %
      cash    2  57.14 %

    by currency
      USD  3.5  100.00 %
    ");
}

#![allow(clippy::unwrap_used)]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::money::{CostReport, Usage, from_prices};

const TABLE: &str = r#"
    currency = "USD"

    [classes."m6i.large"]
    vcpu = 2
    memory_gib = 8.0
    per_hour = "0.096"
    per_gigabyte = 0.09
    per_request = "0.0000002"
    commitments = { 1y = "0.37", 3y = "0.60" }

    [services.gateway]
    class = "m6i.large"
    replicas_min = 3
    committed = { term = "1y", replicas = 4 }

    [services.orders]
    class = "m6i.large"
"#;

fn table() -> PriceTable {
    PriceTable::from_toml(TABLE).unwrap()
}

fn start() -> DateTime<Utc> {
    "2026-02-01T00:00:00Z".parse().unwrap()
}

fn hour(service: &str, at: i64, replicas: Option<u32>) -> Usage {
    let from = start() + TimeDelta::hours(at);
    let replica_hours = replicas.map(Decimal::from);
    Usage { replica_hours, ..Usage::of(service, from, from + TimeDelta::hours(1)) }
}

fn cost(report: &CostReport, service: &str) -> String {
    let found = report.currencies[0].services.iter().find(|costs| costs.service == service);
    found.map_or("-".into(), |costs| costs.cost.amount.to_string())
}

#[test]
fn committed_replicas_are_paid_always_and_the_rest_on_demand() {
    let rows = [hour("gateway", 0, Some(10)), hour("gateway", 1, Some(1)), hour("orders", 0, Some(2))];
    let report = from_prices(&table(), &rows);
    // Twice 4 x 0.096 x 0.63, and 6 x 0.096.
    assert_eq!(cost(&report, "gateway"), "1.05984");
    assert_eq!(cost(&report, "orders"), "0.192");
    assert_eq!(report.notes, Vec::<String>::new());
    insta::assert_snapshot!(report.text(), @r#"
    Costs from 1 February 2026 to 1 February 2026 02:00 UTC, by the price table and what was used.

    In USD: a cost of 1.25 USD.
      gateway                 1.06 USD  84.7 %
        no cost per transaction: no transactions are known
        no cost per customer: no customers are known
      orders                  0.192 USD  15.3 %
        no cost per transaction: no transactions are known
        no cost per customer: no customers are known
    "#);
}

#[test]
fn traffic_is_priced_and_divided_like_a_bill() {
    let mut row = hour("orders", 0, Some(2));
    row.gigabytes = Some(Decimal::TEN);
    row.transactions = Some(1_000_000);
    let report = from_prices(&table(), &[row]);
    // 2 x 0.096 + 10 x 0.09 + 1,000,000 x 0.0000002.
    assert_eq!(cost(&report, "orders"), "1.292");
    let whole = &report.currencies[0].services[0].whole;
    assert_eq!(whole.per_thousand_transactions.known().unwrap().amount.to_string(), "0.001292");
    assert_eq!(report.currencies[0].billed.why(), Some("a price table does not say when what is paid"));
}

#[test]
fn what_is_not_known_is_said() {
    let mut unpriced = hour("ledger", 0, Some(1));
    unpriced.transactions = Some(5);
    let rows = [
        hour("gateway", 0, Some(4)),
        hour("gateway", 1, None),
        hour("gateway", 2, None),
        hour("orders", 0, None),
        unpriced,
    ];
    let report = from_prices(&table(), &rows);
    // Three hours of the four committed replicas; the floor of three lies below them.
    assert_eq!(cost(&report, "gateway"), "0.72576");
    insta::assert_snapshot!(report.notes.join("\n"), @"Replica-hours of gateway are not known for 2 hours of the time: 4 replicas are counted for it, so the cost is a lower bound.");
    let missing: Vec<&str> = report.without_cost.iter().map(|missing| missing.service.as_str()).collect();
    assert_eq!(missing, ["ledger", "orders"]);
}

#[test]
fn rows_that_cannot_be_right_are_left_out_with_a_note() {
    let mut longer = hour("gateway", 0, Some(1));
    longer.to += TimeDelta::hours(1);
    let mut below = hour("orders", 0, None);
    below.replica_hours = Some(Decimal::NEGATIVE_ONE);
    let report = from_prices(&table(), &[longer, hour("gateway", 1, Some(1)), below]);
    insta::assert_snapshot!(report.notes.join("\n"), @r#"
    Usage of gateway is left out: its replica-hours are given for times that overlap.
    Usage of orders is left out: amounts below 0 have no meaning.
    "#);
    let mut large = hour("orders", 0, None);
    large.replica_hours = Some(Decimal::MAX);
    let report = from_prices(&table(), &[large]);
    insta::assert_snapshot!(report.notes.join("\n"), @"Usage of orders is left out: its amounts are too large to be added exactly.");
}

#[test]
fn tables_without_meaning_are_refused_by_place() {
    let refused = |from: &str, to: &str| {
        let error = PriceTable::from_toml(&TABLE.replace(from, to)).unwrap_err().to_string();
        error.lines().map(str::trim).collect::<Vec<_>>().join(" ")
    };
    insta::assert_snapshot!(refused("\"USD\"", "\"dollars\""), @"prices: currency: write the ISO 4217 code, such as USD");
    insta::assert_snapshot!(refused("vcpu = 2", "vcpu = 0"), @"prices: classes.m6i.large.vcpu: vcpu and memory_gib must be above 0");
    insta::assert_snapshot!(refused("\"0.096\"", "-1"), @"prices: classes.m6i.large.per_hour: a price must not be below 0");
    insta::assert_snapshot!(refused("\"0.096\"", "\"cheap\""), @r#"prices: TOML parse error at line 7, column 16 | 7 |     per_hour = "cheap" |                ^^^^^^^ `cheap` is not a decimal"#);
    insta::assert_snapshot!(refused("\"0.37\"", "37"), @"prices: classes.m6i.large.commitments: a discount lies between 0 and 1, such as 0.37 for 37 %");
    insta::assert_snapshot!(refused("1y =", "2y ="), @r#"prices: TOML parse error at line 10, column 21 | 10 |     commitments = { 2y = "0.37", 3y = "0.60" } |                     ^^ unknown variant `2y`, expected `1y` or `3y`"#);
    insta::assert_snapshot!(refused("term = \"1y\"", "term = \"5y\""), @r#"prices: TOML parse error at line 15, column 26 | 15 |     committed = { term = "5y", replicas = 4 } |                          ^^^^ unknown variant `5y`, expected `1y` or `3y`"#);
    insta::assert_snapshot!(refused("1y = \"0.37\", ", ""), @"prices: services.gateway.committed: the class `m6i.large` has no discount for that term");
    insta::assert_snapshot!(refused("class = \"m6i.large\"\n    replicas_min", "class = \"m7\"\n    replicas_min"), @"prices: services.gateway.class: there is no class `m7`");
}

#[test]
fn a_table_survives_json() {
    let json = serde_json::to_string(&table()).unwrap();
    assert_eq!(serde_json::from_str::<PriceTable>(&json).unwrap(), table());
}

proptest! {
    #[test]
    fn the_order_of_rows_does_not_matter(hours in proptest::collection::vec((0_i64..100, 0_u32..50), 1..40)) {
        let mut rows: Vec<Usage> = hours.iter().map(|(at, replicas)| hour("gateway", *at, Some(*replicas))).collect();
        let report = from_prices(&table(), &rows);
        rows.reverse();
        prop_assert_eq!(from_prices(&table(), &rows), report);
    }

    #[test]
    fn no_text_panics(text in "\\PC*") {
        let _ = PriceTable::from_toml(&text);
    }
}

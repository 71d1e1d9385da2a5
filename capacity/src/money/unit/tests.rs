#![allow(clippy::unwrap_used)]

use chrono::{DateTime, TimeDelta, Utc};

use crate::money::{
    AttributionRules, Charges, CostReport, Mapping, Money, Period, Unattributed, Usage, costs, read_costs,
};

pub(super) const SAMPLE: &[u8] = include_bytes!("../../../tests/data/money/focus_1_2.csv");
const HEADER: &str = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,Tags,\
                      ChargeClass,CommitmentDiscountId\n";

pub(super) fn at(text: &str) -> DateTime<Utc> {
    format!("{text}:00Z").parse().unwrap()
}

pub(super) fn rules() -> AttributionRules {
    let database =
        Mapping { resource: Some("orders-*".into()), provider_service: None, service: "orders".into() };
    AttributionRules { mappings: vec![database], ..AttributionRules::default() }
}

/// Transactions of eight days in hours; customers by day, and of all of the time.
pub(super) fn usage() -> Vec<Usage> {
    let start = at("2026-02-01T00:00");
    let mut usage = Vec::new();
    for hour in 0..8 * 24 {
        let from = start + TimeDelta::hours(hour);
        let hours = |service: &str, transactions| Usage {
            transactions: Some(transactions),
            cpu_core_hours_used: Some(10.into()),
            ..Usage::of(service, from, from + TimeDelta::hours(1))
        };
        usage.push(hours("gateway", 100_000));
        // Orders has no count for one hour of the fourth day.
        usage.extend((hour != 80).then(|| hours("orders", 2_500)));
    }
    for day in 0..8 {
        let from = start + TimeDelta::days(day);
        let counted = Usage::of("gateway", from, from + TimeDelta::days(1));
        usage.push(Usage { customers: Some(1_000), ..counted });
    }
    usage.push(Usage { customers: Some(5_000), ..Usage::of("gateway", start, start + TimeDelta::days(8)) });
    usage.push(Usage { transactions: Some(7), ..Usage::of("ledger", start, start + TimeDelta::days(1)) });
    usage
}

fn sample() -> Charges {
    Charges::read(SAMPLE, "focus_1_2.csv").unwrap()
}

pub(super) fn bill(rows: &[&str]) -> Charges {
    Charges::read(format!("{HEADER}{}\n", rows.join("\n")).as_bytes(), "bill.csv").unwrap()
}

fn total(parts: impl IntoIterator<Item = Money>) -> Money {
    parts.into_iter().reduce(|sum, part| sum.plus(&part).unwrap()).unwrap()
}

/// Every sum of a report that must hold to the last decimal.
pub(super) fn conserves(report: &CostReport) {
    for costs in &report.currencies {
        let services = costs.services.iter().map(|service| service.cost.clone());
        assert_eq!(total(services.chain([costs.unattributed.cost.clone()])), costs.cost);
        let kinds = costs.categories.iter().map(|kind| kind.cost.clone());
        assert_eq!(total(kinds), costs.cost);
        let lines = costs.unattributed.lines.iter().map(|line| line.cost.clone());
        let unattributed = costs.unattributed.cost.plus(&costs.unattributed.spread).unwrap();
        assert_eq!(total(lines.chain([Money::new(0.into(), &costs.currency)])), unattributed);
        for service in &costs.services {
            let periods = service.periods.iter().map(|period| period.cost.clone());
            assert_eq!(total(periods.chain([service.outside.clone()])), service.cost);
            assert_eq!(service.direct.plus(&service.shared).unwrap(), service.cost);
        }
    }
}

#[test]
fn the_sample_in_words() {
    let report = costs(&sample(), &usage(), &rules());
    conserves(&report);
    insta::assert_snapshot!(report.text(), @r#"
    Costs from 1 February 2026 to 9 February 2026, by the bill.

    In USD: a cost of 723.58 USD; invoiced are 11,047.18 USD.
      gateway                 323.71 USD  44.7 %
        0.0171 USD for 1,000 transactions, of 19,200,000
        0.06566 USD for each customer
        0.171 USD for each core-hour used
      orders                  266.69 USD  36.9 %
        0.5458 USD for 1,000 transactions, of 420,000, in the 7 of 8 periods for which they are known
        no cost per customer: no customers are known
        0.1365 USD for each core-hour used
      no service              133.18 USD  18.4 %
        AWS Support, Purchase: 84.00 USD
        Amazon Elastic Compute Cloud, Usage: 50.11 USD
        Amazon Elastic Compute Cloud, Credit: -25.00 USD
        Amazon Elastic Compute Cloud, Tax: 14.70 USD
        Amazon Virtual Private Cloud, Usage: 9.00 USD
        AWS Billing, Adjustment: 0.37 USD
      Of all: 50.11 USD commitments that were paid for and not used.
      Of all: -4.61 USD corrections of earlier bills.
      Of all: 65.89 USD charged for time before or after the time that is billed.

    ledger: no cost, no charge in the bill is attributed to it; tag its resources or add a mapping.
    "#);
}

#[test]
fn a_day_of_the_sample() {
    let report = costs(&sample(), &usage(), &rules());
    let orders = report.currencies[0].services.iter().find(|service| service.service == "orders").unwrap();
    insta::assert_json_snapshot!(orders.periods[3], @r#"
    {
      "from": "2026-02-04T00:00:00Z",
      "to": "2026-02-05T00:00:00Z",
      "cost": {
        "amount": "37.44",
        "currency": "USD"
      },
      "transactions": null,
      "customers": null,
      "per_transaction": {
        "unavailable": {
          "why": "transactions are known for 23 of 24 hours only"
        }
      },
      "per_thousand_transactions": {
        "unavailable": {
          "why": "transactions are known for 23 of 24 hours only"
        }
      },
      "per_customer": {
        "unavailable": {
          "why": "no customers are known"
        }
      },
      "per_core_hour_used": {
        "unavailable": {
          "why": "core-hours used are known for 23 of 24 hours only"
        }
      },
      "per_gib_hour_used": {
        "unavailable": {
          "why": "no GiB-hours used are known"
        }
      }
    }
    "#);
    insta::assert_json_snapshot!(report.currencies[0].categories, @r#"
    [
      {
        "category": "Usage",
        "cost": {
          "amount": "649.512012",
          "currency": "USD"
        },
        "billed": {
          "known": {
            "amount": "188.712012",
            "currency": "USD"
          }
        }
      },
      {
        "category": "Purchase",
        "cost": {
          "amount": "84",
          "currency": "USD"
        },
        "billed": {
          "known": {
            "amount": "10826.4",
            "currency": "USD"
          }
        }
      },
      {
        "category": "Tax",
        "cost": {
          "amount": "14.7",
          "currency": "USD"
        },
        "billed": {
          "known": {
            "amount": "56.7",
            "currency": "USD"
          }
        }
      },
      {
        "category": "Credit",
        "cost": {
          "amount": "-25",
          "currency": "USD"
        },
        "billed": {
          "known": {
            "amount": "-25",
            "currency": "USD"
          }
        }
      },
      {
        "category": "Adjustment",
        "cost": {
          "amount": "0.37",
          "currency": "USD"
        },
        "billed": {
          "known": {
            "amount": "0.37",
            "currency": "USD"
          }
        }
      }
    ]
    "#);
}

#[test]
fn the_sum_is_that_of_the_file_and_streaming_gives_the_same() {
    let report = costs(&sample(), &usage(), &rules());
    let usd = &report.currencies[0];
    // Added up outside of this program.
    assert_eq!(
        (usd.cost.amount.to_string(), usd.billed.known().unwrap().amount.to_string()),
        ("723.582012".into(), "11047.182012".into())
    );
    assert_eq!(usd.unused_commitments.amount.to_string(), "50.112");
    assert_eq!(usd.cash.len(), 1);
    assert_eq!(read_costs(SAMPLE, "focus_1_2.csv", &usage(), &rules()).unwrap(), report);
}

#[test]
fn what_belongs_to_no_service_is_spread_only_if_asked_and_says_so() {
    let spread = AttributionRules { unattributed: Unattributed::Spread, ..rules() };
    let report = costs(&sample(), &usage(), &spread);
    conserves(&report);
    let usd = &report.currencies[0];
    assert_eq!(usd.unattributed.cost, {
        // The parts of support and tax that lie outside the eight days stay.
        let outside = usd.services.iter().map(|service| service.outside.clone());
        usd.outside.minus(&total(outside)).unwrap()
    });
    insta::assert_snapshot!(report.notes.join("\n"), @"62.68 USD that belong to no service are spread over the services, in proportion to their own cost in each period.");
    assert_eq!(report.currencies[0].cost, costs(&sample(), &[], &rules()).currencies[0].cost);
}

#[test]
fn currencies_are_told_apart() {
    let charges = bill(&[
        r#"1,1,USD,2026-02-01,2026-02-02,Usage,"{""app"":""a""}",,"#,
        r#"2,2,EUR,2026-02-01,2026-02-02,Usage,"{""app"":""a""}",,"#,
    ]);
    let report = costs(&charges, &[], &AttributionRules::default());
    conserves(&report);
    let found: Vec<_> = report.currencies.iter().map(|costs| costs.cost.to_string()).collect();
    assert_eq!(found, ["2.00 EUR", "1.00 USD"]);
    assert!(
        report
            .notes
            .contains(&"The bill is in EUR, USD: amounts of different currencies are not added.".into())
    );
}

#[test]
fn a_commitments_cost_is_not_counted_twice() {
    let purchase = "100,100,USD,2026-02-01,2026-03-01,Purchase,,,sp-1";
    let used = r#"0,60,USD,2026-02-01,2026-02-02,Usage,"{""app"":""a""}",,sp-1"#;
    let cost = |rows: &[&str]| {
        let report = costs(&bill(rows), &[], &AttributionRules::default());
        conserves(&report);
        let billed = report.currencies[0].billed.known().unwrap().to_string();
        (report.currencies[0].cost.to_string(), billed, report.notes.last().unwrap().clone())
    };
    let (both, billed, note) = cost(&[purchase, used]);
    assert_eq!((both.as_str(), billed.as_str()), ("60.00 USD", "100.00 USD"));
    insta::assert_snapshot!(note, @"Purchases of the commitment sp-1 have an EffectiveCost of 100.00 USD (first in line 2), where FOCUS wants 0: it is left out, because the usage that the commitment covers carries its cost already.");
    let (alone, _, note) = cost(&[purchase]);
    assert_eq!(alone, "100.00 USD");
    insta::assert_snapshot!(note, @"Purchases of the commitment sp-1 have an EffectiveCost of 100.00 USD (first in line 2), where FOCUS wants 0: it is counted, because no usage in the bill carries the commitment's cost.");
    let right = purchase.replace("100,100", "100,0");
    assert_eq!(cost(&[&right, used]).0, "60.00 USD");
}

#[test]
fn a_count_that_is_missing_leaves_no_unit_cost() {
    let charges = bill(&[r#"24,24,USD,2026-02-01,2026-02-02,Usage,"{""app"":""a""}",,"#]);
    let why = |rows: &[Usage]| {
        let report = costs(&charges, rows, &AttributionRules::default());
        report.currencies[0].services[0].whole.per_transaction.why().unwrap_or_default().to_owned()
    };
    let row = |hours: i64, transactions| Usage {
        transactions,
        ..Usage::of("a", at("2026-02-01T00:00"), at("2026-02-01T00:00") + TimeDelta::hours(hours))
    };
    assert_eq!(why(&[]), "no transactions are known");
    assert_eq!(why(&[row(24, None)]), "no transactions are known");
    assert_eq!(why(&[row(20, Some(5))]), "transactions are known for 20 of 24 hours only");
    assert_eq!(why(&[row(24, Some(0))]), "there were no transactions");
    assert_eq!(why(&[row(24, Some(5)), row(24, Some(5))]), "two counts of transactions overlap");
    assert_eq!(why(&[row(24, Some(5))]), "");
}

#[test]
fn periods_that_are_too_many_are_told_in_longer_ones() {
    let rows: Vec<String> = (0..300)
        .map(|service| format!(r#"1,1,USD,2020-01-01,2026-01-01,Usage,"{{""app"":""s{service}""}}",,"#))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let by_hour = AttributionRules { period: Period::Hour, ..AttributionRules::default() };
    let report = costs(&bill(&rows), &[], &by_hour);
    conserves(&report);
    assert_eq!((report.period, report.currencies[0].services[0].periods.len()), (Some(Period::Month), 72));
    assert!(report.notes.iter().any(|note| note.starts_with("Costs are told by month")));
}

#[test]
fn an_empty_bill_has_no_costs() {
    let report = costs(&Charges::default(), &usage(), &rules());
    assert!(report.currencies.is_empty() && report.without_cost.len() == 3 && report.from.is_none());
    assert!(report.text().starts_with("No costs: there is nothing in the bill.\n"));
}

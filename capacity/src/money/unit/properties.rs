//! Nothing is lost or made up, whatever the rows, their order and the periods.

#![allow(clippy::unwrap_used)]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::tests::{SAMPLE, at, bill, conserves, rules, usage};
use crate::money::{AttributionRules, CostReport, Money, Period, Unattributed, costs, read_costs};

fn day(index: i64) -> DateTime<Utc> {
    at("2026-01-01T00:00") + TimeDelta::minutes(index)
}

prop_compose! {
    fn row()(
        units in -10_000_000_i64..100_000_000, decimals in 0_u32..15, billed in -1_000_i64..1_000,
        start in 0_i64..80_000, length in 0_i64..100_000, service in 0_usize..5, category in 0_usize..5,
        correction in any::<bool>(), commitment in 0_usize..6, currency in any::<bool>(),
    ) -> String {
        let effective = rust_decimal::Decimal::new(units, decimals);
        let tags = ["", r#""{""app"":""a""}""#, r#""{""app"":""b""}""#, r#""{""app"":""c""}""#, "{}"][service];
        let category = ["Usage", "Purchase", "Tax", "Credit", "Adjustment"][category];
        let class = if correction { "Correction" } else { "" };
        let commitment = ["", "", "", "", "sp-1", "sp-2"][commitment];
        let currency = if currency { "USD" } else { "EUR" };
        let (start, end) = (day(start).to_rfc3339(), day(start + length).to_rfc3339());
        format!("{billed},{effective},{currency},{start},{end},{category},{tags},{class},{commitment}")
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_bills_give_costs_or_an_error(
        damage in proptest::collection::vec((0..SAMPLE.len(), "[0-9eE.,:\\-\"\nA-Z]"), 1..4),
    ) {
        let mut bytes = SAMPLE.to_vec();
        for (at, sign) in damage {
            bytes[at] = sign.as_bytes()[0];
        }
        if let Ok(report) = read_costs(&bytes[..], "damaged.csv", &usage(), &rules()) {
            conserves(&report);
            let _ = report.text();
        }
    }

    #[test]
    fn costs_are_kept_whatever_the_periods_and_the_order(
        rows in proptest::collection::vec(row(), 1..30), seed in any::<u64>(), spread in any::<bool>(),
    ) {
        let unattributed = if spread { Unattributed::Spread } else { Unattributed::Shown };
        let mut shuffled: Vec<&str> = rows.iter().map(String::as_str).collect();
        let plain = bill(&shuffled);
        let mut order = seed;
        shuffled.sort_by_cached_key(|row| {
            order = order.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (order >> 33, *row)
        });
        let mixed = bill(&shuffled);
        let mut sums = Vec::new();
        for period in [Period::Hour, Period::Day, Period::Month] {
            let rules = AttributionRules { unattributed, period, ..AttributionRules::default() };
            let (report, other) = (costs(&plain, &[], &rules), costs(&mixed, &[], &rules));
            conserves(&report);
            prop_assert_eq!(&report.currencies, &other.currencies);
            let found = |of: &CostReport| -> Vec<Money> {
                of.currencies.iter().flat_map(|costs| {
                    let mut services: Vec<_> = costs.services.iter().collect();
                    services.sort_by(|a, b| a.service.cmp(&b.service));
                    services.iter().map(|service| service.direct.clone()).chain([costs.cost.clone(), costs.outside.clone()])
                        .collect::<Vec<_>>()
                }).collect()
            };
            sums.push(found(&report));
        }
        prop_assert_eq!(&sums[0], &sums[1]);
        prop_assert_eq!(&sums[1], &sums[2]);
    }
}

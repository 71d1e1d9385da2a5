#![allow(clippy::unwrap_used)]

use chrono::TimeDelta;

use super::*;
use crate::money::incident::Worth;
use crate::walls::tests::{laws_of, platform, sharing};
use crate::walls::{Ahead, CapacityConfig, WhatIf};

const PRICES: &str = "currency = 'USD'\n[classes.small]\nvcpu = 1\nmemory_gib = 2\nper_hour = '0.10'\n";

fn terms() -> IncidentTerms {
    IncidentTerms {
        currency: "USD".into(),
        per_transaction: "0.01".parse().unwrap(),
        services: [("order".to_owned(), "0.05".parse().unwrap())].into(),
        worth: Worth::Margin,
        sla_credits: 100.into(),
        staff_per_hour: 60.into(),
        duration_minutes: 30.into(),
    }
}

fn prices(services: &str) -> Result<Option<PriceTable>, String> {
    Ok(Some(PriceTable::from_toml(&format!("{PRICES}{services}")).unwrap()))
}

fn priced() -> Result<Option<PriceTable>, String> {
    prices("[services.order]\nclass = 'small'\n")
}

/// The platform of the walls' tests, whose processors carry 100 requests a second, with a peak in a day: an
/// exponential demand whose 0.95 quantile is so many times what they carry.
fn ahead(times: f64) -> Platform {
    forecast(platform(), times)
}

fn forecast(mut platform: Platform, times: f64) -> Platform {
    let mean = times * 6_000.0 / 20_f64.ln();
    let at = |probability: f64| -mean * (1.0 - probability).ln();
    let ts = platform.made_at + TimeDelta::days(1);
    let peak = ForecastPoint {
        ts,
        q50: at(0.5),
        q80: at(0.8),
        q90: at(0.9),
        q95: at(0.95),
        q99: at(0.99),
        q999: at(0.999),
    };
    let points = vec![(ts, peak.q95 / 60.0)];
    platform.ahead = vec![Ahead { service: "order".into(), points, peak: Some(peak), events: Vec::new() }];
    platform
}

fn weigh(
    platform: &Platform,
    config: &CapacityConfig,
    terms: &IncidentTerms,
    prices: &Result<Option<PriceTable>, String>,
) -> Result<Weighed, String> {
    let laws = Laws::fit(platform, config);
    let walls = laws.walls(platform, &WhatIf::default());
    let Figure::Known(mut found) = of(platform, &laws, &walls, Some(terms), prices) else { panic!("none") };
    assert_eq!((found.len(), found[0].service.as_str()), (1, "order"));
    match found.remove(0).weighed {
        Figure::Known(weighed) => Ok(weighed),
        Figure::Unavailable { why } => Err(why),
    }
}

#[test]
fn replicas_until_the_peak_is_over_are_weighed_against_what_they_avoid() {
    let platform = ahead(1.2);
    let config = CapacityConfig::default();
    let found = weigh(&platform, &config, &terms(), &priced()).unwrap();
    assert_eq!(
        (found.wall.as_str(), found.change.as_str()),
        ("order/cpu", "right-size order: instances twice as large")
    );
    assert_eq!(found.peak_at, platform.made_at + TimeDelta::days(1));
    // Twice as large counts as two more, for a day and half an hour.
    assert_eq!((found.extra_replicas, found.input.extra_replica_hours), (Some(2.into()), 49.into()));
    assert_eq!(found.comparison.plan_cost.to_string(), "4.90 USD");
    assert_eq!(found.input.per_transaction.to_string(), "0.05 USD");
    let laws = Laws::fit(&platform, &config);
    let limit = |change: &WhatIf| {
        let walls = laws.walls(&platform, change);
        let cpu = walls.walls.iter().find(|wall| wall.id == "order/cpu").unwrap();
        cpu.limit.per_second * 60.0
    };
    let twice = WhatIf { instance_size: [("order".to_owned(), 2.0)].into(), ..WhatIf::default() };
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-3, "{a} is not {b}");
    near(found.input.capacity_without, limit(&WhatIf::default()));
    near(found.input.capacity_with, limit(&twice));
    // Of an exponential demand the chance beyond a capacity is known.
    let mean = 1.2 * 6_000.0 / 20_f64.ln();
    let chance = f64::try_from(found.comparison.without.probability).unwrap();
    near(chance, (-found.input.capacity_without / mean).exp());
    assert!(found.comparison.net.amount > Decimal::ZERO, "{}", found.comparison.sentence);
}

#[test]
fn a_change_without_replicas_needs_no_price_and_has_none() {
    let mut platform = ahead(1.2);
    // The pool alone: 20 connections of 50 ms.
    platform.resources.remove(1);
    let found = weigh(&platform, &CapacityConfig::default(), &terms(), &Ok(None)).unwrap();
    assert_eq!(found.wall, "order/connections");
    assert_eq!((found.extra_replicas, found.comparison.plan_cost.amount), (None, Decimal::ZERO));
    assert!(found.input.capacity_with > 1.9 * found.input.capacity_without, "{:?}", found.input);
}

#[test]
fn a_shared_limit_counts_in_requests_of_the_service_that_is_forecast() {
    let platform = forecast(sharing(), 1.2);
    // Report uses most of the database, whose wall stands under its name; it breaks before any of order's own.
    let laws = laws_of(&platform, 6.0);
    let walls = laws.walls(&platform, &WhatIf::default());
    let Figure::Known(found) = of(&platform, &laws, &walls, Some(&terms()), &priced()) else {
        panic!("none")
    };
    let order = found.iter().find(|of| of.service == "order").unwrap().weighed.known().unwrap();
    assert_eq!((order.wall.as_str(), order.extra_replicas), ("report/database/orders", None));
    let factor = walls.walls.iter().find(|wall| wall.id == order.wall).unwrap().limit.factor;
    // Order's own busiest five minutes, and not the sum of both services.
    let alone = busiest(platform.service("order").unwrap()).unwrap().per_second;
    let told = order.input.capacity_without;
    assert!((told - factor * alone * 60.0).abs() < 0.01, "{told} at {factor}x of {alone}/s");
}

#[test]
fn what_is_missing_is_named() {
    let config = CapacityConfig::default();
    let without = |platform: &Platform, prices: &Result<Option<PriceTable>, String>| {
        weigh(platform, &config, &terms(), prices).unwrap_err()
    };
    insta::assert_snapshot!(without(&platform(), &priced()), @"no forecast of order is stored; with models.enabled a node makes the first one from half a day of measured requests");
    insta::assert_snapshot!(without(&ahead(1.2), &Ok(None)), @"nothing says what a replica costs (right-size order: instances twice as large): set capacity.prices to a price table with [services.order]");
    insta::assert_snapshot!(without(&ahead(1.2), &prices("")), @"the price table has no [services.order]: name the class of its replicas there");
    insta::assert_snapshot!(without(&ahead(1.2), &Err("prices.toml cannot be read: it is a folder".into())), @"prices.toml cannot be read: it is a folder");
    let euros = IncidentTerms { currency: "EUR".into(), ..terms() };
    let why = weigh(&ahead(1.2), &config, &euros, &priced()).unwrap_err();
    insta::assert_snapshot!(why, @"capacity.incident is in EUR and the price table in USD: give both in one currency");
    let platform = ahead(1.2);
    let laws = Laws::fit(&platform, &config);
    let walls = laws.walls(&platform, &WhatIf::default());
    let why = |walls: &Walls, terms| of(&platform, &laws, walls, terms, &priced()).why().unwrap().to_owned();
    insta::assert_snapshot!(why(&walls, None), @"what being short costs is not configured: give [capacity.incident] with currency, per_transaction and worth");
    let nothing = Walls { walls: Vec::new(), ..walls };
    insta::assert_snapshot!(why(&nothing, Some(&terms())), @"no wall can be told from what was measured");
}

#[test]
fn demand_far_below_the_limit_is_no_incident_to_pay_for() {
    let found = weigh(&ahead(0.2), &CapacityConfig::default(), &terms(), &priced()).unwrap();
    assert!(found.comparison.without.probability < Decimal::new(1, 3), "{:?}", found.comparison);
    assert!(found.comparison.net.amount < Decimal::ZERO, "{}", found.comparison.sentence);
}

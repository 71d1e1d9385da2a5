#![allow(clippy::unwrap_used)]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;

fn prices() -> PriceTable {
    PriceTable::from_toml(
        r#"
        currency = "USD"
        [classes]
        large = { vcpu = 2, memory_gib = 8, per_hour = "0.10" }
        medium = { vcpu = 1, memory_gib = 4, per_hour = "0.05" }
        memory = { vcpu = 1, memory_gib = 16, per_hour = "0.01" }
        "#,
    )
    .unwrap()
}

fn only_large() -> PriceTable {
    let mut prices = prices();
    prices.classes.retain(|name, _| name == "large");
    prices
}

fn settings() -> RightsizeSettings {
    RightsizeSettings { class: "large".into(), replicas_min: 2, memory_margin: 0.2, peak_demand: None }
}

fn flat(value: f64) -> Quantiles {
    Quantiles { p50: value, p95: value, p99: value, max: value }
}

/// Days of ten replicas by the minute, each using so many cores, twice that for ten minutes of each day.
fn series(days: i64, cores: f64, memory: f64) -> UtilisationSeries {
    let start: DateTime<Utc> = "2026-02-02T00:00:00Z".parse().unwrap();
    let points = (0..days * 1_440).map(|minute| {
        let busy = if (570..580).contains(&(minute % 1_440)) { 2.0 } else { 1.0 };
        UtilisationPoint {
            at: start + TimeDelta::minutes(minute),
            replicas: 10,
            cpu: flat(cores * busy),
            memory: flat(memory),
            demand: Some(6_000.0 * busy),
        }
    });
    UtilisationSeries { service: "gateway".into(), step_seconds: 60, points: points.collect() }
}

fn advice(series: &UtilisationSeries, settings: &RightsizeSettings) -> Advice {
    let found = rightsize(series, settings, &prices(), |_| 0.7);
    found.advice.known().unwrap_or_else(|| panic!("{found:?}")).clone()
}

#[test]
fn fewer_replicas_carry_the_same_load() {
    // 5 cores at night, 10 in ten minutes of the day, 0.7 % of the time: so 5 cores must fit in 70 % and 10 in 85 %.
    let found = rightsize(&series(14, 0.5, 1.0), &settings(), &prices(), |_| 0.7);
    insta::assert_snapshot!(found.text(), @r#"
    gateway on large
      14.0 days from 2 February 2026 to 16 February 2026: 10.0 replicas on average, 10 at most.
      Beyond what was needed, on average: 6.0 replicas, 11.9 cores, 47.8 GiB; 435.97 USD a month.
      At most 6 replicas of large instead of up to 10 (10.0 on average) save 292.00 USD a month. CPU would have been at 42 % at its 99 % quantile and at 83 % at most, for a target of 70 %; 140 of 20,160 minutes would have been above it. A replica needs 2.0 GiB of its 8.0 GiB of memory with a margin of 20 %. Whether the history holds a busy day is not known: no peak to expect is given.
    "#);
    let advice = found.advice.known().unwrap();
    assert_eq!((advice.change, advice.replicas), (Change::FewerReplicas, 6));
    assert_eq!(advice.saving_per_month, Money::new(292.into(), "USD"));
    let idle = found.over_provisioned.known().unwrap();
    assert!((idle.replicas - (6.0 * 1_430.0 + 2.0 * 10.0) / 1_440.0).abs() < 1e-9, "{idle:?}");
}

#[test]
fn memory_keeps_its_margin() {
    // 10 replicas of 3.1 GiB: five of them would need 6.2 GiB each and a fifth more.
    let advice = advice(&series(14, 0.1, 3.1), &settings());
    assert_eq!((advice.class.as_str(), advice.replicas), ("large", 5));
    assert!((advice.risk.memory_needed_gib - 7.44).abs() < 1e-9);
    // Ten of the medium class would need 3.72 GiB each and cost the same; the class of more memory is not smaller.
    assert_eq!(advice.saving_per_month, Money::new(365.into(), "USD"));
    let full = self::advice(&series(14, 0.1, 7.0), &settings());
    assert_eq!((full.change, full.saving_per_month), (Change::Keep, Money::new(0.into(), "USD")));
}

#[test]
fn a_smaller_class_is_advised_where_replicas_must_stay() {
    let settings = RightsizeSettings { replicas_min: 10, ..settings() };
    let advice = advice(&series(14, 0.3, 1.0), &settings);
    assert_eq!((advice.change, advice.class.as_str(), advice.replicas), (Change::SmallerClass, "medium", 10));
    insta::assert_snapshot!(advice.sentence, @"At most 10 replicas of medium instead of up to 10 of large (10.0 on average) save 365.00 USD a month, if a core of the one does as much as a core of the other. CPU would have been at 30 % at its 99 % quantile and at 60 % at most, for a target of 70 %; 0 of 20,160 minutes would have been above it. A replica needs 1.2 GiB of its 4.0 GiB of memory with a margin of 20 %. Whether the history holds a busy day is not known: no peak to expect is given.");
}

#[test]
fn the_peak_to_expect_must_fit() {
    let busier = |peak| RightsizeSettings { peak_demand: Some(peak), ..settings() };
    let seen = advice(&series(14, 0.5, 1.0), &busier(12_000.0));
    assert_eq!((seen.replicas, &seen.risk.covers_busy_day), (8, &Figure::Known(true)));
    let unseen = advice(&series(14, 0.5, 1.0), &busier(14_000.0));
    assert_eq!((unseen.replicas, &unseen.risk.covers_busy_day), (9, &Figure::Known(false)));
    insta::assert_snapshot!(unseen.sentence, @"At most 9 replicas of large instead of up to 10 (10.0 on average) save 73.00 USD a month. CPU would have been at 28 % at its 99 % quantile and at 56 % at most, for a target of 70 %; 0 of 20,160 minutes would have been above it. A replica needs 1.3 GiB of its 8.0 GiB of memory with a margin of 20 %. The history holds no day as busy as the peak to expect, at which CPU would be at 65 %.");
    let beyond = advice(&series(14, 0.5, 1.0), &busier(24_000.0));
    assert_eq!(beyond.change, Change::Keep);
    insta::assert_snapshot!(beyond.sentence, @"Keep up to 10 replicas of large: nothing cheaper would have carried the history. CPU was at 25 % at its 99 % quantile and at 50 % at most, for a target of 70 %; 0 of 20,160 minutes were above it. A replica needs 1.2 GiB of its 8.0 GiB of memory with a margin of 20 %. The history holds no day as busy as the peak to expect, at which CPU would be at 100 %, above the target: the peak needs more than this.");
}

#[test]
fn larger_pools_may_bear_more() {
    let by_size = |replicas: u32| if replicas < 8 { 0.4 } else { 0.7 };
    let found = rightsize(&series(14, 0.5, 1.0), &settings(), &only_large(), by_size);
    assert_eq!(found.advice.known().unwrap().replicas, 8);
}

#[test]
fn hours_that_had_few_replicas_keep_them() {
    let mut scaled = series(14, 0.5, 1.0);
    for (at, point) in scaled.points.iter_mut().enumerate() {
        if at % 1_440 < 480 {
            point.replicas = 3;
        }
    }
    let found = rightsize(&scaled, &settings(), &only_large(), |_| 0.7);
    let advice = found.advice.known().unwrap();
    // Sixteen hours of the day go from ten to six.
    assert_eq!(advice.replicas, 6);
    assert_eq!(advice.saving_per_month.to_string(), "194.67 USD");
}

#[test]
fn without_enough_history_there_is_no_advice() {
    let why = |series: &UtilisationSeries| {
        let found = rightsize(series, &settings(), &prices(), |_| 0.7);
        found.advice.why().unwrap().to_owned()
    };
    insta::assert_snapshot!(why(&series(6, 0.5, 1.0)), @"6.0 days of history are known, and advice needs 7: every weekday once");
    insta::assert_snapshot!(why(&UtilisationSeries { points: Vec::new(), ..series(1, 0.5, 1.0) }), @"no step of the history is known");
    insta::assert_snapshot!(why(&UtilisationSeries { step_seconds: 0, ..series(1, 0.5, 1.0) }), @"no step of the history is known");
    let other = RightsizeSettings { class: "huge".into(), ..settings() };
    insta::assert_snapshot!(rightsize(&series(14, 0.5, 1.0), &other, &prices(), |_| 0.7).text(), @r#"
    gateway on huge
      What was needed is not known: the price table has no class `huge`.
      No advice: the price table has no class `huge`.
    "#);
}

#[test]
fn points_without_meaning_are_left_out_and_counted() {
    let mut damaged = series(8, 0.5, 1.0);
    damaged.points[0].cpu.p95 = f64::NAN;
    damaged.points[1].replicas = 0;
    damaged.points[2].memory.max = -1.0;
    damaged.points[3].demand = Some(f64::INFINITY);
    damaged.points[5] = damaged.points[4];
    let found = rightsize(&damaged, &settings(), &prices(), |_| f64::NAN);
    insta::assert_snapshot!(found.notes.join("\n"), @r#"
    Points left out: 4, whose figures are not finite, below 0, beyond all size or out of order, or without replicas.
    Points left out: 1, of the same step as another.
    "#);
    assert_eq!(found.advice.known().unwrap().change, Change::Keep, "no target, no change");
    let longer = UtilisationSeries { step_seconds: 600, ..series(8, 0.5, 1.0) };
    assert!(rightsize(&longer, &settings(), &prices(), |_| 0.7).advice.known().is_some());
}

prop_compose! {
    fn point()(
        minute in 0_i64..20_000, replicas in 0_u32..30, cpu in -0.1_f64..2.2, memory in 0.0_f64..8.0,
        spread in 1.0_f64..1.5, demand in proptest::option::of(0.0_f64..1e6),
    ) -> UtilisationPoint {
        let of = |value: f64| Quantiles { p50: value, p95: value * spread, p99: value * spread, max: value * spread };
        UtilisationPoint {
            at: "2026-02-02T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute * 30),
            replicas, cpu: of(cpu), memory: of(memory), demand,
        }
    }
}

proptest! {
    #[test]
    fn no_advice_costs_more_or_leaves_the_memory_short(
        points in proptest::collection::vec(point(), 400..600), peak in proptest::option::of(0.0_f64..2e6),
        target in 0.1_f64..1.2,
    ) {
        let series = UtilisationSeries { service: "a".into(), step_seconds: 1_800, points };
        let settings = RightsizeSettings { peak_demand: peak, ..settings() };
        let found = rightsize(&series, &settings, &prices(), |_| target);
        // A number that is not finite would be a null, which no number is read from.
        let body = serde_json::to_string(&found).unwrap();
        prop_assert!(serde_json::from_str::<Rightsizing>(&body).is_ok(), "{}", body);
        if let Figure::Known(advice) = &found.advice {
            prop_assert!(advice.saving_per_month.amount >= rust_decimal::Decimal::ZERO);
            if advice.change != Change::Keep {
                prop_assert!(advice.risk.memory_needed_gib <= advice.risk.memory_gib);
                prop_assert!(advice.risk.cpu_max <= f64::midpoint(target.min(1.0), 1.0));
                prop_assert!(advice.risk.minutes_above_target as f64 <= advice.risk.minutes as f64 * ABOVE_TARGET);
            }
        }
    }
}

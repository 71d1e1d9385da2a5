#![allow(clippy::unwrap_used)]

use chrono::Duration;
use proptest::prelude::*;

use super::*;
use headroom_calendar::{Calendar, Venue};

fn forecast(start: &str, medians: &[f64], spread: f64, calendar: &Calendar) -> Vec<Prediction> {
    let start: DateTime<Utc> = start.parse().unwrap();
    let events: Vec<Arc<_>> =
        calendar.events(start, start + Duration::days(1), start).into_iter().map(Arc::new).collect();
    medians
        .iter()
        .enumerate()
        .map(|(i, median)| {
            let ts = start + Duration::minutes(i as i64);
            let factors = [
                1.0,
                1.0 + spread,
                1.0 + 1.5 * spread,
                1.0 + 2.0 * spread,
                1.0 + 3.0 * spread,
                1.0 + 4.0 * spread,
            ];
            let active = events.iter().filter(|e| e.effect_start() <= ts && ts < e.end());
            let events = active.map(|e| (Arc::clone(e), e.prior())).collect();
            Prediction { ts, quantiles: factors.map(|f| f * median), events }
        })
        .collect()
}

fn nyse() -> Calendar {
    Calendar::new(vec![Venue::builtin("XNYS").unwrap()], true)
}

fn capacity() -> ServiceCapacity {
    ServiceCapacity { lead_seconds: 300, margin_seconds: 600, ..ServiceCapacity::per_replica(100.0) }
}

#[test]
fn the_open_is_ready_before_it_comes_and_says_so() {
    let calendar = nyse();
    // 14:00 to 15:00 UTC in winter; New York opens at 14:30.
    let medians: Vec<f64> = (0..60).map(|i| if i < 30 { 350.0 } else { 1000.0 }).collect();
    let plan =
        plan(&forecast("2026-12-08T14:00:00Z", &medians, 0.05, &calendar), &capacity(), None, &calendar);
    let step = plan.windows(2).find(|w| w[1].replicas > w[0].replicas).unwrap();
    assert_eq!(step[1].ts.to_string(), "2026-12-08 14:15:00 UTC");
    insta::assert_snapshot!(step[0].reason, @"4 replicas for 385 requests a minute at 14:00 UTC (95 % quantile)");
    insta::assert_snapshot!(step[1].reason, @"NYSE opens at 09:30 New York (14:30 UTC): 4 -> 11 replicas for 1100 requests a minute at 14:30 UTC (95 % quantile), ready 10 minutes before");
}

#[test]
fn a_rate_decision_is_named() {
    let mut calendar = nyse();
    calendar
        .add_toml("t", "[[event]]\nclass = \"rate_decision\"\nname = \"FOMC decision\"\nvenue = \"XNYS\"\nstart = \"2026-12-09T14:00\"\nduration_minutes = 60\n")
        .unwrap();
    let medians: Vec<f64> = (0..240).map(|i| if (60..120).contains(&i) { 2500.0 } else { 1000.0 }).collect();
    let plan =
        plan(&forecast("2026-12-09T18:00:00Z", &medians, 0.05, &calendar), &capacity(), None, &calendar);
    let up = plan.windows(2).find(|w| w[1].replicas > w[0].replicas).unwrap();
    insta::assert_snapshot!(up[1].reason, @"FOMC decision at 14:00 New York (19:00 UTC), 2.5x an ordinary day: 11 -> 28 replicas for 2750 requests a minute at 19:00 UTC (95 % quantile), ready 10 minutes before");
    let downs: Vec<_> = plan.windows(2).filter(|w| w[1].replicas < w[0].replicas).collect();
    insta::assert_snapshot!(downs[0][1].reason, @"FOMC decision is over since 15:00 New York (20:00 UTC): 28 -> 23 replicas for 1100 requests a minute at 20:15 UTC (95 % quantile)");
    assert!(downs.len() > 3, "given up in steps: {}", downs.len());
    assert_eq!(plan.last().unwrap().replicas, 11);
}

#[test]
fn a_running_fleet_is_not_dropped_at_once() {
    let calendar = nyse();
    let medians = vec![100.0; 120];
    let plan =
        plan(&forecast("2026-12-08T02:00:00Z", &medians, 0.0, &calendar), &capacity(), Some(20), &calendar);
    assert_eq!(plan[0].replicas, 16);
    assert_eq!(
        plan[0].reason.as_ref(),
        "demand falls: 20 -> 16 replicas for 100 requests a minute at 02:00 UTC (95 % quantile)"
    );
    assert_eq!(plan.last().unwrap().replicas, 1);
}

#[test]
fn quantiles_between_the_forecast_ones_follow_the_tail() {
    let p = forecast("2026-12-08T02:00:00Z", &[100.0], 0.1, &nyse()).remove(0);
    assert_eq!(p.at(0.5), 100.0);
    assert!((p.at(0.95) - 120.0).abs() < 1e-9);
    assert!(p.at(0.97) > 120.0 && p.at(0.97) < 130.0);
    assert_eq!(p.at(1.0), 140.0);
    assert_eq!(ServiceCapacity { cost_under: 9.0, ..capacity() }.quantile(), 0.9);
}

fn walk() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![4 => 0.9..1.1, 1 => 0.3..4.0], 30..400).prop_map(|factors| {
        let mut level = 500.0_f64;
        let steps = factors.into_iter().map(|f: f64| {
            level = (level * f).clamp(1.0, 20_000.0);
            level
        });
        steps.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn never_below_reactive_covers_the_quantile_and_does_not_flap(
        medians in walk(),
        lead in 0u32..900,
        hold in 1u32..30,
        share in 0.05..1.0,
        running in prop::option::of(1u32..100),
    ) {
        let calendar = Calendar::default();
        let capacity = ServiceCapacity {
            lead_seconds: lead,
            margin_seconds: 0,
            stabilisation_minutes: hold,
            scale_down_step: share,
            ..ServiceCapacity::per_replica(100.0)
        };
        let forecast = forecast("2026-12-08T00:00:00Z", &medians, 0.2, &calendar);
        let plan = plan(&forecast, &capacity, running, &calendar);
        let ahead = lead.div_ceil(60) as usize;
        let mut last_down = None;
        for (at, minute) in plan.iter().enumerate() {
            prop_assert!(minute.replicas >= minute.reactive);
            prop_assert!((capacity.min_replicas..=capacity.max_replicas).contains(&minute.replicas));
            for later in &forecast[at..(at + ahead + 1).min(forecast.len())] {
                let needed = (later.at(capacity.quantile()) / 100.0).ceil().min(100.0) as u32;
                prop_assert!(minute.replicas >= needed, "minute {at}: {} < {needed}", minute.replicas);
            }
            if at > 0 && minute.replicas < plan[at - 1].replicas {
                last_down = Some(at);
            }
            if at > 0 && minute.replicas > plan[at - 1].replicas {
                prop_assert!(last_down.is_none_or(|down| at > down + hold as usize), "up at {at} after down at {last_down:?}");
                prop_assert!(minute.reason.contains(" -> "));
            }
        }
    }
}

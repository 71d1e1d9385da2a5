#![allow(clippy::unwrap_used)]

use chrono::Duration;
use proptest::prelude::*;

use super::*;
use headroom_calendar::{Calendar, EventClass, Venue};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn forecast(start: &str, medians: &[f64], spread: f64, calendar: &Calendar) -> Vec<Prediction> {
    let start = at(start);
    let events: Vec<Arc<_>> =
        calendar.events(start, start + Duration::days(1), start).into_iter().map(Arc::new).collect();
    let minute = |(i, median): (usize, &f64)| {
        let ts = start + Duration::minutes(i as i64);
        let quantiles = [0.0, 1.0, 1.5, 2.0, 3.0, 4.0].map(|s| (1.0 + s * spread) * median);
        let active = events.iter().filter(|e| e.effect_start() <= ts && ts < e.end());
        let events = active.map(|e| (Arc::clone(e), e.prior())).collect();
        Prediction { ts, quantiles, events }
    };
    medians.iter().enumerate().map(minute).collect()
}

fn nyse() -> Calendar {
    Calendar::new(vec![Venue::builtin("XNYS").unwrap()], true)
}

fn with_decision() -> Calendar {
    let mut calendar = nyse();
    calendar
        .add_toml("t", "[[event]]\nclass = \"rate_decision\"\nname = \"FOMC decision\"\nvenue = \"XNYS\"\nstart = \"2026-12-09T14:00\"\nduration_minutes = 60\n")
        .unwrap();
    calendar
}

/// Four hours around a decision at 19:00 UTC.
fn decision_day() -> Vec<f64> {
    (0..240).map(|i| if (60..90).contains(&i) { 2500.0 } else { 1000.0 }).collect()
}

fn capacity() -> ServiceCapacity {
    ServiceCapacity {
        lead_seconds: 300,
        lag_seconds: 0,
        margin_seconds: 600,
        ..ServiceCapacity::per_replica(100.0)
    }
}

/// A plan of a forecast whose demand of the last minute was measured.
fn planned(
    forecast: &[Prediction],
    measured: f64,
    capacity: &ServiceCapacity,
    running: Option<u32>,
    calendar: &Calendar,
) -> Plan {
    let now = forecast[0].ts;
    let measured = [(now - Duration::minutes(1), measured)];
    let situation =
        Situation { now, forecast: Ok(forecast), measured: &measured, running, last: None, calendar };
    plan(&situation, capacity).unwrap()
}

/// The steps of a plan as text.
fn told(plan: &Plan) -> String {
    let changes = plan
        .minutes
        .iter()
        .enumerate()
        .filter(|(i, m)| *i == 0 || plan.minutes[i - 1].replicas != m.replicas);
    let lines: Vec<String> = changes.map(|(_, m)| format!("{} {}", m.ts.format("%H:%M"), m.reason)).collect();
    lines.join("\n")
}

#[test]
fn the_open_is_ready_before_it_comes_and_says_so() {
    let calendar = nyse();
    // 14:00 to 15:30 UTC in winter; New York opens at 14:30.
    let medians: Vec<f64> = (0..90).map(|i| if (30..35).contains(&i) { 1000.0 } else { 350.0 }).collect();
    let forecast = forecast("2026-12-08T14:00:00Z", &medians, 0.05, &calendar);
    insta::assert_snapshot!(told(&planned(&forecast, 340.0, &capacity(), None, &calendar)), @r#"
    14:00 4 replicas for 385 requests a minute at 14:00 UTC
    14:15 NYSE opens at 09:30 New York (14:30 UTC), q0.95: 4 -> 10 replicas by 14:20 UTC for 1100 requests a minute at 14:30 UTC, ready 10 minutes before
    14:35 demand falls: the floor goes 10 -> 9 replicas for 385 requests a minute at 14:35 UTC, scale-in is the autoscaler's
    15:00 the rush after NYSE opened is over: the floor goes 9 -> 4 replicas for 385 requests a minute at 15:00 UTC, scale-in is the autoscaler's
    "#);
}

#[test]
fn a_rate_decision_is_named_and_held_to_its_end() {
    let calendar = with_decision();
    let forecast = forecast("2026-12-09T18:00:00Z", &decision_day(), 0.05, &calendar);
    insta::assert_snapshot!(told(&planned(&forecast, 1000.0, &capacity(), Some(10), &calendar)), @r#"
    18:00 10 replicas for 1100 requests a minute at 18:00 UTC
    18:45 FOMC decision at 14:00 New York (19:00 UTC), class median 2.5x, q0.95: 10 -> 23 replicas by 18:50 UTC for 2750 requests a minute at 19:00 UTC, ready 10 minutes before
    19:30 demand falls: the floor goes 23 -> 20 replicas for 1100 requests a minute at 19:30 UTC, scale-in is the autoscaler's
    20:00 FOMC decision is over since 15:00 New York (20:00 UTC): the floor goes 20 -> 10 replicas for 1100 requests a minute at 20:00 UTC, scale-in is the autoscaler's
    "#);
}

#[test]
fn a_rise_is_due_as_late_as_the_lead_allows_and_a_peak_outlives_the_next_plan() {
    let calendar = with_decision();
    let capacity = ServiceCapacity { lead_seconds: 100, margin_seconds: 0, ..capacity() };
    let minutes = forecast("2026-12-09T18:00:00Z", &decision_day(), 0.05, &calendar);
    let plan_from = |from: usize, last: Option<&Plan>| {
        let now = minutes[from].ts;
        let before = (now - Duration::minutes(1), 1000.0);
        let seen = minutes[..from].iter().map(|minute| (minute.ts, minute.median()));
        let measured: Vec<_> = if from == 0 { vec![before] } else { seen.collect() };
        let forecast = Ok(&minutes[from..]);
        let situation =
            Situation { now, forecast, measured: &measured, running: Some(10), last, calendar: &calendar };
        plan(&situation, &capacity).unwrap()
    };
    let floor = |plan: &Plan, ts: &str| plan.at(at(ts)).unwrap().0;
    let early = plan_from(0, None);
    let just_before = plan_from(58, Some(&early));
    for plan in [&early, &just_before] {
        assert_eq!(floor(plan, "2026-12-09T18:58:19Z"), 10);
        assert_eq!(floor(plan, "2026-12-09T18:58:20Z"), 23);
    }
    let within = plan_from(95, Some(&just_before));
    let peak = capacity.staffed(2500.0);
    assert!((15..23).contains(&peak), "{peak}");
    assert_eq!((floor(&within, "2026-12-09T19:59:59Z"), floor(&within, "2026-12-09T20:00:00Z")), (peak, 10));
    assert!(early.at(at("2026-12-09T17:59:59Z")).is_none() && early.at(at("2026-12-09T22:00:00Z")).is_none());
}

#[test]
fn a_class_has_costs_of_its_own() {
    let calendar = with_decision();
    let costs = Costs { cost_under: 999.0, cost_over: 1.0 };
    let capacity = ServiceCapacity { classes: [(EventClass::RateDecision, costs)].into(), ..capacity() };
    let forecast = forecast("2026-12-09T18:00:00Z", &decision_day(), 0.3, &calendar);
    let plan = planned(&forecast, 1000.0, &capacity, None, &calendar);
    let quantile = |ts: &str| plan.minutes.iter().find(|m| m.ts == at(ts)).unwrap().quantile;
    assert_eq!(
        (quantile("2026-12-09T18:30:00Z"), quantile("2026-12-09T19:30:00Z")),
        (Some(0.95), Some(0.999))
    );
    let step = plan.minutes.iter().find(|m| m.reason.contains("FOMC")).unwrap();
    assert!(step.reason.contains("q0.999"), "{}", step.reason);
}

#[test]
fn measured_demand_beats_a_forecast_that_is_too_low() {
    let calendar = Calendar::default();
    let forecast = forecast("2026-12-08T02:00:00Z", &[100.0; 60], 0.0, &calendar);
    let plan = planned(&forecast, 2940.0, &capacity(), Some(12), &calendar);
    assert_eq!((plan.minutes[0].replicas, plan.minutes[0].reactive), (30, 30));
    insta::assert_snapshot!(told(&plan), @r#"
    02:00 2940 requests a minute were measured, more than forecast: 12 -> 30 replicas at once, as reactive scaling asks for
    02:05 demand falls: the floor goes 30 -> 2 replicas for 100 requests a minute at 02:05 UTC, scale-in is the autoscaler's
    "#);
}

#[test]
fn a_rise_too_steep_for_the_steps_begins_earlier() {
    let calendar = with_decision();
    let capacity = ServiceCapacity { max_step: Some(1), ..capacity() };
    let forecast = forecast("2026-12-09T18:00:00Z", &decision_day(), 0.05, &calendar);
    let plan = planned(&forecast, 1000.0, &capacity, Some(10), &calendar);
    let replicas: Vec<u32> = plan.minutes[38..48].iter().map(|m| m.replicas).collect();
    assert!(replicas.windows(2).all(|w| w[1] <= w[0] + 4), "{replicas:?}");
    insta::assert_debug_snapshot!(replicas, @r#"
    [
        10,
        10,
        10,
        10,
        12,
        15,
        19,
        23,
        23,
        23,
    ]
    "#);
    insta::assert_snapshot!(plan.minutes[43].reason, @"FOMC decision at 14:00 New York (19:00 UTC), class median 2.5x, q0.95: 12 -> 15 replicas by 18:48 UTC for 2750 requests a minute at 19:00 UTC, ready 12 minutes before");
}

#[test]
fn a_budget_says_what_it_gives_up() {
    let calendar = with_decision();
    let capacity = ServiceCapacity { budget_replica_hours: Some(300.0), ..capacity() };
    let forecast = forecast("2026-12-09T18:00:00Z", &decision_day(), 0.2, &calendar);
    let plan = planned(&forecast, 1000.0, &capacity, Some(10), &calendar);
    let hours = plan.minutes.iter().map(|m| f64::from(m.replicas)).sum::<f64>() / 60.0;
    assert!(hours <= 300.0 * 4.0 / 24.0, "{hours}");
    insta::assert_snapshot!(plan.given_up[0].told(), @"the budget of 50.0 replica-hours for the planned part of 2026-12-09 gives up 14.2 replica-hours, most at 19:30 UTC (20 -> 10 replicas)");
    insta::assert_snapshot!(told(&plan), @r#"
    18:00 10 replicas for 1400 requests a minute at 18:00 UTC; 12 but for the day's budget
    18:45 FOMC decision at 14:00 New York (19:00 UTC), class median 2.5x, q0.95: 10 -> 23 replicas by 18:50 UTC for 3500 requests a minute at 19:00 UTC, ready 10 minutes before; 28 but for the day's budget
    19:30 demand falls: the floor goes 23 -> 10 replicas for 1400 requests a minute at 19:30 UTC, scale-in is the autoscaler's; 20 but for the day's budget
    "#);
}

#[test]
fn without_a_forecast_the_last_plan_stands_and_then_a_fallback() {
    let calendar = with_decision();
    let minutes = forecast("2026-12-09T18:00:00Z", &decision_day(), 0.05, &calendar);
    let first = planned(&minutes, 1000.0, &capacity(), Some(10), &calendar);
    let now = at("2026-12-09T18:50:30Z");
    let measured = [(at("2026-12-09T14:31:00Z"), 1900.0), (at("2026-12-09T18:49:00Z"), 1000.0)];
    let failed = Situation {
        now,
        forecast: Err("the fit broke off"),
        measured: &measured,
        running: Some(28),
        last: Some(&first),
        calendar: &calendar,
    };
    let second = plan(&failed, &capacity()).unwrap();
    assert_eq!(second.source, Source::LastPlan { made_at: first.made_at, why: "the fit broke off".into() });
    assert_eq!(second.minutes[0].ts, at("2026-12-09T18:50:00Z"));
    insta::assert_snapshot!(told(&second), @r#"
    18:50 the fit broke off: the plan of 18:00 UTC stands; FOMC decision at 14:00 New York (19:00 UTC), class median 2.5x, q0.95: 10 -> 23 replicas by 18:50 UTC for 2750 requests a minute at 19:00 UTC, ready 10 minutes before
    19:30 demand falls: the floor goes 23 -> 20 replicas for 1100 requests a minute at 19:30 UTC, scale-in is the autoscaler's
    20:00 FOMC decision is over since 15:00 New York (20:00 UTC): the floor goes 20 -> 10 replicas for 1100 requests a minute at 20:00 UTC, scale-in is the autoscaler's
    "#);
    let third =
        plan(&Situation { now: now + Duration::minutes(20), last: Some(&second), ..failed }, &capacity())
            .unwrap();
    assert_eq!(third.source, second.source, "the age is that of the plan first made");

    let fallback =
        plan(&Situation { now: now + Duration::hours(13), last: Some(&third), ..failed }, &capacity())
            .unwrap();
    insta::assert_snapshot!(fallback.minutes[0].reason, @"the fit broke off: the fallback is 29 replicas, 1.5 times the last day's peak of 1900 requests a minute at 14:31 UTC");
    let nothing = Situation { measured: &[], running: None, last: None, ..failed };
    insta::assert_snapshot!(plan(&nothing, &capacity()).unwrap().minutes[0].reason, @"the fit broke off: the fallback is 1 replica, nothing was measured in the last day, so the minimum stands");
    let running = Situation { running: Some(7), ..nothing };
    assert_eq!(plan(&running, &capacity()).unwrap().minutes[0].replicas, 7);
}

#[test]
fn what_is_wrong_with_the_data_is_named() {
    let calendar = Calendar::default();
    let minutes = forecast("2026-12-08T02:00:00Z", &[100.0; 60], 0.0, &calendar);
    let now = minutes[0].ts;
    let fresh = [(now - Duration::minutes(1), 500.0)];
    let whole = Situation {
        now,
        forecast: Ok(&minutes),
        measured: &fresh,
        running: None,
        last: None,
        calendar: &calendar,
    };
    let why = |situation: Situation<'_>| match plan(&situation, &capacity()).unwrap().source {
        Source::Fallback { why } => why,
        other => panic!("{other:?}"),
    };
    insta::assert_snapshot!(why(Situation { forecast: Ok(&[]), ..whole }), @"the forecast is empty");
    let mut broken = minutes.clone();
    broken[3].quantiles[5] = f64::NAN;
    insta::assert_snapshot!(why(Situation { forecast: Ok(&broken), ..whole }), @"the forecast of 2026-12-08 02:03 UTC is NaN, which is no demand");
    let stale = [(now - Duration::minutes(45), 500.0), (now - Duration::minutes(1), f64::NAN)];
    insta::assert_snapshot!(why(Situation { measured: &stale, ..whole }), @"the newest measured demand is of 2026-12-08 01:15 UTC, 45 minutes ago");
    let nonsense = ServiceCapacity { requests_per_minute: f64::NAN, ..capacity() };
    insta::assert_snapshot!(plan(&whole, &nonsense).unwrap_err(), @"no plan can be made: requests_per_minute must be above 0");
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

fn services() -> impl Strategy<Value = ServiceCapacity> {
    let times = (0u32..600, 0u32..200, 0u32..60, 0u32..300, 0u32..30);
    let bounds =
        (1u32..5, 20u32..200, 1u32..32, prop::option::of(1u32..10), prop::option::of(50.0..2000.0_f64));
    (times, bounds).prop_map(|((lead, node, lag, margin, hold), (least, most, concurrency, step, budget))| {
        ServiceCapacity {
            lead_seconds: lead,
            node_start_seconds: node,
            lag_seconds: lag,
            margin_seconds: margin,
            stabilisation_minutes: hold,
            min_replicas: least,
            max_replicas: most,
            concurrency,
            max_step: step,
            budget_replica_hours: budget,
            ..ServiceCapacity::per_replica(100.0)
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_plan_keeps_its_promises(
        medians in walk(),
        capacity in services(),
        running in prop::option::of(1u32..100),
        measured in 0.0..5000.0_f64,
    ) {
        let calendar = Calendar::default();
        let forecast = forecast("2026-12-08T22:00:00Z", &medians, 0.2, &calendar);
        let plan = planned(&forecast, measured, &capacity, running, &calendar);
        prop_assert_eq!(plan.minutes.len(), forecast.len());
        let bounded = |n: u32| n.clamp(capacity.min_replicas, capacity.max_replicas);
        let asked_now = bounded(capacity.reactive(measured, running));
        let ahead = capacity.ahead_minutes() as usize;
        let unhindered = capacity.max_step.is_none() && capacity.budget_replica_hours.is_none();
        let mut before = running;
        let mut days = std::collections::BTreeMap::<_, (f64, f64, f64)>::new();
        for (at, minute) in plan.minutes.iter().enumerate() {
            prop_assert!(minute.replicas >= minute.reactive);
            prop_assert!(at >= STANDING_MINUTES || minute.replicas >= asked_now);
            prop_assert_eq!(bounded(minute.replicas), minute.replicas);
            prop_assert!(!minute.reason.is_empty() && !minute.reason.contains("NaN"));
            if before.is_some_and(|b| b != minute.replicas) {
                let step = format!("{} -> {} replicas", before.unwrap(), minute.replicas);
                prop_assert!(minute.reason.contains(&step), "{} is not in {}", step, minute.reason);
            }
            before = Some(minute.replicas);
            let day = days.entry(minute.ts.date_naive()).or_default();
            *day = (day.0 + f64::from(minute.replicas) / 60.0, day.1 + f64::from(minute.reactive) / 60.0, day.2 + 1.0);
            for later in forecast[at..].iter().take(ahead + 1).filter(|_| unhindered) {
                let needed = bounded(capacity.staffed(later.at(0.95)));
                prop_assert!(minute.replicas >= needed, "minute {}: {} < {}", at, minute.replicas, needed);
            }
        }
        for (hours, reactive, minutes) in days.into_values() {
            let budget = capacity.budget_replica_hours.map_or(f64::INFINITY, |b| b * minutes / 1440.0);
            prop_assert!(hours <= budget.max(reactive) + 1e-6, "{hours} of {budget}");
        }
    }

    #[test]
    fn more_demand_never_plans_fewer(medians in walk(), capacity in services(), more in 1.0..3.0_f64) {
        let calendar = Calendar::default();
        let capacity = ServiceCapacity { budget_replica_hours: None, ..capacity };
        let wanted = |factor: f64| {
            let medians: Vec<f64> = medians.iter().map(|m| m * factor).collect();
            let forecast = forecast("2026-12-08T22:00:00Z", &medians, 0.2, &calendar);
            let needs = needs::of(&forecast, &capacity, 0, 0);
            (steps::wanted(&forecast, &[], &needs, &capacity, 0).floors, planned(&forecast, 0.0, &capacity, None, &calendar))
        };
        let ((less, small), (greater, large)) = (wanted(1.0), wanted(more));
        prop_assert!(less.iter().zip(&greater).all(|(a, b)| a <= b));
        // A rise is rounded up past the autoscaler's tolerance, by which two plans may differ.
        for (a, b) in small.minutes.iter().zip(&large.minutes) {
            prop_assert!(f64::from(b.replicas) * 1.1 + 1.0 >= f64::from(a.replicas), "{} and {}", a.replicas, b.replicas);
        }
    }
}

//! The loop against the store: spans' minutes in, forecasts and plans out.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use headroom_control::Control;
use headroom_models::calendar::Venue;
use headroom_models::{Calendar, CalendarKeeper, ForecastLoop, ModelsConfig, ServiceCapacity, Subject, read};
use headroom_query::TimeRange;
use headroom_store::Clock;
use headroom_store::clock::ManualClock;
use headroom_store::testing;

use crate::platform::{self, at};

/// New York's day: 60 requests a minute, 600 in session, 2400 in its first quarter, 3x on rate decisions.
fn demand(venue: &Venue, calendar: &Calendar, ts: DateTime<Utc>) -> u64 {
    let session = venue.session(ts.with_timezone(&venue.tz).date_naive());
    let base = match session {
        Some(s) if s.open <= ts && ts < s.open + Duration::minutes(15) => 2400,
        Some(s) if s.open <= ts && ts < s.close => 600,
        _ => 60,
    };
    let events = calendar.events(ts, ts + Duration::minutes(1), ts);
    let decision = events.iter().any(|e| e.class.id() == "rate_decision" && e.start <= ts);
    let noise = (ts.timestamp() as u64 / 60).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 59;
    base * if decision { 3 } else { 1 } + noise
}

pub(crate) fn calendar() -> Calendar {
    let mut calendar = Calendar::new(vec![Venue::builtin("XNYS").unwrap()], true);
    for day in ["2026-11-18", "2026-11-25", "2026-12-02", "2026-12-09"] {
        let event = format!(
            "[[event]]\nclass = \"rate_decision\"\nname = \"FOMC decision\"\nvenue = \"XNYS\"\nstart = \"{day}T14:00\"\nduration_minutes = 60\n"
        );
        calendar.add_toml("test", &event).unwrap();
    }
    calendar
}

pub(crate) async fn fill(
    store: &headroom_store::Store,
    calendar: &Calendar,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) {
    let venue = Venue::builtin("XNYS").unwrap();
    platform::fill(store, from, to, |ts| demand(&venue, calendar, ts)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn history_becomes_a_forecast_and_a_plan() {
    let store = testing::store().await;
    let calendar = calendar();
    let now = at("2026-12-09T12:00:00Z");
    fill(&store, &calendar, at("2026-11-16T00:00:00Z"), now).await;
    let clock = Arc::new(ManualClock::new(now));
    let capacity =
        ServiceCapacity { lead_seconds: 255, margin_seconds: 600, ..ServiceCapacity::per_replica(100.0) };
    let config = ModelsConfig {
        venues: vec!["XNYS".into()],
        horizon_days: 2,
        services: [("gateway".to_owned(), capacity.clone()), ("ledger".to_owned(), capacity)].into(),
        ..ModelsConfig::default()
    };
    let mut forecasts = ForecastLoop::new(
        store.clone(),
        "acme",
        Arc::new(config.clone()),
        Arc::new(calendar),
        Arc::clone(&clock) as Arc<dyn Clock>,
    )
    .unwrap();
    let report = forecasts.tick().await.unwrap();
    assert_eq!(report.forecast["gateway"], 1440 + 288);
    assert_eq!(
        report.unavailable["ledger"],
        "ledger has 0 minutes of measured history; a forecast needs at least 720"
    );

    let range = TimeRange::new(now - Duration::hours(2), now + Duration::hours(24)).unwrap();
    let body = read::forecast(&store, "acme", &Subject::Requests("gateway".into()), range).await.unwrap();
    assert_eq!((body.made_at, body.unavailable.as_deref()), (Some(now), None));
    assert_eq!(body.model.as_deref(), Some("ridge(XNYS)"));
    assert_eq!((body.points.len(), body.actual.len()), (1440, 120));
    let point = |ts: &str| body.points.iter().find(|p| p.ts == at(ts)).unwrap();
    assert!((50.0..90.0).contains(&point("2026-12-09T13:00:00Z").q50));
    assert!((2200.0..2600.0).contains(&point("2026-12-09T14:35:00Z").q50));
    assert!((550.0..700.0).contains(&point("2026-12-09T17:00:00Z").q50));
    assert!(
        (1500.0..2000.0).contains(&point("2026-12-09T19:20:00Z").q50),
        "{:?}",
        point("2026-12-09T19:20:00Z")
    );
    assert!(body.points.iter().all(|p| p.q50 <= p.q80
        && p.q80 <= p.q90
        && p.q90 <= p.q95
        && p.q95 <= p.q99
        && p.q99 <= p.q999));
    let names: Vec<_> = body.events.iter().map(|e| e.name.as_str()).collect();
    assert_eq!(names, ["NYSE open", "FOMC decision", "NYSE close"]);
    // 2400 for 15 minutes, then 600, in six samples: 1500 on average against 60 and some.
    assert!((18.0..25.0).contains(&body.events[0].multiplier), "{:?}", body.events[0]);
    let decision = &body.events[1];
    assert!(decision.multiplier > 2.5 && decision.start == at("2026-12-09T19:00:00Z"), "{decision:?}");

    let plan = read::plan(&store, "acme", Some("gateway"), now, &config).await.unwrap();
    let steps = &plan.services[0].steps;
    assert_eq!((plan.services[0].lead_seconds, plan.services[0].quantile), (Some(255), Some(0.95)));
    assert_eq!((steps[0].ts, steps[0].replicas), (now, 2), "91 requests at most, of which few may wait");
    let open = steps.iter().find(|s| s.replicas >= 20).unwrap();
    assert_eq!(open.ts, at("2026-12-09T14:15:00Z"), "a quarter of an hour before the open");
    assert!(
        open.reason.starts_with("NYSE opens at 09:30 New York (14:30 UTC), q0.95: 2 -> "),
        "{}",
        open.reason
    );
    assert!(open.reason.ends_with("ready 10 minutes before"), "{}", open.reason);
    assert!(steps.iter().any(|s| s.ts == at("2026-12-09T18:45:00Z")
        && s.reason.starts_with("FOMC decision at 14:00 New York (19:00 UTC)")));
    assert!(steps.iter().all(|s| s.replicas >= s.reactive));
    let all = read::plan(&store, "acme", None, now, &config).await.unwrap();
    assert_eq!(all.services.len(), 2, "of ledger nothing was measured: a fallback is planned");
    assert!(
        read::plan(&store, "other", None, now, &config).await.unwrap().services.is_empty(),
        "another tenant sees nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn later_ticks_follow_the_demand_and_rewrite_the_next_hours() {
    let store = testing::store().await;
    let calendar = Calendar::new(vec![Venue::builtin("XNYS").unwrap()], false);
    let now = at("2026-12-08T16:00:00Z");
    fill(&store, &calendar, at("2026-12-01T00:00:00Z"), now).await;
    let clock = Arc::new(ManualClock::new(now));
    let config = ModelsConfig { venues: vec!["XNYS".into()], horizon_days: 1, ..ModelsConfig::default() };
    let mut forecasts = ForecastLoop::new(
        store.clone(),
        "acme",
        Arc::new(config),
        Arc::new(calendar.clone()),
        Arc::clone(&clock) as Arc<dyn Clock>,
    )
    .unwrap();
    assert_eq!(forecasts.tick().await.unwrap().forecast["gateway"], 1440);
    let later = now + Duration::minutes(20);
    fill(&store, &calendar, now, later).await;
    clock.set(later);
    let report = forecasts.tick().await.unwrap();
    assert_eq!(report.forecast["gateway"], 240, "only the next four hours");
    assert!(report.planned.is_empty(), "no capacity is configured");
    let range = TimeRange::new(now, now + Duration::hours(24)).unwrap();
    let body = read::forecast(&store, "acme", &Subject::Requests("gateway".into()), range).await.unwrap();
    assert_eq!((body.points.len(), body.made_at), (1440, Some(later)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_says_why() {
    let store = testing::store().await;
    let range = TimeRange::new(at("2026-12-08T00:00:00Z"), at("2026-12-09T00:00:00Z")).unwrap();
    let body = read::forecast(&store, "acme", &Subject::Requests("nobody".into()), range).await.unwrap();
    insta::assert_json_snapshot!(body, @r#"
    {
      "service": "nobody",
      "metric": "requests_per_minute",
      "made_at": null,
      "model": null,
      "points": [],
      "actual": [],
      "events": [],
      "anomalies": [],
      "skill": null,
      "unavailable": "no forecast of nobody is stored for this range; the first one needs half a day of measured minutes"
    }
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_calendar_is_forecast_with_at_the_next_tick() {
    let store = testing::store().await;
    let calendar = Calendar::new(vec![Venue::builtin("XNYS").unwrap()], false);
    let now = at("2026-12-08T16:00:00Z");
    fill(&store, &calendar, at("2026-12-01T00:00:00Z"), now).await;
    let clock = Arc::new(ManualClock::new(now));
    let control = Control::in_memory().unwrap();
    let config = ModelsConfig {
        venues: vec!["XNYS".into()],
        builtin_events: false,
        horizon_days: 1,
        ..ModelsConfig::default()
    };
    let shared = Arc::clone(&clock) as Arc<dyn Clock>;
    let mut keeper =
        CalendarKeeper::open(&config, control.clone(), "acme", Arc::clone(&shared)).await.unwrap();
    let board = keeper.board();
    let mut forecasts = ForecastLoop::new(store.clone(), "acme", Arc::new(config), board.calendar(), shared)
        .unwrap()
        .following(Arc::clone(&board));
    assert_eq!(forecasts.tick().await.unwrap().forecast["gateway"], 1440, "the whole horizon");
    clock.set(now + Duration::minutes(1));
    assert_eq!(forecasts.tick().await.unwrap().forecast["gateway"], 240, "nothing changed");

    let posted = headroom_models::calendars::posted::entries(
        r#"[{"class": "custom", "name": "Fee-free week", "start": "2026-12-08T20:00:00Z", "duration_minutes": 60,
             "multiplier": 3.0}]"#,
        &[],
    );
    control.add_calendar_entries("acme", &posted.unwrap(), "ada", now).unwrap();
    assert!(keeper.round().await);
    clock.set(now + Duration::minutes(2));
    assert_eq!(forecasts.tick().await.unwrap().forecast["gateway"], 1440, "fitted anew");
    let range = TimeRange::new(now, now + Duration::hours(24)).unwrap();
    let body = read::forecast(&store, "acme", &Subject::Requests("gateway".into()), range).await.unwrap();
    let names: Vec<_> = body.events.iter().map(|event| event.name.as_str()).collect();
    assert!(names.contains(&"Fee-free week"), "{names:?}");
    let median = |ts: &str| body.points.iter().find(|point| point.ts == at(ts)).unwrap().q50;
    assert!(median("2026-12-08T20:30:00Z") > 2.0 * median("2026-12-08T19:30:00Z"), "{:?}", body.events);
}

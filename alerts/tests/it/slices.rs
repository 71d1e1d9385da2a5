//! Slices counted from real roll-ups, and the bodies built from them.

use std::sync::Arc;

use chrono::TimeDelta;
use headroom_alerts::{AlertsConfig, Evaluator, Routing, slo_page};
use headroom_control::Control;
use headroom_query::TimeRange;
use headroom_query::slo::{self, SloSet, slices};
use headroom_store::testing::counting_store as store;
use headroom_store::{Clock as _, ManualClock, Store};

use crate::support::{TENANT, config, events, noon, order_slo, slo, spans};

async fn evaluate(store: &Store, set: &Arc<SloSet>, clock: &Arc<ManualClock>) {
    let control = Control::in_memory().unwrap();
    let mut evaluator =
        Evaluator::new(config(vec![]), Arc::clone(set), store.clone(), control, clock.clone(), TENANT);
    let tick = evaluator.tick().await.unwrap();
    assert!(tick.failed.is_empty(), "{:?}", tick.failed);
}

#[tokio::test]
async fn availability_from_the_minute_roll_up() {
    let store = store().await;
    let set = order_slo(0.99);
    let clock = Arc::new(ManualClock::new(noon()));
    let start = noon() - TimeDelta::minutes(61);
    spans(&store, start, start + TimeDelta::minutes(50), 100, 1, 20).await;
    evaluate(&store, &set, &clock).await;
    let row = slo::rows(&store, TENANT, &set, clock.now()).await.unwrap().remove(0);
    // 50 minutes with 5,000 requests; then silence: 4 minutes count as a pause, 6 as a gap.
    assert_eq!((row.good, row.total), (Some(4_950.0), Some(5_000.0)), "{row:?}");
    assert_eq!(row.coverage.map(|c| (c * 60.0).round()), Some(54.0));
    assert_eq!(row.budget_remaining.map(|b| b.abs() < 1e-9), Some(true));
    assert_eq!(row.burn["5m"], None, "nothing was seen");
    assert!(row.burn["1h"].is_some());
    assert_eq!(row.measured_since, Some(start));

    // Late data arrives: counted when all is counted again.
    spans(&store, start + TimeDelta::minutes(50), noon(), 100, 0, 20).await;
    evaluate(&store, &set, &clock).await;
    let row = slo::rows(&store, TENANT, &set, clock.now()).await.unwrap().remove(0);
    assert_eq!((row.good, row.total, row.coverage), (Some(5_950.0), Some(6_000.0), Some(1.0)));
    assert!(row.burn["5m"].is_some());
}

#[tokio::test]
async fn a_latency_threshold_from_buckets() {
    let store = store().await;
    let clock = Arc::new(ManualClock::new(noon()));
    let start = noon() - TimeDelta::minutes(61);
    spans(&store, start, start + TimeDelta::minutes(60), 90, 0, 240).await;
    spans(&store, start, start + TimeDelta::minutes(60), 10, 0, 260).await;
    let total = "{operation: POST /orders, kind: server}";
    let set = slo("{target: 0.8}", "{operation: POST /orders, kind: server, latency_below: 250ms}", total);
    evaluate(&store, &set, &clock).await;
    let row = slo::rows(&store, TENANT, &set, clock.now()).await.unwrap().remove(0);
    assert_eq!(
        (row.good, row.total),
        (Some(5_400.0), Some(6_000.0)),
        "exact outside the threshold's own bucket: {row:?}"
    );
    assert_eq!(row.sli.threshold_ns, Some(250_000_000));
    insta::assert_snapshot!(row.objective, @"80 % of requests POST /orders of order within 250 ms over 30 days");
    let sentence = format!(
        "Burning at 0.50x the allowed rate. 50 % of the budget of 30 days is left (measured since {} 10:59 UTC).",
        start.format("%-d %B")
    );
    assert_eq!(row.sentence, sentence);
}

#[tokio::test]
async fn business_events_count_once() {
    let store = store().await;
    let clock = Arc::new(ManualClock::new(noon()));
    let at = noon() - TimeDelta::minutes(3);
    events(&store, at, "deposit.completed", 95, "ok").await;
    events(&store, at, "deposit.failed", 5, "bad").await;
    events(&store, at, "deposit.failed", 5, "bad").await;
    let set =
        slo("{target: 0.9}", "{event: deposit.completed}", "{event_in: [deposit.completed, deposit.failed]}");
    evaluate(&store, &set, &clock).await;
    let row = slo::rows(&store, TENANT, &set, clock.now()).await.unwrap().remove(0);
    assert_eq!((row.good, row.total, row.sli.kind.as_str()), (Some(95.0), Some(100.0), "events"));
}

#[tokio::test]
async fn the_page_of_one_objective() {
    let store = store().await;
    let control = Control::in_memory().unwrap();
    let clock = Arc::new(ManualClock::new(noon()));
    let start = noon() - TimeDelta::minutes(121);
    spans(&store, start, start + TimeDelta::minutes(60), 100, 0, 20).await;
    spans(&store, start + TimeDelta::minutes(60), start + TimeDelta::minutes(120), 100, 20, 20).await;
    let set = order_slo(0.9);
    let mut evaluator =
        Evaluator::new(config(vec![]), set.clone(), (*store).clone(), control.clone(), clock.clone(), TENANT);
    evaluator.tick().await.unwrap();
    let range = TimeRange::new(start, noon()).unwrap();
    let routing = Routing::new(&AlertsConfig::default(), control.clone(), TENANT);
    let promise = set.promise("orders").unwrap();
    let page = slo_page(&store, &routing, &set, promise, &range, clock.now()).await.unwrap();
    assert_eq!(page.detail.step_seconds, 60);
    assert_eq!(page.detail.series.len(), 120);
    let (first, last) = (&page.detail.series[0], &page.detail.series[119]);
    assert_eq!((first.good, first.total, first.budget_remaining), (100.0, 100.0, Some(1.0)));
    assert!(last.budget_remaining.unwrap().abs() < 1e-9);
    assert!((last.burn_1h.unwrap() - 2.0).abs() < 1e-9);
    assert!(page.detail.definition.contains("kind: SLO"));
    let body = serde_json::to_value(&page).unwrap();
    for field in [
        "name",
        "objective",
        "target",
        "window",
        "budgeting_method",
        "sli",
        "status",
        "budget_remaining",
        "unavailable",
        "burn",
        "coverage",
        "exhausts_at",
        "sentence",
        "definition",
        "series",
        "alerts",
    ] {
        assert!(body.get(field).is_some(), "{field}");
    }
}

#[tokio::test]
async fn a_second_count_writes_nothing_new() {
    let store = store().await;
    let set = order_slo(0.99);
    let start = noon() - TimeDelta::minutes(61);
    spans(&store, start, start + TimeDelta::minutes(60), 10, 1, 20).await;
    let (from, to) = (start.timestamp(), slices::due_until(noon()));
    let asked = [(&set.slos[0], slices::Stretch { from, to })];
    let first = slices::refresh(&store, TENANT, &asked, None, noon()).await.unwrap();
    let second = slices::refresh(&store, TENANT, &asked, None, noon()).await.unwrap();
    assert_eq!((first.slices(), second.slices()), (60, 0));
}

#[test]
fn the_sample_objectives_are_measurable() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample-data/slos");
    let set = AlertsConfig { slo_dirs: vec![folder], ..AlertsConfig::default() }.load_slos(&[]).unwrap();
    assert!(set.slos.len() >= 4);
    for slo in &set.slos {
        assert!(slo.indicator.is_ok(), "{}: {:?}", slo.id, slo.indicator);
    }
}

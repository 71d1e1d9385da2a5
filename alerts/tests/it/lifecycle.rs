//! From failing spans to a resolved alert.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use headroom_alerts::{Alerts, AlertsConfig, Deliverer, Evaluator, MarketEvents, Routing, list};
use headroom_control::{AlertState, Control, DeliveryState};
use headroom_query::slo::{self, SloSet};
use headroom_store::testing::counting_store as store;
use headroom_store::{Clock as _, ManualClock};
use tokio_util::sync::CancellationToken;

use crate::support::{Receiver, TENANT, config, events, noon, order_slo, spans};
use crate::world::World;

#[tokio::test]
async fn fires_signed_and_resolves() {
    let receiver = Receiver::start().await;
    let config = config(vec![receiver.hook("ops")]);
    let mut world = World::new(config.clone(), order_slo(0.999)).await;
    let deliverer = Deliverer::new(&config.targets, world.control.clone(), world.clock.clone()).unwrap();
    world.pass(120, 100, 0).await;
    assert_eq!(world.tick().await, 0);
    world.pass(6, 100, 50).await;
    assert_eq!(world.tick().await, 1);
    assert_eq!(world.tick().await, 0, "it fires once");
    let fired_at = world.clock.now();
    deliverer.round().await.unwrap();

    let alerts = list(&world.control, TENANT, Some(AlertState::Firing), 10).unwrap().alerts;
    assert_eq!(alerts.len(), 1);
    assert_eq!((alerts[0].severity.as_str(), alerts[0].windows.as_str()), ("critical", "1 hour & 5 minutes"));
    assert!(alerts[0].summary.starts_with("Orders: Burning 50.0x too fast"), "{}", alerts[0].summary);
    assert_eq!(alerts[0].burn_short.map(f64::round), Some(500.0));
    let routing = Routing::new(&config, world.control.clone(), TENANT);
    let taken = routing.acknowledge(&alerts[0].id, "dana", world.clock.now()).unwrap();
    assert_eq!(taken.acknowledged_by.as_deref(), Some("dana"));

    // Half an hour later the major rule's short window is empty, and three minutes on it is over.
    for (minutes, why) in [
        (11, "the critical rule is calm, the major one is not"),
        (18, "its 30 minutes hold one bad minute"),
        (3, "calm, not yet for long enough"),
    ] {
        world.pass(minutes, 100, 0).await;
        assert_eq!(world.tick().await, 0, "{why}");
    }
    deliverer.round().await.unwrap();
    assert_eq!(receiver.got().len(), 2, "nobody hears of calm before it is sure");
    world.pass(3, 100, 0).await;
    let ended_at = world.clock.now();
    assert_eq!(world.tick().await, 1);
    assert_eq!(world.tick().await, 0, "it ends once, and 3 days of which 2 hours were seen open no ticket");
    deliverer.round().await.unwrap();

    let got = receiver.got();
    assert_eq!(
        got.iter().map(super::support::Got::kind).collect::<Vec<_>>(),
        ["alert.firing", "alert.firing", "alert.resolved"],
        "it fired, somebody took it, it is over"
    );
    assert_eq!([&got[0], &got[2]].map(|g| g.timestamp), [fired_at, ended_at].map(|at| at.timestamp()));
    assert!(got[0].id != got[1].id && got[1].id != got[2].id);
    let got = [&got[0], &got[2]];
    let inner = |n: usize| &got[n].body["data"]["alerts"][0];
    assert_eq!(inner(0)["fingerprint"], inner(1)["fingerprint"]);
    assert_eq!(inner(0)["endsAt"], "0001-01-01T00:00:00Z");
    assert_eq!(inner(1)["endsAt"], ended_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    assert_eq!(got[0].body["data"]["version"], "4");
    assert_eq!(inner(0)["labels"]["severity"], "critical");
    let ended = list(&world.control, TENANT, None, 10).unwrap().alerts.remove(0);
    assert_eq!((ended.state, ended.acknowledged_by.as_deref()), (AlertState::Resolved, Some("dana")));
    let sent = world.control.list_deliveries(None, 10).unwrap();
    assert_eq!(
        sent.iter().map(|d| (d.state, d.attempts)).collect::<Vec<_>>(),
        [(DeliveryState::Delivered, 1); 3]
    );
}

#[tokio::test]
async fn while_nothing_is_seen_nothing_moves() {
    let mut world = World::new(config(vec![]), order_slo(0.999)).await;
    world.pass(60, 100, 0).await;
    world.pass(6, 100, 50).await;
    assert_eq!(world.tick().await, 1);
    // Half an hour in which nothing at all arrives.
    for _ in 0..6 {
        world.pass(5, 0, 0).await;
        assert_eq!(world.tick().await, 0);
    }
    assert_eq!(world.control.open_alerts(TENANT).unwrap().len(), 1);
    // What arrives late fills the gap, and the alert ends.
    let gap = world.clock.now() - TimeDelta::seconds(60) - TimeDelta::minutes(30);
    spans(&world.store, gap, gap + TimeDelta::minutes(30), 100, 0, 20).await;
    world.pass(5, 100, 0).await;
    world.tick().await;
    world.pass(5, 100, 0).await;
    world.tick().await;
    assert!(world.control.open_alerts(TENANT).unwrap().is_empty());
}

#[tokio::test]
async fn after_a_gap_that_stays_what_is_seen_again_decides() {
    let mut world = World::new(config(vec![]), order_slo(0.999)).await;
    world.pass(60, 100, 0).await;
    world.pass(6, 100, 50).await;
    assert_eq!(world.tick().await, 1);
    world.pass(30, 0, 0).await;
    assert_eq!(world.tick().await, 0);
    // 22, then 25 of the 30 minutes are seen again, less than 90 %: the major rule is blind still.
    world.pass(22, 100, 0).await;
    assert_eq!(world.tick().await, 0);
    world.pass(3, 100, 0).await;
    assert_eq!(world.tick().await, 0);
    world.pass(5, 100, 0).await;
    world.tick().await;
    world.pass(3, 100, 0).await;
    world.tick().await;
    assert!(
        world.control.open_alerts(TENANT).unwrap().is_empty(),
        "its hour and its 6 hours have holes, its short windows have none"
    );
}

#[tokio::test]
async fn a_service_that_falls_silent_has_not_recovered() {
    let mut world = World::new(config(vec![]), order_slo(0.999)).await;
    world.pass(60, 100, 0).await;
    world.pass(6, 100, 50).await;
    assert_eq!(world.tick().await, 1);
    // No more requests of the objective, while others keep the company in sight.
    for _ in 0..8 {
        let from = world.clock.now() - TimeDelta::seconds(60);
        for minute in 0..5 {
            events(&world.store, from + TimeDelta::minutes(minute), "deposit.completed", 1, "alive").await;
        }
        world.clock.advance(TimeDelta::minutes(5));
        assert_eq!(world.tick().await, 0);
    }
    let row = slo::rows(&world.store, TENANT, &order_slo(0.999), world.clock.now()).await.unwrap().remove(0);
    assert_eq!(row.burn["30m"], Some(0.0), "the silence was seen, it is no gap");
    assert_eq!(world.control.open_alerts(TENANT).unwrap().len(), 1);
}

#[tokio::test]
async fn an_objective_that_is_removed_ends_its_alert() {
    let mut world = World::new(config(vec![]), order_slo(0.999)).await;
    world.pass(60, 100, 50).await;
    assert_eq!(world.tick().await, 1);
    let (store, control, clock) = (world.store.clone(), world.control.clone(), world.clock.clone());
    let mut without =
        Evaluator::new(config(vec![]), Arc::new(SloSet::default()), store, control, clock, TENANT);
    assert_eq!(without.tick().await.unwrap().transitions, 1);
    assert!(world.control.open_alerts(TENANT).unwrap().is_empty());
}

#[tokio::test]
async fn a_crash_after_the_transition_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("control.db");
    std::fs::write(folder.path().join("orders.yaml"), order_slo(0.999).slos[0].definition.clone()).unwrap();
    let receiver = Receiver::start().await;
    let config = AlertsConfig {
        slo_dirs: vec![folder.path().to_owned()],
        interval_seconds: 1,
        ..config(vec![receiver.hook("ops")])
    };
    let store = store().await;
    let clock = Arc::new(ManualClock::new(noon()));
    spans(&store, noon() - TimeDelta::minutes(61), noon(), 100, 50, 20).await;
    {
        let control = Control::open(&file).unwrap();
        let mut evaluator =
            Evaluator::new(config.clone(), order_slo(0.999), store.clone(), control, clock.clone(), TENANT);
        assert_eq!(evaluator.tick().await.unwrap().transitions, 1);
        // Dies here: the alert and its message are in the file, nothing was sent.
    }
    let control = Control::open(&file).unwrap();
    let stop = CancellationToken::new();
    let handle = Alerts::start(
        config,
        order_slo(0.999),
        store.clone(),
        control.clone(),
        clock.clone(),
        TENANT,
        MarketEvents::default(),
        &stop,
    )
    .unwrap();
    while receiver.got().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    handle.join().await;
    let got = receiver.got();
    assert_eq!(got.len(), 1, "a second evaluator does not fire the same alert again");
    assert_eq!(got[0].id, control.list_deliveries(None, 2).unwrap()[0].dedup_key);
    assert_eq!(control.list_deliveries(None, 2).unwrap().len(), 1);
}

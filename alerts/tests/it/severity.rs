//! How bad it is: what pages, what is a ticket, what is chance, and what gets worse.

use chrono::TimeDelta;
use headroom_alerts::{Deliverer, Routing, list};
use headroom_control::AlertState;
use headroom_query::slo;
use headroom_store::Clock as _;

use crate::support::{Receiver, TENANT, config, events, noon, order_slo};
use crate::world::World;

#[tokio::test]
async fn a_short_history_neither_pages_nor_opens_a_ticket() {
    let mut world = World::new(config(vec![]), order_slo(0.999)).await;
    let burn = async |world: &World| {
        slo::rows(&world.store, TENANT, &order_slo(0.999), world.clock.now()).await.unwrap().remove(0).burn
    };
    // Every second request fails from the first minute on; 53 minutes are less than 90 % of an hour.
    world.pass(53, 100, 50).await;
    assert_eq!(world.tick().await, 0);
    let shown = burn(&world).await;
    assert_eq!((shown["1h"], shown["5m"].map(f64::round)), (None, Some(500.0)));
    world.pass(1, 100, 50).await;
    assert_eq!(world.tick().await, 1);
    assert_eq!(world.control.open_alerts(TENANT).unwrap()[0].severity, "critical");

    // A burn of 2 for two hours is worth a ticket in 3 days that were seen, not in two hours.
    let mut slow = World::new(config(vec![]), order_slo(0.999)).await;
    slow.pass(120, 500, 1).await;
    assert_eq!(slow.tick().await, 0);
    let shown = burn(&slow).await;
    assert_eq!((shown["1h"].map(f64::round), shown["6h"], shown["3d"]), (Some(2.0), None, None));
}

#[tokio::test]
async fn a_ticket_may_follow_a_page() {
    let receiver = Receiver::start().await;
    let config = config(vec![receiver.hook("ops")]);
    let mut world = World::new(config.clone(), order_slo(0.999)).await;
    let deliverer = Deliverer::new(&config.targets, world.control.clone(), world.clock.clone()).unwrap();
    world.pass(3 * 1440, 10, 0).await;
    assert_eq!(world.tick().await, 0);
    world.pass(12, 10, 10).await;
    assert_eq!(world.tick().await, 1, "the page says more: no ticket beside it");
    world.pass(30, 10, 0).await;
    assert_eq!(world.tick().await, 0);
    world.pass(3, 10, 0).await;
    assert_eq!(world.tick().await, 2, "the page ends, and what it cost is a ticket");
    let open = list(&world.control, TENANT, Some(AlertState::Firing), 10).unwrap().alerts;
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].severity.as_str(), open[0].windows.as_str()), ("warning", "1 day & 2 hours"));
    // Over these two rounds the page's messages come in order.
    deliverer.round().await.unwrap();
    deliverer.round().await.unwrap();
    let kinds = |severity: &str| -> Vec<String> {
        let got = receiver.got();
        got.iter()
            .filter(|g| g.body["data"]["commonLabels"]["severity"] == severity)
            .map(|g| g.kind().to_owned())
            .collect()
    };
    assert_eq!(kinds("critical"), ["alert.firing", "alert.resolved"]);
    assert_eq!(kinds("warning"), ["alert.firing"]);
}

#[tokio::test]
async fn one_failure_among_few_requests_does_not_page() {
    let mut world = World::new(config(vec![]), order_slo(0.999)).await;
    world.pass(60, 1, 0).await;
    // One failure in 60 requests burns 16 times too fast, and is chance at 6 %.
    world.pass(1, 1, 1).await;
    assert_eq!(world.tick().await, 0);
    // Three in 63 are not.
    world.pass(2, 1, 1).await;
    assert_eq!(world.tick().await, 1);
}

#[tokio::test]
async fn one_failure_of_fifty_pages_nobody_and_an_outage_of_a_small_service_does() {
    let mut world = World::new(config(vec![]), order_slo(0.999)).await;
    // Others keep the company in sight: what is not requested is no gap.
    for minute in (0..60).step_by(4) {
        let at = noon() - TimeDelta::seconds(60) + TimeDelta::minutes(minute);
        events(&world.store, at, "deposit.completed", 1, "alive").await;
    }
    world.clock.advance(TimeDelta::minutes(10));
    world.pass(49, 1, 0).await;
    world.pass(1, 1, 1).await;
    assert_eq!(world.tick().await, 0, "one of 50 burns 20 times too fast and is chance at 5 %");

    // Five requests an hour, of which from now on every one fails.
    let mut small = World::new(config(vec![]), order_slo(0.999)).await;
    let request = async |small: &World, bad: u32| {
        small.pass(1, 1, bad).await;
        for minute in [0, 4, 8] {
            let at = small.clock.now() - TimeDelta::seconds(60) + TimeDelta::minutes(minute);
            events(&small.store, at, "deposit.completed", 1, &format!("alive-{at}")).await;
        }
    };
    for _ in 0..6 {
        request(&small, 0).await;
        small.clock.advance(TimeDelta::minutes(11));
    }
    request(&small, 1).await;
    assert_eq!(small.tick().await, 0, "one of 6 is chance at 0.6 %");
    small.clock.advance(TimeDelta::minutes(11));
    request(&small, 1).await;
    assert_eq!(small.tick().await, 1, "two of 6 are chance at 0.0015 %");
    assert_eq!(small.control.open_alerts(TENANT).unwrap()[0].severity, "critical");
}

#[tokio::test]
async fn a_ticket_that_nobody_takes_becomes_a_page_and_one_that_somebody_took_does_not() {
    for (taken, expected) in [(false, "major"), (true, "warning")] {
        let config = config(vec![]);
        let mut world = World::new(config.clone(), order_slo(0.999)).await;
        world.pass(3 * 1440, 10, 0).await;
        world.pass(12, 10, 10).await;
        assert_eq!(world.tick().await, 1);
        world.pass(30, 10, 0).await;
        world.tick().await;
        world.pass(3, 10, 0).await;
        assert_eq!(world.tick().await, 2, "the page ends, and what it cost is a ticket");
        let id = world.control.open_alerts(TENANT).unwrap()[0].id.clone();
        if taken {
            let routing = Routing::new(&config, world.control.clone(), TENANT);
            routing.acknowledge(&id, "dana", world.clock.now()).unwrap();
        }
        world.pass(29, 10, 0).await;
        assert_eq!(world.tick().await, 0);
        world.pass(1, 10, 0).await;
        assert_eq!(world.tick().await, usize::from(!taken));
        let open = world.control.open_alerts(TENANT).unwrap().remove(0);
        assert_eq!((open.id, open.severity.as_str()), (id, expected));
    }
}

#[tokio::test]
async fn a_major_alert_is_raised_under_the_same_id() {
    let receiver = Receiver::start().await;
    let config = config(vec![receiver.hook("ops")]);
    let mut world = World::new(config.clone(), order_slo(0.99)).await;
    let deliverer = Deliverer::new(&config.targets, world.control.clone(), world.clock.clone()).unwrap();
    // 8 % failing burns 8 times too fast: major. 30 % for long enough: critical.
    world.pass(370, 100, 8).await;
    assert_eq!(world.tick().await, 1);
    world.pass(30, 100, 30).await;
    assert_eq!(world.tick().await, 1);
    deliverer.round().await.unwrap();
    deliverer.round().await.unwrap();
    let severities: Vec<String> = receiver
        .got()
        .iter()
        .map(|g| g.body["data"]["commonLabels"]["severity"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(severities, ["major", "critical"]);
    assert_eq!(world.control.open_alerts(TENANT).unwrap().len(), 1);
}

//! What each kind of receiver gets, and what its answers mean.

use chrono::TimeDelta;
use headroom_alerts::{Round, Routing};
use headroom_control::{AlertState, DeliveryState};
use headroom_store::Clock as _;

use crate::bench::{Bench, DEAD, FAILED, NOTHING};
use crate::support::{Catcher, Receiver, TENANT, config, target};

#[tokio::test]
async fn gone_turns_the_receiver_off() {
    let receiver = Receiver::start().await;
    receiver.answer(410, None);
    let bench = Bench::new(&[receiver.hook("ops")]);
    bench.record("a1", AlertState::Firing, &["ops"]);
    assert_eq!(bench.round().await, DEAD);
    bench.record("a2", AlertState::Firing, &["ops"]);
    assert_eq!(bench.round().await, DEAD);
    assert_eq!(receiver.got().len(), 1, "it is not asked again");
    assert_eq!(
        bench.control.list_deliveries(Some(DeliveryState::Dead), 10).unwrap().len(),
        2,
        "dead letters stay visible"
    );
}

#[tokio::test]
async fn a_receiver_that_does_not_get_its_messages_is_told_of_at_the_others() {
    let (gone, ops) = (Receiver::start().await, Receiver::start().await);
    gone.answer(410, None);
    let hooks = [gone.hook("chat"), ops.hook("ops")];
    let bench = Bench::new(&hooks);
    let routing = Routing::new(&config(hooks.to_vec()), bench.control.clone(), TENANT);
    bench.record("a1", AlertState::Firing, &["chat"]);
    assert_eq!(bench.round().await, DEAD);
    for _ in 0..3 {
        routing.undelivered(bench.clock.now()).unwrap();
        routing.tick(bench.clock.now()).unwrap();
        bench.pass(TimeDelta::seconds(5));
        bench.round().await;
    }
    let told = ops.got();
    assert_eq!(told.len(), 1, "once");
    let labels = &told[0].body["data"]["commonLabels"];
    assert_eq!((&labels["alertname"], &labels["receiver"]), (&"HeadroomUndelivered".into(), &"chat".into()));
    assert!(told[0].raw.contains("Receiver chat: a message was given up"), "{}", told[0].raw);
    // An hour later nothing more was given up.
    bench.pass(TimeDelta::minutes(61));
    routing.undelivered(bench.clock.now()).unwrap();
    routing.tick(bench.clock.now()).unwrap();
    bench.pass(TimeDelta::seconds(5));
    routing.tick(bench.clock.now()).unwrap();
    bench.round().await;
    assert_eq!(ops.got().last().unwrap().kind(), "alert.resolved");
}

#[tokio::test]
async fn redirects_are_failures() {
    let (inner, receiver) = (Receiver::start().await, Receiver::start().await);
    receiver.answer(302, Some(("location", &format!("http://{}/", inner.address))));
    let bench = Bench::new(&[receiver.hook("ops")]);
    bench.record("a1", AlertState::Firing, &["ops"]);
    assert_eq!(bench.round().await, FAILED);
    assert!(inner.got().is_empty());
    assert_eq!(
        bench.last_error(),
        "the receiver answered 302; redirects are not followed, configure the final address"
    );
}

#[tokio::test]
async fn each_kind_gets_its_own_message_of_the_same_notification() {
    let receiver = Catcher::start().await;
    let url = format!("http://{}", receiver.address);
    let kinds = [
        ("slack", format!("url = '{url}/slack'")),
        ("pagerduty", format!("routing_key = '0123456789abcdef0123456789abcdef'\nurl = '{url}/pagerduty'")),
        ("alertmanager", format!("url = '{url}'")),
        ("teams", format!("url = '{url}/teams'")),
        ("webhook", format!("url = '{url}/webhook'")),
    ];
    let targets = kinds
        .iter()
        .map(|(kind, keys)| {
            target(&format!("name = '{kind}'\nkind = '{kind}'\nallow_networks = ['127.0.0.1']\n{keys}"))
        })
        .collect::<Vec<_>>();
    let bench = Bench::new(&targets);
    bench.record("a1", AlertState::Firing, &kinds.each_ref().map(|(kind, _)| *kind));
    assert_eq!(bench.round().await, Round { delivered: 5, ..NOTHING });
    let mut got = receiver.got();
    got.sort_by(|a, b| a.0.cmp(&b.0));
    let paths: Vec<&str> = got.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["/api/v2/alerts", "/pagerduty", "/slack", "/teams", "/webhook"]);
    assert_eq!(got[0].1[0]["labels"]["slo"], "orders");
    assert_eq!(got[1].1["dedup_key"], "a1");
    assert_eq!(got[2].1["blocks"][0]["type"], "header");
    assert_eq!(got[3].1["type"], "message");
    assert_eq!(got[4].1["version"], "4");
}

#[tokio::test]
async fn what_the_service_refuses_for_good_is_a_dead_letter_at_once() {
    let receiver = Catcher::start().await;
    receiver.answer(400);
    let pager = format!(
        "name = 'pager'\nkind = 'pagerduty'\nrouting_key = 'r'\nurl = 'http://{}/'\nallow_networks = ['127.0.0.1']",
        receiver.address
    );
    let bench = Bench::new(&[target(&pager)]);
    bench.record("a1", AlertState::Firing, &["pager"]);
    assert_eq!(bench.round().await, DEAD);
    assert_eq!(bench.last_error(), "the receiver answered 400");
}

#[tokio::test]
async fn what_the_gate_holds_back_was_not_tried() {
    let receiver = Catcher::start().await;
    let slack = format!(
        "name = 'chat'\nkind = 'slack'\nurl = 'http://{}/'\nallow_networks = ['127.0.0.1']",
        receiver.address
    );
    let bench = Bench::new(&[target(&slack)]);
    for id in ["a1", "a2", "a3"] {
        bench.record(id, AlertState::Firing, &["chat"]);
    }
    assert_eq!(bench.round().await, Round { delivered: 1, postponed: 2, ..NOTHING });
    assert_eq!(bench.round().await, NOTHING, "not before there is a token again");
    for _ in 0..2 {
        bench.pass(TimeDelta::seconds(1));
        assert_eq!(bench.round().await.delivered, 1);
    }
    let attempts: Vec<u32> =
        bench.control.list_deliveries(None, 3).unwrap().iter().map(|one| one.attempts).collect();
    assert_eq!(attempts, [1, 1, 1]);
}

#[tokio::test]
async fn a_receiver_that_is_down_is_not_asked_by_every_message() {
    let receiver = Receiver::start().await;
    for _ in 0..5 {
        receiver.answer(500, None);
    }
    let bench = Bench::new(&[receiver.hook("ops")]);
    for n in 0..8 {
        bench.record(&format!("a{n}"), AlertState::Firing, &["ops"]);
        bench.round().await;
    }
    assert_eq!(receiver.got().len(), 5, "the breaker has opened");
    bench.pass(TimeDelta::seconds(30));
    let probe = bench.round().await;
    assert_eq!((probe.delivered, probe.failed), (1, 0), "one tries");
    bench.pass(TimeDelta::minutes(2));
    bench.round().await;
    let states = bench.control.list_deliveries(Some(DeliveryState::Delivered), 10).unwrap();
    assert_eq!(states.len(), 8);
}

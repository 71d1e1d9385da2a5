//! The outbox and the receiver: once, in order, for days, and only where allowed.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_alerts::{Deliverer, Round, TargetConfig};
use headroom_control::{Alert, AlertState, Control, Decision, DeliveryState, Form, NewMessage};
use headroom_store::{Clock as _, ManualClock};

use crate::support::{Catcher, Receiver, TENANT, hook, noon, target};

struct Bench {
    control: Control,
    clock: Arc<ManualClock>,
    deliverer: Deliverer,
}

impl Bench {
    fn new(hooks: &[TargetConfig]) -> Self {
        Self::on(Control::in_memory().unwrap(), hooks, noon())
    }

    fn on(control: Control, hooks: &[TargetConfig], now: DateTime<Utc>) -> Self {
        let clock = Arc::new(ManualClock::new(now));
        let deliverer = Deliverer::new(hooks, control.clone(), clock.clone()).unwrap();
        Self { control, clock, deliverer }
    }

    fn record(&self, id: &str, state: AlertState, channels: &[&str]) {
        let now = self.clock.now();
        let alert = Alert {
            id: id.to_owned(),
            tenant: TENANT.to_owned(),
            slo: "orders".to_owned(),
            service: "order".to_owned(),
            severity: "critical".to_owned(),
            state,
            started_at: now,
            resolved_at: (state == AlertState::Resolved).then_some(now),
            summary: "orders burn".to_owned(),
            detail: serde_json::json!({}),
            acknowledged_by: None,
            acknowledged_at: None,
        };
        let message = |channel: &&str| NewMessage {
            group: id.to_owned(),
            channel: (*channel).to_owned(),
            dedup_key: format!("msg_{id}_{state}_{channel}"),
            form: Form::Notification,
            body: notification(&alert, channel, now).to_string(),
            due: now,
        };
        let messages = channels.iter().map(message).collect();
        let decision = Decision { messages, alerts: vec![alert.clone()], ..Decision::default() };
        self.control.route(TENANT, now, |_| Ok(decision)).unwrap();
    }

    async fn round(&self) -> Round {
        self.deliverer.round().await.unwrap()
    }

    fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    fn last_error(&self) -> String {
        self.control.list_deliveries(None, 1).unwrap()[0].last_error.clone().unwrap()
    }
}

fn notification(alert: &Alert, receiver: &str, now: DateTime<Utc>) -> serde_json::Value {
    serde_json::json!({
        "group_key": alert.id, "receiver": receiver, "reason": "first", "at": now, "severity": "critical",
        "title": alert.summary, "service": alert.service, "group_labels": {},
        "alerts": [{
            "status": alert.state, "labels": {"slo": alert.slo}, "annotations": {"summary": alert.summary},
            "starts_at": alert.started_at, "ends_at": alert.resolved_at, "generator_url": null,
            "fingerprint": alert.id,
        }],
    })
}

const DELIVERED: Round = Round { delivered: 1, failed: 0, dead: 0, postponed: 0 };
const FAILED: Round = Round { delivered: 0, failed: 1, dead: 0, postponed: 0 };
const DEAD: Round = Round { delivered: 0, failed: 0, dead: 1, postponed: 0 };
const NOTHING: Round = Round { delivered: 0, failed: 0, dead: 0, postponed: 0 };

#[tokio::test]
async fn a_message_is_tried_until_it_arrives_under_one_id() {
    let receiver = Receiver::start().await;
    receiver.answer(500, None).answer(404, None).answer(503, None);
    let bench = Bench::new(&[receiver.hook("ops")]);
    bench.record("a1", AlertState::Firing, &["ops"]);
    for _ in 0..3 {
        assert_eq!(bench.round().await, FAILED);
        assert_eq!(bench.round().await, NOTHING, "not before the pause is over");
        bench.pass(TimeDelta::minutes(2));
    }
    assert_eq!(bench.round().await, DELIVERED);
    bench.pass(TimeDelta::days(1));
    assert_eq!(bench.round().await, NOTHING, "delivered is delivered");
    let got = receiver.got();
    assert_eq!(got.iter().map(|g| g.status).collect::<Vec<_>>(), [500, 404, 503, 204]);
    assert!(got.iter().all(|g| g.id == "msg_a1_firing_ops"));
    assert!(got.windows(2).all(|pair| pair[0].body == pair[1].body));
}

#[tokio::test]
async fn resolved_never_overtakes_firing_and_both_arrive() {
    let receiver = Receiver::start().await;
    for _ in 0..6 {
        receiver.answer(500, None);
    }
    let bench = Bench::new(&[receiver.hook("ops")]);
    bench.record("a1", AlertState::Firing, &["ops"]);
    bench.record("a1", AlertState::Resolved, &["ops"]);
    for _ in 0..10 {
        bench.round().await;
        bench.pass(TimeDelta::hours(1));
    }
    let kinds: Vec<(String, u16)> = receiver.got().iter().map(|g| (g.kind().to_owned(), g.status)).collect();
    let mut expected = vec![("alert.firing".to_owned(), 500); 6];
    expected.extend([("alert.firing".to_owned(), 204), ("alert.resolved".to_owned(), 204)]);
    assert_eq!(kinds, expected);
}

#[tokio::test]
async fn one_failing_receiver_does_not_hold_up_another() {
    let (broken, fine) = (Receiver::start().await, Receiver::start().await);
    broken.answer(500, None);
    let bench = Bench::new(&[broken.hook("broken"), fine.hook("fine")]);
    bench.record("a1", AlertState::Firing, &["broken", "fine"]);
    assert_eq!(bench.round().await, Round { delivered: 1, failed: 1, dead: 0, postponed: 0 });
    assert_eq!(fine.got().len(), 1);
}

#[tokio::test]
async fn after_a_crash_a_new_process_delivers_the_same_id() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("control.db");
    // A port on which nobody listens: the receiver is down.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let hooks = [hook("ops", &format!("http://{address}/hook"), true)];
    let bench = Bench::on(Control::open(&file).unwrap(), &hooks, noon());
    bench.record("a1", AlertState::Firing, &["ops"]);
    assert_eq!(bench.round().await, FAILED);
    bench.pass(TimeDelta::minutes(1));
    // The process dies while it holds the lease, before it could note anything.
    assert_eq!(bench.control.lease(bench.clock.now(), TimeDelta::seconds(60)).unwrap().len(), 1);
    let died = bench.clock.now();
    drop(bench);

    let receiver = Receiver::start_at(address).await;
    let bench = Bench::on(Control::open(&file).unwrap(), &hooks, died + TimeDelta::seconds(30));
    assert_eq!(bench.round().await, NOTHING, "the lease still holds");
    bench.pass(TimeDelta::seconds(31));
    assert_eq!(bench.round().await, DELIVERED);
    assert_eq!(bench.round().await, NOTHING);
    let got = receiver.got();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].id, "msg_a1_firing_ops");
}

#[tokio::test]
async fn retry_after_is_honoured() {
    let receiver = Receiver::start().await;
    receiver.answer(429, Some(("retry-after", "600")));
    let bench = Bench::new(&[receiver.hook("ops")]);
    bench.record("a1", AlertState::Firing, &["ops"]);
    assert_eq!(bench.round().await, FAILED);
    bench.pass(TimeDelta::seconds(599));
    assert_eq!(bench.round().await, NOTHING);
    bench.pass(TimeDelta::seconds(1));
    assert_eq!(bench.round().await, DELIVERED);
}

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
async fn inner_addresses_are_refused_unless_allowed() {
    let receiver = Receiver::start().await;
    let port = receiver.address.port();
    let cases = [
        (format!("http://127.0.0.1:{port}/"), false, "loopback"),
        (format!("http://localhost:{port}/"), false, "loopback"),
        (format!("http://[::ffff:127.0.0.1]:{port}/"), false, "loopback"),
        (format!("http://2130706433:{port}/"), false, "loopback"),
        ("http://169.254.169.254/latest/meta-data/".to_owned(), false, "link-local"),
        ("http://169.254.169.254/latest/meta-data/".to_owned(), true, "link-local"),
    ];
    for (url, allow, word) in cases {
        let bench = Bench::new(&[hook("ops", &url, allow)]);
        bench.record("a1", AlertState::Firing, &["ops"]);
        assert_eq!(bench.round().await, FAILED, "{url}");
        assert!(bench.last_error().contains(word), "{url}: {}", bench.last_error());
    }
    assert!(receiver.got().is_empty());
    for host in ["127.0.0.1", "localhost"] {
        let bench = Bench::new(&[hook("ops", &format!("http://{host}:{port}/"), true)]);
        bench.record("a1", AlertState::Firing, &["ops"]);
        assert_eq!(bench.round().await, DELIVERED, "{host}");
    }
    assert_eq!(receiver.got().len(), 2);
}

#[tokio::test]
async fn after_three_days_it_is_a_dead_letter() {
    let receiver = Receiver::start().await;
    receiver.answer(500, None).answer(500, None);
    let bench = Bench::new(&[receiver.hook("ops")]);
    bench.record("a1", AlertState::Firing, &["ops"]);
    assert_eq!(bench.round().await, FAILED);
    bench.pass(TimeDelta::days(3));
    assert_eq!(bench.round().await, DEAD);
    assert_eq!(bench.last_error(), "given up after 2 attempts: the receiver answered 500");
}

#[tokio::test]
async fn a_receiver_that_was_removed_leaves_a_dead_letter() {
    let bench = Bench::new(&[]);
    bench.record("a1", AlertState::Firing, &["ops"]);
    assert_eq!(bench.round().await, DEAD);
}

#[tokio::test]
async fn a_message_of_no_alert_arrives_to_the_byte_and_in_its_time() {
    let receiver = Receiver::start().await;
    receiver.answer(500, None);
    let bench = Bench::new(&[receiver.hook("ops")]);
    let body =
        r#"{"type": "scale.before",  "timestamp": "2026-12-09T14:10:00Z", "data": {"b": 1, "a": 0.95}}"#;
    let message = NewMessage {
        group: "scale_gateway".to_owned(),
        channel: "ops".to_owned(),
        dedup_key: "scale_gateway_before".to_owned(),
        form: Form::Body,
        body: body.to_owned(),
        due: noon() + TimeDelta::minutes(1),
    };
    bench.control.enqueue(&[message], noon()).unwrap();
    assert_eq!(bench.round().await, NOTHING, "not yet");
    bench.pass(TimeDelta::minutes(1));
    assert_eq!(bench.round().await, FAILED);
    bench.pass(TimeDelta::minutes(1));
    assert_eq!(bench.round().await, DELIVERED);
    let got = receiver.got();
    assert!(
        got.len() == 2 && got.iter().all(|one| one.id == "scale_gateway_before" && one.raw == body),
        "{got:?}"
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
            target(&format!("name = '{kind}'\nkind = '{kind}'\nallow_private = true\n{keys}"))
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
        "name = 'pager'\nkind = 'pagerduty'\nrouting_key = 'r'\nurl = 'http://{}/'\nallow_private = true",
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
    let slack =
        format!("name = 'chat'\nkind = 'slack'\nurl = 'http://{}/'\nallow_private = true", receiver.address);
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

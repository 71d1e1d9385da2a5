//! The outbox and the receiver: once, in order, for days, and only where allowed.

use chrono::TimeDelta;
use headroom_alerts::Round;
use headroom_control::{AlertState, Control, Form, NewMessage};
use headroom_store::Clock as _;

use crate::bench::{Bench, DEAD, DELIVERED, FAILED, NOTHING};
use crate::support::{LOOPBACK, Receiver, hook, noon};

/// A network in which no receiver of these tests is.
const OUTSIDE: &[&str] = &["10.1.0.0/16"];

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
    let hooks = [hook("ops", &format!("http://{address}/hook"), LOOPBACK)];
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
async fn inner_addresses_are_refused_unless_allowed() {
    let receiver = Receiver::start().await;
    let port = receiver.address.port();
    let cases: [(String, &[&str], &str); 7] = [
        (format!("http://127.0.0.1:{port}/"), &[], "loopback"),
        (format!("http://127.0.0.1:{port}/"), OUTSIDE, "loopback"),
        (format!("http://localhost:{port}/"), OUTSIDE, "loopback"),
        (format!("http://[::ffff:127.0.0.1]:{port}/"), OUTSIDE, "loopback"),
        (format!("http://2130706433:{port}/"), OUTSIDE, "loopback"),
        ("http://169.254.169.254/latest/meta-data/".to_owned(), OUTSIDE, "link-local"),
        ("http://169.254.169.254/latest/meta-data/".to_owned(), &["0.0.0.0/0"], "link-local"),
    ];
    for (url, allow, word) in cases {
        let bench = Bench::new(&[hook("ops", &url, allow)]);
        bench.record("a1", AlertState::Firing, &["ops"]);
        assert_eq!(bench.round().await, FAILED, "{url}");
        assert!(bench.last_error().contains(word), "{url}: {}", bench.last_error());
    }
    assert!(receiver.got().is_empty());
    for host in ["127.0.0.1", "localhost"] {
        let bench = Bench::new(&[hook("ops", &format!("http://{host}:{port}/"), LOOPBACK)]);
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

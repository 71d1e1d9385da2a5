//! What each receiver gets, to the byte.

use headroom_delivery::{Notification, Reason, Request, Target};
use serde_json::Value;

use crate::sample;

/// Address, headers and body; JSON on many lines in the order in which it is sent.
fn shown(requests: &[Request]) -> String {
    let mut shown = String::new();
    for request in requests {
        shown.push_str(&format!("POST {}\n", request.url));
        for (name, value) in &request.headers {
            shown.push_str(&format!("{name}: {value}\n"));
        }
        shown.push_str(&format!("\n{}\n", request.body));
    }
    shown
}

fn sent(target: &Target, notification: &Notification) -> String {
    shown(&sample::requests(target, notification))
}

/// A body of which only the content counts, in order of name.
fn sorted(target: &Target, notification: &Notification) -> Value {
    let requests = sample::requests(target, notification);
    serde_json::from_str(&requests[0].body).expect("JSON")
}

#[test]
fn slack() {
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!("slack_firing", sorted(&sample::slack(), &sample::firing()));
        insta::assert_json_snapshot!("slack_resolved", sorted(&sample::slack(), &sample::resolved()));
    });
}

#[test]
fn teams() {
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!("teams_firing", sorted(&sample::teams(), &sample::firing()));
    });
}

#[test]
fn pagerduty() {
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!("pagerduty_trigger", sorted(&sample::pagerduty(), &sample::firing()));
    });
    insta::assert_snapshot!("pagerduty_resolve", sent(&sample::pagerduty(), &sample::resolved()));
    let mut taken = sample::firing();
    taken.reason = Reason::Acknowledged;
    taken.acknowledged_by = Some("mira".to_owned());
    insta::assert_snapshot!("pagerduty_acknowledge", sent(&sample::pagerduty(), &taken));
}

/// PagerDuty drops a resolution that no trigger went before.
#[test]
fn what_fired_and_resolved_untold_is_opened_and_closed() {
    let mut both = sample::resolved();
    both.untold = true;
    let requests = sample::requests(&sample::pagerduty(), &both);
    let read = |n: usize| serde_json::from_str::<Value>(&requests[n].body).expect("JSON");
    assert_eq!((&read(0)["event_action"], &read(1)["event_action"]), (&"trigger".into(), &"resolve".into()));
    assert_eq!(read(0)["dedup_key"], read(1)["dedup_key"]);
    assert!(
        read(0)["payload"]["summary"].as_str().is_some_and(|text| text.starts_with("Fired and resolved"))
    );
}

#[test]
fn alertmanager() {
    insta::assert_snapshot!("alertmanager_firing", sent(&sample::alertmanager(), &sample::firing()));
    insta::assert_snapshot!("alertmanager_resolved", sent(&sample::alertmanager(), &sample::resolved()));
}

#[test]
fn webhook() {
    insta::assert_snapshot!("webhook_plain", sent(&sample::webhook(false), &sample::firing()));
    insta::assert_snapshot!("webhook_envelope", sent(&sample::webhook(true), &sample::resolved()));
}

#[test]
fn labels_that_alertmanager_refuses_are_renamed() {
    let mut n = sample::firing();
    n.alerts[0].labels =
        sample::labels(&[("service.name", "order"), ("1st", "x"), ("empty", ""), ("a.b", "1"), ("a_b", "2")]);
    let body = &sample::requests(&sample::alertmanager(), &n)[0].body;
    let posted: Value = serde_json::from_str(body).expect("JSON");
    let expected =
        serde_json::json!({"_1st": "x", "a_b": "2", "alertname": "Headroom", "service_name": "order"});
    assert_eq!(posted[0]["labels"], expected);
}

#[test]
fn several_alerts_are_listed() {
    let mut n = sample::firing();
    n.reason = Reason::SomeResolved;
    let mut over = sample::resolved().alerts.remove(0);
    over.annotations.insert("summary".to_owned(), "Quotes are late".to_owned());
    n.alerts.push(over);
    n.truncated = 1_500;
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!("slack_several", sorted(&sample::slack(), &n));
    });
}

#[test]
fn secrets_are_not_printed() {
    for target in [sample::slack(), sample::pagerduty(), sample::webhook(true), sample::teams()] {
        let printed = format!("{target:?} {:?}", sample::messages(&target, &sample::firing()));
        for secret in ["services", "0123456789abcdef", "whsec", "workflows"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}

#[test]
fn every_attempt_has_the_same_body() {
    for target in
        [sample::slack(), sample::pagerduty(), sample::alertmanager(), sample::webhook(true), sample::teams()]
    {
        let stored = serde_json::to_string(&sample::firing()).expect("JSON");
        let read: Notification = serde_json::from_str(&stored).expect("a notification");
        assert_eq!(read, sample::firing());
        let (first, second) =
            (sample::requests(&target, &sample::firing()), sample::requests(&target, &read));
        assert_eq!(first, second);
    }
}

use std::collections::HashSet;

use chrono::TimeDelta;
use headroom_control::{Alert, AlertState, Control, DeliveryState, NewDelivery};
use serde_json::json;

use crate::at;

fn alert(id: &str) -> Alert {
    Alert {
        id: id.to_owned(),
        tenant: "acme".to_owned(),
        slo: "orders-accepted".to_owned(),
        service: "order".to_owned(),
        severity: "page".to_owned(),
        state: AlertState::Firing,
        started_at: at(0),
        resolved_at: None,
        summary: "the budget of orders-accepted burns 14 times too fast".to_owned(),
        detail: json!({"burn_short": 14.4}),
        acknowledged_by: None,
        acknowledged_at: None,
    }
}

fn message(channel: &str, key: &str) -> NewDelivery {
    NewDelivery { channel: channel.to_owned(), dedup_key: key.to_owned(), payload: json!({"text": key}) }
}

fn keys(control: &Control, minute: i64) -> Vec<String> {
    let leased = control.lease(at(minute), TimeDelta::minutes(5)).unwrap();
    leased.into_iter().map(|delivery| delivery.dedup_key).collect()
}

#[test]
fn a_transition_and_its_messages_are_one() {
    let control = Control::in_memory().unwrap();
    let (pager, chat) = (message("pager", "a1-firing-pager"), message("chat", "a1-firing-chat"));
    assert_eq!(control.record_transition(&alert("a1"), &[pager.clone(), chat], at(0)).unwrap(), 2);
    assert_eq!(control.record_transition(&alert("a1"), &[pager], at(1)).unwrap(), 0, "queued once");
    assert_eq!(control.open_alerts("acme").unwrap(), vec![alert("a1")]);
    assert_eq!(control.open_alerts("other").unwrap(), vec![]);

    let mut foreign = alert("a1");
    foreign.tenant = "other".to_owned();
    let refused = control.record_transition(&foreign, &[message("pager", "stolen")], at(2));
    assert!(refused.is_err());
    let queued = control.list_deliveries(None, 10).unwrap();
    assert_eq!(queued.len(), 2, "the refused transition left nothing behind");
}

#[test]
fn acknowledgement_outlives_later_transitions() {
    let control = Control::in_memory().unwrap();
    control.upsert_alert(&alert("a1"), at(0)).unwrap();
    assert_eq!(
        control.ack_alert("acme", "a1", "ada", at(1)).unwrap().acknowledged_by.as_deref(),
        Some("ada")
    );
    assert_eq!(
        control.ack_alert("acme", "a1", "bob", at(2)).unwrap().acknowledged_by.as_deref(),
        Some("ada")
    );
    assert!(control.ack_alert("other", "a1", "eve", at(2)).is_err());
    let resolved = Alert { state: AlertState::Resolved, resolved_at: Some(at(3)), ..alert("a1") };
    control.upsert_alert(&resolved, at(3)).unwrap();
    let stored = control.alert("acme", "a1").unwrap().unwrap();
    assert_eq!((stored.state, stored.acknowledged_at), (AlertState::Resolved, Some(at(1))));
    assert!(control.open_alerts("acme").unwrap().is_empty());
    assert_eq!(control.list_alerts("acme", Some(AlertState::Resolved), 10).unwrap().len(), 1);
    assert_eq!(control.list_alerts("acme", None, 10).unwrap().len(), 1);
}

#[test]
fn a_lease_is_exclusive_until_it_runs_out() {
    let control = Control::in_memory().unwrap();
    control.record_transition(&alert("a1"), &[message("pager", "k1")], at(0)).unwrap();
    let first = control.lease(at(0), TimeDelta::minutes(5)).unwrap();
    assert_eq!((first.len(), first[0].attempts), (1, 1));
    assert!(keys(&control, 4).is_empty());
    let second = control.lease(at(5), TimeDelta::minutes(5)).unwrap();
    assert_eq!((second.len(), second[0].attempts), (1, 2));
    control.delivered(second[0].id, at(6)).unwrap();
    control.failed(second[0].id, "late report of the first worker", at(7)).unwrap();
    assert!(keys(&control, 60).is_empty(), "what has arrived is not sent again");
    assert!(control.delivered(99, at(6)).is_err());
}

#[test]
fn parallel_workers_never_lease_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("control.db");
    let control = Control::open(&path).unwrap();
    for n in 0..200 {
        let id = format!("a{n}");
        control.record_transition(&alert(&id), &[message("pager", &id)], at(0)).unwrap();
    }
    // Each worker has its own connection, as a second process would.
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let control = Control::open(&path).unwrap();
            std::thread::spawn(move || {
                let mut mine = Vec::new();
                loop {
                    let leased = control.lease(at(1), TimeDelta::minutes(5)).unwrap();
                    if leased.is_empty() {
                        return mine;
                    }
                    mine.extend(leased.into_iter().map(|delivery| delivery.id));
                }
            })
        })
        .collect();
    let all: Vec<i64> = workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
    assert_eq!(all.len(), 200);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 200);
}

#[test]
fn a_failure_waits_and_order_is_kept_within_a_channel() {
    let control = Control::in_memory().unwrap();
    control.record_transition(&alert("a1"), &[message("pager", "firing")], at(0)).unwrap();
    let resolved = Alert { state: AlertState::Resolved, resolved_at: Some(at(2)), ..alert("a1") };
    let messages = [message("pager", "resolved"), message("chat", "resolved-chat")];
    control.record_transition(&resolved, &messages, at(2)).unwrap();

    assert_eq!(keys(&control, 2), ["firing", "resolved-chat"], "the end never overtakes the beginning");
    let leased = control.list_deliveries(Some(DeliveryState::Leased), 10).unwrap();
    let firing = leased.iter().find(|delivery| delivery.dedup_key == "firing").unwrap().id;
    let chat = leased.iter().find(|delivery| delivery.channel == "chat").unwrap().id;
    control.delivered(chat, at(3)).unwrap();
    control.failed(firing, "503", at(10)).unwrap();
    assert!(keys(&control, 9).is_empty());
    assert_eq!(keys(&control, 10), ["firing"]);
    control.dead(firing, "410 gone", at(11)).unwrap();
    assert_eq!(keys(&control, 11), ["resolved"]);
    let dead = control.list_deliveries(Some(DeliveryState::Dead), 10).unwrap();
    assert_eq!(dead[0].last_error.as_deref(), Some("410 gone"));
}

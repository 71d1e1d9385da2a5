use std::collections::HashSet;

use chrono::TimeDelta;
use headroom_control::{Alert, AlertState, Control, ControlError, Decision, DeliveryState, Form, NewMessage};
use serde_json::json;

use crate::at;
use crate::world::{World, on_both};

on_both!(
    a_transition_and_its_messages_are_one,
    acknowledgement_outlives_later_transitions,
    a_lease_is_exclusive_until_it_runs_out,
    parallel_workers_never_lease_the_same,
    a_failure_waits_and_order_is_kept_within_a_channel,
    what_is_decided_is_written_whole_or_not_at_all,
    silences_stand_until_they_are_over_or_ended,
    a_dead_letter_is_sent_again_unless_it_was_overtaken,
);

pub(crate) fn alert(id: &str) -> Alert {
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

fn message(channel: &str, key: &str) -> NewMessage {
    NewMessage {
        group: "g".to_owned(),
        channel: channel.to_owned(),
        dedup_key: key.to_owned(),
        form: Form::Notification,
        body: json!({"text": key}).to_string(),
        due: at(0),
    }
}

/// An alert and its messages, decided at once.
fn record(
    control: &Control,
    alert: &Alert,
    messages: &[NewMessage],
    minute: i64,
) -> Result<usize, ControlError> {
    let messages = messages.iter().map(|message| NewMessage { group: alert.id.clone(), ..message.clone() });
    let decision =
        Decision { alerts: vec![alert.clone()], messages: messages.collect(), ..Decision::default() };
    control.route(&alert.tenant, at(minute), |_| Ok(decision))
}

fn take(control: &Control, tenant: &str, by: &str, minute: i64) -> Option<String> {
    let acknowledged = Some(("a1".to_owned(), by.to_owned()));
    control.route(tenant, at(minute), |_| Ok(Decision { acknowledged, ..Decision::default() })).unwrap();
    control.alert("acme", "a1").unwrap().unwrap().acknowledged_by
}

fn keys(control: &Control, minute: i64) -> Vec<String> {
    let leased = control.lease(at(minute), TimeDelta::minutes(5)).unwrap();
    leased.into_iter().map(|delivery| delivery.dedup_key).collect()
}

fn a_transition_and_its_messages_are_one(world: &World) {
    let control = world.open();
    let (pager, chat) = (message("pager", "a1-firing-pager"), message("chat", "a1-firing-chat"));
    assert_eq!(record(&control, &alert("a1"), &[pager.clone(), chat], 0).unwrap(), 2);
    assert_eq!(record(&control, &alert("a1"), &[pager], 1).unwrap(), 0, "queued once");
    assert_eq!(control.open_alerts("acme").unwrap(), vec![alert("a1")]);
    assert_eq!(control.open_alerts("other").unwrap(), vec![]);

    let mut foreign = alert("a1");
    foreign.tenant = "other".to_owned();
    let refused = record(&control, &foreign, &[message("pager", "stolen")], 2);
    assert!(refused.is_err());
    let queued = control.list_deliveries(None, 10).unwrap();
    assert_eq!(queued.len(), 2, "the refused transition left nothing behind");
}

fn acknowledgement_outlives_later_transitions(world: &World) {
    let control = world.open();
    record(&control, &alert("a1"), &[], 0).unwrap();
    assert_eq!(take(&control, "other", "eve", 1), None, "nobody takes what is another's");
    assert_eq!(take(&control, "acme", "ada", 1).as_deref(), Some("ada"));
    assert_eq!(take(&control, "acme", "bob", 2).as_deref(), Some("ada"));
    let resolved = Alert { state: AlertState::Resolved, resolved_at: Some(at(3)), ..alert("a1") };
    record(&control, &resolved, &[], 3).unwrap();
    let stored = control.alert("acme", "a1").unwrap().unwrap();
    assert_eq!((stored.state, stored.acknowledged_at), (AlertState::Resolved, Some(at(1))));
    assert!(control.open_alerts("acme").unwrap().is_empty());
    assert_eq!(control.list_alerts("acme", Some(AlertState::Resolved), 10).unwrap().len(), 1);
    assert_eq!(control.list_alerts("acme", None, 10).unwrap().len(), 1);
    let began = stored.started_at;
    let between = |tenant: &str, from, until| control.alerts_between(tenant, from, until, 10).unwrap().len();
    let later = Some(began + chrono::TimeDelta::seconds(1));
    assert_eq!((between("acme", None, None), between("acme", Some(began), later)), (1, 1));
    assert_eq!(
        (between("acme", later, None), between("acme", None, Some(began))),
        (0, 0),
        "the end is no part of it"
    );
    assert_eq!(between("other", None, None), 0);
}

fn a_lease_is_exclusive_until_it_runs_out(world: &World) {
    let control = world.open();
    record(&control, &alert("a1"), &[message("pager", "k1")], 0).unwrap();
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

fn parallel_workers_never_lease_the_same(world: &World) {
    let control = world.open();
    for n in 0..200 {
        let id = format!("a{n}");
        record(&control, &alert(&id), &[message("pager", &id)], 0).unwrap();
    }
    // Each worker has its own connection, as a second process would.
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let control = world.open();
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

fn a_failure_waits_and_order_is_kept_within_a_channel(world: &World) {
    let control = world.open();
    record(&control, &alert("a1"), &[message("pager", "firing")], 0).unwrap();
    let resolved = Alert { state: AlertState::Resolved, resolved_at: Some(at(2)), ..alert("a1") };
    let messages = [message("pager", "resolved"), message("chat", "resolved-chat")];
    record(&control, &resolved, &messages, 2).unwrap();

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

fn what_is_decided_is_written_whole_or_not_at_all(world: &World) {
    let control = world.open();
    let decide = |state: &str, message: NewMessage| {
        control.route("acme", at(1), |remembered| {
            let seen = remembered.state.unwrap_or_default();
            Ok(Decision {
                alerts: vec![alert(&format!("a{}", seen.len()))],
                state: Some(format!("{seen}{state}")),
                messages: vec![message],
                ..Decision::default()
            })
        })
    };
    assert_eq!(decide("x", message("pager", "k1")).unwrap(), 1);
    let broken = NewMessage { body: "{".to_owned(), ..message("pager", "k2") };
    assert!(decide("y", broken).is_err());
    assert_eq!(control.routing("acme").unwrap().as_deref(), Some("x"));
    assert_eq!(control.open_alerts("acme").unwrap().len(), 1);
    assert_eq!(decide("z", message("pager", "k3")).unwrap(), 1);
    assert_eq!(control.routing("acme").unwrap().as_deref(), Some("xz"));
    assert_eq!(control.routing("other").unwrap(), None);
}

fn silences_stand_until_they_are_over_or_ended(world: &World) {
    let control = world.open();
    let add = |until: Option<i64>| {
        control
            .add_silence("acme", &json!({"n": until}), "maintenance", until.map(at), "ada", at(0))
            .unwrap()
            .id
    };
    let (once, recurring) = (add(Some(10)), add(None));
    let standing = |tenant: &str, minute: i64| {
        let silences = control.silences(tenant, at(minute)).unwrap();
        silences.into_iter().map(|silence| silence.id).collect::<HashSet<_>>()
    };
    assert_eq!(standing("acme", 9), HashSet::from([once, recurring.clone()]));
    assert_eq!(standing("acme", 10), HashSet::from([recurring.clone()]));
    assert!(standing("other", 1).is_empty());
    assert!(!control.end_silence("other", &recurring, "eve", at(11)).unwrap());
    assert!(control.end_silence("acme", &recurring, "ada", at(11)).unwrap());
    assert!(!control.end_silence("acme", &recurring, "ada", at(12)).unwrap(), "once");
    assert!(standing("acme", 12).is_empty());
}

fn a_dead_letter_is_sent_again_unless_it_was_overtaken(world: &World) {
    let control = world.open();
    record(&control, &alert("a1"), &[message("pager", "firing"), message("chat", "firing-chat")], 0).unwrap();
    for delivery in control.lease(at(0), TimeDelta::minutes(5)).unwrap() {
        control.dead(delivery.id, "410 gone", at(0)).unwrap();
    }
    let dead = control.list_deliveries(Some(DeliveryState::Dead), 10).unwrap();
    let id = |key: &str| dead.iter().find(|delivery| delivery.dedup_key == key).unwrap().id;
    assert_eq!(control.replay(id("firing"), at(1)).unwrap().state, DeliveryState::Pending);
    let refused = control.replay(id("firing"), at(1)).unwrap_err().to_string();
    assert!(refused.ends_with("is no dead letter"), "{refused}");
    assert_eq!(keys(&control, 1), ["firing"]);

    record(&control, &alert("a1"), &[message("chat", "resolved-chat")], 2).unwrap();
    let later = control.lease(at(2), TimeDelta::minutes(5)).unwrap().remove(0);
    control.delivered(later.id, at(2)).unwrap();
    let refused = control.replay(id("firing-chat"), at(3)).unwrap_err().to_string();
    assert!(refused.contains("out of date"), "{refused}");
    assert!(matches!(control.replay(99, at(3)), Err(ControlError::Unknown { .. })));
}

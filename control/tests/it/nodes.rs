//! Several nodes on one control state.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

use chrono::TimeDelta;
use headroom_control::{
    AuditFilter, Control, ControlError, Decision, Form, LEAD_FOR, LOCK_OUT_AFTER, NewMessage,
};
use serde_json::json;

use crate::alerts::alert;
use crate::at;
use crate::world::{World, on_both};

on_both!(
    audits_of_two_nodes_make_one_chain,
    failures_seen_by_two_nodes_are_counted_together,
    two_nodes_decide_one_after_the_other,
    nothing_is_leased_to_two_nodes_and_order_is_kept,
    one_leads_and_another_takes_over_in_time,
    a_leader_whose_term_is_over_changes_nothing,
    a_node_that_comes_back_goes_on_leading,
    a_leader_that_resigns_is_followed_at_once,
);

/// Runs `work` on two nodes at once.
fn on_two_nodes(world: &World, work: impl Fn(usize, Control) + Sync) {
    let nodes = [world.open(), world.open()];
    thread::scope(|scope| {
        for (number, node) in nodes.into_iter().enumerate() {
            let work = &work;
            scope.spawn(move || work(number, node));
        }
    });
}

fn audits_of_two_nodes_make_one_chain(world: &World) {
    on_two_nodes(world, |number, node| {
        for n in 0..50 {
            node.audit("ada", "lookup.reveal", "c-1", "ticket", &json!({"node": number, "n": n}), at(n))
                .unwrap();
        }
    });
    let control = world.open();
    assert_eq!(control.audit_verify().unwrap().rows, 100);
    let rows = control.audit_rows(&AuditFilter::default(), 100).unwrap();
    for number in 0..2 {
        let own = rows.iter().rev().filter(|row| row.detail["node"] == number).map(|row| &row.detail["n"]);
        assert!(own.eq(0..50), "the deeds of a node are in its order");
    }
}

fn failures_seen_by_two_nodes_are_counted_together(world: &World) {
    let attempts = [LOCK_OUT_AFTER / 2, LOCK_OUT_AFTER / 2 - 1];
    on_two_nodes(world, |number, node| {
        for _ in 0..attempts[number] {
            node.login_failed("eve", at(0)).unwrap();
        }
    });
    let control = world.open();
    assert_eq!(
        control.verify_password("eve", "x", at(1)).unwrap(),
        None,
        "the last attempt before it is locked"
    );
    let locked = control.verify_password("eve", "x", at(1));
    assert!(matches!(locked, Err(ControlError::LockedOut { .. })), "{locked:?}");
}

fn two_nodes_decide_one_after_the_other(world: &World) {
    on_two_nodes(world, |_, node| {
        for _ in 0..50 {
            let count = |state: Option<String>| state.map_or(0, |text| text.parse::<u32>().unwrap());
            node.route("acme", at(0), |remembered| {
                let next = count(remembered.state) + 1;
                Ok(Decision { state: Some(next.to_string()), ..Decision::default() })
            })
            .unwrap();
        }
    });
    assert_eq!(
        world.open().routing("acme").unwrap().as_deref(),
        Some("100"),
        "no decision was made from an old state"
    );
}

fn nothing_is_leased_to_two_nodes_and_order_is_kept(world: &World) {
    const GROUPS: usize = 20;
    const EACH: usize = 10;
    let control = world.open();
    let messages: Vec<_> = (0..EACH)
        .flat_map(|n| (0..GROUPS).map(move |group| message(&format!("g{group}"), &format!("g{group}-{n}"))))
        .collect();
    assert_eq!(control.enqueue(&messages, at(0)).unwrap(), GROUPS * EACH);
    let sent: Mutex<Vec<(String, String)>> = Mutex::default();
    on_two_nodes(world, |_, node| {
        while sent.lock().unwrap().len() < GROUPS * EACH {
            for delivery in node.lease(at(0), TimeDelta::minutes(1)).unwrap() {
                sent.lock().unwrap().push((delivery.alert_id, delivery.dedup_key));
                node.delivered(delivery.id, at(0)).unwrap();
            }
        }
    });
    let sent = sent.into_inner().unwrap();
    assert_eq!(sent.len(), GROUPS * EACH, "nothing was sent twice");
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (group, key) in sent {
        groups.entry(group).or_default().push(key);
    }
    for (group, keys) in groups {
        assert!(keys.iter().eq(&(0..EACH).map(|n| format!("{group}-{n}")).collect::<Vec<_>>()), "{keys:?}");
    }
}

fn one_leads_and_another_takes_over_in_time(world: &World) {
    let (one, other) = (world.open().leadership("alerts", "one"), world.open().leadership("alerts", "other"));
    let models = world.open().leadership("models", "other");
    assert!(!one.control().leads(at(0)), "not before it was asked for");
    assert!(one.campaign(at(0)).unwrap());
    assert!(!other.campaign(at(0)).unwrap());
    assert!(models.campaign(at(0)).unwrap(), "another role is led by itself");
    let later = at(0) + LEAD_FOR / 2;
    assert!(one.campaign(later).unwrap(), "it goes on leading");
    let (before, end) = (later + LEAD_FOR - TimeDelta::milliseconds(1), later + LEAD_FOR);
    assert!(!other.campaign(before).unwrap());
    assert!(
        one.control().leads(before) && !one.control().leads(end),
        "it knows itself when its time is over"
    );
    assert!(other.campaign(end).unwrap() && other.control().leads(end));
    assert!(!one.campaign(end).unwrap());
    let leaders = world.open().leaders().unwrap();
    let said =
        |n: usize| (leaders[n].role.as_str(), leaders[n].holder.as_str(), leaders[n].term, leaders[n].until);
    assert_eq!(said(0), ("alerts", "other", 2, end + LEAD_FOR));
    assert_eq!(said(1), ("models", "other", 1, at(0) + LEAD_FOR));
}

fn a_leader_whose_term_is_over_changes_nothing(world: &World) {
    let (one, other) = (world.open().leadership("alerts", "one"), world.open().leadership("alerts", "other"));
    let never = one.control().route("acme", at(0), |_| Ok(firing("a0")));
    assert!(matches!(never, Err(ControlError::NotLeading { .. })), "{never:?}");
    assert!(one.campaign(at(0)).unwrap());
    assert_eq!(one.control().route("acme", at(0), |_| Ok(firing("a1"))).unwrap(), 1);
    // It is stopped here, wakes up after another was elected, and believes that no time has passed.
    assert!(other.campaign(at(1)).unwrap());
    assert!(one.control().leads(at(0)));
    let late = one.control().route("acme", at(0), |_| Ok(firing("a2")));
    assert!(matches!(late, Err(ControlError::NotLeading { .. })), "{late:?}");
    let late = one.control().enqueue(&[message("g", "k")], at(0));
    assert_eq!(late.unwrap_err().to_string(), "alerts is led by another node now: nothing was changed");
    assert_eq!(other.control().route("acme", at(1), |_| Ok(firing("a3"))).unwrap(), 1);
    let open: Vec<_> = world.open().open_alerts("acme").unwrap().into_iter().map(|alert| alert.id).collect();
    assert_eq!(open, ["a1", "a3"]);
    assert_eq!(world.open().list_deliveries(None, 9).unwrap().len(), 2);
    assert!(!one.campaign(at(1)).unwrap());
    assert!(!one.control().leads(at(1)));
}

fn a_node_that_comes_back_goes_on_leading(world: &World) {
    let before = world.open().leadership("alerts", "one");
    assert!(before.campaign(at(0)).unwrap());
    let after = world.open().leadership("alerts", "one");
    assert!(after.campaign(at(0)).unwrap(), "its former self is gone");
    let late = before.control().route("acme", at(0), |_| Ok(firing("a1")));
    assert!(
        matches!(late, Err(ControlError::NotLeading { .. })),
        "and if it is not, it changes nothing: {late:?}"
    );
}

fn a_leader_that_resigns_is_followed_at_once(world: &World) {
    let (one, other) = (world.open().leadership("alerts", "one"), world.open().leadership("alerts", "other"));
    assert!(one.campaign(at(0)).unwrap());
    one.resign(at(0)).unwrap();
    assert!(!one.control().leads(at(0)));
    assert!(other.campaign(at(0)).unwrap());
    one.resign(at(0)).unwrap();
    assert!(
        other.campaign(at(0)).unwrap() && !one.campaign(at(0)).unwrap(),
        "who does not lead cannot resign"
    );
}

pub(crate) fn message(group: &str, key: &str) -> NewMessage {
    NewMessage {
        group: group.to_owned(),
        channel: "pager".to_owned(),
        dedup_key: key.to_owned(),
        form: Form::Body,
        body: "{}".to_owned(),
        due: at(0),
    }
}

/// An alert that begins, and its message.
pub(crate) fn firing(id: &str) -> Decision {
    Decision { alerts: vec![alert(id)], messages: vec![message(id, id)], ..Decision::default() }
}

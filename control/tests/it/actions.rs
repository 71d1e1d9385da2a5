//! Policies and actions, written with what follows from them.

use headroom_control::{
    Acting, AuditFilter, BudgetStep, ControlError, Decision, Deed, DeliveryState, Form, NewMessage,
};
use serde_json::json;

use crate::at;
use crate::world::{World, on_both};

on_both!(
    a_decision_its_record_and_its_message_are_one_transaction,
    steps_of_policies_are_kept_and_freeze_while_they_hold,
);

fn deed(action: &str) -> Deed {
    Deed {
        actor: "headroom".to_owned(),
        action: action.to_owned(),
        subject: "rollback".to_owned(),
        reason: "the budget burns".to_owned(),
        detail: json!({"alert": "a"}),
    }
}

pub(crate) fn step(id: &str, freezes: bool, minute: i64) -> BudgetStep {
    BudgetStep {
        id: id.to_owned(),
        tenant: "acme".to_owned(),
        slo: "orders".to_owned(),
        service: "order".to_owned(),
        policy: "standard".to_owned(),
        step: "freeze".to_owned(),
        freezes,
        began: "Fixes only".to_owned(),
        begun_at: at(minute),
        ended: None,
        ended_at: None,
    }
}

fn message(key: &str, body: &str) -> NewMessage {
    NewMessage {
        group: "action:rollback".to_owned(),
        channel: "action:rollback".to_owned(),
        dedup_key: key.to_owned(),
        form: Form::Body,
        body: body.to_owned(),
        due: at(0),
    }
}

fn a_decision_its_record_and_its_message_are_one_transaction(world: &World) {
    let control = world.open();
    let act = |body: &str| {
        control.act("acme", "rollback", at(0), |before| {
            let state = format!("{}x", before.unwrap_or_default());
            Ok(Acting {
                state: Some(state),
                deeds: vec![deed("action.done")],
                messages: vec![message("act_1", body)],
            })
        })
    };
    assert!(matches!(act("no JSON"), Err(ControlError::Invalid(_))));
    assert_eq!(control.action("acme", "rollback").unwrap(), None, "what cannot be sent was not decided");
    assert!(control.audit_rows(&AuditFilter::default(), 10).unwrap().is_empty());
    assert_eq!(act("{}").unwrap(), 1);
    assert_eq!(act("{}").unwrap(), 0, "one message of one key");
    assert_eq!(
        control.action("acme", "rollback").unwrap().as_deref(),
        Some("xx"),
        "each sees the one before"
    );
    assert_eq!(control.action("other", "rollback").unwrap(), None);
    let queued = control.list_deliveries(Some(DeliveryState::Pending), 10).unwrap();
    assert_eq!((queued.len(), queued[0].dedup_key.as_str()), (1, "act_1"));
    assert_eq!(control.audit_verify().unwrap().rows, 2);
    let row = control.audit_rows(&AuditFilter::default(), 1).unwrap().remove(0);
    assert_eq!((row.action.as_str(), row.subject.as_str()), ("action.done", "rollback"));
    let unchanged = control.act("acme", "rollback", at(1), |_| Ok(Acting::default())).unwrap();
    assert_eq!((unchanged, control.audit_verify().unwrap().rows), (0, 2));
}

fn steps_of_policies_are_kept_and_freeze_while_they_hold(world: &World) {
    let control = world.open();
    let write = |steps: Vec<BudgetStep>| {
        control.route("acme", at(9), |_| Ok(Decision { steps, ..Decision::default() })).unwrap();
    };
    let told = BudgetStep { step: "owners".to_owned(), ..step("a", false, 0) };
    write(vec![told.clone(), step("b", true, 1)]);
    assert_eq!(control.freezes("acme", "order").unwrap(), [step("b", true, 1)]);
    assert!(control.freezes("acme", "risk").unwrap().is_empty());
    assert!(control.freezes("other", "order").unwrap().is_empty());
    let ended = BudgetStep { ended: Some("Go".to_owned()), ended_at: Some(at(5)), ..step("b", true, 1) };
    write(vec![ended.clone(), step("c", true, 7)]);
    assert_eq!(control.freezes("acme", "order").unwrap(), [step("c", true, 7)]);
    assert_eq!(control.budget_steps("acme", "orders", 10).unwrap(), [step("c", true, 7), ended, told]);
    assert_eq!(control.budget_steps("acme", "orders", 1).unwrap().len(), 1);
}

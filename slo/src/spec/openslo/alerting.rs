//! The shapes of AlertPolicy, AlertCondition and AlertNotificationTarget.

use super::Presence::{May, Must};
use super::metadata::metadata;
use super::{
    Shape, anything, description, duration, exactly_one, flag, list, mapping, name, number, operator, text,
};
use crate::spec::node::Node;
use crate::yaml::Value;

pub(super) fn alert_policy(spec: &Node<'_>) {
    let fields: [(_, _, Shape); 6] = [
        ("description", May, description),
        ("alertWhenNoData", May, flag),
        ("alertWhenResolved", May, flag),
        ("alertWhenBreaching", May, flag),
        ("conditions", Must, |node| list(node, 1, 1, condition)),
        ("notificationTargets", Must, |node| list(node, 1, usize::MAX, notified)),
    ];
    mapping(spec, &fields);
}

/// A policy of an SLO: its name, a reference, or the policy itself.
pub(super) fn policy_of_slo(node: &Node<'_>) {
    if let Value::Text(_) = node.value {
        name(node);
    } else {
        reference_or(node, "alertPolicyRef", "AlertPolicy", alert_policy);
    }
}

fn condition(node: &Node<'_>) {
    reference_or(node, "conditionRef", "AlertCondition", alert_condition);
}

fn notified(node: &Node<'_>) {
    reference_or(node, "targetRef", "AlertNotificationTarget", target);
}

/// A reference to an object of this kind, or the object itself.
fn reference_or(node: &Node<'_>, reference: &str, kind: &str, spec: Shape) {
    let known: [(_, _, Shape); 5] = [
        (reference, May, name),
        ("kind", May, text),
        ("metadata", May, metadata),
        ("spec", May, spec),
        // Without a meaning, but the project's own example of a policy has it.
        ("operator", May, anything),
    ];
    mapping(node, &known);
    if !matches!(node.value, Value::Map(_)) {
        return;
    }
    exactly_one(node, &[reference, "spec"]);
    if node.has("spec") {
        match node.text_of("kind") {
            Ok(Some(word)) if word == kind => {}
            _ => node.fault_in("kind", format!("is required here; allowed: {kind}")),
        }
        if !node.has("metadata") {
            node.fault_in("metadata", "is required beside spec");
        }
    }
}

pub(super) fn alert_condition(spec: &Node<'_>) {
    let fields: [(_, _, Shape); 3] =
        [("description", May, description), ("severity", Must, text), ("condition", Must, burn_rate)];
    mapping(spec, &fields);
}

fn burn_rate(node: &Node<'_>) {
    let fields: [(_, _, Shape); 5] = [
        ("kind", May, |node| super::told(node, node.word(&[("burnrate", ())]))),
        ("op", May, operator),
        ("threshold", Must, number),
        ("lookbackWindow", Must, duration),
        // Its default is written as 0m, which is no duration otherwise.
        ("alertAfter", May, |node| {
            if node.text().as_deref() != Ok("0m") {
                duration(node)
            }
        }),
    ];
    mapping(node, &fields);
}

pub(super) fn target(spec: &Node<'_>) {
    let fields: [(_, _, Shape); 2] = [("description", May, description), ("target", Must, text)];
    mapping(spec, &fields);
}

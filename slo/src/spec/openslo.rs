//! The shape of every kind of OpenSLO v1, as its README, its JSON schemas and its own examples have
//! it. Where these differ the wider one counts, so that every valid file is accepted; a field
//! that none of them knows is a fault, because it is nearly always a slip of the pen.

mod alerting;
mod metadata;
mod sli;
mod slo;

use super::document::{KINDS, Kind};
use super::duration::Span;
use super::node::{Node, SpecError};
use crate::yaml::Value;
use Presence::{May, Must};

pub(super) use metadata::is_label;
pub(super) use slo::start_time;

/// Looks at a place and gathers what is wrong with it.
pub(super) type Shape = fn(&Node<'_>);

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Presence {
    Must,
    May,
}

/// Gathers everything that is wrong with a document.
pub(super) fn check(root: &Node<'_>) {
    let kind = root.get("kind").and_then(|kind| kind.word(&KINDS).ok());
    let (presence, spec): (Presence, Shape) = match kind {
        Some(Kind::Slo) => (Must, slo::slo),
        Some(Kind::Sli) => (Must, sli::sli),
        Some(Kind::Service) => (May, service),
        Some(Kind::DataSource) => (Must, data_source),
        Some(Kind::AlertPolicy) => (Must, alerting::alert_policy),
        Some(Kind::AlertCondition) => (Must, alerting::alert_condition),
        Some(Kind::AlertNotificationTarget) => (Must, alerting::target),
        None => (May, anything),
    };
    let version: Shape = |node| told(node, node.word(&[("openslo/v1", ())]));
    let kind: Shape = |node| told(node, node.word(&KINDS));
    let fields = [
        ("apiVersion", Must, version),
        ("kind", Must, kind),
        ("metadata", Must, metadata::metadata as Shape),
        ("spec", presence, spec),
    ];
    mapping(root, &fields);
}

/// A mapping of these fields and no others.
pub(super) fn mapping(node: &Node<'_>, fields: &[(&str, Presence, Shape)]) {
    let known: Vec<&str> = fields.iter().map(|(key, ..)| *key).collect();
    if !matches!(node.value, Value::Map(_)) {
        node.fault(format!("must be a mapping with the fields {}", known.join(", ")));
        return;
    }
    for (key, ..) in node.fields() {
        if !known.contains(&key.as_str()) {
            node.faults.borrow_mut().push(node.unknown(key, &known));
        }
    }
    for (key, presence, shape) in fields {
        match node.get(key) {
            Some(value) => shape(&value),
            None if *presence == Must => node.fault_in(key, "is required"),
            None => {}
        }
    }
}

/// A list of `least` to `most` entries of one shape.
fn list(node: &Node<'_>, least: usize, most: usize, shape: Shape) {
    match node.list() {
        Ok(entries) => {
            if !(least..=most).contains(&entries.len()) {
                node.fault(match (least, most) {
                    (1, 1) => "must have exactly one entry".to_owned(),
                    (_, usize::MAX) => format!("must have at least {least} entry"),
                    _ => format!("must have {least} to {most} entries"),
                });
            }
            entries.iter().for_each(shape);
        }
        Err(error) => node.faults.borrow_mut().push(error),
    }
}

/// Gathers what a reading has to complain about.
pub(super) fn told<T>(node: &Node<'_>, found: Result<T, SpecError>) {
    if let Err(error) = found {
        node.faults.borrow_mut().push(error);
    }
}

fn exactly_one(node: &Node<'_>, keys: &[&str]) {
    if keys.iter().filter(|key| node.has(key)).count() != 1 {
        node.fault(format!("must have exactly one of {}", keys.join(", ")));
    }
}

/// Whatever is YAML; where it must be there it is not null.
fn anything(_: &Node<'_>) {}

pub(super) fn text(node: &Node<'_>) {
    told(node, node.text());
}

fn flag(node: &Node<'_>) {
    told(node, node.flag());
}

fn number(node: &Node<'_>) {
    told(node, node.number());
}

fn object(node: &Node<'_>) {
    if !matches!(node.value, Value::Map(_)) {
        node.fault("must be a mapping");
    }
}

/// A mapping of any fields, each text.
pub(super) fn texts(node: &Node<'_>) {
    object(node);
    node.fields().iter().filter_map(|(key, ..)| node.get(key)).for_each(|value| text(&value));
}

fn description(node: &Node<'_>) {
    match node.value {
        Value::Text(text) if text.chars().count() > 1_050 => {
            node.fault(format!("has {} characters; allowed: 1050", text.chars().count()));
        }
        Value::Text(_) => {}
        _ => text(node),
    }
}

/// A name, or a reference to one.
fn name(node: &Node<'_>) {
    match node.text() {
        Ok(name) if !metadata::is_name(&name) => node.fault(format!(
            "{name:?} is not a name; allowed: 1 to 63 lower-case letters, digits and '-', beginning and ending with a letter or digit"
        )),
        found => told(node, found),
    }
}

fn duration(node: &Node<'_>) {
    let parsed =
        match node.value {
            Value::Text(text) => Span::parse(text).map(drop),
            _ => Err("must be a duration; allowed: a whole number above 0 and one of m, h, d, w, M, Q, Y"
                .to_owned()),
        };
    if let Err(problem) = parsed {
        node.fault(problem);
    }
}

fn above_zero(node: &Node<'_>) {
    bounded(node, |value| value > 0.0, "must be above 0");
}

fn bounded(node: &Node<'_>, holds: fn(f64) -> bool, problem: &str) {
    match node.number() {
        Ok(value) if !holds(value) => node.fault(problem),
        found => told(node, found),
    }
}

fn service(spec: &Node<'_>) {
    mapping(spec, &[("description", May, description)]);
}

fn data_source(spec: &Node<'_>) {
    let fields: [(_, _, Shape); 3] =
        [("description", May, description), ("type", Must, text), ("connectionDetails", Must, anything)];
    mapping(spec, &fields);
}

fn operator(node: &Node<'_>) {
    told(node, node.word(&[("lte", ()), ("lt", ()), ("gte", ()), ("gt", ())]));
}

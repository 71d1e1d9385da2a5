//! The shape of an SLO.

use chrono::NaiveDateTime;
use chrono_tz::Tz;

use super::Presence::{May, Must};
use super::alerting::policy_of_slo;
use super::sli::inline_indicator;
use super::{
    Shape, above_zero, bounded, description, duration, exactly_one, flag, list, mapping, name, number,
    operator, text, told,
};
use crate::spec::node::Node;
use crate::yaml::Value;

pub(super) fn slo(spec: &Node<'_>) {
    let fields: [(_, _, Shape); 8] = [
        ("description", May, description),
        ("service", Must, text),
        ("indicator", May, inline_indicator),
        ("indicatorRef", May, name),
        ("timeWindow", May, |node| list(node, 1, 1, time_window)),
        ("budgetingMethod", Must, budgeting_method),
        ("objectives", Must, |node| list(node, 1, 255, objective)),
        ("alertPolicies", May, |node| list(node, 0, usize::MAX, policy_of_slo)),
    ];
    mapping(spec, &fields);
    let objectives = spec.get("objectives").and_then(|node| node.list().ok()).unwrap_or_default();
    let own = |node: &Node<'_>| node.has("indicator") || node.has("indicatorRef");
    if objectives.iter().any(own) {
        if own(spec) {
            spec.fault(
                "has an indicator and so have its objectives; keep one, or give every objective its own",
            );
        }
        objectives.iter().for_each(|node| exactly_one(node, &["indicator", "indicatorRef"]));
    } else {
        exactly_one(spec, &["indicator", "indicatorRef"]);
    }
    if spec.text_of("budgetingMethod") == Ok(Some("Timeslices".to_owned())) {
        for objective in objectives.iter().filter(|node| matches!(node.value, Value::Map(_))) {
            for key in ["timeSliceTarget", "timeSliceWindow"] {
                told(objective, objective.need(key));
            }
        }
    }
}

fn budgeting_method(node: &Node<'_>) {
    told(node, node.word(&[("Occurrences", ()), ("Timeslices", ()), ("RatioTimeslices", ())]));
}

fn objective(node: &Node<'_>) {
    let fields: [(_, _, Shape); 10] = [
        ("displayName", May, text),
        ("op", May, operator),
        ("value", May, number),
        ("target", May, |node| {
            bounded(
                node,
                |value| (0.0..1.0).contains(&value),
                "must be at least 0 and below 1: a target of 1 leaves no budget",
            );
        }),
        ("targetPercent", May, |node| {
            bounded(
                node,
                |value| (0.0..100.0).contains(&value),
                "must be at least 0 and below 100: a target of 100 % leaves no budget",
            );
        }),
        ("timeSliceTarget", May, |node| {
            bounded(node, |value| value > 0.0 && value <= 1.0, "must be above 0 and at most 1");
        }),
        ("timeSliceWindow", May, |node| {
            if let Value::Number(_) = node.value { above_zero(node) } else { duration(node) }
        }),
        ("indicator", May, inline_indicator),
        ("indicatorRef", May, name),
        ("compositeWeight", May, above_zero),
    ];
    mapping(node, &fields);
    if matches!(node.value, Value::Map(_)) {
        exactly_one(node, &["target", "targetPercent"]);
    }
}

fn time_window(node: &Node<'_>) {
    let calendar: Shape = |node| {
        let start: Shape = |node| match node.text() {
            Ok(text) if start_time(&text).is_none() => {
                node.fault(format!("{text:?} is not a time; allowed: YYYY-MM-DD hh:mm:ss, without a zone"));
            }
            found => told(node, found),
        };
        let zone: Shape = |node| match node.text() {
            Ok(text) if text.parse::<Tz>().is_err() => node.fault(format!(
                "{text:?} is not a time zone; allowed: a name of the IANA database, such as America/New_York"
            )),
            found => told(node, found),
        };
        mapping(node, &[("startTime", Must, start), ("timeZone", Must, zone)]);
    };
    mapping(
        node,
        &[("duration", Must, duration as Shape), ("isRolling", May, flag), ("calendar", May, calendar)],
    );
    let rolling = node.get("isRolling").and_then(|node| node.flag().ok());
    match (rolling, node.has("calendar")) {
        (Some(true), true) => node.fault("is rolling and has a calendar; keep one of them"),
        (Some(false), false) => node.fault_in("calendar", "is required where isRolling is false"),
        _ => {}
    }
}

/// A time as OpenSLO writes it, on the wall clock of a zone that stands beside it.
pub(in crate::spec) fn start_time(text: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok().filter(|_| text.len() == 19)
}

//! The figures of an objective: its target, threshold, window and budgeting method.

use chrono_tz::Tz;

use super::Method;
use super::duration::{Span, Unit};
use super::indicator::{OPS, Threshold};
use super::node::{Node, SpecError};
use super::openslo::start_time;
use crate::window::{Calendar, Window};
use crate::yaml::Value;

/// The window that figures would be for if there were one.
const NO_WINDOW: Span = Span { count: 30, unit: Unit::Day };

pub(super) fn shown(node: &Node<'_>, key: &str) -> Option<String> {
    node.text_of(key).ok().flatten()
}

pub(super) fn figure(node: &Node<'_>, key: &str) -> Option<f64> {
    node.get(key)?.number().ok()
}

pub(super) fn target(objective: &Node<'_>) -> f64 {
    let percent = || figure(objective, "targetPercent").map(|percent| percent / 100.0);
    figure(objective, "target").or_else(percent).unwrap_or(0.0)
}

/// An operator without a value, or a value without one, says nothing about a ratio and too little
/// about a threshold.
pub(super) fn threshold(objective: &Node<'_>) -> Option<Threshold> {
    let op = objective.get("op")?.word(&OPS).ok()?;
    Some(Threshold { op, value: figure(objective, "value")? })
}

pub(super) fn window(spec: &Node<'_>) -> (Window, Option<SpecError>) {
    let list = spec.get("timeWindow").and_then(|list| list.list().ok()).unwrap_or_default();
    let Some(node) = list.first() else {
        let note =
            spec.error_in("timeWindow", "is missing, and headroom keeps a budget for a window; add one");
        return (Window::new("no window", NO_WINDOW, None), Some(note));
    };
    let text = shown(node, "duration").unwrap_or_default();
    let calendar = node.get("calendar").and_then(|calendar| {
        let zone: Tz = shown(&calendar, "timeZone")?.parse().ok()?;
        Some(Calendar { start: start_time(&shown(&calendar, "startTime")?)?, zone })
    });
    let window = Window::new(&text, Span::parse(&text).unwrap_or(NO_WINDOW), calendar);
    let note = match window.seconds {
        s if s < 3_600 => "is shorter than an hour, too short for slices of a minute",
        s if s > 400 * 86_400 => "is longer than the 400 days that slices are kept",
        _ => return (window, None),
    };
    (window, Some(node.error(format!("of {text} {note}"))))
}

pub(super) fn method(spec: &Node<'_>, objective: &Node<'_>) -> (Method, Option<SpecError>) {
    let slice = objective.get("timeSliceWindow");
    let seconds = match slice.as_ref().map(|node| node.value) {
        None => 60,
        Some(Value::Number(minutes)) => (minutes * 60.0).round() as i64,
        Some(_) => shown(objective, "timeSliceWindow")
            .and_then(|text| Span::parse(&text).ok()?.seconds())
            .unwrap_or(0),
    };
    let whole = seconds >= 60 && seconds % 60 == 0;
    let note = slice.filter(|_| !whole).map(|node| {
        node.error("is no whole number of minutes of fixed length, and headroom measures by the minute")
    });
    let seconds = if whole { seconds } else { 60 };
    match shown(spec, "budgetingMethod").as_deref() {
        Some("Timeslices") => (
            Method::Timeslices { target: figure(objective, "timeSliceTarget").unwrap_or(1.0), seconds },
            note,
        ),
        Some("RatioTimeslices") => (Method::RatioTimeslices { seconds }, note),
        _ => (Method::Occurrences, None),
    }
}

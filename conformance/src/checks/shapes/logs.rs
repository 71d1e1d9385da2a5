//! Log records as they come.

use serde_json::json;

use super::Shape;
use crate::fixture::{Fixture, text};

pub(super) fn shapes(fixture: &Fixture) -> Vec<Shape> {
    let minimal = json!({"timeUnixNano": fixture.ago(2_000)});
    let observed = json!({"observedTimeUnixNano": fixture.ago(1_900), "body": {"stringValue": "observed"}});
    let mut full = fixture.log();
    full["traceId"] = fixture.trace_id().into();
    full["spanId"] = fixture.span_id().into();
    full["flags"] = 1.into();
    full["droppedAttributesCount"] = 1.into();
    full["eventName"] = "conformance.checked".into();
    let mut event = fixture.log();
    event["eventName"] = "conformance.checked".into();
    event["body"] = json!({"kvlistValue": {"values": [text("outcome", "pass")]}});
    let severities = (0..=24).map(|severity| {
        let mut log = fixture.log();
        log["severityNumber"] = severity.into();
        log
    });
    let mut text_only = fixture.log();
    text_only["severityNumber"] = 0.into();
    text_only["severityText"] = "notice".into();
    vec![
        ("minimal", "a log record of nothing but a time", vec![minimal]),
        // The data model: the time may be unknown, the observed time then counts.
        ("observed-only", "a log record with an observed time only", vec![observed]),
        ("full", "a log record with every field", vec![full]),
        ("event", "an event, a log record with an event name", vec![event]),
        ("severities", "a log record of each severity", severities.collect()),
        ("severity-text", "a log record with a severity in words only", vec![text_only]),
    ]
}

//! Spans as they come.

use serde_json::json;

use super::Shape;
use crate::fixture::{Fixture, text};

pub(super) fn shapes(fixture: &Fixture) -> Vec<Shape> {
    let minimal = json!({
        "traceId": fixture.trace_id(), "spanId": fixture.span_id(), "name": "minimal",
        "startTimeUnixNano": fixture.ago(2_000), "endTimeUnixNano": fixture.ago(2_000),
    });
    let mut full = fixture.span();
    full["parentSpanId"] = fixture.span_id().into();
    full["traceState"] = "vendor=value,other=1".into();
    full["flags"] = 769.into();
    full["droppedAttributesCount"] = 1.into();
    full["droppedEventsCount"] = 2.into();
    full["droppedLinksCount"] = 3.into();
    full["events"] = events(fixture);
    full["links"] = links(fixture);
    full["status"] = json!({"code": 2, "message": "no route"});
    let mut with_events = fixture.span();
    with_events["events"] = events(fixture);
    let mut with_links = fixture.span();
    with_links["links"] = links(fixture);
    let kinds = (0..=5).map(|kind| {
        let mut span = fixture.span();
        span["kind"] = kind.into();
        span
    });
    let statuses = (0..=2).map(|code| {
        let mut span = fixture.span();
        span["status"] = json!({"code": code, "message": if code == 2 { "failed" } else { "" }});
        span
    });
    let open = {
        let mut span = fixture.span();
        span["name"] = "".into();
        span
    };
    vec![
        ("minimal", "a span of ids, a name and times", vec![minimal]),
        ("full", "a span with every field", vec![full]),
        ("events", "a span with events", vec![with_events]),
        ("links", "a span with links", vec![with_links]),
        ("kinds", "a span of each kind", kinds.collect()),
        ("statuses", "a span of each status", statuses.collect()),
        ("no-name", "a span without a name", vec![open]),
    ]
}

fn events(fixture: &Fixture) -> serde_json::Value {
    json!([
        {"timeUnixNano": fixture.ago(1_998), "name": "exception", "attributes": [
            text("exception.type", "Timeout"), text("exception.stacktrace", "at a\n at b"),
        ], "droppedAttributesCount": 1},
        {"timeUnixNano": fixture.ago(1_997), "name": ""},
    ])
}

fn links(fixture: &Fixture) -> serde_json::Value {
    json!([
        {"traceId": fixture.trace_id(), "spanId": fixture.span_id(), "traceState": "a=b",
         "attributes": [text("k", "v")], "droppedAttributesCount": 1, "flags": 256},
        {"traceId": fixture.trace_id(), "spanId": fixture.span_id()},
    ])
}

//! Values of attributes and log bodies (duty 11).
//!
//! Since 1.9.0 a value may be empty, of bytes, a list of pairs or a mixed array wherever a value
//! may stand, in every signal; one such value must not cost the batch.

use serde_json::{Value, json};

use crate::check::Check;
use crate::duty::Level;
use crate::fixture::{Fixture, request, text};
use crate::judge::accepted;
use crate::request::Request;
use crate::wire::{Signal, Wire};

pub(super) fn checks(fixture: &Fixture) -> Vec<Check> {
    let mut checks = Vec::new();
    for wire in Wire::ALL {
        for (name, what, value) in kinds() {
            let id = format!("{}-value-{name}", wire.id());
            let title = format!("{wire}: an attribute may be {what}");
            checks.push(everywhere(fixture, wire, id, title, &json!({"key": "v", "value": value})));
        }
        let id = format!("{}-value-missing", wire.id());
        let title = format!("{wire}: an attribute may have no value");
        checks.push(everywhere(fixture, wire, id, title, &json!({"key": "v"})));
        for (name, what, value) in kinds().into_iter().filter(|(name, ..)| BODIES.contains(name)) {
            checks.push(body(fixture, wire, name, what, value));
        }
    }
    let wire = Wire::HttpJson;
    for (name, what, attribute) in [
        ("null", "null", json!({"key": "v", "value": null})),
        ("null-inside", "a text that is null", json!({"key": "v", "value": {"stringValue": null}})),
        (
            "null-nested",
            "an array that is null",
            json!({"key": "v", "value": {"arrayValue": {"values": null}}}),
        ),
    ] {
        let id = format!("{}-value-{name}", wire.id());
        checks.push(everywhere(fixture, wire, id, format!("{wire}: an attribute may be {what}"), &attribute));
    }
    checks
}

/// The kinds that are checked as a log record's body, too.
const BODIES: [&str; 4] = ["empty", "bytes", "pairs", "array-mixed"];

fn kinds() -> Vec<(&'static str, &'static str, Value)> {
    let array = |values: Value| json!({"arrayValue": {"values": values}});
    vec![
        ("empty", "empty", json!({})),
        ("bytes", "bytes", json!({"bytesValue": "AAH/"})),
        (
            "pairs",
            "a list of pairs, nested",
            json!({"kvlistValue": {"values": [
                text("a", "b"), {"key": "c", "value": {"kvlistValue": {"values": [text("d", "e")]}}},
            ]}}),
        ),
        (
            "array-mixed",
            "an array of several kinds",
            array(json!([
                {"stringValue": "a"}, {"intValue": "1"}, {"doubleValue": 0.5}, {"boolValue": true}, {"bytesValue": "AA=="},
            ])),
        ),
        (
            "array-nested",
            "an array of arrays",
            array(json!([array(json!([{"intValue": "1"}])), array(json!([]))])),
        ),
        ("array-of-empty", "an array with an empty value", array(json!([{}, {"stringValue": "a"}]))),
        ("array-empty", "an array of nothing", json!({"arrayValue": {}})),
        ("zero", "an empty text", json!({"stringValue": ""})),
    ]
}

/// The attribute at a resource, a scope, a span, an event and a link.
fn everywhere(fixture: &Fixture, wire: Wire, id: String, title: String, attribute: &Value) -> Check {
    let mut span = fixture.span();
    span["attributes"] = json!([attribute]);
    span["events"] = json!([{"name": "e", "timeUnixNano": fixture.ago(1_995), "attributes": [attribute]}]);
    span["links"] = json!([{
        "traceId": fixture.trace_id(), "spanId": fixture.span_id(), "attributes": [attribute],
    }]);
    let mut request = request(Signal::Traces, vec![span]);
    let resource = &mut request["resourceSpans"][0];
    if let Some(attributes) = resource["resource"]["attributes"].as_array_mut() {
        attributes.push(attribute.clone());
    }
    resource["scopeSpans"][0]["scope"]["attributes"] = json!([attribute]);
    Check::one((11, Level::Must), id, title, Request::export(wire, Signal::Traces, &request), |answer| {
        accepted(answer, Signal::Traces)
    })
}

fn body(fixture: &Fixture, wire: Wire, name: &str, what: &str, value: Value) -> Check {
    let mut log = fixture.log();
    log["body"] = value;
    let request = Request::export(wire, Signal::Logs, &request(Signal::Logs, vec![log]));
    let id = format!("{}-body-{name}", wire.id());
    Check::one(
        (11, Level::Must),
        id,
        format!("{wire}: the body of a log record may be {what}"),
        request,
        |answer| accepted(answer, Signal::Logs),
    )
}

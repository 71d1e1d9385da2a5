//! OTLP/JSON (duty 10).

use serde_json::{Value, json};

use crate::check::Check;
use crate::duty::Level;
use crate::fixture::{Fixture, request, text};
use crate::judge::{accepted, taken_or_refused};
use crate::message::{map_objects, with_unknown_keys};
use crate::request::Request;
use crate::wire::{Signal, Wire};

use Signal::{Logs, Metrics, Traces};

pub(super) fn checks(fixture: &Fixture) -> Vec<Check> {
    let mut checks = ids(fixture);
    checks.extend(numbers(fixture));
    checks.extend(keys(fixture));
    checks
}

fn taken(signal: Signal, level: Level, id: &str, title: &str, body: &Value) -> Check {
    let request = Request::export(Wire::HttpJson, signal, body);
    Check::one(
        (10, level),
        format!("http-json-{id}"),
        format!("HTTP JSON: {title}"),
        request,
        move |answer| accepted(answer, signal),
    )
}

fn tolerated(signal: Signal, id: &str, title: &str, body: &Value) -> Check {
    let request = Request::export(Wire::HttpJson, signal, body);
    let title = format!("HTTP JSON: {title} are taken or refused for good");
    Check::one((10, Level::Robustness), format!("http-json-{id}"), title, request, move |answer| {
        taken_or_refused(answer, signal)
    })
}

/// A request with ids wherever ids can be.
fn with_ids(fixture: &Fixture, signal: Signal, write: fn(&str) -> String) -> Value {
    let trace = || write(&fixture.trace_id());
    let span = || write(&fixture.span_id());
    let mut record = fixture.record(signal);
    match signal {
        Traces => {
            record["traceId"] = trace().into();
            record["spanId"] = span().into();
            record["parentSpanId"] = span().into();
            record["links"] = json!([{"traceId": trace(), "spanId": span()}]);
        }
        Logs => {
            record["traceId"] = trace().into();
            record["spanId"] = span().into();
        }
        Metrics => {
            record["gauge"]["dataPoints"][0]["exemplars"] = json!([{
                "timeUnixNano": fixture.ago(2_500), "asInt": "1", "traceId": trace(), "spanId": span(),
            }]);
        }
    }
    request(signal, vec![record])
}

fn ids(fixture: &Fixture) -> Vec<Check> {
    fn mixed(id: &str) -> String {
        let upper = |(place, c): (usize, char)| if place % 2 == 0 { c.to_ascii_uppercase() } else { c };
        id.chars().enumerate().map(upper).collect()
    }
    fn base64(id: &str) -> String {
        use base64::Engine as _;
        let bytes = hex::decode(id).unwrap_or_default();
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }
    let must = Level::Must;
    let lower = with_ids(fixture, Traces, str::to_owned);
    let upper = with_ids(fixture, Traces, str::to_ascii_uppercase);
    let mut no_parent = fixture.span();
    no_parent["parentSpanId"] = "".into();
    vec![
        taken(Traces, must, "hex-ids-lower", "ids in small hex digits are understood", &lower),
        taken(Traces, must, "hex-ids-upper", "ids in capital hex digits are understood", &upper),
        taken(
            Traces,
            must,
            "hex-ids-any-case",
            "ids in hex digits of both cases are understood",
            &with_ids(fixture, Traces, mixed),
        ),
        taken(
            Logs,
            must,
            "logs-hex-ids-any-case",
            "ids of log records in hex digits of both cases are understood",
            &with_ids(fixture, Logs, mixed),
        ),
        taken(
            Metrics,
            must,
            "metrics-hex-ids-any-case",
            "ids of exemplars in hex digits of both cases are understood",
            &with_ids(fixture, Metrics, mixed),
        ),
        taken(
            Traces,
            must,
            "parent-empty",
            "an empty parent span id is no parent",
            &request(Traces, vec![no_parent]),
        ),
        // The letter forbids them to senders; some send them all the same.
        tolerated(Traces, "ids-base64", "ids in base64", &with_ids(fixture, Traces, base64)),
    ]
}

fn numbers(fixture: &Fixture) -> Vec<Check> {
    let must = Level::Must;
    let value = |value: Value| {
        let mut span = fixture.span();
        span["attributes"] = json!([{"key": "n", "value": value}]);
        request(Traces, vec![span])
    };
    let mut numeric = fixture.request(Traces);
    map_objects(&mut numeric, &|object| {
        for key in ["startTimeUnixNano", "endTimeUnixNano"] {
            if let Some(Ok(n)) = object.get(key).and_then(Value::as_str).map(str::parse::<u64>) {
                object.insert(key.to_owned(), n.into());
            }
        }
    });
    let point = |number: Value| {
        let mut point = fixture.number_point();
        point["asInt"] = number;
        request(Metrics, vec![json!({"name": "conformance.n", "gauge": {"dataPoints": [point]}})])
    };
    let double = |number: Value| {
        let mut point = fixture.number_point();
        point.as_object_mut().map(|point| point.remove("asInt"));
        point["asDouble"] = number;
        request(Metrics, vec![json!({"name": "conformance.n", "gauge": {"dataPoints": [point]}})])
    };
    let mut severity_name = fixture.log();
    severity_name["severityNumber"] = "SEVERITY_NUMBER_INFO".into();
    let mut severity_new = fixture.log();
    severity_new["severityNumber"] = 77.into();
    let mut kind = fixture.span();
    (kind["kind"], kind["status"]) = (json!(3), json!({"code": 2, "message": "late"}));
    let exponent = format!("{{\"intValue\":{}}}", "12e2");
    let exponent: Value = serde_json::from_str(&exponent).unwrap_or_default();
    vec![
        taken(Traces, must, "times-as-number", "64-bit times may be numbers", &numeric),
        taken(Traces, must, "int-as-text", "a 64-bit value may be text", &value(json!({"intValue": "-42"}))),
        taken(
            Traces,
            must,
            "int-as-number",
            "a 64-bit value may be a number",
            &value(json!({"intValue": -42})),
        ),
        taken(
            Traces,
            must,
            "int-extreme",
            "the smallest 64-bit value is understood",
            &value(json!({"intValue": "-9223372036854775808"})),
        ),
        taken(Metrics, must, "point-as-text", "a point's integer may be text", &point(json!("-7"))),
        taken(Metrics, must, "point-as-number", "a point's integer may be a number", &point(json!(-7))),
        taken(
            Metrics,
            must,
            "double-integer",
            "a double may be written without a fraction",
            &double(json!(7)),
        ),
        taken(Metrics, must, "double-as-text", "a double may be text", &double(json!("7.5"))),
        taken(
            Traces,
            must,
            "double-nan",
            "the values NaN, Infinity and -Infinity are texts",
            &value(json!({"arrayValue": {"values": [
                {"doubleValue": "NaN"}, {"doubleValue": "Infinity"}, {"doubleValue": "-Infinity"},
            ]}})),
        ),
        taken(
            Metrics,
            must,
            "point-infinity",
            "a point of -Infinity is a number",
            &double(json!("-Infinity")),
        ),
        // Protobuf's JSON mapping: exponents are accepted for integers too.
        taken(Traces, Level::Robustness, "int-exponent", "an integer may have an exponent", &value(exponent)),
        taken(Traces, must, "enum-integer", "enums are integers", &request(Traces, vec![kind])),
        taken(
            Logs,
            Level::Robustness,
            "enum-newer",
            "a severity of a newer version is taken",
            &request(Logs, vec![severity_new]),
        ),
        tolerated(Logs, "enum-name", "names of enums", &request(Logs, vec![severity_name])),
    ]
}

fn keys(fixture: &Fixture) -> Vec<Check> {
    let must = Level::Must;
    let mut checks = Vec::new();
    for signal in Signal::ALL {
        checks.push(taken(
            signal,
            must,
            &format!("{signal}-unknown-keys"),
            &format!("unknown keys in every object of {signal} are ignored"),
            &with_unknown_keys(&fixture.request(signal)),
        ));
    }
    let spans = fixture.request(Traces)["resourceSpans"].clone();
    let mut snake = fixture.request(Traces);
    snake["resourceSpans"][0]["schema_url"] = "https://example.com/1".into();
    snake["resourceSpans"][0]["resource"]["dropped_attributes_count"] = 1.into();
    let mut nulls = fixture.span();
    for key in ["traceState", "parentSpanId", "events", "links", "status", "flags", "droppedEventsCount"] {
        nulls[key] = Value::Null;
    }
    nulls["attributes"] = Value::Null;
    let mut null_log = fixture.log();
    for key in ["traceId", "spanId", "body", "attributes", "severityText", "severityNumber", "flags"] {
        null_log[key] = Value::Null;
    }
    let mut escaped = fixture.span();
    escaped["name"] = "tab\t quote\" 日本 🚀 \u{7f}".into();
    let escaped = request(Traces, vec![escaped]).to_string().replace('🚀', "\\ud83d\\ude80");
    let pretty = serde_json::to_string_pretty(&fixture.request(Traces)).unwrap_or_default();
    checks.extend([
        // An unknown name, so the request holds nothing and succeeds.
        taken(
            Traces,
            must,
            "snake-case",
            "a request under the field's original name is ignored",
            &json!({"resource_spans": spans}),
        ),
        taken(Traces, must, "snake-case-inside", "original names of fields inside are ignored", &snake),
        taken(Traces, must, "null-fields", "a field of a span may be null", &request(Traces, vec![nulls])),
        taken(
            Logs,
            must,
            "logs-null-fields",
            "a field of a log record may be null",
            &request(Logs, vec![null_log]),
        ),
        taken(Traces, must, "null-lists", "a list may be null", &json!({"resourceSpans": null})),
        taken(
            Traces,
            must,
            "deprecated-library",
            "the instrumentation libraries of old senders are ignored",
            &json!({"resourceSpans": [{"instrumentationLibrarySpans": [{
                "instrumentationLibrary": {"name": "old"}, "spans": [fixture.span()],
            }]}]}),
        ),
        raw("escapes", "escapes and characters outside the basic plane are understood", escaped),
        raw("white-space", "white space between values is nothing", pretty),
    ]);
    let mut empty_key = fixture.span();
    empty_key["attributes"] = json!([text("", "no key")]);
    checks.push(tolerated(
        Traces,
        "key-empty",
        "attributes with an empty key",
        &request(Traces, vec![empty_key]),
    ));
    checks
}

fn raw(id: &str, title: &str, body: String) -> Check {
    let request = Request::raw(Wire::HttpJson, Traces, body);
    let title = format!("HTTP JSON: {title}");
    Check::one((10, Level::Must), format!("http-json-{id}"), title, request, |answer| {
        accepted(answer, Traces)
    })
}

//! Data that cannot be decoded (duties 6, 8, 9).

use super::Setting;
use crate::check::Check;
use crate::duty::Level;
use crate::fixture::{Fixture, keys};
use crate::grpc::INVALID_ARGUMENT;
use crate::judge::{
    bad_request_details, refused, refused_for_good, status_body, status_message, taken_or_refused,
};
use crate::message::{self, proto};
use crate::request::Request;
use crate::wire::{JSON, Signal, Wire};

const TRACES: Signal = Signal::Traces;

pub(super) fn checks(fixture: &Fixture, _: Setting) -> Vec<Check> {
    let mut checks = Vec::new();
    for wire in Wire::ALL {
        for signal in Signal::ALL {
            checks.extend(cut_off(fixture, wire, signal));
        }
    }
    for wire in Wire::BINARY {
        checks.extend(protobuf(fixture, wire));
    }
    checks.extend(json(fixture));
    checks
}

/// A request whose end is missing, and what is said about it.
fn cut_off(fixture: &Fixture, wire: Wire, signal: Signal) -> Vec<Check> {
    let id = |what: &str| format!("{}-{signal}-{what}", wire.id());
    let mut bytes = message::encode(wire, signal, &fixture.request(signal));
    bytes.truncate(bytes.len() - 5);
    let request = Request::message(wire, signal, &bytes);
    if wire == Wire::Grpc {
        return vec![
            Check::one(
                (6, Level::Must),
                id("malformed"),
                format!("{wire}: {signal} that cannot be decoded are refused for good"),
                request.clone(),
                refused_for_good,
            ),
            Check::one(
                (6, Level::Should),
                id("malformed-code"),
                format!("{wire}: {signal} that cannot be decoded are INVALID_ARGUMENT"),
                request,
                |answer| refused(answer, &[], &[INVALID_ARGUMENT]),
            ),
        ];
    }
    vec![
        Check::one(
            (8, Level::Must),
            id("malformed"),
            format!("{wire}: {signal} that cannot be decoded are 400"),
            request.clone(),
            |answer| refused(answer, &[400], &[]),
        ),
        Check::one(
            (9, Level::Must),
            id("malformed-status"),
            format!("{wire}: the refusal of {signal} is a Status in the request's format"),
            request.clone(),
            status_body,
        ),
        Check::one(
            (9, Level::Should),
            id("malformed-message"),
            format!("{wire}: the refusal of {signal} says what is wrong"),
            request.clone(),
            status_message,
        ),
        Check::one(
            (9, Level::Should),
            id("malformed-details"),
            format!("{wire}: the refusal of {signal} carries a BadRequest"),
            request,
            bad_request_details,
        ),
    ]
}

/// Bytes that are no protobuf, or hardly.
fn protobuf(fixture: &Fixture, wire: Wire) -> Vec<Check> {
    let bytes = message::encode(wire, TRACES, &fixture.request(TRACES));
    let mut long_length = vec![0x0a];
    proto::varint(&mut long_length, 1 << 62);
    let mut endless = vec![0x0a];
    endless.resize(12, 0xff);
    let broken: [(&str, &str, Vec<u8>); 4] = [
        ("length", "a length beyond the end", long_length),
        ("varint", "a number that does not end", endless),
        ("wire-type", "a wire type that does not exist", [&bytes[..], &[0x3f, 1]].concat()),
        ("field-zero", "a field with the number 0", [&bytes[..], &[0x00, 1]].concat()),
    ];
    let mut checks = Vec::new();
    for (name, what, bytes) in broken {
        let duty = if wire == Wire::Grpc { 6 } else { 8 };
        checks.push(Check::one(
            (duty, Level::Must),
            format!("{}-malformed-{name}", wire.id()),
            format!("{wire}: {what} is bad data"),
            Request::message(wire, TRACES, &bytes),
            |answer| match answer.wire {
                Wire::Grpc => refused_for_good(answer),
                _ => refused(answer, &[400], &[]),
            },
        ));
    }
    // Parsers differ here, and may; only an error of the receiver's own is none of the answers.
    let mut odd_text = fixture.request(TRACES);
    odd_text["resourceSpans"][0]["schemaUrl"] = "@@@@".into();
    let mut odd_text = message::encode(wire, TRACES, &odd_text);
    if let Some(at) = odd_text.windows(4).position(|w| w == b"@@@@") {
        odd_text[at..at + 4].fill(0xc3);
    }
    let mut deep = Vec::new();
    for _ in 0..200 {
        let mut array = Vec::new();
        proto::bytes(&mut array, 1, &deep);
        deep.clear();
        proto::bytes(&mut deep, 5, &array);
    }
    let odd: [(&str, &str, Vec<u8>); 3] = [
        ("utf8", "text that is not UTF-8", odd_text),
        ("field-type", "a field of another wire type than its own", [&bytes[..], &[0x08, 1]].concat()),
        ("depth", "an array in an array, 200 deep", within(&deep)),
    ];
    for (name, what, bytes) in odd {
        checks.push(Check::one(
            (8, Level::Robustness),
            format!("{}-odd-{name}", wire.id()),
            format!("{wire}: {what} is taken or refused for good"),
            Request::message(wire, TRACES, &bytes),
            |answer| taken_or_refused(answer, TRACES),
        ));
    }
    checks
}

/// A request with nothing but a resource's attribute of this value.
fn within(value: &[u8]) -> Vec<u8> {
    let mut attribute = Vec::new();
    proto::bytes(&mut attribute, 1, b"deep");
    proto::bytes(&mut attribute, 2, value);
    [1, 1, 1].into_iter().fold(attribute, |inner, number| {
        let mut outer = Vec::new();
        proto::bytes(&mut outer, number, &inner);
        outer
    })
}

/// Texts that are no JSON, or not this JSON.
fn json(fixture: &Fixture) -> Vec<Check> {
    let wire = Wire::HttpJson;
    let good = fixture.request(TRACES).to_string();
    let [resources, scopes, items] = keys(TRACES);
    let broken: [(&str, &str, Vec<u8>); 6] = [
        ("text", "a text that is no JSON", b"spans, please".to_vec()),
        ("array", "an array instead of a request", b"[]".to_vec()),
        ("type", "a number where a list must be", format!("{{\"{resources}\": 5}}").into_bytes()),
        ("rest", "something behind the request", format!("{good} {{").into_bytes()),
        ("comma", "a comma too many", good.replacen("}]", "},]", 1).into_bytes()),
        (
            "protobuf",
            "protobuf that says it is JSON",
            message::protobuf(TRACES, &fixture.request(TRACES), message::Style::default()),
        ),
    ];
    let mut checks = Vec::new();
    for (name, what, body) in broken {
        checks.push(Check::one(
            (8, Level::Must),
            format!("http-json-malformed-{name}"),
            format!("{wire}: {what} is 400"),
            Request::raw(wire, TRACES, body),
            |answer| refused(answer, &[400], &[]),
        ));
    }
    checks.push(Check::one(
        (8, Level::Must),
        "http-protobuf-malformed-json",
        "HTTP protobuf: JSON that says it is protobuf is 400",
        Request::raw(Wire::HttpProtobuf, TRACES, good.clone()),
        |answer| refused(answer, &[400], &[]),
    ));
    let deep = format!("{}{}", "{\"arrayValue\":{\"values\":[".repeat(200), "]}}".repeat(200));
    let deep = good.replacen("{\"stringValue\":\"GET\"}", &deep, 1);
    let mut not_utf8 = good.replacen("GET", "@@@", 1).into_bytes();
    not_utf8.iter_mut().filter(|byte| **byte == b'@').for_each(|byte| *byte = 0xc3);
    let no_id = format!("{{\"{resources}\":[{{\"{scopes}\":[{{\"{items}\":[{{\"traceId\":5}}]}}]}}]}}");
    let odd: [(&str, &str, Vec<u8>); 4] = [
        ("nothing", "a body of no bytes", Vec::new()),
        ("utf8", "text that is not UTF-8", not_utf8),
        ("depth", "an array in an array, 200 deep", deep.into_bytes()),
        ("id", "an id that is a number", no_id.into_bytes()),
    ];
    for (name, what, body) in odd {
        checks.push(Check::one(
            (8, Level::Robustness),
            format!("http-json-odd-{name}"),
            format!("{wire}: {what} is taken or refused for good"),
            Request::raw(wire, TRACES, body).with("content-type", JSON),
            |answer| taken_or_refused(answer, TRACES),
        ));
    }
    checks
}

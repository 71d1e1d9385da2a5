//! Compression (duty 1).

use crate::answer::Answer;
use crate::check::Check;
use crate::duty::Level;
use crate::fixture::Fixture;
use crate::grpc::UNIMPLEMENTED;
use crate::judge::{Ruling, accepted, refused, refused_for_good, response};
use crate::message;
use crate::request::{Request, frame, gzip};
use crate::wire::{Signal, Wire};

pub(super) fn checks(fixture: &Fixture) -> Vec<Check> {
    let mut checks = Vec::new();
    for wire in Wire::ALL {
        for signal in Signal::ALL {
            let bytes = message::encode(wire, signal, &fixture.request(signal));
            checks.push(Check::one(
                (1, Level::Must),
                format!("{}-{signal}-gzip", wire.id()),
                format!("{wire}: {signal} compressed with gzip are taken"),
                Request::compressed(wire, signal, "gzip", &gzip(&bytes)),
                move |answer| accepted(answer, signal),
            ));
        }
        checks.extend(forms(fixture, wire));
        checks.extend(broken(fixture, wire));
    }
    checks.extend(announced(fixture));
    checks
}

/// Legal forms of compression.
fn forms(fixture: &Fixture, wire: Wire) -> Vec<Check> {
    let traces = Signal::Traces;
    let id = |what: &str| format!("{}-{what}", wire.id());
    let bytes = message::encode(wire, traces, &fixture.request(traces));
    let (first, second) = bytes.split_at(bytes.len() / 2);
    // RFC 1952: a gzip file is one or more members, and means what they mean one after another.
    let members = [gzip(first), gzip(second)].concat();
    let zstd = zstd::encode_all(bytes.as_slice(), 1).unwrap_or_default();
    vec![
        Check::one(
            (1, Level::Must),
            id("identity"),
            format!("{wire}: no compression may be named as identity"),
            Request::message(wire, traces, &bytes).with(wire.encoding_header(), "identity"),
            move |answer| accepted(answer, traces),
        ),
        Check::one(
            (1, Level::Robustness),
            id("gzip-members"),
            format!("{wire}: gzip of two members is read to its end"),
            Request::compressed(wire, traces, "gzip", &members),
            move |answer| accepted(answer, traces),
        ),
        Check::one(
            (1, Level::May),
            id("zstd"),
            format!("{wire}: zstd is taken, or refused in the protocol's terms"),
            Request::compressed(wire, traces, "zstd", &zstd),
            move |answer| match refused_for_good(answer) {
                Ruling::Pass(_) => Ruling::skip("zstd is not offered; the protocol does not ask for it"),
                _ => accepted(answer, traces),
            },
        ),
    ]
}

/// What is not the compression it says it is. 4xx over HTTP: 400 is right, and 415 or 422 are no
/// harm, since no client sends the same again.
fn broken(fixture: &Fixture, wire: Wire) -> Vec<Check> {
    let traces = Signal::Traces;
    let id = |what: &str| format!("{}-{what}", wire.id());
    let compressed = gzip(&message::encode(wire, traces, &fixture.request(traces)));
    let mut corrupt = compressed.clone();
    // Inside the deflate stream, behind gzip's header.
    corrupt[12..20].fill(0xff);
    let truncated = &compressed[..compressed.len() / 2];
    let mut checks = vec![
        Check::one(
            (8, Level::Must),
            id("gzip-corrupt"),
            format!("{wire}: corrupt gzip is bad data, not an error of the receiver"),
            Request::compressed(wire, traces, "gzip", &corrupt),
            refused_for_good,
        ),
        Check::one(
            (8, Level::Must),
            id("gzip-truncated"),
            format!("{wire}: gzip that stops in the middle is refused"),
            Request::compressed(wire, traces, "gzip", truncated),
            refused_for_good,
        ),
    ];
    if wire != Wire::Grpc {
        checks.push(Check::one(
            (8, Level::Robustness),
            id("encoding-unknown"),
            format!("{wire}: an encoding nobody knows is refused with 415 or 400"),
            Request::compressed(wire, traces, "x-unheard-of", &compressed),
            |answer| refused(answer, &[415, 400], &[]),
        ));
    }
    checks
}

/// How gRPC announces compression.
fn announced(fixture: &Fixture) -> Vec<Check> {
    let (wire, traces) = (Wire::Grpc, Signal::Traces);
    let bytes = message::encode(wire, traces, &fixture.request(traces));
    let snappy = Request::compressed(wire, traces, "snappy", &bytes);
    vec![
        Check::one(
            (1, Level::Must),
            "grpc-encoding-unknown",
            "gRPC: a compression that is not supported is UNIMPLEMENTED",
            // No receiver should hold this for a compression, known or not.
            Request::compressed(wire, traces, "x-unheard-of", &bytes),
            |answer| refused(answer, &[], &[UNIMPLEMENTED]),
        ),
        Check::one(
            (1, Level::Should),
            "grpc-accept-encoding",
            "gRPC: the refusal of a compression names those that are supported",
            snappy.with("grpc-encoding", "x-unheard-of"),
            accept_encoding,
        ),
        Check::one(
            (1, Level::Must),
            "grpc-gzip-flag-unset",
            "gRPC: a message may be uncompressed although grpc-encoding is gzip",
            Request::raw(wire, traces, frame(0, &bytes)).with("grpc-encoding", "gzip"),
            move |answer| accepted(answer, traces),
        ),
        Check::one(
            (6, Level::Must),
            "grpc-flag-without-encoding",
            "gRPC: a message marked as compressed without grpc-encoding is refused for good",
            Request::raw(wire, traces, frame(1, &gzip(&bytes))),
            refused_for_good,
        ),
    ]
}

fn accept_encoding(answer: &Answer) -> Ruling {
    if response(answer, Signal::Traces).is_ok() {
        return Ruling::skip("the compression was taken");
    }
    match answer.header("grpc-accept-encoding") {
        Some(names) if names.contains("gzip") => Ruling::PASS,
        Some(names) => Ruling::fail("gzip is among grpc-accept-encoding", names),
        None => Ruling::fail("the header grpc-accept-encoding", "there is none"),
    }
}

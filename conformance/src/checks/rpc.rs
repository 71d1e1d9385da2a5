//! gRPC as such: methods, frames, metadata (duties 6, 9, 13).

use std::time::Duration;

use crate::answer::Answer;
use crate::check::Check;
use crate::duty::Level;
use crate::fixture::Fixture;
use crate::grpc::UNIMPLEMENTED;
use crate::judge::{Ruling, accepted, refused, refused_for_good};
use crate::message;
use crate::request::{Request, frame};
use crate::wire::{Signal, Wire};

const TRACES: Signal = Signal::Traces;

pub(super) fn checks(fixture: &Fixture) -> Vec<Check> {
    let bytes = message::encode(Wire::Grpc, TRACES, &fixture.request(TRACES));
    let ordinary = || Request::message(Wire::Grpc, TRACES, &bytes);
    let cut_off = &bytes[..bytes.len() - 5];
    let framed = frame(0, &bytes);
    vec![
        Check::one(
            (13, Level::Must),
            "grpc-method-unknown",
            "gRPC: an unknown method of a known service is UNIMPLEMENTED",
            ordinary().to("/opentelemetry.proto.collector.trace.v1.TraceService/UnheardOf"),
            |answer| refused(answer, &[], &[UNIMPLEMENTED]),
        ),
        Check::one(
            (13, Level::Must),
            "grpc-service-unknown",
            "gRPC: an unknown service is UNIMPLEMENTED",
            ordinary().to("/unheard.of.Service/Export"),
            |answer| refused(answer, &[], &[UNIMPLEMENTED]),
        ),
        Check::one(
            (13, Level::Must),
            "grpc-content-type-proto",
            "gRPC: the content type application/grpc+proto is understood",
            ordinary().with("content-type", "application/grpc+proto"),
            |answer| accepted(answer, TRACES),
        ),
        Check::one(
            (13, Level::Robustness),
            "grpc-content-type-unknown",
            "gRPC: a request that is no gRPC gets an answer of HTTP, a 4xx",
            ordinary().with("content-type", "text/html"),
            not_grpc,
        ),
        Check::one(
            (13, Level::Must),
            "grpc-metadata",
            "gRPC: a deadline and unknown metadata, text and binary, do no harm",
            ordinary()
                .with("grpc-timeout", "20S")
                .with("x-unheard-of", "conformance")
                .with("x-unheard-of-bin", "AAEC"),
            |answer| accepted(answer, TRACES),
        ),
        Check::one(
            (13, Level::Must),
            "grpc-split-frames",
            "gRPC: a message may come in many DATA frames",
            Request::raw(Wire::Grpc, TRACES, framed.clone()).in_pieces(3, Duration::from_millis(20)),
            |answer| accepted(answer, TRACES),
        ),
        Check::one(
            (6, Level::Must),
            "grpc-no-message",
            "gRPC: a call without a message is refused for good",
            Request::raw(Wire::Grpc, TRACES, Vec::new()),
            refused_for_good,
        ),
        Check::one(
            (6, Level::Must),
            "grpc-message-cut-off",
            "gRPC: a message that is shorter than its prefix says is refused for good",
            Request::raw(Wire::Grpc, TRACES, framed[..framed.len() - 5].to_vec()),
            refused_for_good,
        ),
        Check::one(
            (9, Level::Must),
            "grpc-status-details",
            "gRPC: grpc-status-details-bin, if it is sent, is a Status with the code of the call",
            Request::message(Wire::Grpc, TRACES, cut_off),
            details,
        ),
        Check::one(
            (9, Level::Should),
            "grpc-status-message",
            "gRPC: a refusal says what is wrong",
            Request::message(Wire::Grpc, TRACES, cut_off),
            says_something,
        ),
    ]
}

/// Where gRPC and HTTP share a port this is a request of OTLP over HTTP, with a wrong path.
fn not_grpc(answer: &Answer) -> Ruling {
    if (400..500).contains(&answer.status) {
        Ruling::PASS
    } else {
        Ruling::fail("HTTP status 415, or another 4xx", format!("HTTP status {}", answer.status))
    }
}

fn details(answer: &Answer) -> Ruling {
    let expected = "a google.rpc.Status whose code is that of the call";
    let Some(grpc) = &answer.grpc else { return Ruling::fail(expected, answer.summary()) };
    match &grpc.details {
        None => Ruling::skip("no details are sent, which the protocol allows"),
        Some(Ok(status)) if status.code == grpc.code => Ruling::PASS,
        Some(Ok(status)) => Ruling::fail(expected, format!("{} and {}", status.code, grpc.code)),
        Some(Err(error)) => Ruling::fail(expected, error.clone()),
    }
}

fn says_something(answer: &Answer) -> Ruling {
    match &answer.grpc {
        Some(grpc) if grpc.code != 0 && !grpc.message.is_empty() => Ruling::PASS,
        _ => Ruling::fail("a refusal with a grpc-message", answer.summary()),
    }
}

//! Paths, methods and content types over HTTP (duties 8, 9, 13).
//!
//! OTLP leaves these answers to HTTP ("all other responses"), so most are robustness: 404, 405
//! and 415 are what a sender that is set up wrongly can be understood by. That a request which
//! is no OTLP is not answered with a retryable code is a MUST.

use crate::answer::Answer;
use crate::check::Check;
use crate::duty::Level;
use crate::fixture::Fixture;
use crate::judge::{Ruling, accepted, refused, refused_for_good, status_body, taken_or_refused};
use crate::request::Request;
use crate::wire::{Signal, Wire};

const TRACES: Signal = Signal::Traces;

pub(super) fn checks(fixture: &Fixture) -> Vec<Check> {
    let mut checks = Vec::new();
    for wire in Wire::HTTP {
        let id = |what: &str| format!("{}-{what}", wire.id());
        let ordinary = || Request::export(wire, TRACES, &fixture.request(TRACES));
        let parameter = format!("{}; charset=utf-8", wire.content_type());
        let upper_case = wire.content_type().to_ascii_uppercase();
        checks.push(Check::one(
            (13, Level::Robustness),
            id("path-unknown"),
            format!("{wire}: an unknown path is 404"),
            ordinary().to("/v1/unheard-of"),
            |answer| refused(answer, &[404], &[]),
        ));
        // Whose answer this is, the receiver's or that of a server around it, is left open.
        checks.push(Check::one(
            (9, Level::Robustness),
            id("path-unknown-status"),
            format!("{wire}: the refusal of an unknown path is a Status"),
            ordinary().to("/v1/unheard-of"),
            status_body,
        ));
        for method in ["GET", "PUT"] {
            checks.push(Check::one(
                (13, Level::Robustness),
                id(&format!("method-{}", method.to_ascii_lowercase())),
                format!("{wire}: {method} is 405"),
                ordinary().by(method),
                |answer| refused(answer, &[405], &[]),
            ));
        }
        checks.push(Check::one(
            (9, Level::Robustness),
            id("method-put-status"),
            format!("{wire}: the refusal of a method is a Status"),
            ordinary().by("PUT"),
            status_body,
        ));
        checks.push(Check::one(
            (13, Level::Robustness),
            id("content-type-parameter"),
            format!("{wire}: a content type with a charset is understood"),
            ordinary().with("content-type", &parameter),
            |answer| accepted(answer, TRACES),
        ));
        // RFC 9110, 8.3.1: type and subtype are case-insensitive.
        checks.push(Check::one(
            (13, Level::Robustness),
            id("content-type-upper-case"),
            format!("{wire}: a content type in capitals is understood"),
            ordinary().with("content-type", &upper_case),
            |answer| accepted(answer, TRACES),
        ));
    }
    let json = || Request::export(Wire::HttpJson, TRACES, &fixture.request(TRACES));
    checks.push(Check::one(
        (13, Level::Robustness),
        "http-method-allow",
        "HTTP: the refusal of a method names POST as allowed",
        json().by("PUT"),
        allow,
    ));
    checks.push(Check::one(
        (8, Level::Must),
        "http-content-type-unknown",
        "HTTP: a content type that is neither protobuf nor JSON is refused for good",
        json().with("content-type", "text/plain"),
        refused_for_good,
    ));
    checks.push(Check::one(
        (13, Level::Robustness),
        "http-content-type-unknown-415",
        "HTTP: a content type that is neither protobuf nor JSON is 415",
        json().with("content-type", "text/plain"),
        |answer| refused(answer, &[415], &[]),
    ));
    checks.push(Check::one(
        (8, Level::Robustness),
        "http-content-type-missing",
        "HTTP: a request without content type is taken or refused for good",
        json().without("content-type"),
        |answer| taken_or_refused(answer, TRACES),
    ));
    checks
}

fn allow(answer: &Answer) -> Ruling {
    match answer.header("allow") {
        _ if answer.status != 405 => Ruling::skip("the method is not refused with 405"),
        Some(methods) if methods.contains("POST") => Ruling::PASS,
        Some(methods) => Ruling::fail("the header Allow with POST", format!("Allow: {methods}")),
        None => Ruling::fail("the header Allow with POST", "there is none"),
    }
}

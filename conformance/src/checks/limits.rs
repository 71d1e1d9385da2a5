//! The size of requests and answers (duties 2 and 3).
//!
//! Bodies are padded with what a receiver skips: an unknown field in protobuf, white space in
//! JSON. So a limit is reached without a record of that size.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Setting;
use crate::answer::Answer;
use crate::check::Check;
use crate::client::Exchange;
use crate::duty::Level;
use crate::fixture::{Fixture, request};
use crate::judge::{Ruling, accepted, refused_for_good, status_body, too_large};
use crate::options::RECOMMENDED_LIMIT;
use crate::request::{Piece, Request};
use crate::wire::{Signal, Wire};

/// What every receiver takes: gRPC's own default limit is 4 MiB.
const ORDINARY: usize = 3 << 20;

/// The most bytes of an answer that clients take by default.
const ANSWER: usize = 4 << 20;

const TRACES: Signal = Signal::Traces;

pub(super) fn checks(fixture: &Fixture, setting: Setting) -> Vec<Check> {
    let message = Arc::new(fixture.request(TRACES));
    let mut checks = Vec::new();
    for wire in Wire::ALL {
        checks.extend(within(wire, &message, setting));
        checks.extend(beyond(wire, &message, setting));
        checks.push(many_rejected(fixture, wire, setting));
    }
    for wire in Wire::HTTP {
        checks.push(large_rubbish(wire, setting));
    }
    checks
}

/// Requests below the limit.
fn within(wire: Wire, message: &Arc<Value>, setting: Setting) -> [Check; 2] {
    let limit = setting.max_body.unwrap_or(RECOMMENDED_LIMIT);
    let ordinary = ORDINARY.min(limit / 4 * 3);
    let just_below = limit - 1024;
    let message = Arc::clone(message);
    [
        Check::one(
            (2, Level::Should),
            format!("{}-size-ordinary", wire.id()),
            format!("{wire}: a request of {ordinary} bytes is taken"),
            Request::padded(wire, TRACES, &message, ordinary),
            |answer| accepted(answer, TRACES),
        ),
        // Compressed, so that 64 MiB are some kilobytes on their way.
        Check::flow(
            (2, Level::Should),
            wire,
            format!("{}-size-just-below-limit", wire.id()),
            format!("{wire}: {just_below} bytes after decompression, just below the limit, are taken"),
            move |client| {
                let message = Arc::clone(&message);
                async move {
                    let request = Request::padded_gzip(wire, TRACES, &message, just_below);
                    let exchange = client.send_large(&request).await?;
                    let ruling = accepted(&exchange.answer, TRACES);
                    Ok(exchange.ruled(ruling))
                }
            },
        ),
    ]
}

/// Requests beyond the limit: as sent, after decompression, and without a length.
fn beyond(wire: Wire, message: &Arc<Value>, setting: Setting) -> Vec<Check> {
    let limit = setting.max_body.unwrap_or(RECOMMENDED_LIMIT);
    let size = limit + 64 * 1024;
    let mut checks = Vec::new();
    let mut add = |id: &str, title: String, what: Beyond, level, judge: fn(&Answer) -> Ruling| {
        let message = Arc::clone(message);
        let duty = if what == Beyond::Body { 9 } else { 2 };
        let id = format!("{}-{id}", wire.id());
        checks.push(Check::flow((duty, level), wire, id, title, move |client| {
            let message = Arc::clone(&message);
            async move {
                let request = match what {
                    Beyond::Sent | Beyond::Body => Request::padded(wire, TRACES, &message, size),
                    Beyond::Decompressed => Request::padded_gzip(wire, TRACES, &message, size),
                    Beyond::Chunked => Request::padded(wire, TRACES, &message, size).chunked(),
                };
                let exchange = client.send_large(&request).await?;
                let ruling = over(&exchange, setting, judge);
                Ok(exchange.ruled(ruling))
            }
        }));
    };
    let must = Level::Must;
    let sent = format!("{wire}: {size} bytes as sent are beyond the limit");
    add("size-beyond-limit", sent, Beyond::Sent, must, too_large);
    let decompressed = format!("{wire}: {size} bytes after decompression are beyond the limit");
    add("size-beyond-limit-gzip", decompressed, Beyond::Decompressed, must, too_large);
    if wire == Wire::Grpc {
        checks.push(Check::one(
            (2, Level::Robustness),
            "grpc-size-announced",
            "gRPC: a message announced as 4 GiB is refused before it comes",
            announced(),
            refused_for_good,
        ));
    } else {
        let chunked = format!("{wire}: {size} bytes without a content-length are beyond the limit");
        add("size-beyond-limit-chunked", chunked, Beyond::Chunked, must, too_large);
        let body = format!("{wire}: the refusal of a large request is a Status");
        add("size-beyond-limit-status", body, Beyond::Body, must, status_body);
    }
    checks
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Beyond {
    Sent,
    Decompressed,
    Chunked,
    Body,
}

/// A receiver whose limit is not known may have a larger one.
fn over(exchange: &Exchange, setting: Setting, judge: fn(&Answer) -> Ruling) -> Ruling {
    if setting.max_body.is_none() && exchange.answer.is_success() {
        return Ruling::skip("it was taken: the receiver's limit is larger, and was not given");
    }
    judge(&exchange.answer)
}

/// A prefix that promises more than will ever come.
fn announced() -> Request {
    let mut request = Request::raw(Wire::Grpc, TRACES, crate::request::prefix(0, usize::MAX).to_vec());
    request.body.push(Piece::Fill(0, 1024));
    request
}

/// Rules on the size alone: whether the request is refused rightly is other checks' affair.
fn small(answer: &Answer) -> Ruling {
    let length = answer.body.len();
    if length > ANSWER {
        let expected = format!("an answer of at most {ANSWER} bytes, the most that clients take by default");
        return Ruling::fail(expected, format!("{length} bytes"));
    }
    match too_large(answer) {
        Ruling::Pass(_) => Ruling::skip("the request itself is too large for the receiver"),
        _ => Ruling::PASS,
    }
}

/// One error text for each of many bad records would come to more than a client reads.
fn many_rejected(fixture: &Fixture, wire: Wire, setting: Setting) -> Check {
    let count = 8 * 1024;
    let id = format!("{}-answer-stays-small", wire.id());
    let title = format!("{wire}: the answer to {count} bad records is one that clients can read");
    if setting.max_body.is_some_and(|max| max < 6 << 20) {
        return skipped(wire, id, title);
    }
    let name = "a name that an error message might repeat ".repeat(7);
    let (start, end) = (fixture.ago(2_000), fixture.ago(1_000));
    let span = json!({
        "traceId": "00000000000000000000000000000000", "spanId": "0000000000000000",
        "name": name, "startTimeUnixNano": start, "endTimeUnixNano": end,
    });
    let request = Request::export(wire, TRACES, &request(TRACES, vec![span; count]));
    Check::one((3, Level::Should), id, title, request, small)
}

/// An error text that repeats what it does not understand.
fn large_rubbish(wire: Wire, setting: Setting) -> Check {
    let id = format!("{}-error-stays-small", wire.id());
    let title = format!("{wire}: the answer to 5 MiB of rubbish is one that clients can read");
    if setting.max_body.is_some_and(|max| max < 6 << 20) {
        return skipped(wire, id, title);
    }
    let rubbish = match wire {
        Wire::HttpJson => [&b"{\"resourceSpans\": \""[..], &vec![b'x'; 5 << 20], b"\"}"].concat(),
        // A resource that is no message.
        _ => [&b"\x0a\x80\x80\xc0\x02"[..], &vec![0xff; 5 << 20]].concat(),
    };
    Check::one((3, Level::Should), id, title, Request::message(wire, TRACES, &rubbish), small)
}

fn skipped(wire: Wire, id: String, title: String) -> Check {
    Check::flow((3, Level::Should), wire, id, title, |_| async {
        Ok(Ruling::skip("the limit of a request is too low to provoke a large answer").into())
    })
}

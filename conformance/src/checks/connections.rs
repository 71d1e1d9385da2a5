//! Connections, concurrent requests, and requests that come twice (duties 12 and 13).

mod streams;

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::answer::Answer;
use crate::check::{Check, Done};
use crate::client::{Client, Exchange, unanswered};
use crate::connection::{NoAnswer, Version};
use crate::duty::Level;
use crate::fixture::Fixture;
use crate::judge::{Ruling, accepted};
use crate::request::{Piece, Request};
use crate::wire::{JSON, Signal, Wire};

const TRACES: Signal = Signal::Traces;

/// Requests under way at the same time.
const CONCURRENT: usize = 16;

pub(super) fn checks(fixture: &Fixture) -> Vec<Check> {
    let body = Arc::new(fixture.request(TRACES));
    let mut checks = Vec::new();
    for wire in Wire::ALL {
        checks.push(twice(fixture, wire));
        checks.push(after_a_broken_one(&body, wire));
    }
    for wire in Wire::HTTP {
        checks.extend(bodies(&body, wire));
    }
    checks.extend([keep_alive(fixture), http2(&body), gzip_answer(&body)]);
    checks.push(concurrent(fixture, Wire::HttpJson));
    checks.extend(streams::checks(fixture));
    checks
}

fn judged(answer: &Answer) -> Ruling {
    accepted(answer, TRACES)
}

/// A client that lost the answer sends again.
fn twice(fixture: &Fixture, wire: Wire) -> Check {
    let request = Request::export(wire, TRACES, &fixture.request(TRACES));
    let title = format!("{wire}: a request that comes a second time succeeds again");
    Check::flow((12, Level::Must), wire, format!("{}-twice", wire.id()), title, move |client| {
        let request = request.clone();
        async move {
            let first = client.send(&request).await?;
            let ruling = judged(&first.answer);
            if !matches!(ruling, Ruling::Pass(_)) {
                return Ok(first.ruled(ruling));
            }
            let second = client.send(&request).await?;
            let ruling = judged(&second.answer);
            Ok(second.ruled(ruling))
        }
    })
}

/// A sender that dies in the middle of a body is nobody else's trouble.
fn after_a_broken_one(body: &Arc<Value>, wire: Wire) -> Check {
    let good = Request::export(wire, TRACES, body);
    let mut broken = Request::padded(wire, TRACES, body, 64 * 1024);
    broken.body.truncate(2);
    broken.body.push(Piece::Break);
    if broken.declared {
        broken = broken.with("content-length", "65536");
    }
    let title = format!("{wire}: a request succeeds after another broke off in its body");
    let id = format!("{}-after-broken-sender", wire.id());
    Check::flow((13, Level::Robustness), wire, id, title, move |client| {
        let (good, broken) = (good.clone(), broken.clone());
        async move {
            // Whatever comes of this one: nobody waits for an answer.
            drop(client.send_once(&broken).await);
            let exchange = client.send(&good).await?;
            let ruling = judged(&exchange.answer);
            Ok(exchange.ruled(ruling))
        }
    })
}

/// How a body may come over HTTP/1.1.
fn bodies(body: &Value, wire: Wire) -> [Check; 3] {
    let id = |what: &str| format!("{}-{what}", wire.id());
    let ordinary = || Request::export(wire, TRACES, body);
    let mut patient = ordinary().with("expect", "100-continue");
    patient.body.insert(0, Piece::Pause(Duration::from_millis(200)));
    [
        Check::one(
            (13, Level::Must),
            id("chunked"),
            format!("{wire}: a body may come in chunks, without a content-length"),
            ordinary().chunked().in_pieces(50, Duration::from_millis(5)),
            judged,
        ),
        Check::one(
            (13, Level::Must),
            id("slow-body"),
            format!("{wire}: a body may come slowly"),
            ordinary().in_pieces(100, Duration::from_millis(150)),
            judged,
        ),
        Check::one(
            (13, Level::Must),
            id("expect-continue"),
            format!("{wire}: a sender may expect 100-continue"),
            patient,
            judged,
        ),
    ]
}

/// Protobuf and JSON, all signals, one after the other on one connection.
fn keep_alive(fixture: &Fixture) -> Check {
    let mut requests = Vec::new();
    for signal in Signal::ALL {
        for wire in Wire::HTTP {
            requests.push((signal, Request::export(wire, signal, &fixture.request(signal))));
        }
    }
    let title = "HTTP: protobuf and JSON of all signals share a port and a connection";
    Check::flow((13, Level::Should), Wire::HttpJson, "http-keep-alive", title, move |client| {
        let requests = requests.clone();
        async move {
            let first = &requests[0].1;
            let connected = client.connect(Wire::HttpJson, Version::One).await;
            let mut connection = connected.map_err(|error| unanswered(first, &error))?;
            for (signal, request) in &requests {
                let answer = connection.send(request).await.map_err(|error| unanswered(request, &error))?;
                let ruling = accepted(&answer, *signal);
                if !matches!(ruling, Ruling::Pass(_)) {
                    return Ok(Exchange::new(request, answer).ruled(ruling));
                }
            }
            Ok(Ruling::PASS.into())
        }
    })
}

/// Offered by many, and asked of none.
fn http2(body: &Value) -> Check {
    let request = Request::export(Wire::HttpProtobuf, TRACES, body);
    let title = "HTTP: HTTP/2 with prior knowledge works where it is offered";
    Check::flow((13, Level::May), Wire::HttpProtobuf, "http-2", title, move |client| {
        let request = request.clone();
        async move {
            let sent = async { client.connect(Wire::HttpProtobuf, Version::Two).await?.send(&request).await };
            match sent.await {
                Ok(answer) => {
                    let ruling = judged(&answer);
                    Ok(Exchange::new(&request, answer).ruled(ruling))
                }
                Err(error) => Ok(Ruling::skip(format!("HTTP/2 is not offered: {error}")).into()),
            }
        }
    })
}

/// A receiver may compress its answer when the client says that it can read that.
fn gzip_answer(body: &Value) -> Check {
    let request = Request::export(Wire::HttpJson, TRACES, body).with("accept-encoding", "gzip");
    let title = "HTTP: the answer to a client that accepts gzip can be read";
    Check::one((1, Level::Must), "http-accept-encoding", title, request, |answer| {
        match answer.header("content-encoding") {
            None | Some("identity") => judged(answer),
            Some("gzip") => {
                let mut plain = Vec::new();
                match flate2::read::MultiGzDecoder::new(&answer.body[..]).read_to_end(&mut plain) {
                    Ok(_) => judged(&Answer { body: plain.into(), ..answer.clone() }),
                    Err(error) => Ruling::fail("a body in gzip", error.to_string()),
                }
            }
            Some(other) => Ruling::fail("gzip or no compression", format!("content-encoding: {other}")),
        }
    })
}

/// Requests at the same time, each on a connection of its own.
fn concurrent(fixture: &Fixture, wire: Wire) -> Check {
    let requests: Vec<_> =
        (0..CONCURRENT).map(|_| Request::export(wire, TRACES, &fixture.request(TRACES))).collect();
    let title = format!("HTTP: {CONCURRENT} requests at a time, each on its own connection, succeed");
    Check::flow((13, Level::Should), wire, "http-concurrent", title, move |client: Client| {
        let requests = requests.clone();
        async move {
            let sent = futures::future::join_all(requests.iter().map(|request| client.send(request))).await;
            for exchange in sent {
                let exchange = exchange?;
                let ruling = judged(&exchange.answer);
                if !matches!(ruling, Ruling::Pass(_)) {
                    return Ok(exchange.ruled(ruling));
                }
            }
            Ok(Ruling::PASS.into())
        }
    })
}

/// The answers of one connection, the first that is not a success ending it.
fn all_accepted(request: &Request, answers: Vec<Result<Answer, NoAnswer>>) -> Done {
    for answer in answers {
        let answer = answer.map_err(|error| unanswered(request, &error))?;
        let ruling = judged(&answer);
        if !matches!(ruling, Ruling::Pass(_)) {
            return Ok(Exchange::new(request, answer).ruled(ruling));
        }
    }
    Ok(Ruling::PASS.into())
}

/// A refusal, and what comes after it on the same connection.
async fn after_refusal(client: Client, bad: Request, good: Request) -> Done {
    let version = if good.wire == Wire::Grpc { Version::Two } else { Version::One };
    let connected = client.connect(good.wire, version).await;
    let mut connection = connected.map_err(|error| unanswered(&bad, &error))?;
    let refused = connection.send(&bad).await.map_err(|error| unanswered(&bad, &error))?;
    // HTTP/1.1 lets a server end a connection, if it says so.
    if refused.header("connection").is_some_and(|v| v.eq_ignore_ascii_case("close")) {
        return Ok(Ruling::note("the receiver announced that it closes the connection").into());
    }
    all_accepted(&good, vec![connection.send(&good).await])
}

/// A body that is nothing in any format.
fn rubbish(wire: Wire) -> Request {
    let request = Request::message(wire, TRACES, b"{\xff");
    if wire == Wire::HttpJson { request.with("content-type", JSON) } else { request }
}

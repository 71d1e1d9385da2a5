//! A receiver, a ClickHouse and a SQL door in one, as little of each as is needed: what is received
//! is kept in memory, and what is asked is counted there.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use headroom_load::{Options, Target};
use http::{HeaderMap, Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message as _;
use tokio::net::TcpListener;

/// What the receiver does with a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Act {
    /// Stores it and says so.
    Take,
    /// Stores all but one span and claims to have all.
    LoseOne,
    /// Stores all but one span and says that one was rejected.
    RejectOne,
    /// Closes the connection, having stored it or not.
    Hang { stored: bool },
    /// Asks to come back after so many seconds.
    Later(u32),
    /// Refuses it for good.
    Never,
}

type Ids = (Vec<u8>, Vec<u8>);

#[derive(Default)]
pub(crate) struct State {
    /// What to do with the next requests; when there is nothing left, take them.
    pub(crate) acts: VecDeque<Act>,
    /// Trace and span ids by table.
    pub(crate) stored: BTreeMap<&'static str, Vec<Ids>>,
    /// Headers of the requests received.
    pub(crate) headers: Vec<HeaderMap>,
    /// How long to think before an answer.
    pub(crate) think: Duration,
    /// Statements asked.
    pub(crate) asked: Vec<String>,
}

pub(crate) struct Platform {
    pub(crate) address: SocketAddr,
    pub(crate) state: Arc<Mutex<State>>,
}

type Answer = Response<BoxBody<Bytes, Infallible>>;

impl Platform {
    pub(crate) async fn start(acts: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { acts: acts.into_iter().collect(), ..State::default() }));
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = shared.clone();
                let service = service_fn(move |request| answer(state.clone(), request));
                tokio::spawn(async move {
                    let builder = auto::Builder::new(TokioExecutor::new());
                    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, state }
    }

    /// Ten spans a body, one connection: what happens first is known.
    pub(crate) fn options(&self, scheme: &str, bodies: u64) -> Options {
        let target: Target = format!("{scheme}://{}", self.address).parse().unwrap();
        let mut options = Options::new(target);
        (options.connections, options.in_flight, options.records_per_body) = (1, 1, 10);
        options.total = Some(bodies * 10);
        options.give_up_after = Duration::from_secs(10);
        options
    }

    pub(crate) fn spans(&self) -> usize {
        self.state.lock().unwrap().stored.get("spans").map_or(0, Vec::len)
    }
}

/// An error closes the connection without an answer.
async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> io::Result<Answer> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    match parts.uri.path() {
        "/" => return Ok(whole(200, count_for_clickhouse(&state, &body))),
        "/api/v1/sql" if parts.headers["authorization"] == "Bearer analyst" => {
            return Ok(whole(200, count_for_door(&state, &body)));
        }
        "/api/v1/sql" => return Ok(whole(401, "who are you".into())),
        _ => {}
    }
    let path = parts.uri.path().to_owned();
    let grpc = path.ends_with("/Export");
    let (act, think) = {
        let mut state = state.lock().unwrap();
        state.headers.push(parts.headers.clone());
        (state.acts.pop_front().unwrap_or(Act::Take), state.think)
    };
    tokio::time::sleep(think).await;
    let mut received = decode(&path, &plain(&parts.headers, &body, grpc));
    if matches!(act, Act::LoseOne | Act::RejectOne) {
        received.pop();
    }
    if matches!(act, Act::Take | Act::LoseOne | Act::RejectOne | Act::Hang { stored: true }) {
        let mut state = state.lock().unwrap();
        for (table, ids) in received {
            state.stored.entry(table).or_default().push(ids);
        }
    }
    let rejected = i64::from(act == Act::RejectOne);
    let partial = ExportTracePartialSuccess { rejected_spans: rejected, error_message: String::new() };
    let taken = ExportTraceServiceResponse { partial_success: (rejected > 0).then_some(partial) };
    match act {
        Act::Hang { .. } => Err(io::Error::other("closed on purpose")),
        Act::Take | Act::LoseOne | Act::RejectOne if grpc => {
            let message = taken.encode_to_vec();
            let frame = [&[0, 0, 0, 0, message.len() as u8], message.as_slice()].concat();
            Ok(grpc_answer(Some(frame), &[("grpc-status", "0")]))
        }
        Act::Take | Act::LoseOne | Act::RejectOne => Ok(whole(200, taken.encode_to_vec())),
        Act::Later(_) if grpc => {
            Ok(grpc_answer(None, &[("grpc-status", "14"), ("grpc-message", "log%20full")]))
        }
        Act::Later(seconds) => {
            let mut answer = whole(429, b"log full".to_vec());
            answer.headers_mut().insert("retry-after", seconds.into());
            Ok(answer)
        }
        Act::Never if grpc => Ok(grpc_answer(None, &[("grpc-status", "3"), ("grpc-message", "cut%20off")])),
        Act::Never => Ok(whole(400, b"cut off".to_vec())),
    }
}

fn whole(status: u16, body: Vec<u8>) -> Answer {
    Response::builder().status(status).body(Full::new(body.into()).boxed()).unwrap()
}

/// With a message the status comes in trailers, without one in the headers.
fn grpc_answer(message: Option<Vec<u8>>, status: &[(&'static str, &'static str)]) -> Answer {
    let status: HeaderMap =
        status.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    let mut answer = if let Some(message) = message {
        let frames = [Ok(Frame::data(Bytes::from(message))), Ok(Frame::trailers(status))];
        Response::new(StreamBody::new(tokio_stream::iter(frames)).boxed())
    } else {
        let mut answer = whole(200, Vec::new());
        answer.headers_mut().extend(status);
        answer
    };
    answer.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
    answer
}

fn plain(headers: &HeaderMap, body: &Bytes, grpc: bool) -> Vec<u8> {
    let name = if grpc { "grpc-encoding" } else { "content-encoding" };
    let request = if grpc { &body[5..] } else { body };
    match headers.get(name).map(|value| value.to_str().unwrap()) {
        None => request.to_vec(),
        Some("gzip") => {
            let mut plain = Vec::new();
            io::Read::read_to_end(&mut flate2::read::GzDecoder::new(request), &mut plain).unwrap();
            plain
        }
        Some(_) => zstd::decode_all(request).unwrap(),
    }
}

fn decode(path: &str, request: &[u8]) -> Vec<(&'static str, Ids)> {
    if path.contains("trace") {
        let request = ExportTraceServiceRequest::decode(request).unwrap();
        let spans = request.resource_spans.into_iter().flat_map(|one| one.scope_spans);
        return spans.flat_map(|one| one.spans).map(|one| ("spans", (one.trace_id, one.span_id))).collect();
    }
    let request = ExportLogsServiceRequest::decode(request).unwrap();
    let logs = request.resource_logs.into_iter().flat_map(|one| one.scope_logs);
    let mut rows = Vec::new();
    for log in logs.flat_map(|one| one.log_records) {
        if !log.event_name.is_empty() {
            rows.push(("events", (log.trace_id.clone(), log.span_id.clone())));
        }
        rows.push(("logs", (log.trace_id, log.span_id)));
    }
    rows
}

/// Rows and distinct ids by body, of what is stored in `table` between the trace ids in the statement.
fn counts(state: &State, table: &str, ids: &[&str]) -> BTreeMap<String, (usize, usize)> {
    let mut bodies: BTreeMap<String, (usize, HashSet<&Ids>)> = BTreeMap::new();
    for row in state.stored.get(table).into_iter().flatten() {
        let trace = hex::encode(&row.0);
        if trace.as_str() >= ids[0] && trace.as_str() <= ids[1] {
            let body = bodies.entry(trace[16..24].to_owned()).or_default();
            body.0 += 1;
            body.1.insert(row);
        }
    }
    bodies.into_iter().map(|(body, (rows, ids))| (body, (rows, ids.len()))).collect()
}

fn count_for_clickhouse(state: &Mutex<State>, sql: &[u8]) -> Vec<u8> {
    let sql = String::from_utf8(sql.to_vec()).unwrap();
    let mut state = state.lock().unwrap();
    state.asked.push(sql.clone());
    let table = ["spans", "logs", "events"]
        .into_iter()
        .find(|name| sql.contains(&format!("`headroom`.{name} ")))
        .unwrap();
    let ids: Vec<&str> = sql.split("unhex('").skip(1).map(|rest| &rest[..32]).collect();
    let counts = counts(&state, table, &ids);
    let lines: Vec<_> = counts.iter().map(|(body, (rows, ids))| format!("{body}\t{rows}\t{ids}\n")).collect();
    lines.concat().into_bytes()
}

fn count_for_door(state: &Mutex<State>, request: &[u8]) -> Vec<u8> {
    let request: serde_json::Value = serde_json::from_slice(request).unwrap();
    let sql = request["sql"].as_str().unwrap().to_owned();
    let mut state = state.lock().unwrap();
    state.asked.push(sql.clone());
    let view = sql.split(" FROM ").nth(1).unwrap().split(' ').next().unwrap();
    let ids: Vec<&str> = sql.split("trace_id >= '").nth(1).unwrap().split('\'').step_by(2).take(2).collect();
    let table = if view == "traces" { "spans" } else { view };
    let rows: Vec<_> = counts(&state, table, &ids)
        .into_iter()
        .map(|(body, (rows, ids))| match view {
            "traces" => serde_json::json!([body, rows]),
            "spans" | "events" => serde_json::json!([body, ids]),
            _ => serde_json::json!([body, rows, ids]),
        })
        .collect();
    serde_json::json!({ "columns": [], "rows": rows, "row_count": 0, "truncated": false, "elapsed_ms": 1 })
        .to_string()
        .into_bytes()
}

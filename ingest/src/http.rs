//! OTLP over HTTP: protobuf and JSON on one port.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;

use crate::body::{self, Encoding, Grant};
use crate::limits::Admitted;
use crate::receive::{Format, Outcome, Receive};
use crate::refusal::{Refusal, Why};
use crate::signal::Signal;
use crate::wire::Writer;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// The routes of the HTTP port.
pub(crate) fn router(receive: Arc<Receive>) -> Router {
    Router::new().fallback(export).with_state(receive)
}

async fn export(State(receive): State<Arc<Receive>>, request: Request) -> Response {
    let format = format_of(request.headers());
    let signal = Signal::ALL.into_iter().find(|s| s.http_path() == request.uri().path());
    match serve(&receive, signal, format, request).await {
        Ok((signal, format, outcome)) => success(signal, format, &outcome),
        Err(refusal) => {
            receive.tenants.count("http", &refusal);
            receive.counts.refused.fetch_add(1, Ordering::Relaxed);
            refused(&refusal, format)
        }
    }
}

async fn serve(
    receive: &Receive,
    signal: Option<Signal>,
    format: Option<Format>,
    request: Request,
) -> Result<(Signal, Format, Outcome), Refusal> {
    let Some(signal) = signal else {
        let what = format!(
            "there is nothing at {}: send to /v1/traces, /v1/logs or /v1/metrics",
            request.uri().path()
        );
        return Err(Refusal::new(Why::NotFound, what));
    };
    if request.method() != Method::POST {
        return Err(Refusal::new(Why::Method, format!("{} is not allowed here: use POST", request.method())));
    }
    let (admitted, grant) = receive.admit(request.headers())?;
    let tenant = admitted.tenant.clone();
    let taken = take(receive, signal, format, request, admitted, grant).await;
    taken.map(|(format, outcome)| (signal, format, outcome)).map_err(|refusal| refusal.of(&tenant))
}

/// Reads the body of a request that was let in, and takes it.
async fn take(
    receive: &Receive,
    signal: Signal,
    format: Option<Format>,
    request: Request,
    admitted: Admitted,
    mut grant: Grant,
) -> Result<(Format, Outcome), Refusal> {
    let Some(format) = format else {
        let what = format!("the content type must be {PROTOBUF} or {JSON}");
        return Err(Refusal::new(Why::MediaType, what));
    };
    let encoding = Encoding::parse(request.headers().get(header::CONTENT_ENCODING))?;
    let body = body::read(request.into_body(), receive.max_body_bytes, &mut grant).await?;
    let outcome = receive.take(admitted, signal, format, encoding, body, grant).await?;
    Ok((format, outcome))
}

fn format_of(headers: &HeaderMap) -> Option<Format> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(PROTOBUF) || essence.eq_ignore_ascii_case("application/protobuf") {
        Some(Format::Protobuf)
    } else if essence.eq_ignore_ascii_case(JSON) {
        Some(Format::Json)
    } else {
        None
    }
}

fn success(signal: Signal, format: Format, outcome: &Outcome) -> Response {
    let body = match format {
        Format::Protobuf => protobuf_response(outcome),
        Format::Json => json_response(signal, outcome),
    };
    respond(StatusCode::OK, Some(format), body)
}

/// An `Export*ServiceResponse`: the same numbers for all signals.
pub(crate) fn protobuf_response(outcome: &Outcome) -> Vec<u8> {
    let mut out = Writer::new();
    if outcome.rejected > 0 || !outcome.message.is_empty() {
        let mark = out.open(1);
        if outcome.rejected > 0 {
            out.varint(1, outcome.rejected);
        }
        out.bytes(2, outcome.message.as_bytes());
        out.close(mark);
    }
    out.finish()
}

fn json_response(signal: Signal, outcome: &Outcome) -> Vec<u8> {
    if outcome.rejected == 0 && outcome.message.is_empty() {
        return b"{}".to_vec();
    }
    let mut partial = serde_json::Map::new();
    if outcome.rejected > 0 {
        // 64-bit integers are text in protobuf's JSON.
        partial.insert(signal.rejected_field().to_owned(), outcome.rejected.to_string().into());
    }
    partial.insert("errorMessage".to_owned(), outcome.message.clone().into());
    serde_json::json!({ "partialSuccess": partial }).to_string().into_bytes()
}

fn refused(refusal: &Refusal, format: Option<Format>) -> Response {
    let body = match format {
        Some(Format::Protobuf) => refusal.status_protobuf(),
        Some(Format::Json) | None => refusal.status_json(),
    };
    let mut response = respond(refusal.why.http(), format, body);
    let headers = response.headers_mut();
    if let Some(seconds) = refusal.retry_after() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    match refusal.why {
        Why::Method => drop(headers.insert(header::ALLOW, HeaderValue::from_static("POST"))),
        Why::Unauthenticated => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        Why::Encoding => {
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(Encoding::ACCEPTED));
        }
        _ => {}
    }
    response
}

fn respond(status: StatusCode, format: Option<Format>, body: Vec<u8>) -> Response {
    let content_type = match format {
        Some(Format::Protobuf) => PROTOBUF,
        Some(Format::Json) | None => JSON,
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

//! OTLP over gRPC: three unary methods.
//!
//! The frame of a unary call is five bytes, so it is read here and not by a generated
//! service: the body stays raw bytes, one set of limits holds for both transports, and a
//! message that is too large is answered with RESOURCE_EXHAUSTED (tonic's own answer,
//! OUT_OF_RANGE, would make clients retry it).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;

use crate::body::{self, Encoding, Grant};
use crate::http::protobuf_response;
use crate::limits::Admitted;
use crate::receive::{Format, Outcome, Receive};
use crate::refusal::{Refusal, Why};
use crate::signal::Signal;

/// Bytes in front of a message: compressed or not, and its length.
const PREFIX: usize = 5;

/// The routes of the gRPC port.
pub(crate) fn router(receive: Arc<Receive>) -> Router {
    Router::new().fallback(export).with_state(receive)
}

async fn export(State(receive): State<Arc<Receive>>, request: Request) -> Response {
    let is_grpc = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|v| v.as_bytes().starts_with(b"application/grpc"));
    match serve(&receive, is_grpc, request).await {
        Ok(outcome) => success(&outcome),
        Err(refusal) => {
            receive.tenants.count("grpc", &refusal);
            receive.counts.refused.fetch_add(1, Ordering::Relaxed);
            refused(&refusal, is_grpc)
        }
    }
}

async fn serve(receive: &Receive, is_grpc: bool, request: Request) -> Result<Outcome, Refusal> {
    if !is_grpc || request.method() != Method::POST {
        return Err(Refusal::new(
            Why::MediaType,
            "this port speaks gRPC: send HTTP requests to the port for OTLP over HTTP",
        ));
    }
    let Some(signal) = Signal::ALL.into_iter().find(|s| s.grpc_path() == request.uri().path()) else {
        return Err(Refusal::new(Why::NotFound, format!("there is no method {}", request.uri().path())));
    };
    let (admitted, grant) = receive.admit(request.headers())?;
    let tenant = admitted.tenant.clone();
    take(receive, signal, request, admitted, grant).await.map_err(|refusal| refusal.of(&tenant))
}

/// Reads the message of a call that was let in, and takes it.
async fn take(
    receive: &Receive,
    signal: Signal,
    request: Request,
    admitted: Admitted,
    mut grant: Grant,
) -> Result<Outcome, Refusal> {
    let encoding = Encoding::parse(request.headers().get("grpc-encoding"))?;
    let max = receive.max_body_bytes;
    let mut body = body::read(request.into_body(), max.saturating_add(PREFIX), &mut grant).await?;
    let compressed = unframe(&body, max)?;
    body.drain(..PREFIX);
    if compressed && encoding == Encoding::Identity {
        return Err(Refusal::new(
            Why::Malformed,
            "the message is marked as compressed, but grpc-encoding is not set",
        ));
    }
    let encoding = if compressed { encoding } else { Encoding::Identity };
    receive.take(admitted, signal, Format::Protobuf, encoding, body, grant).await
}

/// Checks that `body` is one whole message. Whether it is compressed.
fn unframe(body: &[u8], max: usize) -> Result<bool, Refusal> {
    let Some(([flag, length @ ..], message)) = body.split_first_chunk::<PREFIX>() else {
        return Err(Refusal::new(Why::Malformed, "the body holds no message"));
    };
    let length = u32::from_be_bytes(*length) as usize;
    if length > max {
        return Err(Refusal::too_large(max, "as it was sent"));
    }
    if *flag > 1 || length != message.len() {
        let what = format!("a message of {length} bytes was announced, {} came", message.len());
        return Err(Refusal::new(Why::Malformed, what));
    }
    Ok(*flag == 1)
}

fn success(outcome: &Outcome) -> Response {
    let message = protobuf_response(outcome);
    let mut frame = Vec::with_capacity(PREFIX + message.len());
    frame.push(0);
    frame.extend_from_slice(&(message.len() as u32).to_be_bytes());
    frame.extend_from_slice(&message);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let frames =
        [Ok::<_, std::convert::Infallible>(Frame::data(Bytes::from(frame))), Ok(Frame::trailers(trailers))];
    let mut response = Response::new(Body::new(StreamBody::new(stream::iter(frames))));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    accept_encoding(response.headers_mut());
    response
}

fn refused(refusal: &Refusal, is_grpc: bool) -> Response {
    if !is_grpc {
        let mut response = Response::new(Body::from(refusal.status_json()));
        *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return response;
    }
    let details = match refusal.retry_after() {
        Some(_) => Bytes::from(refusal.status_protobuf()),
        None if refusal.why == Why::Malformed => Bytes::from(refusal.status_protobuf()),
        None => Bytes::new(),
    };
    let status = tonic::Status::with_details(refusal.why.grpc(), refusal.message.clone(), details);
    let mut response: Response = status.into_http();
    accept_encoding(response.headers_mut());
    response
}

fn accept_encoding(headers: &mut HeaderMap) {
    headers.insert("grpc-accept-encoding", HeaderValue::from_static("gzip,zstd,identity"));
}

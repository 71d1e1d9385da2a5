//! A proxy that makes a good receiver faulty.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::Response;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

/// What the receiver does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Bad data is an error of its own.
    Malformed500,
    /// One empty value costs the batch, as with serde derived on generated types.
    EmptyValue,
    /// Compressed bytes are taken for the message.
    IgnoresGzip,
    /// `partial_success` is set although nothing was rejected.
    PartialAlwaysSet,
    /// Ids are base64 in JSON.
    Base64Ids,
    /// Errors are plain text.
    TextErrors,
    /// Errors invite to try again.
    GrpcUnavailable,
}

struct Proxy {
    fault: Fault,
    target: SocketAddr,
    http2: bool,
}

/// Listens in front of `target`.
pub(crate) async fn start(fault: Fault, target: SocketAddr, http2: bool) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let proxy = std::sync::Arc::new(Proxy { fault, target, http2 });
    let router = Router::new().fallback(forward).with_state(proxy);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn forward(State(proxy): State<std::sync::Arc<Proxy>>, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        return plain(StatusCode::BAD_REQUEST, "the body broke off");
    };
    let content_type = head.headers.get(header::CONTENT_TYPE).cloned();
    let is_json = content_type.as_ref().is_some_and(|v| v.as_bytes().starts_with(b"application/json"));
    let contains = |what: &[u8]| body.windows(what.len()).any(|w| w == what);
    match proxy.fault {
        Fault::EmptyValue if is_json && (contains(br#""value":{}"#) || contains(br#""body":{}"#)) => {
            let status = br#"{"message":"an empty value"}"#;
            return answer(StatusCode::BAD_REQUEST, content_type, Bytes::from_static(status));
        }
        Fault::Base64Ids if is_json && body.windows(11 + 33).any(is_hex_trace_id) => {
            let status = br#"{"message":"an id of the wrong length"}"#;
            return answer(StatusCode::BAD_REQUEST, content_type, Bytes::from_static(status));
        }
        Fault::IgnoresGzip => drop(head.headers.remove(header::CONTENT_ENCODING)),
        _ => {}
    }
    let path = head.uri.path_and_query().map_or("/", |p| p.as_str());
    head.uri = format!("http://{}{path}", proxy.target).parse::<Uri>().unwrap();
    for hop_by_hop in [header::HOST, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::EXPECT] {
        head.headers.remove(hop_by_hop);
    }
    head.version = if proxy.http2 { axum::http::Version::HTTP_2 } else { axum::http::Version::HTTP_11 };
    let client = Client::builder(TokioExecutor::new()).http2_only(proxy.http2).build_http();
    let response = client.request(hyper::Request::from_parts(head, Full::new(body))).await;
    let Ok(response) = response else { return plain(StatusCode::BAD_GATEWAY, "no answer") };
    spoiled(proxy.fault, response).await
}

async fn spoiled(fault: Fault, response: hyper::Response<hyper::body::Incoming>) -> Response {
    let (mut head, body) = response.into_parts();
    let body = body.collect().await.unwrap();
    let mut trailers = body.trailers().cloned();
    let mut bytes = body.to_bytes();
    let content_type = head.headers.get(header::CONTENT_TYPE).cloned();
    match fault {
        Fault::Malformed500 if head.status == StatusCode::BAD_REQUEST => {
            head.status = StatusCode::INTERNAL_SERVER_ERROR;
        }
        Fault::PartialAlwaysSet if head.status.is_success() && bytes.len() < 3 => {
            let is_json = content_type.is_some_and(|v| v.as_bytes().starts_with(b"application/json"));
            bytes = Bytes::from_static(if is_json { br#"{"partialSuccess":{}}"# } else { b"\x0a\x00" });
        }
        Fault::TextErrors if !head.status.is_success() => return plain(head.status, "something went wrong"),
        Fault::GrpcUnavailable => {
            for headers in [Some(&mut head.headers), trailers.as_mut()].into_iter().flatten() {
                if headers.get("grpc-status").is_some_and(|v| v == "3") {
                    headers.insert("grpc-status", HeaderValue::from_static("14"));
                    headers.remove("grpc-status-details-bin");
                }
            }
        }
        _ => {}
    }
    head.headers.remove(header::CONTENT_LENGTH);
    let frames = (!bytes.is_empty()).then(|| Frame::data(bytes)).into_iter();
    let frames = frames.chain(trailers.map(Frame::trailers)).map(Ok::<_, std::convert::Infallible>);
    Response::from_parts(head, Body::new(StreamBody::new(futures::stream::iter(frames))))
}

/// `"traceId":"`, 32 hex digits, `"`: base64 of them are 24 bytes, not 16.
fn is_hex_trace_id(window: &[u8]) -> bool {
    let Some(rest) = window.strip_prefix(br#""traceId":""#) else { return false };
    rest.len() == 33 && rest[..32].iter().all(u8::is_ascii_hexdigit) && rest[32] == b'"'
}

fn answer(status: StatusCode, content_type: Option<HeaderValue>, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    if let Some(content_type) = content_type {
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    answer(status, Some(HeaderValue::from_static("text/plain")), Bytes::from_static(text.as_bytes()))
}

//! One connection to the target, over HTTP/1.1 or HTTP/2.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use http_body_util::{BodyExt as _, Limited};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use crate::answer::Answer;
use crate::request::{Credentials, HyperBody, Request};
use crate::target::Endpoint;
use crate::tls;
use crate::wire::Wire;

/// The most bytes of an answer that are read: twice what clients take by default.
const MAX_ANSWER: usize = 8 << 20;

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error("no connection: {0}")]
    Connect(String),
    #[error("the connection broke: {0}")]
    Broke(String),
    #[error("no answer within {0:?}")]
    Late(Duration),
}

/// The version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    One,
    Two,
}

/// What a request is sent with besides its own headers.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) timeout: Duration,
}

enum Half {
    One(http1::SendRequest<HyperBody>),
    Two(http2::SendRequest<HyperBody>),
}

/// An open connection.
pub(crate) struct Connection {
    endpoint: Endpoint,
    sender: Sender,
    half: Half,
    task: AbortHandle,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connection {
    pub(crate) async fn open(
        endpoint: &Endpoint,
        version: Version,
        sender: Sender,
    ) -> Result<Self, NoAnswer> {
        let timeout = sender.timeout;
        let opened = tokio::time::timeout(timeout, Self::open_now(endpoint, version, sender)).await;
        opened.unwrap_or(Err(NoAnswer::Late(timeout)))
    }

    async fn open_now(endpoint: &Endpoint, version: Version, sender: Sender) -> Result<Self, NoAnswer> {
        let address = (endpoint.host.as_str(), endpoint.port);
        let stream = TcpStream::connect(address).await.map_err(|e| NoAnswer::Connect(e.to_string()))?;
        stream.set_nodelay(true).map_err(|e| NoAnswer::Connect(e.to_string()))?;
        match &endpoint.tls {
            None => Self::on(stream, endpoint, version, sender).await,
            Some(config) => {
                let stream = tls::connect(config, endpoint, version, stream).await?;
                Self::on(stream, endpoint, version, sender).await
            }
        }
    }

    async fn on(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        endpoint: &Endpoint,
        version: Version,
        sender: Sender,
    ) -> Result<Self, NoAnswer> {
        let io = TokioIo::new(stream);
        let (half, task) = match version {
            Version::One => {
                let (half, connection) = http1::handshake(io).await.map_err(|e| broke(&e))?;
                // How it ends is told by the requests on it.
                (Half::One(half), tokio::spawn(async { drop(connection.await) }))
            }
            Version::Two => {
                let (half, connection) =
                    http2::handshake(TokioExecutor::new(), io).await.map_err(|e| broke(&e))?;
                (Half::Two(half), tokio::spawn(async { drop(connection.await) }))
            }
        };
        Ok(Self { endpoint: endpoint.clone(), sender, half, task: task.abort_handle() })
    }

    /// Sends `request` and reads the whole answer.
    pub(crate) async fn send(&mut self, request: &Request) -> Result<Answer, NoAnswer> {
        let timeout = self.sender.timeout;
        let wire = request.wire;
        match &mut self.half {
            Half::One(half) => {
                let built = build(&self.endpoint, Version::One, &self.sender, request)?;
                let exchange = async {
                    half.ready().await.map_err(|e| broke(&e))?;
                    read(wire, half.send_request(built).await.map_err(|e| broke(&e))?).await
                };
                tokio::time::timeout(timeout, exchange).await.unwrap_or(Err(NoAnswer::Late(timeout)))
            }
            Half::Two(_) => self.stream()?.send(request).await,
        }
    }

    /// A further stream on the same connection; there is none over HTTP/1.1.
    pub(crate) fn stream(&self) -> Result<Stream, NoAnswer> {
        match &self.half {
            Half::One(_) => Err(NoAnswer::Connect("HTTP/1.1 has no streams".to_owned())),
            Half::Two(half) => Ok(Stream {
                endpoint: self.endpoint.clone(),
                sender: self.sender.clone(),
                half: half.clone(),
            }),
        }
    }
}

/// One stream of an HTTP/2 connection.
pub(crate) struct Stream {
    endpoint: Endpoint,
    sender: Sender,
    half: http2::SendRequest<HyperBody>,
}

impl Stream {
    pub(crate) async fn send(&mut self, request: &Request) -> Result<Answer, NoAnswer> {
        let timeout = self.sender.timeout;
        let built = build(&self.endpoint, Version::Two, &self.sender, request)?;
        let exchange = async {
            self.half.ready().await.map_err(|e| broke(&e))?;
            read(request.wire, self.half.send_request(built).await.map_err(|e| broke(&e))?).await
        };
        tokio::time::timeout(timeout, exchange).await.unwrap_or(Err(NoAnswer::Late(timeout)))
    }
}

fn build(
    endpoint: &Endpoint,
    version: Version,
    sender: &Sender,
    request: &Request,
) -> Result<http::Request<HyperBody>, NoAnswer> {
    let path = format!("{}{}", endpoint.prefix, request.path);
    let uri = match version {
        Version::One => path,
        Version::Two => format!("{}://{}{path}", endpoint.scheme(), endpoint.authority),
    };
    let bad = |what: String| NoAnswer::Connect(format!("the request cannot be built: {what}"));
    let uri: Uri = uri.parse().map_err(|e| bad(format!("{e}")))?;
    let mut headers = HeaderMap::new();
    if request.credentials != Credentials::Nobody {
        headers.extend(sender.headers.iter().cloned());
    }
    if request.credentials == Credentials::Wrong {
        headers.insert("authorization", HeaderValue::from_static("Bearer not-the-token-of-anybody"));
    }
    if version == Version::One {
        headers.insert("host", endpoint.authority.parse().map_err(|e| bad(format!("{e}")))?);
    }
    headers.insert("user-agent", HeaderValue::from_static("otlp-conformance"));
    if request.declared {
        headers.insert("content-length", HeaderValue::from(request.length()));
    }
    for (name, value) in &request.headers {
        headers.insert(*name, value.parse().map_err(|e| bad(format!("{e}")))?);
    }
    let mut built = http::Request::new(request.hyper_body());
    *built.method_mut() = request.method.parse().map_err(|e| bad(format!("{e}")))?;
    *built.uri_mut() = uri;
    *built.headers_mut() = headers;
    Ok(built)
}

async fn read(wire: Wire, response: http::Response<hyper::body::Incoming>) -> Result<Answer, NoAnswer> {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(|e| NoAnswer::Broke(e.to_string()))?;
    let trailers = body.trailers().cloned();
    let bytes: Bytes = body.to_bytes();
    Ok(Answer::new(wire, head.status.as_u16(), head.headers, bytes, trailers.as_ref()))
}

/// The error with its causes: hyper's own text says little.
fn broke(error: &hyper::Error) -> NoAnswer {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    NoAnswer::Broke(text)
}

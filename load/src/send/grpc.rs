//! OTLP over gRPC: a unary call is one HTTP/2 stream whose body is the frame that the buffers
//! already hold, so no codec is needed.

use std::sync::Arc;

use ::http::header::{AUTHORIZATION, CONTENT_TYPE, TE, USER_AGENT};
use ::http::{HeaderMap, HeaderValue, Method, Request, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::TokioExecutor;
use tokio::sync::Mutex;

use super::{Answer, LONGEST_ANSWER, answer, connect};
use crate::options::Options;
use crate::signal::Signal;
use crate::target::Target;

/// A sender; clones share the connection.
#[derive(Clone)]
pub(crate) struct Grpc {
    target: Target,
    headers: HeaderMap,
    open: Arc<Mutex<Option<SendRequest<Full<Bytes>>>>>,
}

impl Grpc {
    pub(super) fn new(options: &Options) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        headers.insert(TE, HeaderValue::from_static("trailers"));
        headers.insert(USER_AGENT, HeaderValue::from_static(super::USER_AGENT));
        if let Some(encoding) = options.compression.encoding() {
            headers.insert("grpc-encoding", HeaderValue::from_static(encoding));
        }
        if let Some(bearer) = options.bearer() {
            headers.insert(AUTHORIZATION, bearer);
        }
        Self { target: options.target.clone(), headers, open: Arc::default() }
    }

    /// Others that share the connection keep it until they meet its end themselves.
    pub(super) async fn leave(&mut self) {
        *self.open.lock().await = None;
    }

    pub(super) async fn send(&mut self, signal: Signal, message: &Bytes) -> Answer {
        self.exchange(signal, message.clone()).await.unwrap_or_else(|lost| lost)
    }

    async fn exchange(&self, signal: Signal, message: Bytes) -> Result<Answer, Answer> {
        let unsent = |why: String| Answer::Lost { why, sent: false };
        let request = self.request(signal, message).map_err(|error| unsent(error.to_string()))?;
        let mut open = self.opened().await.map_err(unsent)?;
        let mut response = match open.try_send_request(request).await {
            Ok(response) => response,
            Err(mut failed) => {
                let sent = failed.take_message().is_none();
                return Err(Answer::Lost { why: failed.into_error().to_string(), sent });
            }
        };
        let (status, headers) = (response.status().as_u16(), std::mem::take(response.headers_mut()));
        let body = Limited::new(response.into_body(), LONGEST_ANSWER).collect().await;
        let body = body.map_err(|error| Answer::Lost { why: error.to_string(), sent: true })?;
        let trailers = body.trailers().cloned().unwrap_or(headers);
        Ok(answer::grpc(status, &trailers, &body.to_bytes()))
    }

    /// The shared connection, opened if there is none that works.
    async fn opened(&self) -> Result<SendRequest<Full<Bytes>>, String> {
        let mut slot = self.open.lock().await;
        if let Some(open) = slot.as_ref().filter(|open| !open.is_closed()) {
            return Ok(open.clone());
        }
        let stream = connect(&self.target).await.map_err(|error| error.to_string())?;
        let handshake = http2::Builder::new(TokioExecutor::new()).handshake(stream).await;
        let (open, driver) = handshake.map_err(|error| error.to_string())?;
        // Its errors come out of the requests that meet them.
        tokio::spawn(driver);
        *slot = Some(open.clone());
        Ok(open)
    }

    fn request(&self, signal: Signal, message: Bytes) -> ::http::Result<Request<Full<Bytes>>> {
        let uri = Uri::builder()
            .scheme("http")
            .authority(self.target.authority.as_str())
            .path_and_query(signal.grpc_path())
            .build()?;
        let mut request = Request::new(Full::new(message));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }
}

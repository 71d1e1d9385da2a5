//! OTLP over HTTP/1.1, one kept connection for each sender.

use ::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, USER_AGENT};
use ::http::{HeaderMap, HeaderValue, Method, Request, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};

use super::{Answer, LONGEST_ANSWER, answer, connect};
use crate::body::PREFIX;
use crate::options::Options;
use crate::signal::Signal;
use crate::target::Target;

/// A sender with its connection, once there is one.
pub(crate) struct Http {
    target: Target,
    headers: HeaderMap,
    open: Option<SendRequest<Full<Bytes>>>,
}

impl Http {
    pub(super) fn new(options: &Options) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        headers.insert(USER_AGENT, HeaderValue::from_static(super::USER_AGENT));
        if let Ok(host) = HeaderValue::try_from(&options.target.authority) {
            headers.insert(HOST, host);
        }
        if let Some(encoding) = options.compression.encoding() {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        if let Some(bearer) = options.bearer() {
            headers.insert(AUTHORIZATION, bearer);
        }
        Self { target: options.target.clone(), headers, open: None }
    }

    pub(super) fn leave(&mut self) {
        self.open = None;
    }

    pub(super) async fn send(&mut self, signal: Signal, message: &Bytes) -> Answer {
        match self.exchange(signal, message.slice(PREFIX..)).await {
            Ok(answer) => answer,
            Err(lost) => {
                self.leave();
                lost
            }
        }
    }

    async fn exchange(&mut self, signal: Signal, body: Bytes) -> Result<Answer, Answer> {
        let unsent = |why: String| Answer::Lost { why, sent: false };
        let request = self.request(signal, body).map_err(|error| unsent(error.to_string()))?;
        let open = self.opened().await.map_err(unsent)?;
        let mut sending = match open.try_send_request(request).await {
            Ok(response) => response,
            Err(mut failed) => {
                let sent = failed.take_message().is_none();
                return Err(Answer::Lost { why: failed.into_error().to_string(), sent });
            }
        };
        let (status, headers) = (sending.status().as_u16(), std::mem::take(sending.headers_mut()));
        let body = Limited::new(sending.into_body(), LONGEST_ANSWER).collect().await;
        let body = body.map_err(|error| Answer::Lost { why: error.to_string(), sent: true })?.to_bytes();
        Ok(answer::http(status, &headers, &body))
    }

    /// The connection that was kept, if the receiver has not closed it, or a new one.
    async fn opened(&mut self) -> Result<&mut SendRequest<Full<Bytes>>, String> {
        let mut kept = self.open.take();
        if let Some(open) = &mut kept
            && open.ready().await.is_err()
        {
            kept = None;
        }
        let open = if let Some(open) = kept {
            open
        } else {
            let stream = connect(&self.target).await.map_err(|error| error.to_string())?;
            let (open, driver) = http1::handshake(stream).await.map_err(|error| error.to_string())?;
            // Its errors come out of the request that meets them.
            tokio::spawn(driver);
            open
        };
        Ok(self.open.insert(open))
    }

    fn request(&self, signal: Signal, body: Bytes) -> ::http::Result<Request<Full<Bytes>>> {
        let uri = if self.target.prefix.is_empty() {
            Uri::from_static(signal.http_path())
        } else {
            Uri::try_from(format!("{}{}", self.target.prefix, signal.http_path()))?
        };
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }
}

//! Sends the requests of checks to the target.

use std::sync::Arc;
use std::time::Duration;

use crate::answer::Answer;
use crate::check::Finding;
use crate::connection::{Connection, NoAnswer, Sender, Version};
use crate::judge::Ruling;
use crate::report::RequestShown;
use crate::request::Request;
use crate::target::Endpoint;
use crate::wire::Wire;

/// How often a request is sent to a receiver that asks to come back later.
const ATTEMPTS: u32 = 4;

/// The longest wait before coming back.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request and what came of it.
pub(crate) struct Exchange {
    request: RequestShown,
    pub(crate) answer: Answer,
}

impl Exchange {
    pub(crate) fn new(request: &Request, answer: Answer) -> Self {
        Self { request: request.shown(), answer }
    }

    /// The verdict on it.
    pub(crate) fn ruled(self, ruling: Ruling) -> Finding {
        Finding { ruling, request: Some(self.request), answer: Some(self.answer.shown()) }
    }
}

/// The target; cheap to clone.
#[derive(Clone)]
pub(crate) struct Client(Arc<Inner>);

struct Inner {
    http: Option<Endpoint>,
    grpc: Option<Endpoint>,
    sender: Sender,
}

impl Client {
    pub(crate) fn new(http: Option<Endpoint>, grpc: Option<Endpoint>, sender: Sender) -> Self {
        Self(Arc::new(Inner { http, grpc, sender }))
    }

    /// Whether requests of this wire have somewhere to go.
    pub(crate) fn speaks(&self, wire: Wire) -> bool {
        self.endpoint(wire).is_some()
    }

    fn endpoint(&self, wire: Wire) -> Option<&Endpoint> {
        match wire {
            Wire::Grpc => self.0.grpc.as_ref(),
            Wire::HttpProtobuf | Wire::HttpJson => self.0.http.as_ref(),
        }
    }

    /// Opens a connection for requests of `wire`.
    pub(crate) async fn connect(&self, wire: Wire, version: Version) -> Result<Connection, NoAnswer> {
        let Some(endpoint) = self.endpoint(wire) else {
            return Err(NoAnswer::Connect(format!("no address for {wire}")));
        };
        Connection::open(endpoint, version, self.0.sender.clone()).await
    }

    /// Sends a request on a connection of its own, once.
    pub(crate) async fn send_once(&self, request: &Request) -> Result<Answer, NoAnswer> {
        let version = if request.wire == Wire::Grpc { Version::Two } else { Version::One };
        self.connect(request.wire, version).await?.send(request).await
    }

    /// Sends a request on a connection of its own, and again while the receiver asks for that.
    pub(crate) async fn send(&self, request: &Request) -> Result<Exchange, Box<Finding>> {
        let mut attempt = 1;
        loop {
            let answer = self.send_once(request).await.map_err(|error| unanswered(request, &error))?;
            match wait(&answer).filter(|_| attempt < ATTEMPTS) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Ok(Exchange::new(request, answer)),
            }
            attempt += 1;
        }
    }

    /// Like [`Self::send`], for bodies that a receiver stops reading: an answer may be lost when
    /// it closes the connection on us, so a broken connection is tried again.
    pub(crate) async fn send_large(&self, request: &Request) -> Result<Exchange, Box<Finding>> {
        let mut attempt = 1;
        loop {
            match self.send_once(request).await {
                Ok(answer) => return Ok(Exchange::new(request, answer)),
                Err(NoAnswer::Broke(_)) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(unanswered(request, &error)),
            }
        }
    }
}

/// A request that got no answer fails its check: its sender would repeat it for ever.
pub(crate) fn unanswered(request: &Request, error: &NoAnswer) -> Box<Finding> {
    let ruling = Ruling::fail("an answer", error.to_string());
    Box::new(Finding { ruling, request: Some(request.shown()), answer: None })
}

/// How long the receiver asks to wait; `None`: it does not.
fn wait(answer: &Answer) -> Option<Duration> {
    let throttled = match &answer.grpc {
        Some(status) => answer.has_retry_info() || status.code == 14,
        None => matches!(answer.status, 429 | 503),
    };
    let seconds = answer.header("retry-after").and_then(|v| v.trim().parse().ok());
    throttled.then(|| seconds.map_or(Duration::from_secs(1), Duration::from_secs).min(PATIENCE))
}

//! What both transports do with a body: check, make durable, answer.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use headroom_store::Clock;

use crate::auth::{Authenticator, bearer};
use crate::body::{Encoding, Grant, Memory};
use crate::config::IngestConfig;
use crate::decode::{Census, UNREADABLE_VALUES, Window, walk};
use crate::json;
use crate::log::{Data, Log};
use crate::refusal::{Refusal, Why};
use crate::signal::Signal;

/// Larger bodies are checked on a thread for blocking work, not on an I/O thread.
const INLINE_BYTES: usize = 32 * 1024;

/// The longest message sent back in a partial success.
const MAX_MESSAGE: usize = 1024;

/// The format of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Protobuf,
    Json,
}

/// The answer to a request that was taken.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) rejected: u64,
    pub(crate) message: String,
}

/// Counts since the start, for the status.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) accepted: [AtomicU64; 3],
    pub(crate) rejected: AtomicU64,
    pub(crate) refused: AtomicU64,
}

/// The way in.
pub(crate) struct Receive {
    /// Weak: a connection that is slow to close must not keep the log's folder locked.
    log: Weak<Log>,
    authenticator: Arc<dyn Authenticator>,
    clock: Arc<dyn Clock>,
    memory: Memory,
    pub(crate) max_body_bytes: usize,
    past: Duration,
    future: Duration,
    pub(crate) counts: Counts,
    stopping: AtomicBool,
}

impl Receive {
    pub(crate) fn new(
        config: &IngestConfig,
        log: &Arc<Log>,
        authenticator: Arc<dyn Authenticator>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            log: Arc::downgrade(log),
            authenticator,
            clock,
            memory: Memory::new(config.max_body_bytes.saturating_mul(4)),
            max_body_bytes: config.max_body_bytes,
            past: config.accept_past,
            future: config.accept_future,
            counts: Counts::default(),
            stopping: AtomicBool::new(false),
        }
    }

    /// Whether requests are taken at all.
    pub(crate) fn is_open(&self) -> bool {
        !self.stopping.load(Ordering::Acquire)
    }

    fn log(&self) -> Result<Arc<Log>, Refusal> {
        let open = self.log.upgrade().filter(|_| self.is_open());
        open.ok_or_else(|| Refusal::new(Why::Stopping, "the service is stopping"))
    }

    /// Refuses everything from now on.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// What can be said before the body is read: the tenant, and whether there is room.
    pub(crate) fn admit(&self, headers: &http::HeaderMap) -> Result<(String, Grant), Refusal> {
        let log = self.log()?;
        let tenant = self.authenticator.tenant(bearer(headers))?;
        let length =
            headers.get(::http::header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > self.max_body_bytes as u64 + 5) {
            return Err(Refusal::too_large(self.max_body_bytes, "as it was sent"));
        }
        log.admits(length.unwrap_or(0))?;
        Ok((tenant, self.memory.grant()))
    }

    /// Takes a body: when this returns `Ok`, its good records are on disk.
    pub(crate) async fn take(
        &self,
        tenant: &str,
        signal: Signal,
        format: Format,
        encoding: Encoding,
        body: Vec<u8>,
        grant: Grant,
    ) -> Result<Outcome, Refusal> {
        let now = self.clock.now();
        let received_ns = now.timestamp_nanos_opt().unwrap_or(i64::MAX);
        let window = Window::around(received_ns, self.past, self.future);
        let max = self.max_body_bytes;
        let small = body.len() <= INLINE_BYTES && encoding == Encoding::Identity;
        let check = move || check(signal, format, encoding, body, max, grant, window, received_ns);
        let checked = if small {
            check()
        } else {
            tokio::task::spawn_blocking(check)
                .await
                .map_err(|_| Refusal::new(Why::Stopping, "the service is stopping"))?
        };
        // The grant is held until the request is on disk.
        let Checked { payload, census, warning, odd_values, grant: _grant } = checked?;
        if census.accepted + census.rejected > 0 {
            let rows = u32::try_from(census.accepted + census.rejected).unwrap_or(u32::MAX);
            let data = Data { tenant, signal, rows, received_ns, window, payload: &payload };
            self.log()?.append(&data).await?;
        }
        self.counts.accepted[usize::from(signal.code()) - 1].fetch_add(census.accepted, Ordering::Relaxed);
        self.counts.rejected.fetch_add(census.rejected, Ordering::Relaxed);
        metrics::counter!("headroom_ingest_accepted_total", "signal" => signal.name())
            .increment(census.accepted);
        if odd_values > 0 {
            metrics::counter!(UNREADABLE_VALUES, "signal" => signal.name(), "reason" => "json_value")
                .increment(odd_values);
        }
        let mut message = census.message();
        if message.is_empty() {
            message = warning;
        }
        if message.len() > MAX_MESSAGE {
            message.truncate(message.floor_char_boundary(MAX_MESSAGE));
        }
        Ok(Outcome { rejected: census.rejected, message })
    }
}

struct Checked {
    payload: Vec<u8>,
    census: Census,
    warning: String,
    odd_values: u64,
    grant: Grant,
}

#[expect(clippy::too_many_arguments, reason = "what a blocking thread needs to know")]
fn check(
    signal: Signal,
    format: Format,
    encoding: Encoding,
    body: Vec<u8>,
    max: usize,
    mut grant: Grant,
    window: Window,
    received_ns: i64,
) -> Result<Checked, Refusal> {
    let body = encoding.decompress(body, max, &mut grant)?;
    let (mut warning, mut odd_values) = (String::new(), 0);
    let payload = match format {
        Format::Protobuf => body,
        Format::Json => {
            let rewritten = json::to_protobuf(signal, &body).map_err(|e| {
                Refusal::new(
                    Why::Malformed,
                    format!("the body is not an OTLP/JSON request for {signal}: {e}"),
                )
            })?;
            grant.grow(rewritten.bytes.len())?;
            if rewritten.base64_ids > 0 {
                warning = format!(
                    "{} ids came in base64, the protocol wants hex; they were understood",
                    rewritten.base64_ids
                );
            }
            odd_values = rewritten.odd_values;
            if odd_values > 0 {
                let gap = if warning.is_empty() { "" } else { "; " };
                warning += &format!(
                    "{gap}{odd_values} attribute values are no AnyValue and were stored as their JSON text"
                );
            }
            rewritten.bytes
        }
    };
    let mut census = Census::default();
    walk(signal, &payload, window, received_ns, &mut census).map_err(|e| {
        Refusal::new(Why::Malformed, format!("the body is not a protobuf request for {signal}: {e}"))
    })?;
    Ok(Checked { payload, census, warning, odd_values, grant })
}

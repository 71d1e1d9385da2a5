//! What both transports do with a body: check, make durable, answer.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use headroom_store::Clock;

use crate::auth::{Authenticator, bearer};
use crate::body::{Encoding, Grant, Memory};
use crate::config::IngestConfig;
use crate::decode::{Census, Window};
use crate::json;
use crate::limits::{Admitted, Contracts, Examined, Tally, Tenant, Tenants};
use crate::log::{Appended, Data, Fingerprint, Log, Placed, Position, Receipt};
use crate::refusal::{Refusal, Why};
use crate::signal::Signal;
use crate::wire::WireError;

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
    fingerprint: Fingerprint,
    memory: Memory,
    pub(crate) max_body_bytes: usize,
    pub(crate) tenants: Tenants,
    past: Duration,
    future: Duration,
    pub(crate) counts: Counts,
    stopping: AtomicBool,
}

impl Receive {
    pub(crate) fn new(
        config: &IngestConfig,
        contracts: Contracts,
        log: &Arc<Log>,
        authenticator: Arc<dyn Authenticator>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            log: Arc::downgrade(log),
            authenticator,
            clock,
            fingerprint: log.fingerprint(),
            memory: Memory::new(config.max_body_bytes.saturating_mul(4)),
            max_body_bytes: config.max_body_bytes,
            tenants: Tenants::new(config, contracts),
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

    pub(crate) fn log(&self) -> Result<Arc<Log>, Refusal> {
        let open = self.log.upgrade().filter(|_| self.is_open());
        open.ok_or_else(|| Refusal::new(Why::Stopping, "the service is stopping"))
    }

    /// Refuses everything from now on.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// What can be said before the body is read: the tenant, and whether there is room.
    pub(crate) fn admit(&self, headers: &http::HeaderMap) -> Result<(Admitted, Grant), Refusal> {
        let log = self.log()?;
        let now_ns = self.now_ns();
        let tenant = self.tenants.get(&self.authenticator.tenant(bearer(headers))?, now_ns);
        let length =
            headers.get(::http::header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > self.max_body_bytes as u64 + 5) {
            return Err(Refusal::too_large(self.max_body_bytes, "as it was sent").of(&tenant));
        }
        log.admits(length.unwrap_or(0)).map_err(|full| Refusal::from(full).of(&tenant))?;
        Ok((tenant.admit(now_ns, length.unwrap_or(0))?, self.memory.grant()))
    }

    /// The same for data of a source of `tenant`.
    pub(crate) fn admit_source(&self, tenant: &str, length: u64) -> Result<(Admitted, Grant), Refusal> {
        self.log()?.admits(length)?;
        let now_ns = self.now_ns();
        Ok((self.tenants.get(tenant, now_ns).admit(now_ns, length)?, self.memory.grant()))
    }

    /// What would be accepted and rejected of a protobuf request.
    pub(crate) fn judge(&self, tenant: &str, signal: Signal, payload: Vec<u8>) -> Result<Census, Refusal> {
        let now_ns = self.now_ns();
        let window = Window::around(now_ns, self.past, self.future);
        let examined = self.tenants.get(tenant, now_ns).examine(signal, payload, window, now_ns);
        examined.map(|examined| examined.tally.census).map_err(|e| malformed(signal, &e))
    }

    fn now_ns(&self) -> i64 {
        self.clock.now().timestamp_nanos_opt().unwrap_or(i64::MAX)
    }

    /// Takes a body: when this returns `Ok`, its good records are on disk.
    pub(crate) async fn take(
        &self,
        admitted: Admitted,
        signal: Signal,
        format: Format,
        encoding: Encoding,
        body: Vec<u8>,
        grant: Grant,
    ) -> Result<Outcome, Refusal> {
        let taken = self.take_from(admitted, signal, format, encoding, body, grant, None).await;
        taken.map(|(outcome, _)| outcome)
    }

    /// Takes a body and, with it, the position of the source that it comes from.
    #[expect(clippy::too_many_arguments, reason = "what is known of a request")]
    pub(crate) async fn take_from(
        &self,
        mut admitted: Admitted,
        signal: Signal,
        format: Format,
        encoding: Encoding,
        body: Vec<u8>,
        grant: Grant,
        position: Option<&Position<'_>>,
    ) -> Result<(Outcome, Placed), Refusal> {
        let received_ns = self.now_ns();
        let tenant = admitted.tenant.clone();
        let window = Window::around(received_ns, self.past, self.future);
        let max = self.max_body_bytes;
        let small = body.len() <= INLINE_BYTES && encoding == Encoding::Identity;
        let (fingerprint, of) = (self.fingerprint.clone(), tenant.clone());
        let hash = move |payload: &[u8]| fingerprint.of(&of.name, signal, payload);
        let of = tenant.clone();
        let check = move || check(&of, hash, signal, format, encoding, body, max, grant, window, received_ns);
        let checked = if small {
            check()
        } else {
            tokio::task::spawn_blocking(check)
                .await
                .map_err(|_| Refusal::new(Why::Stopping, "the service is stopping"))?
        };
        // The grant is held until the request is on disk.
        let checked = checked.inspect_err(|refusal| admitted.blame(refusal))?;
        let Checked { payload, hash, bytes, tally, warning, odd_values, grant: _grant } = checked;
        let census = &tally.census;
        let mut message = census.message();
        if message.is_empty() {
            message = warning;
        }
        if message.len() > MAX_MESSAGE {
            message.truncate(message.floor_char_boundary(MAX_MESSAGE));
        }
        if census.accepted + census.rejected > 0 || position.is_some() {
            let count = |records: u64| u32::try_from(records).unwrap_or(u32::MAX);
            let rows = count(census.accepted + census.rejected);
            let data = Data { tenant: &tenant.name, signal, rows, received_ns, window, payload: &payload };
            let receipt = Receipt { hash, rejected: count(census.rejected), message: &message };
            let log = self.log()?;
            let known = match position {
                None => match log.append_once(&data, receipt).await? {
                    Appended::Stored => None,
                    Appended::Repeated(first) => {
                        metrics::counter!("headroom_ingest_repeated_requests_total", "signal" => signal.name())
                            .increment(1);
                        let outcome = Outcome { rejected: first.rejected.into(), message: first.message };
                        Some((outcome, Placed::Past))
                    }
                },
                Some(position) => match log.append_from(&data, position).await? {
                    Placed::Stored => None,
                    placed => Some((Outcome::default(), placed)),
                },
            };
            if let Some(known) = known {
                admitted.settle(bytes, 0);
                return Ok(known);
            }
        }
        self.counts.accepted[usize::from(signal.code()) - 1].fetch_add(census.accepted, Ordering::Relaxed);
        self.counts.rejected.fetch_add(census.rejected, Ordering::Relaxed);
        admitted.settle(bytes, census.accepted + census.rejected);
        tenant.accept(received_ns, signal, bytes, &tally);
        if odd_values > 0 {
            tenant.warn(signal, "json_value", odd_values);
        }
        Ok((Outcome { rejected: tally.census.rejected, message }, Placed::Stored))
    }
}

fn malformed(signal: Signal, error: &WireError) -> Refusal {
    Refusal::new(Why::Malformed, format!("the body is not a protobuf request for {signal}: {error}"))
}

struct Checked {
    payload: Vec<u8>,
    /// Of the payload as it came.
    hash: u128,
    /// As it came or unpacked, whichever is more.
    bytes: usize,
    tally: Tally,
    warning: String,
    odd_values: u64,
    grant: Grant,
}

#[expect(clippy::too_many_arguments, reason = "what a blocking thread needs to know")]
fn check(
    tenant: &Tenant,
    hash: impl FnOnce(&[u8]) -> u128,
    signal: Signal,
    format: Format,
    encoding: Encoding,
    body: Vec<u8>,
    max: usize,
    mut grant: Grant,
    window: Window,
    received_ns: i64,
) -> Result<Checked, Refusal> {
    let sent = body.len();
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
    let hash = hash(&payload);
    let bytes = sent.max(payload.len());
    let examined = tenant.examine(signal, payload, window, received_ns);
    let Examined { payload, tally } = examined.map_err(|e| malformed(signal, &e))?;
    Ok(Checked { payload, hash, bytes, tally, warning, odd_values, grant })
}

//! A worker: one body after the other, each until its fate is known.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::body::{Filled, PREFIX, Stock};
use crate::ledger::{Entry, Outcome};
use crate::options::{Compression, Options};
use crate::schedule::Schedule;
use crate::send::{Connection, Delivery, compress, deliver};
use crate::usage::Cpu;

/// What all workers share.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) options: Options,
    pub(crate) schedule: Schedule,
    pub(crate) stock: Stock,
}

/// What a worker tells.
#[derive(Debug)]
pub(crate) enum Told {
    /// A request is tried again, for this reason.
    Retry(String),
    /// The fate of a body is known.
    Done(Box<Done>),
}

/// A body whose fate is known.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) entry: Entry,
    /// Status and words of the last refusal, unless it was acknowledged.
    pub(crate) refusal: Option<(String, String)>,
    /// From the first byte to the end.
    pub(crate) took: Duration,
    /// How long after it was due it was sent.
    pub(crate) late: Duration,
    /// Bytes of the request as it was encoded and as it was sent, once.
    pub(crate) bytes: (usize, usize),
    pub(crate) compress_cpu: Duration,
}

/// Works until the schedule has no more, or nobody listens.
pub(crate) async fn work(common: Arc<Common>, mut connection: Connection, tell: mpsc::UnboundedSender<Told>) {
    while let Some((body, due)) = common.schedule.next() {
        // Timers count in milliseconds: a body that is due now would wait for the next one.
        if due > Instant::now() {
            sleep_until(due).await;
        }
        let done = one(&common, &mut connection, body, due, &tell).await;
        if tell.send(Told::Done(Box::new(done))).is_err() {
            return;
        }
    }
}

async fn one(
    common: &Common,
    connection: &mut Connection,
    body: u32,
    due: Instant,
    tell: &mpsc::UnboundedSender<Told>,
) -> Done {
    let options = &common.options;
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let base_ns = since_epoch.as_nanos() as u64;
    let filled = common.stock.fill(body, base_ns);
    let (message, compress_cpu) = compressed(options.compression, &filled).await;
    let sent = Instant::now();
    let limits = (options.timeout, options.give_up_after);
    let retried = |status| {
        // Nobody listens any more when the run was given up; the next send of `work` sees it.
        let _ = tell.send(Told::Retry(status));
    };
    let delivery = deliver(connection, filled.signal, &message, limits, retried).await;
    let Delivery { outcome, rejected, attempts, unanswered, refusal } = delivery;
    let records = options.records_per_body as u32;
    let done = Done {
        entry: Entry {
            body,
            signal: filled.signal,
            records,
            rejected: u32::try_from(rejected).unwrap_or(u32::MAX).min(records),
            outcome,
            base_ns,
            attempts,
            unanswered,
        },
        refusal: refusal.filter(|_| outcome != Outcome::Acknowledged),
        took: sent.elapsed(),
        late: sent.saturating_duration_since(due),
        bytes: (filled.bytes.len() - PREFIX, message.len() - PREFIX),
        compress_cpu,
    };
    drop(message);
    common.stock.give_back(filled);
    done
}

/// The message as it is sent, and the CPU time that took.
async fn compressed(compression: Compression, filled: &Filled) -> (bytes::Bytes, Duration) {
    if compression == Compression::None {
        return (filled.bytes.clone(), Duration::ZERO);
    }
    // Milliseconds for a large body: not on a thread that others wait for.
    let plain = filled.bytes.clone();
    let work = move || {
        let before = Cpu::of_this_thread();
        let message = compress(compression, &plain).expect("writing to memory does not fail");
        (message, Cpu::of_this_thread().saturating_sub(before))
    };
    tokio::task::spawn_blocking(work).await.expect("compressing does not panic")
}

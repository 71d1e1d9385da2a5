//! Kafka in: OTLP requests and JSON events from topics, each message stored once.
//!
//! A [`KafkaConfig`] is one consumer group on one cluster. [`KafkaSources::start`] gives each
//! a thread of its own, which polls librdkafka and hands what it got to the ingester's
//! [`Intake`](headroom_ingest::Intake): the same checks, limits, log and inserts as for OTLP
//! clients.
//!
//! **The way of a message.** `content` makes protobuf of it (OTLP as it is, OTLP/JSON
//! rewritten, JSON events as log records with an event name). `batch` puts the messages of a
//! partition one behind the other: protobuf requests that are joined are one request. `store`
//! takes a batch together with its offsets; when that returns, both are on disk in one log
//! record. Then, and not earlier, the offset is committed to the group.
//!
//! **Stored once.** Reading begins where the log or the group is, whichever is ahead
//! (`place`); what comes again all the same is left out. Before a partition is given to another
//! node, what was taken is committed (`context`). What this does not cover is in
//! `docs/kafka.md`.
//!
//! **When something is wrong.** The log is full, or the tenant over its rate: the partition is
//! paused and its batch tried again. A message that is no request: it goes to the dead-letter
//! topic, or to the folder `dead` (`dead`), and is counted; the partition goes on, or waits
//! while that topic cannot be reached. An offset that is not there any more: the client stops,
//! and the source looks for a place (`source::lost`). The cluster is away: librdkafka connects
//! again for ever.

mod batch;
mod config;
mod content;
mod context;
mod dead;
mod error;
mod event;
mod place;
mod source;
mod store;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::JoinHandle;

use headroom_ingest::Intake;

pub use config::{Content, Encoding, KafkaConfig, Properties, TopicConfig};
pub use error::KafkaError;

use source::Source;

/// The running sources. Dropping them stops everything at once, as a crash would: offsets that
/// were taken are in the log, whether they were committed or not. [`KafkaSources::drain`] is
/// the orderly way.
#[derive(Debug)]
pub struct KafkaSources {
    stop: Arc<Stop>,
    threads: Vec<JoinHandle<()>>,
}

/// Whether, and how, the sources are to stop.
#[derive(Debug, Default)]
pub(crate) struct Stop(AtomicU8);

const DRAIN: u8 = 1;
const DROP: u8 = 2;

impl Stop {
    /// Whether it is time to end.
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }

    /// Whether nothing may be committed any more.
    pub(crate) fn is_crash(&self) -> bool {
        self.0.load(Ordering::Acquire) == DROP
    }
}

impl KafkaSources {
    /// Starts a thread for each of `configs`. Topics without a tenant belong to `tenant`. Must
    /// be called inside a tokio runtime; the clusters need not be there yet.
    pub fn start(configs: &[KafkaConfig], intake: &Intake, tenant: &str) -> Result<Self, KafkaError> {
        config::check(configs)?;
        let mut this = Self { stop: Arc::default(), threads: Vec::new() };
        for config in configs {
            let source = Source::new(config, intake.clone(), tenant, this.stop.clone())?;
            let thread = std::thread::Builder::new()
                .name("kafka".to_owned())
                .spawn(move || source.run())
                .map_err(KafkaError::Thread)?;
            this.threads.push(thread);
        }
        Ok(this)
    }

    /// Stops polling, commits what was taken, and leaves the groups.
    pub async fn drain(mut self) {
        self.stop.0.store(DRAIN, Ordering::Release);
        let threads = std::mem::take(&mut self.threads);
        drop(tokio::task::spawn_blocking(move || join(threads)).await);
    }
}

impl Drop for KafkaSources {
    fn drop(&mut self) {
        self.stop.0.store(DROP, Ordering::Release);
        join(std::mem::take(&mut self.threads));
    }
}

fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        if thread.join().is_err() {
            tracing::error!("a Kafka source ended with a panic");
        }
    }
}

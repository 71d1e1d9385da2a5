//! One consumer group on one cluster, in a thread of its own.

mod leave;
mod lost;
mod probe;
mod reader;

use std::sync::Arc;
use std::time::{Duration, Instant};

use headroom_ingest::Intake;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};

use crate::Stop;
use crate::config::{KafkaConfig, RESET};
use crate::content::Topic;
use crate::context::Context;
use crate::dead::DeadLetters;
use crate::error::KafkaError;
use crate::place::Places;
use crate::store::Store;
use leave::{PATIENCE, leave};
use lost::{NotFound, not_known};
use reader::{Pushed, Reader, Stopped};

/// How long to wait for a message, and how long messages are collected.
const ROUND: Duration = Duration::from_millis(50);

/// How long to wait before a place is looked for again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// A running source.
pub(crate) struct Source {
    consumer: BaseConsumer<Context>,
    reader: Reader,
    stop: Arc<Stop>,
    commit_interval: Duration,
    committed_at: Instant,
    /// A partition could not be read from its place.
    is_lost: bool,
    /// Places are not looked for before.
    look_at: Instant,
}

impl Source {
    /// Makes the clients and subscribes. Nothing is connected yet when this returns.
    pub(crate) fn new(
        config: &KafkaConfig,
        intake: Intake,
        tenant: &str,
        stop: Arc<Stop>,
    ) -> Result<Self, KafkaError> {
        let source = config.source();
        let failed = |error| KafkaError::Client { of: source.clone(), error };
        let mut common = ClientConfig::new();
        for (key, value) in config.properties.0.iter().filter(|(key, _)| *key != RESET) {
            common.set(key, value);
        }
        common.set("bootstrap.servers", &config.brokers);
        let mut client = ClientConfig::new();
        client.set("statistics.interval.ms", "5000");
        client.extend(common.config_map().iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        client
            .set("group.id", &config.group)
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("isolation.level", "read_committed")
            .set(RESET, "error");
        let places = Places {
            intake: intake.clone(),
            source: source.clone(),
            unread: config.unread().unwrap_or(rdkafka::Offset::Beginning),
        };
        let context = Context::new(places, stop.clone());
        let consumer: BaseConsumer<Context> = client.create_with_context(context).map_err(failed)?;
        let names: Vec<_> = config.topics.iter().map(|topic| topic.name.as_str()).collect();
        consumer.subscribe(&names).map_err(failed)?;
        let dead_letters = config.dead_letter_topic.as_ref().map(|name| {
            common.set("acks", "all").set("message.timeout.ms", "10000");
            let producer = common.create().map_err(failed)?;
            Ok((producer, name.clone()))
        });
        let topics = config.topics.iter().map(|topic| {
            let own = topic.tenant.as_ref().or(config.tenant.as_ref());
            let tenant = own.map_or(tenant, String::as_str).to_owned();
            (topic.name.clone(), Topic { content: topic.content, encoding: topic.encoding, tenant })
        });
        let reader = Reader {
            topics: topics.collect(),
            max_batch_bytes: config.max_batch_bytes.min(intake.max_bytes()),
            max_batch_messages: config.max_batch_messages,
            store: Store {
                intake,
                dead: DeadLetters { source: source.clone(), topic: dead_letters.transpose()? },
                source,
            },
            runtime: tokio::runtime::Handle::current(),
            partitions: std::collections::BTreeMap::new(),
            client,
        };
        let (commit_interval, now) = (Duration::from_millis(config.commit_interval_ms), Instant::now());
        Ok(Self { consumer, reader, stop, commit_interval, committed_at: now, is_lost: false, look_at: now })
    }

    /// Reads until it is stopped.
    pub(crate) fn run(mut self) {
        while !self.stop.is_set() {
            let round =
                self.poll().and_then(|()| self.reader.take(&self.consumer)).and_then(|()| self.look());
            if let Err(Stopped) = round {
                break;
            }
            if self.committed_at.elapsed() >= self.commit_interval {
                self.committed_at = Instant::now();
                self.commit(CommitMode::Async);
            }
        }
        if !self.stop.is_crash() {
            self.commit(CommitMode::Sync);
        }
        leave(self.consumer, &self.reader.store.source, PATIENCE);
    }

    fn commit(&self, mode: CommitMode) {
        if let Err(error) = self.consumer.context().commit(&self.consumer, None, mode) {
            metrics::counter!("headroom_kafka_commit_failures_total").increment(1);
            tracing::warn!(source = self.reader.store.source, %error, "kafka: offsets could not be committed");
        }
    }

    /// Collects messages for a while, or until a batch is full.
    fn poll(&mut self) -> Result<(), Stopped> {
        let begin = Instant::now();
        loop {
            let left = ROUND.saturating_sub(begin.elapsed());
            // With something to take, what is there already is enough.
            let wait = if self.reader.has_work() { Duration::ZERO } else { left };
            let polled = self.consumer.poll(wait);
            // What was revoked in there is dropped, before anything new is added.
            self.reader.change(self.consumer.context().changes())?;
            match polled {
                None => return Ok(()),
                Some(Ok(message)) => {
                    let pushed = self.reader.push(&message);
                    if pushed == Pushed::Astray {
                        self.is_lost = true;
                    }
                    if pushed != Pushed::Room || left.is_zero() {
                        return Ok(());
                    }
                }
                Some(Err(ClientError::MessageConsumption(RDKafkaErrorCode::AutoOffsetReset))) => {
                    self.is_lost = true;
                    return Ok(());
                }
                Some(Err(error)) => {
                    metrics::counter!("headroom_kafka_errors_total").increment(1);
                    tracing::warn!(source = self.reader.store.source, %error, "kafka: nothing could be read");
                    return Ok(());
                }
            }
        }
    }

    /// Looks for the places of partitions if one of them is not where it was.
    fn look(&mut self) -> Result<(), Stopped> {
        let is_needed = self.is_lost || self.reader.is_unsure();
        if !is_needed || Instant::now() < self.look_at {
            return Ok(());
        }
        match self.reader.find_places(&self.consumer, self.is_lost) {
            Ok(()) => self.is_lost = false,
            Err(NotFound::Stopped) => return Err(Stopped),
            Err(NotFound::Yet(why)) => not_known(&self.reader.store.source, &why),
        }
        self.look_at = Instant::now() + LOOK_AGAIN;
        Ok(())
    }
}

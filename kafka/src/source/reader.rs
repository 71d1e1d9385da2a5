//! What is being read: a batch for each partition.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use headroom_ingest::IntakeError;
use headroom_ingest::log::Position;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::{ClientConfig, TopicPartitionList};

use super::probe;
use crate::Stop;
use crate::batch::{Batch, Poison};
use crate::content::Topic;
use crate::context::{Change, Context, Partition, lag};
use crate::store::{Store, Unstored};

/// How long the cluster may take to answer a question.
const ANSWER: Duration = Duration::from_secs(10);

/// The longest wait before a batch is tried again.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The ingester is gone, or the source is to stop.
#[derive(Debug)]
pub(super) struct Stopped;

/// A partition that is read here.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The next offset of which the log does not know; `None` until that was asked.
    next: Option<u64>,
    batch: Batch,
    /// Paused until then.
    retry_at: Option<Instant>,
}

/// All that are read here.
pub(super) struct Reader {
    pub(super) topics: HashMap<String, Topic>,
    pub(super) store: Store,
    pub(super) runtime: tokio::runtime::Handle,
    pub(super) partitions: BTreeMap<Partition, Reading>,
    pub(super) max_batch_bytes: usize,
    pub(super) max_batch_messages: usize,
    pub(super) stop: Arc<Stop>,
    /// To make another consumer of.
    pub(super) client: ClientConfig,
}

impl Reader {
    /// Whether there is something to take now.
    pub(super) fn has_work(&self) -> bool {
        let now = Instant::now();
        self.partitions.values().any(|reading| reading.is_due(now))
    }

    /// Partitions that came are begun anew; of those that went, nothing is kept.
    pub(super) fn change(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Assigned(places) => {
                    self.partitions.extend(places.into_iter().map(|place| (place, Reading::default())));
                }
                Change::Revoked(places) => {
                    for place in places {
                        self.partitions.remove(&place);
                        lag(&place, 0);
                        show_paused(&place, false);
                    }
                }
            }
        }
    }

    /// Adds a message to its partition's batch. Whether that is full.
    pub(super) fn push(
        &mut self,
        consumer: &BaseConsumer<Context>,
        message: &BorrowedMessage<'_>,
    ) -> Result<bool, Stopped> {
        let Ok(offset) = u64::try_from(message.offset()) else { return Ok(false) };
        let Some(topic) = self.topics.get(message.topic()) else { return Ok(false) };
        let place = Partition { topic: message.topic().to_owned(), partition: message.partition() };
        let known = self.partitions.get(&place).and_then(|reading| reading.next);
        let next = match known {
            Some(next) => next,
            None => self.begin(consumer, &place, topic, offset)?,
        };
        let reading = self.partitions.entry(place).or_default();
        reading.next = Some(next);
        if offset < next.max(reading.batch.end()) {
            metrics::counter!("headroom_kafka_known_messages_total", "topic" => message.topic().to_owned())
                .increment(1);
            return Ok(false);
        }
        // A message without a payload says nothing: its offset is passed over.
        let payload = message.payload().unwrap_or_default();
        let request = match payload {
            [] => Ok(payload.into()),
            _ => topic.request(payload, message.timestamp().to_millis()),
        };
        match request {
            Ok(request) => reading.batch.push(offset, message.key(), &request),
            Err(detail) => reading.batch.push_poison(Poison {
                offset,
                key: message.key().map(Box::from),
                payload: payload.to_vec(),
                reason: "malformed",
                detail,
            }),
        }
        Ok(reading.batch.bytes() >= self.max_batch_bytes || reading.batch.len() >= self.max_batch_messages)
    }

    /// Where the log stands in a partition whose first message is at `offset`.
    fn begin(
        &self,
        consumer: &BaseConsumer<Context>,
        place: &Partition,
        topic: &Topic,
        offset: u64,
    ) -> Result<u64, Stopped> {
        let (intake, source) = (&self.store.intake, &self.store.source);
        let (name, partition) = (place.topic.as_str(), place.partition);
        let known = intake.position(source, name, partition).map_err(|_| Stopped)?.unwrap_or(0);
        while offset < known && !self.stop.is_set() {
            // Taken before, and not committed; unless the topic is another one by now.
            match self.is_anew(consumer, place, known) {
                Ok(false) => return Ok(known),
                Ok(true) => {
                    tracing::warn!(
                        source,
                        topic = name,
                        partition,
                        known,
                        "kafka: the topic ends before what was read of it: it was made anew and is read from here"
                    );
                    let at =
                        Position { source, topic: name, partition, from_offset: offset, to_offset: offset };
                    let signal = topic.content.signal();
                    let moved = intake.take(&topic.tenant, signal, Vec::new(), Some(&at));
                    match self.runtime.block_on(moved) {
                        Ok(_) => return Ok(offset),
                        Err(IntakeError::Stopped) => return Err(Stopped),
                        Err(error) => tracing::warn!(source, %error, "kafka: a position is not moved yet"),
                    }
                }
                Err(error) => tracing::warn!(source, %error, "kafka: a topic's end is not known yet"),
            }
            std::thread::sleep(Duration::from_secs(1));
        }
        if self.stop.is_set() { Err(Stopped) } else { Ok(known) }
    }

    /// Whether a partition of which everything before `known` was read is not that one any more.
    fn is_anew(
        &self,
        consumer: &BaseConsumer<Context>,
        place: &Partition,
        known: u64,
    ) -> Result<bool, KafkaError> {
        let (_, end) = consumer.fetch_watermarks(&place.topic, place.partition, ANSWER)?;
        if u64::try_from(end).is_ok_and(|end| known <= end) {
            return Ok(false);
        }
        Ok(!probe::is_there(&self.client, &place.topic, place.partition, known - 1)?)
    }

    /// Takes every batch that is due, all at once.
    pub(super) fn take(&mut self, consumer: &BaseConsumer<Context>) -> Result<(), Stopped> {
        let now = Instant::now();
        let (store, topics) = (&self.store, &self.topics);
        let due = self.partitions.iter_mut().filter(|(_, reading)| reading.is_due(now));
        let taking = due.filter_map(|(place, reading)| {
            let topic = topics.get(&place.topic)?;
            Some(async move {
                let (signal, messages) = (topic.content.signal(), reading.batch.len());
                let taken = store.take(place, &topic.tenant, signal, &mut reading.batch).await;
                (place, reading, messages, taken)
            })
        });
        for (place, reading, messages, taken) in self.runtime.block_on(futures::future::join_all(taking)) {
            match taken {
                Ok(next) => {
                    if let Some(next) = next {
                        reading.next = Some(next);
                        consumer.context().take(place, next);
                        metrics::counter!("headroom_kafka_messages_total", "topic" => place.topic.clone())
                            .increment(messages as u64);
                    }
                    if reading.retry_at.take().is_some() {
                        pause(consumer, place, false);
                    }
                }
                Err(Unstored::Later { message, wait }) => {
                    if reading.retry_at.is_none() {
                        tracing::warn!(
                            topic = place.topic,
                            partition = place.partition,
                            reason = message,
                            "kafka: a partition is paused until there is room"
                        );
                        pause(consumer, place, true);
                    }
                    reading.retry_at = Some(now + wait.min(LONGEST_WAIT));
                }
                Err(Unstored::Stopped) => return Err(Stopped),
            }
        }
        Ok(())
    }
}

impl Reading {
    fn is_due(&self, now: Instant) -> bool {
        !self.batch.is_empty() && self.retry_at.is_none_or(|at| at <= now)
    }
}

fn pause(consumer: &BaseConsumer<Context>, place: &Partition, paused: bool) {
    let mut list = TopicPartitionList::new();
    list.add_partition(&place.topic, place.partition);
    let done = if paused { consumer.pause(&list) } else { consumer.resume(&list) };
    if let Err(error) = done {
        // Then messages go on to come, and wait in the batch.
        tracing::warn!(topic = place.topic, partition = place.partition, paused, %error, "kafka: pausing");
    }
    show_paused(place, paused);
}

fn show_paused(place: &Partition, paused: bool) {
    metrics::gauge!(
        "headroom_kafka_paused",
        "topic" => place.topic.clone(), "partition" => place.partition.to_string()
    )
    .set(f64::from(u8::from(paused)));
}

//! What is being read: a batch for each partition.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{BorrowedMessage, Message as _};
use rdkafka::{ClientConfig, TopicPartitionList};

use crate::batch::{Batch, Poison};
use crate::content::Topic;
use crate::context::{Change, Context, Partition, lag};
use crate::place::Begin;
use crate::store::{Store, Unstored};

/// The longest wait before a batch is tried again.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The ingester is gone, or the source is to stop.
#[derive(Debug)]
pub(super) struct Stopped;

/// A partition that is read here.
#[derive(Default)]
pub(super) struct Reading {
    /// The next offset of which the log does not know.
    pub(super) next: u64,
    /// Its place is to be made sure of.
    pub(super) is_unsure: bool,
    /// Where reading began; `None`: where librdkafka found its place.
    pub(super) from: Option<u64>,
    pub(super) batch: Batch,
    /// Paused until then.
    pub(super) retry_at: Option<Instant>,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It is in its batch, or was known.
    Room,
    /// It is in its batch, and that is full now.
    Full,
    /// It is from before everything that is wanted: the place was not the right one.
    Astray,
}

/// All that are read here.
pub(super) struct Reader {
    pub(super) topics: HashMap<String, Topic>,
    pub(super) store: Store,
    pub(super) runtime: tokio::runtime::Handle,
    pub(super) partitions: BTreeMap<Partition, Reading>,
    pub(super) max_batch_bytes: usize,
    pub(super) max_batch_messages: usize,
    /// To make another consumer of.
    pub(super) client: ClientConfig,
}

impl Reader {
    /// Whether a partition's place is to be made sure of.
    pub(super) fn is_unsure(&self) -> bool {
        self.partitions.values().any(|reading| reading.is_unsure)
    }

    /// Whether there is something to take now.
    pub(super) fn has_work(&self) -> bool {
        let now = Instant::now();
        self.partitions.values().any(|reading| reading.is_due(now))
    }

    /// Partitions that came are begun anew; of those that went, nothing is kept.
    pub(super) fn change(&mut self, changes: Vec<Change>) -> Result<(), Stopped> {
        for change in changes {
            match change {
                Change::Assigned(begun) => {
                    for Begin { partition, from, is_ahead } in begun {
                        let (intake, source) = (&self.store.intake, &self.store.source);
                        let known = intake.position(source, &partition.topic, partition.partition);
                        let next = known.map_err(|_| Stopped)?.unwrap_or(0);
                        let reading = Reading { next, is_unsure: is_ahead, from, ..Reading::default() };
                        self.partitions.insert(partition, reading);
                    }
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
        metrics::gauge!("headroom_kafka_partitions", "source" => self.store.source.clone())
            .set(self.partitions.len() as f64);
        Ok(())
    }

    /// Adds a message to its partition's batch.
    pub(super) fn push(&mut self, message: &BorrowedMessage<'_>) -> Pushed {
        let Ok(offset) = u64::try_from(message.offset()) else { return Pushed::Room };
        let Some(topic) = self.topics.get(message.topic()) else { return Pushed::Room };
        let place = Partition { topic: message.topic().to_owned(), partition: message.partition() };
        // One that came before its partition was taken away comes again at its new owner.
        let Some(reading) = self.partitions.get_mut(&place) else { return Pushed::Room };
        if offset < reading.next.max(reading.batch.end()) {
            metrics::counter!("headroom_kafka_known_messages_total", "topic" => place.topic).increment(1);
            return if reading.from.is_none() { Pushed::Astray } else { Pushed::Room };
        }
        if let Some(wanted) = reading.wanted().filter(|wanted| *wanted < offset) {
            // Nothing is lost if these are marks of transactions, or the topic is compacted.
            metrics::counter!("headroom_kafka_missing_offsets_total", "topic" => place.topic.clone())
                .increment(offset - wanted);
            tracing::debug!(topic = place.topic, partition = place.partition, wanted, offset, "kafka: a gap");
        }
        reading.from = reading.from.or(Some(offset));
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
                sent: None,
            }),
        }
        let is_full = reading.batch.bytes() >= self.max_batch_bytes
            || reading.batch.messages() >= self.max_batch_messages;
        if is_full { Pushed::Full } else { Pushed::Room }
    }

    /// Takes every batch that is due, all at once.
    pub(super) fn take(&mut self, consumer: &BaseConsumer<Context>) -> Result<(), Stopped> {
        let now = Instant::now();
        let (store, topics) = (&self.store, &self.topics);
        let due = self.partitions.iter_mut().filter(|(_, reading)| reading.is_due(now));
        let taking = due.filter_map(|(place, reading)| {
            let topic = topics.get(&place.topic)?;
            Some(async move {
                let (signal, mut next) = (topic.content.signal(), None);
                let taken = store.take(place, &topic.tenant, signal, &mut reading.batch, &mut next).await;
                (place, reading, next, taken)
            })
        });
        for (place, reading, next, taken) in self.runtime.block_on(futures::future::join_all(taking)) {
            if let Some(next) = next {
                reading.next = next;
                consumer.context().take(place, next);
            }
            match taken {
                Ok(()) => {
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
    /// The next message that is wanted; `None`: wherever the group or the topic begins.
    pub(super) fn wanted(&self) -> Option<u64> {
        let at = self.next.max(self.batch.end());
        self.from.map(|from| from.max(at)).or((at > 0).then_some(at))
    }

    fn is_due(&self, now: Instant) -> bool {
        !self.batch.is_empty() && self.retry_at.is_none_or(|at| at <= now)
    }
}

/// Stops and starts the reading of a partition.
pub(super) fn pause(consumer: &BaseConsumer<Context>, place: &Partition, paused: bool) {
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

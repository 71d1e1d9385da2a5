//! A place that is no longer there: messages were deleted before they were read, or the topic
//! is another one by now.

use headroom_ingest::IntakeError;
use headroom_ingest::log::Position;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer as _, RebalanceProtocol};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::Offset;

use super::probe;
use super::reader::{Reader, Stopped, pause};
use crate::context::{Context, Partition};
use crate::place::{self, ANSWER};

/// Why a place was not found. It is to be looked for again.
pub(super) enum NotFound {
    /// Why.
    Yet(String),
    /// The ingester is gone.
    Stopped,
}

impl From<KafkaError> for NotFound {
    fn from(error: KafkaError) -> Self {
        Self::Yet(error.to_string())
    }
}

impl From<Stopped> for NotFound {
    fn from(Stopped: Stopped) -> Self {
        Self::Stopped
    }
}

/// What is asked about a partition.
struct Asked<'a> {
    partition: &'a Partition,
    /// The offset that was wanted; `None`: no one in particular.
    at: Option<u64>,
    /// Messages in memory that are not taken.
    waiting: bool,
}

impl Reader {
    /// Looks where partitions go on, and goes there. With `all` librdkafka could not read one
    /// of them, and does not say which; otherwise those are looked for whose place is not sure.
    pub(super) fn find_places(
        &mut self,
        consumer: &BaseConsumer<Context>,
        all: bool,
    ) -> Result<(), NotFound> {
        let mut list = TopicPartitionList::new();
        for partition in self.partitions.keys() {
            list.add_partition(&partition.topic, partition.partition);
        }
        if list.count() == 0 {
            return Ok(());
        }
        let committed = consumer.committed_offsets(list.clone(), ANSWER)?;
        let mut found = Vec::new();
        for (partition, reading) in &self.partitions {
            let at = reading.wanted();
            let place = if all || reading.is_unsure {
                let asked = Asked { partition, at, waiting: !reading.batch.is_empty() };
                self.find(consumer, &asked, place::offset(&committed, partition))
            } else {
                Ok(at)
            };
            found.push((partition.clone(), at, place));
        }
        let (mut places, mut is_elsewhere) = (Vec::new(), all);
        for (partition, at, place) in found {
            let Some(reading) = self.partitions.get_mut(&partition) else { continue };
            let was_unsure = std::mem::take(&mut reading.is_unsure);
            let to = match place {
                Ok(to) => to,
                Err(NotFound::Stopped) => return Err(NotFound::Stopped),
                // What was found out about the others is not lost by that.
                Err(NotFound::Yet(why)) => {
                    not_known(&self.store.source, &why);
                    reading.is_unsure = true;
                    at
                }
            };
            if was_unsure && !reading.is_unsure && to == at {
                // The group is told what the log knows, also if no message comes any more:
                // another node would take those messages again.
                consumer.context().take(&partition, reading.next);
            }
            is_elsewhere |= to != at;
            let at = to.map_or(consumer.context().places.unread, |to| Offset::Offset(to as i64));
            list.set_partition_offset(&partition.topic, partition.partition, at)?;
            places.push((partition, to));
        }
        if is_elsewhere {
            self.go_on(consumer, &list, places)?;
        }
        Ok(())
    }

    /// Reads on from other places.
    fn go_on(
        &mut self,
        consumer: &BaseConsumer<Context>,
        list: &TopicPartitionList,
        places: Vec<(Partition, Option<u64>)>,
    ) -> Result<(), NotFound> {
        match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => {
                consumer.incremental_unassign(list)?;
                consumer.incremental_assign(list)?;
            }
            _ => consumer.assign(list)?,
        }
        for (partition, to) in places {
            let Some(reading) = self.partitions.get_mut(&partition) else { continue };
            // A batch that waits goes to the log before anything else is said of the partition.
            if let Some(to) = to
                && reading.batch.is_empty()
            {
                if to < reading.next {
                    consumer.context().forget(&partition);
                }
                (reading.next, reading.from) = (to, Some(to));
            }
            pause(consumer, &partition, reading.retry_at.is_some());
        }
        Ok(())
    }

    /// Where a partition goes on; `None`: it was never read, and holds nothing of interest yet.
    fn find(
        &self,
        consumer: &BaseConsumer<Context>,
        asked: &Asked<'_>,
        committed: Option<u64>,
    ) -> Result<Option<u64>, NotFound> {
        let (topic, partition) = (asked.partition.topic.as_str(), asked.partition.partition);
        let Some(at) = asked.at.or(committed) else { return Ok(None) };
        let (low, high) = consumer.fetch_watermarks(topic, partition, ANSWER)?;
        let (low, high) = (u64::try_from(low).unwrap_or(0), u64::try_from(high).unwrap_or(0));
        let source = &self.store.source;
        if at < low {
            let lost = low - at;
            metrics::counter!("headroom_kafka_lost_messages_total", "topic" => topic.to_owned())
                .increment(lost);
            tracing::error!(
                source,
                topic,
                partition,
                wanted = at,
                first = low,
                lost,
                "kafka: offsets were deleted from a topic before they were read: reading goes on behind them"
            );
            return Ok(Some(low));
        }
        if at <= high || asked.waiting {
            return Ok(Some(at));
        }
        match probe::is_there(&self.client, topic, partition, at - 1, high)? {
            Some(true) => return Ok(Some(at)),
            Some(false) => {}
            None => return Err(NotFound::Yet(format!("{topic}/{partition} could not be read"))),
        }
        // Another node may have read the new topic already.
        let to = committed.filter(|committed| (low..=high).contains(committed)).unwrap_or(low);
        metrics::counter!("headroom_kafka_topics_made_anew_total", "topic" => topic.to_owned()).increment(1);
        tracing::error!(
            source,
            topic,
            partition,
            wanted = at,
            end = high,
            from = to,
            "kafka: a topic ends before what was read of it: it was made anew or lost messages, and is read again"
        );
        self.move_position(asked.partition, to)?;
        Ok(Some(to))
    }

    /// Sets the log's position of a partition, also backwards.
    fn move_position(&self, place: &Partition, to: u64) -> Result<(), NotFound> {
        let Some(topic) = self.topics.get(&place.topic) else { return Ok(()) };
        let position = Position {
            source: &self.store.source,
            topic: &place.topic,
            partition: place.partition,
            from_offset: to,
            to_offset: to,
        };
        let signal = topic.content.signal();
        let moved = self.store.intake.take(&topic.tenant, signal, Vec::new(), Some(&position));
        match self.runtime.block_on(moved) {
            Ok(_) => Ok(()),
            Err(IntakeError::Stopped) => Err(NotFound::Stopped),
            Err(error) => Err(NotFound::Yet(error.to_string())),
        }
    }
}

/// Says that a place is looked for again.
pub(super) fn not_known(source: &str, why: &str) {
    metrics::counter!("headroom_kafka_errors_total").increment(1);
    tracing::warn!(source, why, "kafka: it is not known yet where to read on");
}

//! What librdkafka calls: partitions come and go, statistics, its own log.
//!
//! All calls but the statistics come from inside `poll`, on the source's thread or on the one
//! that leaves the group after it, and no batch is being taken then. So when a partition is revoked, everything that was taken of it can be
//! committed before the group gives it to another node.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdkafka::bindings;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::base_consumer::BaseConsumer;
use rdkafka::consumer::{CommitMode, Consumer as _, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::statistics::Statistics;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaRespErr;

use crate::Stop;
use crate::place::{Begin, Places, partitions};

/// A partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Partition {
    pub(crate) topic: String,
    pub(crate) partition: i32,
}

/// A change of what is read here.
#[derive(Debug)]
pub(crate) enum Change {
    Assigned(Vec<Begin>),
    Revoked(Vec<Partition>),
}

/// What the source and librdkafka's calls share.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) source: String,
    pub(crate) stop: Arc<Stop>,
    pub(crate) places: Places,
    changes: Mutex<Vec<Change>>,
    /// The next offset of each partition that was taken here, and whether it was committed.
    taken: Mutex<BTreeMap<Partition, (u64, bool)>>,
}

impl Context {
    pub(crate) fn new(places: Places, stop: Arc<Stop>) -> Self {
        let source = places.source.clone();
        Self { source, stop, places, changes: Mutex::default(), taken: Mutex::default() }
    }

    fn taken(&self) -> MutexGuard<'_, BTreeMap<Partition, (u64, bool)>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has changed since this was asked last.
    pub(crate) fn changes(&self) -> Vec<Change> {
        std::mem::take(&mut self.changes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything before `next` is on disk.
    pub(crate) fn take(&self, partition: &Partition, next: u64) {
        self.taken().insert(partition.clone(), (next, false));
    }

    /// What was taken of a partition says nothing about it any more.
    pub(crate) fn forget(&self, partition: &Partition) {
        self.taken().remove(partition);
    }

    /// Commits to the group what was taken of `which` (`None`: of all) and not committed yet.
    pub(crate) fn commit(
        &self,
        consumer: &BaseConsumer<Self>,
        which: Option<&[Partition]>,
        mode: CommitMode,
    ) -> KafkaResult<()> {
        let mut offsets = TopicPartitionList::new();
        let mut taken = self.taken();
        for (partition, (next, is_committed)) in taken.iter_mut() {
            if !*is_committed && which.is_none_or(|which| which.contains(partition)) {
                offsets.add_partition_offset(
                    &partition.topic,
                    partition.partition,
                    Offset::Offset(*next as i64),
                )?;
                *is_committed = true;
            }
        }
        drop(taken);
        if offsets.count() == 0 {
            return Ok(());
        }
        let committed = match mode {
            CommitMode::Sync => commit_in_time(consumer, &offsets),
            CommitMode::Async => consumer.commit(&offsets, CommitMode::Async),
        };
        if committed.is_err() {
            self.not_committed(&offsets);
        }
        committed
    }

    /// These offsets go with the next ones.
    fn not_committed(&self, offsets: &TopicPartitionList) {
        let failed = partitions(offsets);
        self.taken().iter_mut().filter(|(p, _)| failed.contains(p)).for_each(|(_, taken)| taken.1 = false);
    }
}

impl Context {
    /// The group gives partitions to this node.
    fn assign(&self, consumer: &BaseConsumer<Self>, list: &mut TopicPartitionList) -> KafkaResult<Change> {
        let begun = self.places.begin(consumer, list)?;
        match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => consumer.incremental_assign(list)?,
            _ => consumer.assign(list)?,
        }
        // librdkafka keeps a partition paused that was taken away while it was paused.
        if let Err(error) = consumer.resume(list) {
            tracing::warn!(source = self.source, %error, "kafka: partitions may still be paused");
        }
        Ok(Change::Assigned(begun))
    }

    /// The group takes partitions from this node: what was taken of them is committed first.
    fn revoke(&self, consumer: &BaseConsumer<Self>, list: &TopicPartitionList) -> KafkaResult<Change> {
        let gone = partitions(list);
        if !self.stop.is_crash()
            && let Err(error) = self.commit(consumer, Some(&gone), CommitMode::Sync)
        {
            metrics::counter!("headroom_kafka_commit_failures_total").increment(1);
            tracing::warn!(
                source = self.source, %error,
                "kafka: offsets could not be committed before partitions went to another node"
            );
        }
        self.taken().retain(|partition, _| !gone.contains(partition));
        match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => consumer.incremental_unassign(list)?,
            _ => consumer.unassign()?,
        }
        Ok(Change::Revoked(gone))
    }
}

impl ConsumerContext for Context {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, why: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let changed = match why {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => self.assign(consumer, list),
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS => self.revoke(consumer, list),
            other => Err(KafkaError::Rebalance(RDKafkaErrorCode::from(other))),
        };
        match changed {
            Ok(change) => {
                tracing::info!(source = self.source, ?change, "kafka: partitions");
                self.changes.lock().unwrap_or_else(PoisonError::into_inner).push(change);
            }
            Err(error) => tracing::error!(source = self.source, %error, "kafka: the group is not balanced"),
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, offsets: &TopicPartitionList) {
        let Err(error) = result else { return };
        metrics::counter!("headroom_kafka_commit_failures_total").increment(1);
        tracing::warn!(source = self.source, %error, "kafka: offsets could not be committed");
        self.not_committed(offsets);
    }
}

impl ClientContext for Context {
    fn stats(&self, statistics: Statistics) {
        for topic in statistics.topics.values() {
            for partition in topic.partitions.values() {
                let place = Partition { topic: topic.topic.clone(), partition: partition.partition };
                // Until something was taken: from where the group stands, or from the beginning.
                let taken = self.taken().get(&place).map(|(next, _)| *next);
                let begin = [partition.committed_offset, partition.lo_offset];
                let begin = begin.into_iter().find_map(|offset| u64::try_from(offset).ok());
                let end = u64::try_from(partition.hi_offset).ok();
                if let (true, Some(next), Some(end)) = (partition.desired, taken.or(begin), end) {
                    lag(&place, end.saturating_sub(next));
                }
            }
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(source = self.source, %error, reason, "kafka: the client reports a fault");
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Debug | RDKafkaLogLevel::Info | RDKafkaLogLevel::Notice => {
                tracing::debug!(source = self.source, facility, "librdkafka: {message}");
            }
            _ => tracing::warn!(source = self.source, facility, "librdkafka: {message}"),
        }
    }
}

/// How long a commit is waited for: a stop must end while the cluster is away, and what was not committed is
/// recognised when it comes again.
const COMMIT_PATIENCE: Duration = Duration::from_secs(5);

/// Commits, and waits for the answer for a while. librdkafka's own waiting call has no end while the group has no
/// coordinator.
fn commit_in_time(consumer: &BaseConsumer<Context>, offsets: &TopicPartitionList) -> KafkaResult<()> {
    let client = consumer.client().native_ptr();
    let failed = |code| KafkaError::ConsumerCommit(RDKafkaErrorCode::from(code));
    // SAFETY: the client lives as long as `consumer`, the list as long as `offsets`, which is copied; queue and
    // event are used here alone and are destroyed once. A late answer finds the queue closed and is dropped.
    unsafe {
        let queue = bindings::rd_kafka_queue_new(client);
        let asked = bindings::rd_kafka_commit_queue(client, offsets.ptr(), queue, None, std::ptr::null_mut());
        let answer = if asked == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            let event = bindings::rd_kafka_queue_poll(queue, COMMIT_PATIENCE.as_millis() as i32);
            if event.is_null() {
                RDKafkaRespErr::RD_KAFKA_RESP_ERR__TIMED_OUT
            } else {
                let answer = bindings::rd_kafka_event_error(event);
                bindings::rd_kafka_event_destroy(event);
                answer
            }
        } else {
            asked
        };
        bindings::rd_kafka_queue_destroy(queue);
        if answer == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR { Ok(()) } else { Err(failed(answer)) }
    }
}

/// Shows how many messages of a partition are not taken yet.
pub(crate) fn lag(place: &Partition, messages: u64) {
    metrics::gauge!(
        "headroom_kafka_lag",
        "topic" => place.topic.clone(), "partition" => place.partition.to_string()
    )
    .set(messages as f64);
}

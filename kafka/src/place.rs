//! Where reading of a partition begins.
//!
//! This node's log says exactly what was taken here; the group says what any node has
//! committed. The later of the two counts: the log is ahead after a crash before a commit, the
//! group is ahead when another node read the partition in between. librdkafka never chooses a
//! place itself (`auto.offset.reset=error`), so it cannot step over messages quietly.

use std::time::Duration;

use headroom_ingest::Intake;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::Offset;

use crate::context::{Context, Partition};

/// How long the cluster may take to answer a question.
pub(crate) const ANSWER: Duration = Duration::from_secs(10);

/// How often the group is asked where it stands before librdkafka has to find out.
const QUESTIONS: usize = 6;

/// A partition that is read from now on.
#[derive(Debug)]
pub(crate) struct Begin {
    pub(crate) partition: Partition,
    /// The first offset that is wanted; `None`: wherever the group or `auto.offset.reset` says.
    pub(crate) from: Option<u64>,
    /// The group has committed less than this node's log knows: after a crash, or because the
    /// topic is another one by now.
    pub(crate) is_ahead: bool,
}

/// What is asked to find a beginning.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) intake: Intake,
    pub(crate) source: String,
    /// Where a partition begins that neither the log nor the group knows.
    pub(crate) unread: Offset,
}

impl Places {
    /// Puts the first wanted offset of each partition into `list`.
    pub(crate) fn begin(
        &self,
        consumer: &BaseConsumer<Context>,
        list: &mut TopicPartitionList,
    ) -> Result<Vec<Begin>, KafkaError> {
        let committed = self.committed(consumer, list);
        let mut begun = Vec::new();
        for partition in partitions(list) {
            let (topic, number) = (partition.topic.as_str(), partition.partition);
            // Without the ingester nothing can be taken either.
            let known = self.intake.position(&self.source, topic, number).ok().flatten();
            let from = committed.as_ref().map(|committed| known.max(offset(committed, &partition)));
            let at = match from {
                // librdkafka asks the group until it answers.
                None => Offset::Stored,
                Some(None) => self.unread,
                Some(Some(from)) => Offset::Offset(from as i64),
            };
            list.set_partition_offset(topic, number, at)?;
            let is_ahead = committed.as_ref().is_some_and(|committed| known > offset(committed, &partition));
            begun.push(Begin { partition, from: from.flatten(), is_ahead });
        }
        Ok(begun)
    }

    /// What the group says; `None` when it does not answer.
    fn committed(
        &self,
        consumer: &BaseConsumer<Context>,
        list: &TopicPartitionList,
    ) -> Option<TopicPartitionList> {
        for _ in 0..QUESTIONS {
            if consumer.context().stop.is_set() {
                break;
            }
            match consumer.committed_offsets(list.clone(), ANSWER) {
                Ok(committed) if committed.elements().iter().all(|e| e.error().is_ok()) => {
                    return Some(committed);
                }
                Ok(_) => std::thread::sleep(Duration::from_millis(500)),
                Err(error) => {
                    tracing::warn!(source = self.source, %error, "kafka: the group does not say where it is");
                    std::thread::sleep(Duration::from_millis(500));
                }
            }
        }
        None
    }
}

/// The partitions of a list.
pub(crate) fn partitions(list: &TopicPartitionList) -> Vec<Partition> {
    let elements = list.elements();
    elements.iter().map(|e| Partition { topic: e.topic().to_owned(), partition: e.partition() }).collect()
}

/// The offset of a partition in a list of committed ones.
pub(crate) fn offset(committed: &TopicPartitionList, of: &Partition) -> Option<u64> {
    match committed.find_partition(&of.topic, of.partition)?.offset() {
        Offset::Offset(offset) => u64::try_from(offset).ok(),
        _ => None,
    }
}

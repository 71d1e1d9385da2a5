//! Whether a message that was read once is still there.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

/// How long a message may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether there is a message at or behind `offset`: asked with a consumer of its own, for the
/// ends that brokers report are not always exact. An empty wait counts as none.
pub(super) fn is_there(
    client: &ClientConfig,
    topic: &str,
    partition: i32,
    offset: u64,
) -> Result<bool, KafkaError> {
    let mut client = client.clone();
    client.set("auto.offset.reset", "error").set("statistics.interval.ms", "0");
    let consumer: BaseConsumer = client.create()?;
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, Offset::Offset(offset as i64))?;
    consumer.assign(&list)?;
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        match consumer.poll(Duration::from_secs(1)) {
            None => {}
            Some(Ok(message)) => return Ok(u64::try_from(message.offset()).is_ok_and(|at| at >= offset)),
            Some(Err(KafkaError::MessageConsumption(
                RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange,
            ))) => return Ok(false),
            Some(Err(error)) => return Err(error),
        }
    }
    Ok(false)
}

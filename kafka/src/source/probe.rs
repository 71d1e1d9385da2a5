//! Whether a message that was read once is still there.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message as _;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use super::leave;

/// How long the first answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// After the last message: for brokers that do not say where a partition ends.
const QUIET: Duration = Duration::from_secs(5);

/// Whether there is a message at or behind `offset` in a partition that ends at `high`, as its
/// broker says. It is asked with a consumer of its own, for not every broker is exact about
/// ends, and a wrong answer has a whole topic read again. `None`: there was no answer.
pub(super) fn is_there(
    client: &ClientConfig,
    topic: &str,
    partition: i32,
    offset: u64,
    high: u64,
) -> Result<Option<bool>, KafkaError> {
    let mut client = client.clone();
    client
        .set("auto.offset.reset", "error")
        .set("enable.partition.eof", "true")
        .set("statistics.interval.ms", "0");
    let consumer: BaseConsumer = client.create()?;
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, Offset::Offset(high.saturating_sub(1) as i64))?;
    consumer.assign(&list)?;
    let answer = read(&consumer, offset);
    leave::leave(consumer, topic, leave::PATIENCE);
    answer
}

fn read(consumer: &BaseConsumer, offset: u64) -> Result<Option<bool>, KafkaError> {
    let begin = Instant::now();
    let mut last = None;
    loop {
        match consumer.poll(Duration::from_millis(500)) {
            Some(Ok(message)) if u64::try_from(message.offset()).is_ok_and(|at| at >= offset) => {
                return Ok(Some(true));
            }
            Some(Ok(_)) => last = Some(Instant::now()),
            Some(Err(
                KafkaError::PartitionEOF(_)
                | KafkaError::MessageConsumption(
                    RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange,
                ),
            )) => return Ok(Some(false)),
            Some(Err(error)) => return Err(error),
            None if last.is_some_and(|last| last.elapsed() > QUIET) => return Ok(Some(false)),
            None if last.is_none() && begin.elapsed() > PATIENCE => return Ok(None),
            None => {}
        }
    }
}

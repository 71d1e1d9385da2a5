//! Messages that can never be stored: to a topic, or to the folder `dead`.

use std::time::Duration;

use headroom_ingest::{Intake, IntakeError};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::future_producer::DeliveryFuture;
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::batch::Poison;
use crate::context::Partition;

/// How long the dead-letter topic may take before the partition is paused: other partitions
/// wait for as long.
const PATIENCE: Duration = Duration::from_millis(500);

/// When a message is looked after that the topic has not confirmed.
const AGAIN: Duration = Duration::from_secs(1);

/// Where such messages go.
pub(crate) struct DeadLetters {
    /// The source, for the names of files.
    pub(crate) source: String,
    pub(crate) topic: Option<(FutureProducer, String)>,
}

/// A message that the topic does not have.
enum Unsent {
    /// It may have it later.
    Yet(String),
    /// It never takes it.
    Never(KafkaError),
}

impl DeadLetters {
    /// Keeps a message; when this returns `Ok` it is in the topic or on disk. While the topic
    /// cannot be reached the partition waits; if the topic refuses the message for good, waiting
    /// would stop the partition for ever, and the folder has it.
    pub(crate) async fn keep(
        &self,
        intake: &Intake,
        from: &Partition,
        poison: &mut Poison,
    ) -> Result<(), IntakeError> {
        let Partition { topic, partition } = from;
        if let Some((producer, name)) = &self.topic {
            match send(producer, name, from, poison).await {
                Ok(()) => {
                    let Poison { offset, reason, detail, .. } = poison;
                    count(topic, reason, "topic");
                    tracing::warn!(
                        topic,
                        partition,
                        offset,
                        reason,
                        detail,
                        to = name,
                        "kafka: a message cannot be stored, it was put into the dead-letter topic"
                    );
                    return Ok(());
                }
                Err(Unsent::Yet(why)) => {
                    let message = format!("the dead-letter topic {name} has not taken a message: {why}");
                    return Err(IntakeError::Later { message, wait: AGAIN });
                }
                Err(Unsent::Never(error)) => {
                    tracing::error!(%error, to = name, "kafka: the dead-letter topic refuses a message");
                }
            }
        }
        let Poison { offset, reason, detail, .. } = poison;
        // The same name each time: after a crash the file is written again and not twice.
        let name = format!("{}-{topic}-{partition}-{offset}.bin", self.source.replace('/', "-"));
        let path = intake.bury(name, poison.payload.clone()).await?;
        count(topic, reason, "folder");
        tracing::error!(
            topic, partition, offset, reason, detail, copy = %path.display(),
            "kafka: a message cannot be stored, it was put aside"
        );
        Ok(())
    }
}

fn count(topic: &str, reason: &'static str, to: &'static str) {
    metrics::counter!(
        "headroom_kafka_dead_letters_total", "topic" => topic.to_owned(), "reason" => reason, "to" => to
    )
    .increment(1);
}

/// Sends a message, or looks after the one that is under way.
async fn send(
    producer: &FutureProducer,
    to: &str,
    from: &Partition,
    poison: &mut Poison,
) -> Result<(), Unsent> {
    let patience = if poison.sent.is_some() { Duration::ZERO } else { PATIENCE };
    let mut sent = match poison.sent.take() {
        Some(sent) => sent,
        None => begin(producer, to, from, poison)?,
    };
    match tokio::time::timeout(patience, &mut sent).await {
        Ok(Ok(Ok(_))) => Ok(()),
        Ok(Ok(Err((error, _)))) => Err(unsent(error)),
        Ok(Err(_)) => Err(Unsent::Yet("the producer gave it up".to_owned())),
        Err(_) => {
            poison.sent = Some(sent);
            Err(Unsent::Yet("no answer yet".to_owned()))
        }
    }
}

fn begin(
    producer: &FutureProducer,
    to: &str,
    from: &Partition,
    poison: &Poison,
) -> Result<DeliveryFuture, Unsent> {
    let (partition, offset) = (from.partition.to_string(), poison.offset.to_string());
    let headers = [
        ("headroom.reason", poison.reason),
        ("headroom.detail", &poison.detail),
        ("headroom.topic", &from.topic),
        ("headroom.partition", &partition),
        ("headroom.offset", &offset),
    ];
    let headers = headers
        .iter()
        .fold(OwnedHeaders::new(), |all, (key, value)| all.insert(Header { key, value: Some(*value) }));
    let mut record: FutureRecord<'_, [u8], [u8]> =
        FutureRecord::to(to).payload(poison.payload.as_slice()).headers(headers);
    if let Some(key) = &poison.key {
        record = record.key(key);
    }
    producer.send_result(record).map_err(|(error, _)| unsent(error))
}

/// Whether sending it again can help.
fn unsent(error: KafkaError) -> Unsent {
    use RDKafkaErrorCode as Code;
    match error.rdkafka_error_code() {
        Some(
            Code::MessageSizeTooLarge
            | Code::MessageBatchTooLarge
            | Code::InvalidMessage
            | Code::InvalidRecord
            | Code::PolicyViolation
            | Code::InvalidTopic
            | Code::UnknownTopic
            | Code::UnknownTopicOrPartition
            | Code::UnknownPartition
            | Code::TopicAuthorizationFailed
            | Code::ClusterAuthorizationFailed,
        ) => Unsent::Never(error),
        _ => Unsent::Yet(error.to_string()),
    }
}

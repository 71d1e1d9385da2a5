//! Messages that can never be stored: to a topic, or to the folder `dead`.

use std::time::Duration;

use headroom_ingest::{Intake, IntakeError};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::util::Timeout;

use crate::batch::Poison;
use crate::context::Partition;

/// How long the dead-letter topic may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where such messages go.
pub(crate) struct DeadLetters {
    /// The source, for the names of files.
    pub(crate) source: String,
    pub(crate) topic: Option<(FutureProducer, String)>,
}

impl DeadLetters {
    /// Keeps a message; when this returns `Ok` it is in the topic or on disk. A topic that does
    /// not take it must not stop the partition: then the folder has it.
    pub(crate) async fn keep(
        &self,
        intake: &Intake,
        from: &Partition,
        poison: &Poison,
    ) -> Result<(), IntakeError> {
        let Partition { topic, partition } = from;
        let Poison { offset, reason, detail, .. } = poison;
        if let Some((producer, name)) = &self.topic {
            match send(producer, name, from, poison).await {
                Ok(()) => {
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
                Err(error) => {
                    tracing::error!(%error, to = name, "kafka: the dead-letter topic does not take a message");
                }
            }
        }
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

async fn send(
    producer: &FutureProducer,
    to: &str,
    from: &Partition,
    poison: &Poison,
) -> Result<(), rdkafka::error::KafkaError> {
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
    producer.send(record, Timeout::After(PATIENCE)).await.map(|_| ()).map_err(|(error, _)| error)
}

//! A batch into the log, whatever it takes.

use std::time::Duration;

use headroom_ingest::log::Position;
use headroom_ingest::{Intake, IntakeError, Signal};

use crate::batch::Batch;
use crate::context::Partition;
use crate::dead::DeadLetters;

/// How many messages are put aside at once.
const AT_ONCE: usize = 64;

/// Why a batch is not in the log yet. What is left of it is to be tried again.
#[derive(Debug)]
pub(crate) enum Unstored {
    /// There is no room now.
    Later {
        /// Why.
        message: String,
        /// When to try again.
        wait: Duration,
    },
    /// The ingester is gone.
    Stopped,
}

/// Where batches go.
pub(crate) struct Store {
    pub(crate) intake: Intake,
    pub(crate) dead: DeadLetters,
    pub(crate) source: String,
}

impl Store {
    /// Takes all of a batch. Everything before `next` is on disk then, also when this fails
    /// half-way: in the log, in the dead-letter topic, or in the folder `dead`.
    pub(crate) async fn take(
        &self,
        from: &Partition,
        tenant: &str,
        signal: Signal,
        batch: &mut Batch,
        next: &mut Option<u64>,
    ) -> Result<(), Unstored> {
        let mut most = usize::MAX;
        loop {
            // Put aside first: the position in the log passes over them.
            while !batch.poison.is_empty() {
                let some = batch.poison.iter_mut().take(AT_ONCE);
                let kept = some.map(|poison| self.dead.keep(&self.intake, from, poison));
                let mut kept = futures::future::join_all(kept).await;
                // Those that are kept stay so, whatever became of the others.
                let mut at = kept.iter();
                batch.poison.retain(|_| at.next().is_none_or(Result::is_err));
                if let Some(failed) = kept.iter().position(Result::is_err) {
                    kept.swap_remove(failed).map_err(unstored)?;
                }
            }
            let Some(head) = batch.head(most) else { return Ok(()) };
            let position = Position {
                source: &self.source,
                topic: &from.topic,
                partition: from.partition,
                from_offset: head.from_offset,
                to_offset: head.to_offset,
            };
            match self.intake.take(tenant, signal, head.payload, Some(&position)).await {
                Ok(taken) => {
                    if taken.rejected > 0 {
                        tracing::debug!(
                            topic = from.topic,
                            offset = head.from_offset,
                            rejected = taken.rejected,
                            message = taken.message,
                            "kafka: records of messages were rejected"
                        );
                    }
                    let messages = batch.drop_before(head.to_offset) as u64;
                    if !taken.was_known {
                        metrics::counter!("headroom_kafka_messages_total", "topic" => from.topic.clone())
                            .increment(messages);
                    }
                    *next = Some(head.to_offset);
                }
                Err(IntakeError::Overlap { next: known }) => {
                    batch.drop_before(known);
                    *next = Some(known);
                }
                Err(IntakeError::Never(detail)) => match most.min(batch.len()) {
                    _ if batch.find_malformed(signal) > 0 => {}
                    0 => return Err(unstored(IntakeError::Never(detail))),
                    1 => batch.refuse_first(&detail),
                    // Not one of them is at fault, but all together are too large.
                    some => most = some / 2,
                },
                Err(error) => return Err(unstored(error)),
            }
        }
    }
}

fn unstored(error: IntakeError) -> Unstored {
    match error {
        IntakeError::Later { message, wait } => Unstored::Later { message, wait },
        IntakeError::Stopped => Unstored::Stopped,
        // Not an answer to keeping a message or moving the position, which is all that is left.
        IntakeError::Never(_) | IntakeError::Overlap { .. } => {
            Unstored::Later { message: error.to_string(), wait: Duration::from_secs(10) }
        }
    }
}

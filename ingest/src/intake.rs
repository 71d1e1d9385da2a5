//! The way in for sources that are no OTLP clients.
//!
//! A source that keeps its own place (a Kafka consumer) gives its [`Position`] with the data.
//! Both are in one log record, so after a crash [`Intake::position`] says exactly where to go
//! on: nothing is taken twice by this log, and nothing is left out.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::body::Encoding;
use crate::log::{Placed, Position};
use crate::receive::{Format, Outcome, Receive};
use crate::refusal::{Refusal, Why};
use crate::signal::Signal;

/// A way in. It keeps nothing alive: when the ingester is gone, everything is refused.
#[derive(Clone)]
pub struct Intake {
    receive: Arc<Receive>,
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Intake")
    }
}

/// What became of data that was taken.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Records that were rejected; they are kept in the table `rejected`.
    pub rejected: u64,
    /// What is wrong with them; empty when nothing is.
    pub message: String,
    /// It had been taken before, and nothing was done now.
    pub was_known: bool,
}

/// Data that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// There is no room, the tenant is over its rate, or the disk fails.
    #[error("{message}")]
    Later {
        /// Why.
        message: String,
        /// When to try again.
        wait: Duration,
    },
    /// It will never be taken: it is no request of the signal, or too large.
    #[error("{0}")]
    Never(String),
    /// A part of the range was taken before.
    #[error("offsets before {next} were taken before: send the rest without them")]
    Overlap {
        /// The next offset to be taken.
        next: u64,
    },
    /// The ingester is stopping, or stopped.
    #[error("the service is stopping")]
    Stopped,
}

impl From<Refusal> for IntakeError {
    fn from(refusal: Refusal) -> Self {
        match (refusal.why, refusal.retry_after()) {
            (Why::Stopping, _) => Self::Stopped,
            (_, Some(seconds)) => {
                Self::Later { message: refusal.message, wait: Duration::from_secs(seconds) }
            }
            (_, None) => Self::Never(refusal.message),
        }
    }
}

impl Intake {
    pub(crate) fn new(receive: Arc<Receive>) -> Self {
        Self { receive }
    }

    /// Takes an `Export*ServiceRequest` in protobuf (several, one behind the other, are one).
    /// When this returns `Ok`, its good records and `position` are on disk. An empty payload
    /// moves the position alone.
    pub async fn take(
        &self,
        tenant: &str,
        signal: Signal,
        payload: Vec<u8>,
        position: Option<&Position<'_>>,
    ) -> Result<Taken, IntakeError> {
        if let Some(at) = position
            && at.from_offset < at.to_offset
            && self.position(at.source, at.topic, at.partition)?.is_some_and(|next| at.to_offset <= next)
        {
            return Ok(Taken { was_known: true, ..Taken::default() });
        }
        let (outcome, placed) =
            self.receive_from(tenant, signal, payload, position).await.map_err(|refusal| {
                // A bucket is full whenever it is made, so the time of a tenant's first refusal is
                // of no account.
                let refusal = match refusal.tenant {
                    None => refusal.of(&self.receive.tenants.get(tenant, 0)),
                    Some(_) => refusal,
                };
                self.receive.tenants.count("intake", &refusal);
                self.receive.counts.refused.fetch_add(1, Ordering::Relaxed);
                refusal
            })?;
        match placed {
            Placed::Overlap { next } => Err(IntakeError::Overlap { next }),
            Placed::Stored | Placed::Past => Ok(Taken {
                rejected: outcome.rejected,
                message: outcome.message,
                was_known: placed == Placed::Past,
            }),
        }
    }

    /// What would become of data, without taking it: by the rules of now, rates aside.
    pub fn judge(&self, tenant: &str, signal: Signal, payload: Vec<u8>) -> Result<Taken, IntakeError> {
        let census = self.receive.judge(tenant, signal, payload)?;
        Ok(Taken { rejected: census.rejected, message: census.message(), was_known: false })
    }

    async fn receive_from(
        &self,
        tenant: &str,
        signal: Signal,
        payload: Vec<u8>,
        position: Option<&Position<'_>>,
    ) -> Result<(Outcome, Placed), Refusal> {
        if payload.len() > self.max_bytes() {
            return Err(Refusal::too_large(self.max_bytes(), "as protobuf"));
        }
        let (admitted, mut grant) = self.receive.admit_source(tenant, payload.len() as u64)?;
        grant.grow(payload.len())?;
        let (protobuf, identity) = (Format::Protobuf, Encoding::Identity);
        self.receive.take_from(admitted, signal, protobuf, identity, payload, grant, position).await
    }

    /// The next offset of a partition; `None` if nothing of it was ever taken.
    pub fn position(&self, source: &str, topic: &str, partition: i32) -> Result<Option<u64>, IntakeError> {
        Ok(self.receive.log()?.position(source, topic, partition))
    }

    /// The most bytes of one [`Intake::take`].
    pub fn max_bytes(&self) -> usize {
        self.receive.max_body_bytes
    }

    /// Keeps bytes that can never be taken, under `name` in the folder `dead`; on disk when
    /// this returns.
    pub async fn bury(&self, name: String, bytes: Vec<u8>) -> Result<PathBuf, IntakeError> {
        let log = self.receive.log()?;
        let buried = tokio::task::spawn_blocking(move || log.bury(&name, &bytes)).await;
        let later = |e: crate::log::LogError| IntakeError::Later {
            message: e.to_string(),
            wait: Duration::from_secs(10),
        };
        buried.map_err(|_| IntakeError::Stopped)?.map_err(later)
    }
}

//! The audit trail of a node: a signed checkpoint each hour and at the end, and once a day the whole trail again.

use crate::config::Config;
use anyhow::Result;
use chrono::TimeDelta;
use headroom_control::{AuditStatus, Checkpoint, CheckpointFile, Control, ControlError, NoteKey};
use headroom_store::Clock;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// How often new rows are signed.
const EVERY: Duration = Duration::from_hours(1);
/// How often the whole trail is recomputed.
const WHOLE_EVERY: TimeDelta = TimeDelta::days(1);
/// Rest between the pages of a whole round, which is in no hurry.
const REST: Duration = Duration::from_millis(50);

/// What signs the trail of a node, and where its checkpoints go.
#[derive(Clone)]
pub(crate) struct Signer {
    control: Control,
    key: Arc<NoteKey>,
    file: Option<CheckpointFile>,
}

impl Signer {
    /// The signer of a configuration; a key is made if there is none.
    pub(crate) fn open(config: &Config, control: Control) -> Result<Self> {
        let key = NoteKey::kept_in(&config.audit_key_file(), &config.audit_origin())?;
        Ok(Self {
            control,
            key: Arc::new(key),
            file: config.audit.checkpoints.as_deref().map(CheckpointFile::at),
        })
    }

    /// Signs the rows since the last checkpoint, and completes the file of checkpoints; returns those that it had.
    pub(crate) fn sign(&self, clock: &dyn Clock) -> Result<Vec<Checkpoint>, ControlError> {
        self.control.audit_checkpoint(&self.key, clock.now())?;
        self.file.as_ref().map_or(Ok(Vec::new()), |file| file.catch_up(&self.control, self.key.public()))
    }

    /// A text as a note that this key has signed.
    pub(crate) fn note(&self, text: &str) -> String {
        self.key.sign(text)
    }

    /// Signs, and recomputes the whole trail when it is time.
    fn round(&self, clock: &dyn Clock) -> Result<AuditStatus, ControlError> {
        let signed = self.sign(clock);
        let status = self.control.audit_status()?;
        let now = clock.now();
        if status.recomputed_at.is_some_and(|at| now - at < WHOLE_EVERY) {
            return signed.map(|_| status);
        }
        let kept = self.file.as_ref().map_or(Ok(Vec::new()), |file| match file.read(self.key.public()) {
            Ok(kept) => Ok(kept),
            Err(_) if signed.is_err() => Ok(Vec::new()),
            Err(error) => Err(error),
        })?;
        let status = self.control.audit_round(&kept, || std::thread::sleep(REST), now)?;
        signed.map(|_| status)
    }

    /// Works until it is stopped, while its control state leads.
    pub(super) fn keep(self, clock: Arc<dyn Clock>, stop: CancellationToken) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    () = stop.cancelled() => break,
                    _ = ticks.tick() => {}
                }
                if self.control.leads(clock.now()) {
                    let (signer, clock) = (self.clone(), Arc::clone(&clock));
                    // A round that is broken off has changed nothing.
                    tokio::select! {
                        () = stop.cancelled() => break,
                        done = spawn_blocking(move || signer.round(clock.as_ref())) => told(done),
                    }
                }
            }
            if self.control.leads(clock.now()) {
                told(
                    spawn_blocking(move || {
                        self.sign(clock.as_ref())?;
                        self.control.audit_status()
                    })
                    .await,
                );
            }
        })
    }
}

fn told(done: Result<Result<AuditStatus, ControlError>, tokio::task::JoinError>) {
    let intact = metrics::gauge!("headroom_audit_intact");
    match done {
        Ok(Ok(status)) => {
            intact.set(f64::from(u8::from(status.broken.is_none())));
            if let Some(broken) = status.broken {
                tracing::error!(
                    broken,
                    "the audit trail was tampered with; `headroom audit verify` says more"
                );
            }
            if let Some(newest) = status.checkpoint {
                let at = newest.at.timestamp() as f64;
                metrics::gauge!("headroom_audit_checkpoint_timestamp_seconds").set(at);
                metrics::gauge!("headroom_audit_checkpoint_rows").set(newest.size as f64);
            }
        }
        Ok(Err(error)) => {
            if matches!(error, ControlError::AuditBroken { .. }) {
                intact.set(0.0);
            }
            tracing::error!(%error, "the audit trail was not signed");
        }
        Err(error) => tracing::error!(%error, "the audit trail was not signed"),
    }
}

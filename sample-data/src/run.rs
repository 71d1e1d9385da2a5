//! The run: history first, then real time.

use tokio_util::sync::CancellationToken;

use crate::{Ledger, Phase, Progress, Result, SampleConfig};

/// Generates the platform's telemetry and sends it to `cfg.endpoint`: the
/// history first, then, when `cfg.live`, in real time until `cancel` fires.
/// Returns the account of what the receiver acknowledged.
pub async fn run(
    cfg: SampleConfig,
    progress: impl Fn(Progress),
    cancel: CancellationToken,
) -> Result<Ledger> {
    progress(Progress { done: 0, total: 0, phase: Phase::Backfill, simulated_time: cfg.start() });
    if cfg.live {
        cancel.cancelled().await;
    }
    Ok(Ledger::default())
}

//! The run: history first, then real time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::clock::{floor_minute, nanos};
use crate::platform::Platform;
use crate::record::Batch;
use crate::ship::Shipper;
use crate::{Ledger, Phase, Progress, Result, SampleConfig, SampleError};

/// Simulated minutes after which history is sent even in small requests.
const FLUSH_EVERY: u64 = 6 * 60;
/// How often live records are sent.
const TICK: Duration = Duration::from_secs(2);

/// Generates the platform's telemetry and sends it to `cfg.endpoint`: the
/// history first, then, when `cfg.live`, in real time until `cancel` fires.
/// Live time starts at `cfg.now` and runs with the clock from the call on, so
/// what passed during the backfill is caught up at once.
/// Returns the account of what the receiver acknowledged.
pub async fn run(
    cfg: SampleConfig,
    progress: impl Fn(Progress),
    cancel: CancellationToken,
) -> Result<Ledger> {
    check(&cfg)?;
    let begun = Instant::now();
    let mut platform = Platform::new(&cfg);
    let mut shipper = Shipper::new(&cfg, platform.topology(), cancel.clone())?;
    backfill(&cfg, &mut platform, &mut shipper, &progress, &cancel).await?;
    if cfg.live && !cancel.is_cancelled() {
        live(&cfg, begun, &mut platform, &mut shipper, &progress, &cancel).await?;
    }
    shipper.settle().await
}

fn check(cfg: &SampleConfig) -> Result<()> {
    let ramp = cfg.ramp.map(|ramp| [("ramp.from", ramp.from), ("ramp.to", ramp.to)]);
    let rates =
        [("rate", cfg.rate), ("backfill_traces_per_minute", cfg.backfill_traces_per_minute)].into_iter();
    for (name, value) in rates.chain(ramp.into_iter().flatten()) {
        if !(value.is_finite() && (0.0..=10_000.0).contains(&value)) {
            let hint = "give a number from 0 to 10000";
            return Err(SampleError::Setting { name, value: value.to_string(), hint });
        }
    }
    Ok(())
}

async fn backfill(
    cfg: &SampleConfig,
    platform: &mut Platform,
    shipper: &mut Shipper,
    progress: &impl Fn(Progress),
    cancel: &CancellationToken,
) -> Result<()> {
    let end = floor_minute(cfg.now);
    let total = (end - platform.time()).num_minutes().max(0) as u64;
    for done in 1..=total {
        if cancel.is_cancelled() {
            return Ok(());
        }
        shipper.add(platform.minute()).await?;
        if done % FLUSH_EVERY == 0 {
            shipper.flush().await?;
        }
        if done % 60 == 0 || done == total {
            progress(Progress { done, total, phase: Phase::Backfill, simulated_time: platform.time() });
        }
    }
    shipper.flush().await?;
    shipper.settle().await.map(|_| ())
}

async fn live(
    cfg: &SampleConfig,
    begun: Instant,
    platform: &mut Platform,
    shipper: &mut Shipper,
    progress: &impl Fn(Progress),
    cancel: &CancellationToken,
) -> Result<()> {
    platform.go_live();
    let (mut waiting, mut minutes) = (Batch::default(), 0);
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = cancel.cancelled() => return Ok(()),
        }
        let now = cfg.now + begun.elapsed();
        while platform.time() <= now {
            let batch = platform.minute();
            waiting.spans.extend(batch.spans);
            waiting.logs.extend(batch.logs);
            waiting.points.extend(batch.points);
            minutes += 1;
            progress(Progress { done: minutes, total: minutes, phase: Phase::Live, simulated_time: now });
        }
        shipper.add(due(&mut waiting, now)).await?;
        shipper.flush().await?;
    }
}

/// Takes out of `waiting` what has happened by `now`; a span happens at its end.
fn due(waiting: &mut Batch, now: DateTime<Utc>) -> Batch {
    let (limit, end) = (nanos(now), now.into());
    Batch {
        spans: waiting.spans.extract_if(.., |s| s.data.end_time <= end).collect(),
        logs: waiting.logs.extract_if(.., |l| l.ts <= limit).collect(),
        points: waiting.points.extract_if(.., |p| p.ts <= limit).collect(),
    }
}

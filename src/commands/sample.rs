//! `headroom sample`: the sample platform, sending over OTLP to any receiver.

use super::{interrupted, print};
use crate::cli::{Output, PlatformArgs, SampleArgs};
use anyhow::{Context as _, Result, bail};
use chrono::Utc;
use headroom_sample_data::{Ledger, Limits, Progress, Ramp, SampleConfig};
use indicatif::{ProgressBar, ProgressStyle};
use std::process::ExitCode;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub(super) async fn run(args: SampleArgs, output: Output) -> Result<ExitCode> {
    if args.backfill.is_none() && !args.live {
        bail!("nothing to send: give --backfill 14d, --live, or both");
    }
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    tokio::spawn(async move {
        let _ = interrupted().await;
        stop.cancel();
    });
    let mut config = config(args.endpoint, args.token, &args.platform, args.backfill, args.live)?;
    config.ramp =
        args.ramp.map(|ramp| Ramp { over: args.ramp_over.or(args.backfill).unwrap_or(ramp.over), ..ramp });
    let bar = Bar::new();
    let ledger: Ledger = headroom_sample_data::run(config, |progress| bar.show(&progress), cancel).await?;
    bar.finish();
    print(output, &ledger, ToString::to_string)?;
    Ok(ExitCode::SUCCESS)
}

/// What the generator is told.
pub(super) fn config(
    endpoint: String,
    token: Option<String>,
    platform: &PlatformArgs,
    backfill: Option<Duration>,
    live: bool,
) -> Result<SampleConfig> {
    let mut config = SampleConfig::new(endpoint, Utc::now());
    config.token = token;
    config.seed = platform.seed;
    config.backfill = backfill;
    config.live = live;
    config.backfill_traces_per_minute = platform.backfill_rate;
    config.incidents = !platform.no_incidents;
    if let Some(file) = &platform.limits {
        let name = file.display().to_string();
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read the limits in {name}"))?;
        config.limits = Limits::parse(&name, &text)?;
    }
    config.rate = platform.rate.unwrap_or_else(|| config.matching_rate());
    Ok(config)
}

/// A progress bar on a terminal, a plain line now and then when piped.
pub(super) struct Bar {
    bar: ProgressBar,
    plain: bool,
    last: std::sync::atomic::AtomicU64,
}

impl Bar {
    pub(super) fn new() -> Self {
        let plain = !std::io::IsTerminal::is_terminal(&std::io::stderr());
        let bar = if plain { ProgressBar::hidden() } else { ProgressBar::new(0) };
        if let Ok(style) =
            ProgressStyle::with_template("{msg:32} [{bar:30}] {percent:>3} %  {elapsed} left {eta}")
        {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar, plain, last: std::sync::atomic::AtomicU64::new(0) }
    }

    pub(super) fn show(&self, progress: &Progress) {
        self.bar.set_length(progress.total);
        self.bar.set_position(progress.done);
        self.bar.set_message(progress.phase.to_string());
        if self.plain && progress.total > 0 {
            let tenth = progress.done * 10 / progress.total;
            if self.last.fetch_max(tenth, std::sync::atomic::Ordering::Relaxed) < tenth {
                eprintln!("{}: {} %", progress.phase, tenth * 10);
            }
        }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

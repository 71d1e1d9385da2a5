//! `headroom demo`: everything on this machine, with a sample platform sending data.
//!
//! The first run creates accounts and tokens, fills in the platform's history over OTLP and writes
//! `demo.json` when it is ready; later runs go on from there.

mod folder;

use super::{interrupted, sample};
use crate::cli::{DemoArgs, NodeRole};
use crate::node::Node;
use crate::telemetry::Telemetry;
use anyhow::{Context as _, Result};
use folder::{Description, Folder};
use headroom_sample_data::{Phase, SampleConfig};
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(super) async fn run(args: DemoArgs) -> Result<ExitCode> {
    let folder = Folder::open(&args)?;
    let config = folder.config()?;
    let telemetry = Telemetry::install(&config.telemetry)?;
    eprintln!("headroom: starting in {}", config.data_dir.display());
    // Objectives and forecasts read history: they start once it is there.
    let node = Node::start(&config, &[NodeRole::Ingest, NodeRole::Query, NodeRole::Web], &telemetry)
        .await
        .map_err(with_the_way_out)?;
    // Only now that the folder is ours: an earlier demo.json would point at what no longer answers.
    folder.retract();
    let description = folder.describe(&node)?;

    let cancel = CancellationToken::new();
    let mut platform = None;
    if !args.no_sample {
        let (ready, history_is_in) = oneshot::channel();
        let config = sample_config(&args, &folder, &description)?;
        let task = tokio::spawn(send(config, ready, cancel.clone()));
        tokio::select! {
            sent = history_is_in => if sent.is_err() {
                // The sender ended before its history was in; its own error says why.
                return Err(task.await.context("the sample platform")?.err().unwrap_or_else(|| anyhow::anyhow!("the sample platform ended early")));
            },
            result = interrupted() => {
                result?;
                cancel.cancel();
                let _ = task.await;
                node.drain().await;
                return Ok(ExitCode::SUCCESS);
            }
        }
        // Objectives count slices of what is stored: what is still in the log would look like silence.
        if !node.settled(Duration::from_mins(5)).await {
            tracing::warn!("the history is not all in the store yet; objectives catch up within minutes");
        }
        folder.history_is_in()?;
        platform = Some(task);
    }
    node.start_loops(&[NodeRole::Alerts, NodeRole::Models, NodeRole::Probes])?;
    folder.publish(&description)?;
    // Whoever started it may read the first lines and go; the demo stays.
    let _ = write!(std::io::stdout(), "{description}");

    interrupted().await?;
    eprintln!("headroom: stopping; everything acknowledged is kept");
    cancel.cancel();
    if let Some(task) = platform {
        finish(task).await;
    }
    node.drain().await;
    folder.retract();
    telemetry.flush();
    Ok(ExitCode::SUCCESS)
}

/// A configuration file would say which ports to take; of a demo the command line does.
fn with_the_way_out(error: anyhow::Error) -> anyhow::Error {
    if format!("{error:#}").contains("Address already in use") {
        return error.context("a port is taken: choose others with --ports-from, as in --ports-from 20000");
    }
    error
}

/// The platform's settings: history only on the first run.
fn sample_config(args: &DemoArgs, folder: &Folder, description: &Description) -> Result<SampleConfig> {
    let backfill = (!folder.has_history()).then_some(args.backfill);
    let (endpoint, token) = description.ingest();
    let config = sample::config(endpoint, Some(token), &args.platform, backfill, true)?;
    Ok(SampleConfig { continues: folder.has_history(), ..config })
}

/// Runs the platform; `ready` is told when history is in and live time begins.
async fn send(config: SampleConfig, ready: oneshot::Sender<()>, cancel: CancellationToken) -> Result<()> {
    let ready = Mutex::new(Some(ready));
    let bar = sample::Bar::new();
    let ledger = headroom_sample_data::run(
        config,
        |progress| {
            if progress.phase == Phase::Backfill {
                return bar.show(&progress);
            }
            if let Some(ready) = ready.lock().expect("no holder panics").take() {
                bar.finish();
                let _ = ready.send(());
            }
        },
        cancel,
    )
    .await?;
    tracing::info!("sample platform sent {ledger}");
    Ok(())
}

async fn finish(task: JoinHandle<Result<()>>) {
    match task.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!("the sample platform ended with an error: {error:#}"),
        Err(error) => tracing::warn!(%error, "the sample platform broke off"),
    }
}

//! `headroom serve`: a node, until it is told to stop.

use super::interrupted;
use crate::cli::ServeArgs;
use crate::config::load;
use crate::node::Node;
use crate::telemetry::Telemetry;
use anyhow::Result;
use std::process::ExitCode;

pub(super) async fn run(args: ServeArgs) -> Result<ExitCode> {
    let config = load::load(&args.config.config)?;
    let telemetry = Telemetry::install(&config.telemetry)?;
    let node = Node::start(&config, &args.role, &telemetry).await?;
    for (what, address) in node.addresses() {
        tracing::info!("{what} on {address}");
    }
    interrupted().await?;
    tracing::info!("draining");
    node.drain().await;
    telemetry.flush();
    Ok(ExitCode::SUCCESS)
}

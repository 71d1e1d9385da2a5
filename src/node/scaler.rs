//! The door that autoscalers ask.

use anyhow::{Context as _, Result};
use headroom_models::PlanBoard;
use headroom_scaler::{Desk, Policy, ScalerConfig, serve};
use std::net::TcpListener;
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Tells the plans of `board` until `closed`.
pub(super) fn start(
    config: &ScalerConfig,
    board: Arc<PlanBoard>,
    policy: Policy,
    closed: CancellationToken,
) -> Result<JoinHandle<()>> {
    let listen = config.listen;
    let bound = TcpListener::bind(listen)
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .and_then(tokio::net::TcpListener::from_std);
    let listener = bound.with_context(|| {
        format!("cannot listen on {listen} (scaler): stop the other program or set scaler.listen")
    })?;
    tracing::info!(addr = %listen, tls = config.tls.is_some(), "answering autoscalers");
    if config.tls.is_none() && !listen.ip().is_loopback() {
        tracing::warn!("autoscalers are answered in clear: set scaler.tls, or let only them reach {listen}");
    }
    let (desk, tls) = (Arc::new(Desk::new(board, policy)), config.tls.clone());
    Ok(tokio::spawn(async move {
        if let Err(error) = serve(listener, tls.as_ref(), desk, closed).await {
            tracing::error!(%error, "autoscalers are not answered");
        }
    }))
}

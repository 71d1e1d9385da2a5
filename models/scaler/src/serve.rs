//! Listens for KEDA.
//!
//! KEDA sends no token: who may connect is decided by mutual TLS, by the network, or both. All its ScaledObjects
//! share one connection, with two long streams for each trigger of type external-push, so a connection may have as
//! many streams as the policy allows, and calls besides. A peer that is gone is noticed by HTTP/2 pings, and its
//! streams end.

use std::sync::Arc;
use std::time::Duration;

use headroom_tls::{Keys, TlsError, TlsFiles, TlsListener};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;

use crate::desk::Desk;
use crate::keda::external_scaler;

/// Calls that a connection may have under way beside the streams.
const CALLS: usize = 1024;

/// How often a silent peer is asked whether it is there, and how long it has to answer.
const PING: Duration = Duration::from_secs(30);
const PONG: Duration = Duration::from_secs(20);

/// Why the scaler does not listen, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A file of TLS cannot be used.
    #[error("scaler.tls: {0}")]
    Tls(#[from] TlsError),
    /// The server failed.
    #[error("the scaler's port: {0}")]
    Server(#[from] tonic::transport::Error),
}

/// Serves the external scaler, and the doors over HTTP beside it, on `listener` until `stop` is cancelled and the
/// calls under way are answered. The files of `tls` are read before the first connection, and again when they change.
///
/// # Errors
/// [`ServeError`]: a file that cannot be used, at once; or a server that failed.
pub async fn serve(
    listener: TcpListener,
    tls: Option<&TlsFiles>,
    desk: Arc<Desk>,
    stop: CancellationToken,
) -> Result<(), ServeError> {
    let streams = desk.policy().max_streams.saturating_add(CALLS).min(u32::MAX as usize);
    let router = Server::builder()
        .max_concurrent_streams(Some(streams as u32))
        .http2_keepalive_interval(Some(PING))
        .http2_keepalive_timeout(Some(PONG))
        .accept_http1(true)
        .add_routes(
            Routes::from(crate::http::router(Arc::clone(&desk)))
                .add_service(external_scaler(desk, stop.clone())),
        );
    let ended = stop.clone().cancelled_owned();
    match tls {
        None => router.serve_with_incoming_shutdown(TcpListenerStream::new(listener), ended).await?,
        Some(files) => {
            let refused =
                |peer, why| tracing::warn!(%peer, ?why, "a connection to the scaler's port was not let in");
            let secured = TlsListener::start(listener, Keys::load(files, headroom_tls::HTTP)?, refused);
            let connections = futures::stream::unfold(secured, async |mut secured| {
                let (connection, _) = secured.accept().await;
                Some((Ok::<_, std::io::Error>(connection), secured))
            });
            router.serve_with_incoming_shutdown(connections, ended).await?;
        }
    }
    Ok(())
}

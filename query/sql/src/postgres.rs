//! The Postgres front: psql, notebooks and BI tools come in here.
//!
//! Each socket has a [`connection::Connection`] of its own, with its own SCRAM state, its
//! own settings and its own read-only session. A statement's rows go through a stream
//! that owns the deadline, the limits and the cancellation, so that all three also hold
//! while rows are running.

mod ask;
mod cancel;
mod command;
mod connection;
mod copy;
mod cursor;
mod encode;
mod errors;
mod extended;
mod json;
mod local;
mod names;
mod numeric;
mod parameters;
mod query;
mod several;
mod startup;

use std::net::SocketAddr;
use std::sync::Arc;

use headroom_tls::Keys;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::SqlDoor;
use crate::auth::Authenticator;
use crate::error::Result;
use crate::listen::{Open, Opening};
use connection::{Connection, Server};
pub(crate) use local::{default_of, defaults};

/// A running Postgres front.
#[derive(Debug)]
pub struct PgServer {
    addr: SocketAddr,
    accepting: JoinHandle<()>,
}

impl PgServer {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Waits until it has stopped: the token was cancelled and every connection is closed.
    pub async fn stopped(self) {
        if let Err(error) = self.accepting.await {
            tracing::error!(%error, "the postgres front ended badly");
        }
    }
}

impl SqlDoor {
    /// Listens for Postgres clients until `stop`.
    ///
    /// # Errors
    /// Refuses an address off loopback without a certificate, a certificate or key that
    /// cannot be read, and an address that is taken.
    pub async fn serve_postgres(
        &self,
        listen: SocketAddr,
        users: Arc<dyn Authenticator>,
        stop: CancellationToken,
    ) -> Result<PgServer> {
        let opening = Opening { what: "postgres", setting: "sql.listen", protocols: &[b"postgresql"] };
        let Open { listener, addr, keys } = opening.open(listen, self.inner.config()).await?;
        let tls_required = !listen.ip().is_loopback();
        let server = Arc::new(Server::new(self.inner.clone(), users, tls_required, stop.clone()));
        Ok(PgServer { addr, accepting: tokio::spawn(accept(listener, server, keys, stop)) })
    }
}

async fn accept(listener: TcpListener, server: Arc<Server>, mut tls: Option<Keys>, stop: CancellationToken) {
    let open = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a postgres connection");
                // Out of file handles: give the others time to close theirs.
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                continue;
            }
        };
        let (server, tls, stop) = (server.clone(), tls.as_mut().map(Keys::acceptor), stop.clone());
        open.spawn(async move {
            let connection = Connection::new(server);
            let served = tokio::select! {
                () = stop.cancelled() => return,
                () = connection.failed() => return,
                () = connection.never_logged_in() => return,
                served = pgwire::tokio::process_socket(socket, tls, connection.clone()) => served,
            };
            if let Err(error) = served {
                tracing::debug!(%peer, %error, "a postgres connection ended");
            }
        });
    }
    open.close();
    open.wait().await;
}

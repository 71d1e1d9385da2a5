//! The Flight SQL front: ADBC, JDBC and notebooks read answers as Arrow here, without a row in between.
//!
//! Of a protocol with some sixty commands this speaks the reading half:
//!
//! - `connection` serves sockets over HTTP/2, and hangs up on those who never sign in.
//! - `sign_in` finds out who makes each call, by the token in its header, before its body is read.
//! - `service` is the protocol: which message asks for what.
//! - `statement` plans and runs; `parameters` are the values of prepared statements, `markers` their places in the text.
//! - `handles` keeps what clients come back for: tickets and prepared statements, each its owner's alone.
//! - `metadata` lists catalogs, tables and types; `answer` puts rows into messages; `status` says what went wrong.

mod answer;
mod connection;
mod handles;
mod markers;
mod metadata;
mod parameters;
mod service;
mod sign_in;
mod statement;
mod status;

use std::net::SocketAddr;
use std::sync::Arc;

use headroom_tls::TlsListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::SqlDoor;
use crate::auth::Bearers;
use crate::error::Result;
use crate::listen::{Open, Opening};
use connection::{Front, serve};

/// A running Flight SQL front.
#[derive(Debug)]
pub struct FlightServer {
    addr: SocketAddr,
    accepting: JoinHandle<()>,
}

impl FlightServer {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Waits until it has stopped: the token was cancelled and every connection is closed.
    pub async fn stopped(self) {
        if let Err(error) = self.accepting.await {
            tracing::error!(%error, "the flight sql front ended badly");
        }
    }
}

impl SqlDoor {
    /// Listens for Flight SQL clients until `stop`.
    ///
    /// # Errors
    /// Refuses an address off loopback without a certificate, a certificate or key that
    /// cannot be read, and an address that is taken.
    pub async fn serve_flight(
        &self,
        listen: SocketAddr,
        bearers: Arc<dyn Bearers>,
        stop: CancellationToken,
    ) -> Result<FlightServer> {
        let opening = Opening { what: "flight sql", setting: "sql.flight_listen", protocols: &[b"h2"] };
        let Open { listener, addr, keys } = opening.open(listen, self.inner.config()).await?;
        let front = Front::new(self.inner.clone(), bearers, stop);
        let accepting = match keys {
            None => tokio::spawn(serve(listener, front)),
            Some(keys) => tokio::spawn(serve(TlsListener::start(listener, keys, |_, _| ()), front)),
        };
        Ok(FlightServer { addr, accepting })
    }
}

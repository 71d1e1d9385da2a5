//! Why the ingester cannot start.

use std::io;
use std::net::SocketAddr;

use crate::log::LogError;

/// The ingester cannot start or stop.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The durable log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A port is taken.
    #[error("port {port} is in use ({what}): stop the other program or set ingest.{what}_listen")]
    PortInUse {
        /// The port.
        port: u16,
        /// `grpc` or `http`.
        what: &'static str,
    },
    /// An address cannot be listened on.
    #[error("cannot listen on {address} ({what}): {source}; set ingest.{what}_listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// `grpc` or `http`.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A setting makes no sense.
    #[error("ingest.{setting}: {what}")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// A file of `ingest.tls` cannot be used.
    #[error("ingest.tls: {0}")]
    Tls(#[from] headroom_tls::TlsError),
    /// The contracts of `ingest.contracts.dir` cannot be used.
    #[error("ingest.contracts.dir: {0}")]
    Contracts(#[from] headroom_contracts::ContractsError),
    /// A thread cannot be started.
    #[error("cannot start a worker thread: {0}")]
    Thread(io::Error),
}

impl IngestError {
    pub(crate) fn listen(what: &'static str, address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::PortInUse { port: address.port(), what },
            _ => Self::Listen { address, what, source },
        }
    }
}

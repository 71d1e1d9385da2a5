//! Where a front listens, and with which certificate.

use std::net::SocketAddr;

use headroom_tls::Keys;
use tokio::net::TcpListener;

use crate::config::SqlConfig;
use crate::error::{Result, SqlError};

/// A front that is about to listen.
pub(crate) struct Opening {
    /// What it is called in errors.
    pub(crate) what: &'static str,
    /// Which setting says where it listens.
    pub(crate) setting: &'static str,
    /// What it speaks, in ALPN.
    pub(crate) protocols: &'static [&'static [u8]],
}

/// An open port.
pub(crate) struct Open {
    pub(crate) listener: TcpListener,
    pub(crate) addr: SocketAddr,
    pub(crate) keys: Option<Keys>,
}

impl Opening {
    /// Opens the port.
    ///
    /// # Errors
    /// Refuses an address off loopback without a certificate, a certificate or key that cannot be read, and an address
    /// that is taken.
    pub(crate) async fn open(&self, listen: SocketAddr, config: &SqlConfig) -> Result<Open> {
        let Self { what, setting, protocols } = self;
        let keys = config.tls.as_ref().map(|files| Keys::load(files, protocols));
        let keys = keys.transpose().map_err(|error| SqlError::Config(format!("sql.tls: {error}")))?;
        if keys.is_none() && !listen.ip().is_loopback() {
            return Err(SqlError::Config(format!(
                "the {what} front will not listen on {listen} without TLS; set [sql.tls], or listen on 127.0.0.1"
            )));
        }
        let taken = |error: std::io::Error| {
            SqlError::Config(format!(
                "cannot listen on {listen} for {what}: {error}: stop the other program or set {setting}"
            ))
        };
        let listener = TcpListener::bind(listen).await.map_err(taken)?;
        let addr = listener.local_addr().map_err(taken)?;
        tracing::info!(%addr, tls = keys.is_some(), "{what} front listens");
        Ok(Open { listener, addr, keys })
    }
}

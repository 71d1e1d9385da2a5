//! A port whose connections have made their handshake.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::server::TlsStream;
use tokio_util::task::AbortOnDropHandle;

use crate::keys::Keys;

/// The longest time for a handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The most handshakes under way; beyond them new connections wait in the kernel's queue.
const HANDSHAKES: usize = 256;

/// Connections whose handshake is done and that are not served yet.
const READY: usize = 16;

/// Why a connection was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The handshake failed: another protocol, a certificate that is missing or not accepted.
    Handshake,
    /// The handshake took too long.
    Timeout,
}

/// A listener whose connections have made their handshake. Handshakes are made beside each other and off the accepting
/// loop, so that a client that begins one and says nothing more holds up nobody. Ends when it is dropped.
pub struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
    _accepting: AbortOnDropHandle<()>,
}

impl TlsListener {
    /// Begins to accept on `listener`. `refused` hears of each connection that is not let in.
    ///
    /// # Panics
    /// When the listener has no address, which a bound one has.
    pub fn start(
        listener: TcpListener,
        keys: Keys,
        refused: impl Fn(SocketAddr, Refused) + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().expect("a bound listener has an address");
        let (send, ready) = mpsc::channel(READY);
        let accepting = tokio::spawn(accept(listener, keys, Arc::new(refused), send));
        Self { ready, address, _accepting: AbortOnDropHandle::new(accepting) }
    }

    /// The next connection.
    pub async fn accept(&mut self) -> (TlsStream<TcpStream>, SocketAddr) {
        match self.ready.recv().await {
            Some(ready) => ready,
            // The accepting task ends with this listener, not before.
            None => std::future::pending().await,
        }
    }
}

async fn accept(
    mut listener: TcpListener,
    mut keys: Keys,
    refused: Arc<impl Fn(SocketAddr, Refused) + Send + Sync + 'static>,
    ready: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let places = Arc::new(Semaphore::new(HANDSHAKES));
    loop {
        // axum's accept also waits when the process has no file left.
        let (socket, peer) = axum::serve::Listener::accept(&mut listener).await;
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let (acceptor, refused, ready) = (keys.acceptor(), refused.clone(), ready.clone());
        tokio::spawn(async move {
            let shaken = tokio::time::timeout(HANDSHAKE, acceptor.accept(socket)).await;
            drop(place);
            match shaken {
                Ok(Ok(stream)) => drop(ready.send((stream, peer)).await),
                Ok(Err(error)) => {
                    tracing::debug!(%peer, %error, "a TLS handshake failed");
                    refused(peer, Refused::Handshake);
                }
                Err(_) => refused(peer, Refused::Timeout),
            }
        });
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        TlsListener::accept(self).await
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

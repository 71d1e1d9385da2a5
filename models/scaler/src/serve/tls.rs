//! Connections that have made their handshake.
//!
//! Handshakes are made beside each other, so that a client that begins one and says nothing more holds up nobody.
//! The files are looked at before each handshake: a renewed certificate counts for new connections, and one that
//! cannot be used is reported while the old one stays.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::Connected;

use super::ServeError;
use crate::config::ScalerTls;

/// The longest time for a handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The most handshakes under way; beyond them connections wait in the kernel's queue.
const HANDSHAKES: usize = 256;

/// How long nothing is accepted after a failure to accept, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// The certificate in use, and the files it is from.
pub(super) struct Keys {
    files: ScalerTls,
    changed: Vec<Option<SystemTime>>,
    acceptor: TlsAcceptor,
}

impl Keys {
    pub(super) fn load(files: &ScalerTls) -> Result<Self, ServeError> {
        // The times first: a change while the files are read is then seen the next time.
        let changed = changed(files);
        Ok(Self { acceptor: TlsAcceptor::from(config(files)?), files: files.clone(), changed })
    }

    /// The acceptor, of the files as they are now.
    fn acceptor(&mut self) -> TlsAcceptor {
        let changed = changed(&self.files);
        if changed != self.changed {
            // Told once for each change, and the old certificate stays when the new one cannot be used.
            self.changed = changed;
            match config(&self.files) {
                Ok(renewed) => self.acceptor = TlsAcceptor::from(renewed),
                Err(error) => tracing::error!(%error, "the renewed certificate of the scaler cannot be used"),
            }
        }
        self.acceptor.clone()
    }
}

/// Accepts on `listener` until `stop` is cancelled.
pub(super) fn accept(
    listener: TcpListener,
    mut keys: Keys,
    stop: CancellationToken,
) -> ReceiverStream<io::Result<Secured>> {
    let (send, ready) = mpsc::channel(16);
    let slots = Arc::new(Semaphore::new(HANDSHAKES));
    tokio::spawn(stop.run_until_cancelled_owned(async move {
        while let Ok(slot) = slots.clone().acquire_owned().await {
            let connection = match listener.accept().await {
                Ok((connection, _)) => connection,
                Err(error) => {
                    tracing::warn!(%error, "the scaler's port accepts no connection");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            let (acceptor, send) = (keys.acceptor(), send.clone());
            tokio::spawn(async move {
                match tokio::time::timeout(HANDSHAKE, acceptor.accept(connection)).await {
                    // A send that fails means that the server has stopped.
                    Ok(Ok(stream)) => drop(send.send(Ok(Secured(stream))).await),
                    Ok(Err(error)) => tracing::warn!(%error, "a TLS handshake on the scaler's port failed"),
                    Err(_) => tracing::warn!("a TLS handshake on the scaler's port took too long"),
                }
                drop(slot);
            });
        }
    }));
    ReceiverStream::new(ready)
}

/// A connection whose peer has shown what was asked of it.
pub(super) struct Secured(TlsStream<TcpStream>);

impl Connected for Secured {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, to)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

fn config(files: &ScalerTls) -> Result<Arc<ServerConfig>, ServeError> {
    let chain = certificates(&files.cert)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|e| fault(&files.key, &e))?;
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|e| fault(&files.cert, &e))?;
    let builder = match &files.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(|e| fault(path, &e))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build();
            builder.with_client_cert_verifier(verifier.map_err(|e| fault(path, &e))?)
        }
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|e| fault(&files.key, &e))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ServeError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let chain = read.map_err(|e| fault(path, &e))?;
    if chain.is_empty() {
        return Err(fault(path, &"there is no certificate in it"));
    }
    Ok(chain)
}

/// When the files were changed last.
fn changed(files: &ScalerTls) -> Vec<Option<SystemTime>> {
    [Some(&files.cert), Some(&files.key), files.client_ca.as_ref()]
        .into_iter()
        .flatten()
        .map(|path| std::fs::metadata(path).and_then(|file| file.modified()).ok())
        .collect()
}

fn fault(path: &Path, what: &dyn std::fmt::Display) -> ServeError {
    ServeError::Tls { path: path.to_owned(), what: what.to_string() }
}

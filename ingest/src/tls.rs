//! TLS on the OTLP ports.
//!
//! What is configured and cannot be used is an error at the start, never a reason to go on in
//! clear. Handshakes are made beside each other and off the accepting loop, so that a client
//! that begins one and says nothing more holds up nobody. The files are looked at once a
//! minute: a renewed certificate counts for new connections, and one that cannot be read is
//! reported while the old one stays.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{Error, RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;
use tokio_util::task::AbortOnDropHandle;

use crate::error::IngestError;
use crate::receive::Receive;

/// How often the files are looked at.
const RENEWAL: Duration = Duration::from_mins(1);

/// The longest time for a handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The most handshakes under way; beyond them new connections wait in the kernel's queue.
const HANDSHAKES: usize = 256;

/// Connections whose handshake is done and that are not served yet.
const READY: usize = 16;

/// The section `ingest.tls`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The certificate chain, PEM, the server's own first.
    pub cert: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// The authorities whose client certificates are accepted, PEM. When it is set, a client
    /// without such a certificate is not let in; it needs a token all the same.
    #[serde(default)]
    pub client_ca: Option<PathBuf>,
}

impl TlsConfig {
    /// Reads the files, and says whether they can be used.
    ///
    /// # Errors
    /// [`IngestError::Tls`], with the file.
    pub fn check(&self) -> Result<(), IngestError> {
        self.load().map(drop)
    }

    fn load(&self) -> Result<Arc<ServerConfig>, IngestError> {
        let chain = certificates(&self.cert)?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|e| match e {
            pem::Error::NoItemsFound => fault(&self.key, &"there is no private key in it"),
            other => fault(&self.key, &other),
        })?;
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|e| fault(&self.cert, &e))?;
        let builder = match &self.client_ca {
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
        let mut config = builder.with_single_cert(chain, key).map_err(|e| match e {
            Error::InconsistentKeys(_) => {
                fault(&self.key, &format!("it is not the key of {}", self.cert.display()))
            }
            other => fault(&self.cert, &other),
        })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// When the files were changed last.
    fn changed(&self) -> Vec<Option<SystemTime>> {
        [Some(&self.cert), Some(&self.key), self.client_ca.as_ref()]
            .into_iter()
            .flatten()
            .map(|path| std::fs::metadata(path).and_then(|file| file.modified()).ok())
            .collect()
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, IngestError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let chain = read.map_err(|e| fault(path, &e))?;
    if chain.is_empty() {
        return Err(fault(path, &"there is no certificate in it"));
    }
    Ok(chain)
}

fn fault(path: &Path, what: &dyn std::fmt::Display) -> IngestError {
    IngestError::Tls { path: path.to_owned(), what: what.to_string() }
}

/// The certificate in use, and the files it is from.
pub(crate) struct Keys {
    config: TlsConfig,
    changed: Vec<Option<SystemTime>>,
    acceptor: TlsAcceptor,
}

impl Keys {
    /// Reads the files.
    pub(crate) fn load(config: &TlsConfig) -> Result<Self, IngestError> {
        // The times first: a change while the files are read is then seen the next time.
        let changed = config.changed();
        Ok(Self { acceptor: config.load()?.into(), config: config.clone(), changed })
    }

    /// Reads the files again if they have changed.
    fn renew(&mut self) {
        let changed = self.config.changed();
        if changed == self.changed {
            return;
        }
        match self.config.load() {
            Ok(loaded) => {
                tracing::info!(cert = %self.config.cert.display(), "the certificate of the OTLP ports was renewed");
                self.acceptor = loaded.into();
                self.changed = changed;
            }
            // Told each minute until the files are right.
            Err(error) => {
                tracing::error!(%error, "the renewed certificate cannot be used, the old one stays")
            }
        }
    }
}

/// A listener whose connections have made their handshake.
pub(crate) struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
    _accepting: AbortOnDropHandle<()>,
}

impl TlsListener {
    /// Begins to accept on `listener`. Failed handshakes are counted as refusals of `transport`.
    pub(crate) fn start(
        listener: TcpListener,
        keys: Keys,
        transport: &'static str,
        receive: &Arc<Receive>,
    ) -> Self {
        let address = listener.local_addr().expect("a bound listener has an address");
        let (send, ready) = mpsc::channel(READY);
        let accepting = tokio::spawn(accept(listener, keys, transport, receive.clone(), send));
        Self { ready, address, _accepting: AbortOnDropHandle::new(accepting) }
    }
}

async fn accept(
    mut listener: TcpListener,
    mut keys: Keys,
    transport: &'static str,
    receive: Arc<Receive>,
    ready: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let places = Arc::new(Semaphore::new(HANDSHAKES));
    let mut renewal = tokio::time::interval(RENEWAL);
    loop {
        // Also axum's: waits when the process has no file left.
        let accepted = axum::serve::Listener::accept(&mut listener);
        let (socket, peer) = tokio::select! {
            accepted = accepted => accepted,
            _ = renewal.tick() => {
                keys.renew();
                continue;
            }
        };
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let (acceptor, receive, ready) = (keys.acceptor.clone(), receive.clone(), ready.clone());
        tokio::spawn(async move {
            let shaken = tokio::time::timeout(HANDSHAKE, acceptor.accept(socket)).await;
            drop(place);
            match shaken {
                Ok(Ok(stream)) => drop(ready.send((stream, peer)).await),
                Ok(Err(error)) => {
                    tracing::debug!(%peer, %error, "a TLS handshake failed");
                    receive.tenants.stranger(transport, "tls_handshake");
                }
                Err(_) => receive.tenants.stranger(transport, "tls_timeout"),
            }
        });
    }
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(ready) => ready,
            // The accepting task ends with this listener, not before.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.address)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn write(dir: &Path, at: SystemTime) -> TlsConfig {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
        for (path, text) in [(&cert, made.cert.pem()), (&key, made.signing_key.serialize_pem())] {
            std::fs::write(path, text).unwrap();
            std::fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
        }
        TlsConfig { cert, key, client_ca: None }
    }

    #[test]
    fn a_renewed_certificate_counts_and_a_broken_one_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let begin = SystemTime::now();
        let config = write(dir.path(), begin);
        let mut keys = Keys::load(&config).unwrap();
        let first = keys.acceptor.config().clone();
        keys.renew();
        assert!(Arc::ptr_eq(&first, keys.acceptor.config()), "nothing has changed");
        // Half of a renewal: the new certificate with the old key.
        let old_key = std::fs::read(&config.key).unwrap();
        write(dir.path(), begin + RENEWAL);
        let new_key = std::fs::read(&config.key).unwrap();
        std::fs::write(&config.key, old_key).unwrap();
        keys.renew();
        assert!(Arc::ptr_eq(&first, keys.acceptor.config()), "the old one stays");
        std::fs::write(&config.key, new_key).unwrap();
        keys.renew();
        assert!(!Arc::ptr_eq(&first, keys.acceptor.config()));
    }
}

//! TLS to the target, where its URL begins with `https`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::connection::{NoAnswer, Version};
use crate::error::ConformanceError;
use crate::target::Endpoint;

/// Whom to trust, and who we are.
#[derive(Debug, Clone, Default)]
pub struct TlsOptions {
    /// The authorities that the target's certificate may be from, PEM. `None`: those that browsers trust.
    pub ca: Option<PathBuf>,
    /// Our certificate chain, PEM, for a target that asks for one; with `key`.
    pub cert: Option<PathBuf>,
    /// The private key of `cert`, PEM.
    pub key: Option<PathBuf>,
}

impl TlsOptions {
    /// Reads the files. Without HTTP's version: that is agreed on connection by connection.
    pub(crate) fn load(&self) -> Result<Arc<ClientConfig>, ConformanceError> {
        let mut roots = RootCertStore::empty();
        match &self.ca {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(path) => {
                for certificate in certificates(path)? {
                    roots.add(certificate).map_err(|e| fault(path, &e))?;
                }
            }
        }
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has the usual suites")
            .with_root_certificates(roots);
        let config = match (&self.cert, &self.key) {
            (None, None) => builder.with_no_client_auth(),
            (Some(cert), Some(key)) => {
                let private = PrivateKeyDer::from_pem_file(key).map_err(|e| fault(key, &e))?;
                builder.with_client_auth_cert(certificates(cert)?, private).map_err(|e| fault(cert, &e))?
            }
            (Some(alone), None) | (None, Some(alone)) => {
                return Err(fault(alone, &"a certificate and its key are given together"));
            }
        };
        Ok(Arc::new(config))
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ConformanceError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(|e| fault(path, &e))?.collect();
    match all {
        Ok(all) if all.is_empty() => Err(fault(path, &"there is no certificate in it")),
        Ok(all) => Ok(all),
        Err(e) => Err(fault(path, &e)),
    }
}

fn fault(path: &Path, what: &dyn std::fmt::Display) -> ConformanceError {
    ConformanceError::Tls { path: path.to_owned(), what: what.to_string() }
}

/// The handshake, offering one version of HTTP.
pub(crate) async fn connect(
    config: &Arc<ClientConfig>,
    endpoint: &Endpoint,
    version: Version,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, NoAnswer> {
    let name = ServerName::try_from(endpoint.host.clone())
        .map_err(|e| NoAnswer::Connect(format!("no certificate can be for {:?}: {e}", endpoint.host)))?;
    let mut config = ClientConfig::clone(config);
    config.alpn_protocols = vec![match version {
        Version::One => b"http/1.1".to_vec(),
        Version::Two => b"h2".to_vec(),
    }];
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    connected.map_err(|e| NoAnswer::Connect(format!("TLS: {e}")))
}

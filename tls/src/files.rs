//! The files, as they are configured, and what rustls makes of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{Error, RootCertStore, ServerConfig};

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {}: {what}", path.display())]
pub struct TlsError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: String,
}

/// The files of a door, as a section of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The certificate chain, PEM, the server's own first.
    pub cert: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// The authorities whose client certificates are accepted, PEM. When it is set, a client
    /// without such a certificate is not let in; it needs a token all the same where tokens are asked for.
    #[serde(default)]
    pub client_ca: Option<PathBuf>,
}

impl TlsFiles {
    /// Reads the files, and says whether they can be used.
    ///
    /// # Errors
    /// [`TlsError`], with the file.
    pub fn check(&self) -> Result<(), TlsError> {
        self.load(&[]).map(drop)
    }

    /// Reads the files for a door that speaks `protocols` (their names in ALPN).
    pub(crate) fn load(&self, protocols: &[&[u8]]) -> Result<Arc<ServerConfig>, TlsError> {
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
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Ok(Arc::new(config))
    }

    /// When the files were changed last.
    pub(crate) fn changed(&self) -> Vec<Option<SystemTime>> {
        [Some(&self.cert), Some(&self.key), self.client_ca.as_ref()]
            .into_iter()
            .flatten()
            .map(|path| std::fs::metadata(path).and_then(|file| file.modified()).ok())
            .collect()
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    let chain = read.map_err(|e| fault(path, &e))?;
    if chain.is_empty() {
        return Err(fault(path, &"there is no certificate in it"));
    }
    Ok(chain)
}

fn fault(path: &Path, what: &dyn std::fmt::Display) -> TlsError {
    TlsError { path: path.to_owned(), what: what.to_string() }
}

//! The certificate in use.

use std::time::{Duration, Instant, SystemTime};

use tokio_rustls::TlsAcceptor;

use crate::files::{TlsError, TlsFiles};

/// How long renewed files that cannot be used are left alone.
const RETRY: Duration = Duration::from_mins(1);

/// The certificate in use, and the files it is from.
pub struct Keys {
    files: TlsFiles,
    protocols: &'static [&'static [u8]],
    changed: Vec<Option<SystemTime>>,
    retry: Option<Instant>,
    acceptor: TlsAcceptor,
}

impl Keys {
    /// Reads the files of a door that speaks `protocols` (their names in ALPN).
    ///
    /// # Errors
    /// [`TlsError`], with the file.
    pub fn load(files: &TlsFiles, protocols: &'static [&'static [u8]]) -> Result<Self, TlsError> {
        // The times first: a change while the files are read is then seen the next time.
        let changed = files.changed();
        let acceptor = files.load(protocols)?.into();
        Ok(Self { files: files.clone(), protocols, changed, retry: None, acceptor })
    }

    /// The acceptor for the next handshake. A renewed certificate counts for new connections; one that cannot be used
    /// is reported, once a minute while it lasts, and the old one stays.
    pub fn acceptor(&mut self) -> TlsAcceptor {
        let changed = self.files.changed();
        if changed != self.changed && self.retry.is_none_or(|at| Instant::now() >= at) {
            self.renew(changed);
        }
        self.acceptor.clone()
    }

    fn renew(&mut self, changed: Vec<Option<SystemTime>>) {
        match self.files.load(self.protocols) {
            Ok(loaded) => {
                tracing::info!(cert = %self.files.cert.display(), "the certificate was renewed");
                self.acceptor = loaded.into();
                self.changed = changed;
                self.retry = None;
            }
            Err(error) => {
                tracing::error!(%error, "the renewed certificate cannot be used, the old one stays");
                self.retry = Some(Instant::now() + RETRY);
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;

    fn write(dir: &Path, at: SystemTime) -> TlsFiles {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
        for (path, text) in [(&cert, made.cert.pem()), (&key, made.signing_key.serialize_pem())] {
            std::fs::write(path, text).unwrap();
            std::fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
        }
        TlsFiles { cert, key, client_ca: None }
    }

    #[test]
    fn a_renewed_certificate_counts_and_a_broken_one_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let begin = SystemTime::now();
        let files = write(dir.path(), begin);
        let mut keys = Keys::load(&files, &[b"h2"]).unwrap();
        let first = keys.acceptor().config().clone();
        assert_eq!(first.alpn_protocols, [b"h2"]);
        assert!(Arc::ptr_eq(&first, keys.acceptor().config()), "nothing has changed");
        // Half of a renewal: the new certificate with the old key.
        let old_key = std::fs::read(&files.key).unwrap();
        write(dir.path(), begin + RETRY);
        let new_key = std::fs::read(&files.key).unwrap();
        std::fs::write(&files.key, old_key).unwrap();
        assert!(Arc::ptr_eq(&first, keys.acceptor().config()), "the old one stays");
        std::fs::write(&files.key, new_key).unwrap();
        assert!(Arc::ptr_eq(&first, keys.acceptor().config()), "not looked at before a minute has passed");
        keys.retry = Some(Instant::now());
        assert!(!Arc::ptr_eq(&first, keys.acceptor().config()));
    }
}

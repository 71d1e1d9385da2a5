//! Which PostgreSQL server, and how it is reached.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use tokio::runtime::Handle;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::away::Away;
use super::session::{IDLE, STATEMENT, Session, told};
use crate::db::Db;
use crate::{ControlError, Result};

/// How long a new connection may take, TLS and sign-in included.
const CONNECT: Duration = Duration::from_secs(5);

/// Where users, tokens, alerts, the outbox and the audit chain lie.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ControlConfig {
    /// `postgres://user@host/database?sslmode=verify-full`; absent: a SQLite file in the data folder.
    pub url: Option<String>,
    /// The user's password there.
    pub password: Option<String>,
    /// Most connections of this node to the server.
    pub connections: usize,
}

impl Default for ControlConfig {
    fn default() -> Self {
        Self { url: None, password: None, connections: 4 }
    }
}

impl fmt::Debug for ControlConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlConfig").field("url", &self.url).finish_non_exhaustive()
    }
}

impl ControlConfig {
    /// The server that is configured, if one is. Nothing is reached.
    ///
    /// # Errors
    /// Keys that make no sense, with the key.
    pub fn server(&self) -> Result<Option<Server>> {
        if self.connections == 0 {
            return Err(ControlError::Invalid("control.connections is 0; use 1 or more".to_owned()));
        }
        match &self.url {
            Some(url) => Server::new(url, self.password.as_deref(), self.connections).map(Some),
            None if self.password.is_some() => {
                Err(ControlError::Invalid("control.password is for control.url, which is not set".to_owned()))
            }
            None => Ok(None),
        }
    }
}

/// A PostgreSQL server and how it is reached.
#[derive(Clone)]
pub struct Server {
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
    pub(super) connections: usize,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({self})")
    }
}

/// User, hosts and database; never the password.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = |host: &Host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        };
        let hosts: Vec<_> = self.config.get_hosts().iter().map(host).collect();
        let user = self.config.get_user().unwrap_or_default();
        write!(f, "postgres {user}@{}", hosts.join(","))?;
        if let [port] = self.config.get_ports() {
            write!(f, ":{port}")?;
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or(user))
    }
}

impl Server {
    /// Reads a URL as libpq does, but for `sslmode`: that is `verify-full` (with the certificate authorities of
    /// `sslrootcert=FILE`, or else the public ones) or `disable`, and the latter by default only on this machine.
    ///
    /// # Errors
    /// What cannot be used, with what can; never with the password.
    pub fn new(url: &str, password: Option<&str>, connections: usize) -> Result<Self> {
        let refused = |why: String| ControlError::Invalid(format!("control.url {why}"));
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut authorities, mut others) = (None, None, Vec::new());
        for part in query.split('&').filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", file)) => {
                    let file = PathBuf::from(percent_decode_str(file).decode_utf8_lossy().as_ref());
                    if file.is_relative() {
                        return Err(refused(
                            "must name the file of sslrootcert from the root on, with /".to_owned(),
                        ));
                    }
                    authorities = Some(file);
                }
                _ => others.push(part),
            }
        }
        if !address.starts_with("postgres://") && !address.starts_with("postgresql://") {
            return Err(refused(
                "must begin with postgres://, such as postgres://headroom@db.example.com/headroom".to_owned(),
            ));
        }
        let mut config: tokio_postgres::Config = format!("{address}?{}", others.join("&"))
            .parse()
            .map_err(|error| refused(format!("cannot be read: {}", told(&error))))?;
        if config.get_password().is_some() {
            return Err(refused(
                "holds a password: put it into control.password (HEADROOM__CONTROL__PASSWORD)".to_owned(),
            ));
        }
        if config.get_user().is_none() || config.get_hosts().is_empty() {
            return Err(refused("must name a user and a host".to_owned()));
        }
        config.ssl_mode(match mode {
            Some("disable") => SslMode::Disable,
            None if config.get_hosts().iter().all(is_here) => SslMode::Disable,
            Some("verify-full") | None => SslMode::Require,
            Some(other) => {
                return Err(refused(format!(
                    "has sslmode={other}, which may take any server for the right one: use verify-full, with \
                     sslrootcert=FILE for an authority of your own, or disable on a network that you trust"
                )));
            }
        });
        if let Some(password) = password {
            config.password(password);
        }
        if config.get_application_name().is_none() {
            config.application_name("headroom");
        }
        if config.get_target_session_attrs() == TargetSessionAttrs::Any {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        // Each of several hosts has its share of the time: the first may be the one that is gone.
        let hosts = u32::try_from(config.get_hosts().len()).unwrap_or(1);
        config.connect_timeout(CONNECT / hosts);
        // A connection that nothing comes through any more is noticed within half a minute.
        config.keepalives_idle(Duration::from_secs(15));
        config.keepalives_interval(Duration::from_secs(5)).keepalives_retries(3);
        config.tcp_user_timeout(Duration::from_secs(30));
        Ok(Self { config, tls: tls(authorities.as_deref())?, connections })
    }

    /// Whether the way to the server is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.config.get_ssl_mode() != SslMode::Disable
    }

    pub(super) fn unusable(&self, reason: String) -> ControlError {
        ControlError::Unusable { server: self.to_string(), reason, passing: false }
    }

    pub(super) fn away(&self, Away { reason, passing }: Away) -> ControlError {
        ControlError::Unusable { server: self.to_string(), reason, passing }
    }

    /// Opens a connection and tells the server how long it may take for what.
    ///
    /// # Errors
    /// Why it cannot be, and what to do.
    pub(super) fn connect(&self, runtime: &Handle) -> Result<Session, Away> {
        let (config, tls) = (self.config.clone(), self.tls.clone());
        let opened = async move {
            let (client, connection) = config.connect(tls).await.map_err(|error| Away::of(&error))?;
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::warn!(error = told(&error), "a connection to the control database was lost");
                }
            });
            Ok::<_, Away>(client)
        };
        let (tell, told_by) = sync_channel(1);
        runtime.spawn(async move { drop(tell.send(tokio::time::timeout(CONNECT, opened).await)) });
        let answer = told_by.recv().map_err(|_| Away::for_now("the program ends".to_owned()))?;
        let client = answer.map_err(|_| {
            Away::for_now(format!(
                "no connection within {} s; check that the server can be reached",
                CONNECT.as_secs()
            ))
        })??;
        let session = Session::new(client, runtime.clone());
        let (limit, idle) = (STATEMENT.as_millis(), IDLE.as_millis());
        session
            .batch(&format!(
                "SET statement_timeout = {limit}; SET lock_timeout = {limit}; \
                 SET idle_in_transaction_session_timeout = {idle}; \
                 SELECT set_config('synchronous_commit', 'on', false) \
                 WHERE current_setting('synchronous_commit') = 'off'"
            ))
            .map_err(|error| Away::for_now(error.to_string()))?;
        Ok(session)
    }

    /// Whether the database can keep what is to be kept in it.
    pub(super) fn suits(&self, db: &Db<'_>) -> Result<()> {
        let said = db.row(
            "SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding')",
            &[],
            |row| Ok((row.get::<i64>(0)?, row.get::<String>(1)?)),
        )?;
        match said {
            Some((version, _)) if version < 120_000 => {
                Err(self.unusable(format!("its version is {}, and 12 is needed", version / 10_000)))
            }
            Some((_, encoding)) if encoding != "UTF8" => Err(self.unusable(format!(
                "the database keeps texts as {encoding}: make one with createdb --encoding=UTF8 --template=template0"
            ))),
            _ => Ok(()),
        }
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost"
                || name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        Host::Unix(_) => true,
    }
}

fn tls(authorities: Option<&Path>) -> Result<MakeRustlsConnect> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = authorities {
        let refused = |why: String| {
            ControlError::Invalid(format!("control.url: sslrootcert {}: {why}", file.display()))
        };
        for certificate in CertificateDer::pem_file_iter(file).map_err(|error| refused(error.to_string()))? {
            let certificate = certificate.map_err(|error| refused(error.to_string()))?;
            roots.add(certificate).map_err(|error| refused(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(refused("holds no certificate in PEM".to_owned()));
        }
    } else {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ControlError::Invalid(format!("TLS: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

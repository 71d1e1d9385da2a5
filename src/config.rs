//! The configuration: one TOML file, every key optional, overridden by the environment.
//!
//! A wrong key or value is refused with its file, line and what is allowed; see [`load`].

pub(crate) mod load;
mod shown;
mod validate;

use anyhow::{Context as _, Result, ensure};
use headroom_control::{Control, ControlConfig, NoteKey, PublicKey, Role};
use headroom_oidc::{OidcConfig, Provider};
use headroom_query::lookup::Catalog;
use headroom_query::slo::SloSet;
use headroom_scaler::ScalerConfig;
use headroom_sql::RoleLimits;
use headroom_tls::TlsFiles;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What a node is told. Every section is optional; `docs/configuration.md` lists the keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Folder of everything this node writes: the durable log, the control file, the embedded tables.
    pub(crate) data_dir: PathBuf,
    /// Tenant that the alerts and forecasts of this node serve, and that new tokens belong to.
    pub(crate) tenant: String,
    pub(crate) store: StoreSection,
    /// Where users, tokens, alerts, the outbox and the audit chain lie.
    pub(crate) control: ControlConfig,
    pub(crate) retention: headroom_store::schema::Retention,
    /// Where days go before the store removes them; absent: nowhere.
    pub(crate) archive: headroom_archive::ArchiveConfig,
    pub(crate) ingest: headroom_ingest::IngestConfig,
    /// Kafka topics that a node with the role `ingest` reads.
    pub(crate) kafka: Vec<headroom_kafka::KafkaConfig>,
    pub(crate) web: WebSection,
    pub(crate) sql: SqlSection,
    pub(crate) models: headroom_models::ModelsConfig,
    /// Where autoscalers ask a node with the role `models`; absent: nowhere.
    pub(crate) scaler: Option<ScalerConfig>,
    pub(crate) capacity: headroom_capacity::walls::CapacityConfig,
    pub(crate) alerts: headroom_alerts::AlertsConfig,
    /// Requests that are made again and again, to learn what a customer would find.
    pub(crate) probes: Vec<headroom_probes::ProbeConfig>,
    pub(crate) lookup: LookupSection,
    pub(crate) auth: AuthSection,
    pub(crate) audit: AuditSection,
    pub(crate) telemetry: TelemetrySection,
    /// What was said by the file and the environment, with its secrets.
    #[serde(skip)]
    stated: toml::Table,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("headroom-data"),
            tenant: "main".to_owned(),
            store: StoreSection::default(),
            control: ControlConfig::default(),
            retention: headroom_store::schema::Retention::default(),
            archive: headroom_archive::ArchiveConfig::default(),
            ingest: headroom_ingest::IngestConfig::default(),
            kafka: Vec::new(),
            web: WebSection::default(),
            sql: SqlSection::default(),
            models: headroom_models::ModelsConfig::default(),
            scaler: None,
            capacity: headroom_capacity::walls::CapacityConfig::default(),
            alerts: headroom_alerts::AlertsConfig::default(),
            probes: Vec::new(),
            lookup: LookupSection::default(),
            auth: AuthSection::default(),
            audit: AuditSection::default(),
            telemetry: TelemetrySection::default(),
            stated: toml::Table::new(),
        }
    }
}

impl Config {
    /// Users, tokens, alerts and the audit chain: in `control.db` of the data folder, or in PostgreSQL.
    pub(crate) fn open_control(&self) -> Result<Control> {
        Ok(match self.control.server()? {
            Some(server) => Control::connect(&server)?,
            None => Control::open(self.control_file())?,
        })
    }

    /// Their SQLite file.
    pub(crate) fn control_file(&self) -> PathBuf {
        self.data_dir.join("control.db")
    }

    /// The key that signs the audit trail.
    pub(crate) fn audit_key_file(&self) -> PathBuf {
        self.audit.key.clone().unwrap_or_else(|| self.data_dir.join("audit.key"))
    }

    /// What checkpoints of the audit trail are verified with.
    pub(crate) fn audit_public_key(&self) -> Result<PublicKey> {
        let file = self.audit_key_file();
        ensure!(
            file.exists(),
            "there is no {}: a node makes its key at its first start; give --key to verify with another",
            file.display()
        );
        Ok(NoteKey::kept_in(&file, &self.audit_origin())?.public().clone())
    }

    /// What a new key calls the audit trail.
    pub(crate) fn audit_origin(&self) -> String {
        let plain = |c: char| if c.is_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' };
        format!("headroom/{}", self.tenant.chars().map(plain).collect::<String>())
    }

    /// The objectives, which may count only while a venue of the calendar trades.
    pub(crate) fn objectives(&self) -> anyhow::Result<SloSet> {
        Ok(self.alerts.load_slos(self.models.calendar()?.venues())?)
    }

    /// Where people sign in, if not here alone. It sends them back to the address that people reach this node at.
    pub(crate) fn oidc(&self) -> Result<Option<Provider>> {
        let Some(oidc) = &self.auth.oidc else { return Ok(None) };
        let base = self.alerts.external_url.as_ref();
        let base = base.context(
            "auth.oidc needs alerts.external_url: the address to which the provider sends browsers back",
        )?;
        let redirect = format!("{}/sign-in/oidc/callback", base.as_str().trim_end_matches('/'));
        Ok(Some(Provider::new(oidc.clone(), redirect.parse()?)?))
    }

    /// The embedded store's tables.
    pub(crate) fn engine_dir(&self) -> PathBuf {
        self.data_dir.join("engine")
    }

    /// Makes relative paths relative to the configuration file and not to the working folder.
    fn anchor(&mut self, base: &Path) {
        let anchor = |path: &mut PathBuf| {
            if path.is_relative() {
                *path = base.join(&*path);
            }
        };
        anchor(&mut self.data_dir);
        if self.ingest.data_dir == headroom_ingest::IngestConfig::default().data_dir {
            self.ingest.data_dir = self.data_dir.join("log");
        } else {
            anchor(&mut self.ingest.data_dir);
        }
        if let Some(folder) = self.archive.url.as_mut().filter(|url| !url.contains("://")) {
            *folder = base.join(&*folder).to_string_lossy().into_owned();
        }
        self.ingest.contracts.dir.iter_mut().for_each(anchor);
        self.models.calendars.iter_mut().for_each(anchor);
        self.models.feeds.iter_mut().filter_map(|feed| feed.path.as_mut()).for_each(anchor);
        let capacity = &mut self.capacity;
        capacity.prices.iter_mut().chain(&mut capacity.bills).chain(&mut capacity.changes).for_each(anchor);
        self.alerts.slo_dirs.iter_mut().chain(&mut self.alerts.slo_files).for_each(anchor);
        self.probes.iter_mut().flat_map(headroom_probes::ProbeConfig::files).for_each(anchor);
        self.store
            .libchdb
            .iter_mut()
            .chain(&mut self.audit.key)
            .chain(&mut self.audit.checkpoints)
            .chain(&mut self.lookup.reasons)
            .for_each(anchor);
        self.auth.oidc.iter_mut().for_each(|oidc| oidc.anchor(base));
        let scaler = self.scaler.as_mut().and_then(|scaler| scaler.tls.as_mut());
        for tls in [self.ingest.tls.as_mut(), scaler, self.sql.tls.as_mut()].into_iter().flatten() {
            [&mut tls.cert, &mut tls.key].into_iter().chain(&mut tls.client_ca).for_each(anchor);
        }
    }
}

/// Where the telemetry lives. Without `url`, in the embedded store under `data_dir`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StoreSection {
    /// A ClickHouse server's HTTP address, `http://host:8123`. Absent: the embedded engine.
    pub(crate) url: Option<String>,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) database: String,
    /// Cluster name: tables become replicated and distributed over it.
    pub(crate) cluster: Option<String>,
    /// Embedded engine: the libchdb.so to load.
    pub(crate) libchdb: Option<PathBuf>,
    /// Embedded engine: port of its HTTP interface on loopback; 0 picks a free one.
    pub(crate) engine_port: u16,
    /// Embedded engine: how many queries run at once.
    pub(crate) engine_connections: usize,
}

impl Default for StoreSection {
    fn default() -> Self {
        Self {
            url: None,
            user: "default".to_owned(),
            password: String::new(),
            database: "headroom".to_owned(),
            cluster: None,
            libchdb: None,
            engine_port: 0,
            engine_connections: 8,
        }
    }
}

/// The pages and the HTTP API.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WebSection {
    pub(crate) listen: SocketAddr,
    /// Set when a proxy in front of this node speaks HTTPS: cookies are then sent over HTTPS only.
    pub(crate) secure_cookies: bool,
    /// Networks of proxies in front of this node, whose `X-Forwarded-For` says who asks.
    pub(crate) proxies: Vec<ipnet::IpNet>,
    /// Requests that one account or token may make in a second, and four times as many at once.
    pub(crate) requests_per_second: u32,
}

impl Default for WebSection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            secure_cookies: false,
            proxies: Vec::new(),
            requests_per_second: 200,
        }
    }
}

/// SQL over the Postgres protocol, and over Arrow Flight.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SqlSection {
    pub(crate) listen: SocketAddr,
    /// Where Flight SQL listens; `None`, written "off", is nowhere.
    #[serde(deserialize_with = "address_or_off")]
    pub(crate) flight_listen: Option<SocketAddr>,
    /// Required when one of the addresses is not loopback.
    pub(crate) tls: Option<TlsFiles>,
    /// Seconds a statement may run.
    pub(crate) statement_timeout_seconds: u64,
    /// Seconds a client may leave rows unread.
    pub(crate) unread_timeout_seconds: u64,
    /// Seconds from connecting to being logged in.
    pub(crate) login_timeout_seconds: u64,
    /// Connections at once: in all, of one tenant, and of one user.
    pub(crate) connections: usize,
    pub(crate) connections_per_tenant: usize,
    pub(crate) connections_per_user: usize,
    /// Statements at once: in all, and of one user.
    pub(crate) concurrent: usize,
    pub(crate) concurrent_per_user: usize,
    /// Most rows of spans, logs, metrics and events that a statement may read.
    pub(crate) read_rows: u64,
    /// Memory for groups of days that do not change any more, in bytes.
    pub(crate) cache_bytes: usize,
    /// What differs for a role.
    pub(crate) roles: BTreeMap<String, RoleLimits>,
}

impl SqlSection {
    /// The addresses that listen, by their keys.
    pub(crate) fn doors(&self) -> impl Iterator<Item = (&'static str, SocketAddr)> {
        let flight = self.flight_listen.map(|address| ("sql.flight_listen", address));
        std::iter::once(("sql.listen", self.listen)).chain(flight)
    }
}

fn address_or_off<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(from)?;
    if text == "off" {
        return Ok(None);
    }
    let wrong = |_| {
        D::Error::custom(format!("{text:?} is neither an address, as in \"127.0.0.1:5434\", nor \"off\""))
    };
    text.parse().map(Some).map_err(wrong)
}

impl Default for SqlSection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 5433)),
            flight_listen: Some(SocketAddr::from(([127, 0, 0, 1], 5434))),
            tls: None,
            statement_timeout_seconds: 30,
            unread_timeout_seconds: 60,
            login_timeout_seconds: 10,
            connections: 64,
            connections_per_tenant: 48,
            connections_per_user: 16,
            concurrent: 8,
            concurrent_per_user: 4,
            read_rows: 2_000_000_000,
            cache_bytes: 64 << 20,
            roles: BTreeMap::new(),
        }
    }
}

/// The customer lookup.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LookupSection {
    /// A JSON file of reason codes in words, beside or in place of the built-in ones.
    pub(crate) reasons: Option<PathBuf>,
    /// Where a ticket is opened: an address with `{title}` and `{text}` in it.
    pub(crate) escalate_url: Option<String>,
}

impl LookupSection {
    /// What reason codes mean: the built-in catalog, and the file above it.
    pub(crate) fn catalog(&self) -> Result<Catalog> {
        let Some(path) = &self.reasons else { return Ok(Catalog::built_in()) };
        let what = || format!("lookup.reasons, {}", path.display());
        let text = std::fs::read_to_string(path).with_context(what)?;
        Catalog::with(&text).with_context(what)
    }
}

/// Tokens that live in the configuration, for nodes that do not share a control file, and the OpenID provider.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AuthSection {
    pub(crate) tokens: Vec<StaticToken>,
    /// Where people sign in, if not here alone.
    pub(crate) oidc: Option<OidcConfig>,
}

/// A token by its hash: `printf %s TOKEN | sha256sum`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaticToken {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) sha256: String,
    /// Tenant the token writes to and reads from; the node's own when absent.
    pub(crate) tenant: Option<String>,
}

/// What signs the audit trail, and where its checkpoints are kept.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AuditSection {
    /// File of the key; `audit.key` in `data_dir` when absent. Made once, readable by its owner only.
    pub(crate) key: Option<PathBuf>,
    /// File or folder outside of the store that checkpoints are appended to as well.
    pub(crate) checkpoints: Option<PathBuf>,
}

/// How the program reports on itself.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TelemetrySection {
    /// OTLP gRPC endpoint that Headroom's own spans go to; absent: none are sent.
    pub(crate) otlp_endpoint: Option<String>,
    /// Bearer token for that endpoint.
    pub(crate) otlp_token: Option<String>,
    /// Log lines as JSON.
    pub(crate) json_logs: bool,
}

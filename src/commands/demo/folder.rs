//! What the demo keeps in its folder: configuration, objectives, calendar, accounts, and `demo.json`.

use crate::cli::DemoArgs;
use crate::config::{Config, load};
use crate::node::Node;
use anyhow::{Context as _, Result};
use chrono::Utc;
use headroom_control::{Control, Role};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Objectives of the sample platform.
const SLOS: &[(&str, &str)] = &[
    ("orders.yaml", include_str!("../../../sample-data/slos/orders.yaml")),
    ("gateway.yaml", include_str!("../../../sample-data/slos/gateway.yaml")),
    ("execution.yaml", include_str!("../../../sample-data/slos/execution.yaml")),
    ("payments.yaml", include_str!("../../../sample-data/slos/payments.yaml")),
];

/// The demo's folder.
pub(super) struct Folder {
    root: PathBuf,
    ports_from: Option<u16>,
}

/// `demo.json`: where everything is and how to get in. Holds secrets; readable by its owner only.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Description {
    web: String,
    otlp_grpc: String,
    otlp_http: String,
    postgres: String,
    flight_sql: Option<String>,
    clickhouse: String,
    scaler: String,
    credentials: AllCredentials,
}

/// The accounts by role, and `ingest` beside them, which has a token only.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct AllCredentials {
    #[serde(flatten)]
    accounts: BTreeMap<Role, Credentials>,
    ingest: IngestToken,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Credentials {
    user: String,
    password: String,
    token: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct IngestToken {
    token: String,
}

/// What outlives a run besides the store: the secrets that the control file keeps only as hashes.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Secrets {
    credentials: BTreeMap<Role, Credentials>,
    ingest: IngestToken,
}

impl Folder {
    /// Creates the folder and its configuration on the first run.
    pub(super) fn open(args: &DemoArgs) -> Result<Self> {
        let root = std::path::absolute(&args.data).context("cannot tell the working folder")?;
        fs::create_dir_all(root.join("slos")).with_context(|| {
            format!("cannot create {}: choose a folder that can be written with --data", root.display())
        })?;
        let folder = Self { root, ports_from: args.ports_from };
        folder.write_once("headroom.toml", CONFIG)?;
        folder.write_once("prices.toml", PRICES)?;
        for (name, text) in SLOS {
            folder.write_once(&format!("slos/{name}"), text)?;
        }
        let platform = super::sample::config(String::new(), None, &args.platform, Some(args.backfill), true)?;
        folder.write_once("calendar.toml", &headroom_sample_data::calendar_toml(&platform))?;
        Ok(folder)
    }

    /// The configuration of this folder, with the ports that were asked for.
    pub(super) fn config(&self) -> Result<Config> {
        let mut config = load::load(&self.root.join("headroom.toml"))?;
        if let Some(first) = self.ports_from {
            config.web.listen.set_port(first);
            config.ingest.grpc_listen.set_port(first + 1);
            config.ingest.http_listen.set_port(first + 2);
            config.sql.listen.set_port(first + 3);
            config.store.engine_port = first + 4;
            if let Some(scaler) = &mut config.scaler {
                scaler.listen.set_port(first + 5);
            }
            if let Some(flight) = &mut config.sql.flight_listen {
                flight.set_port(first + 6);
            }
            for base in config.probes.iter_mut().filter_map(|probe| probe.variables.get_mut("headroom")) {
                *base = format!("http://{}", config.web.listen);
            }
        }
        Ok(config)
    }

    /// Whether an earlier run filled in the platform's history.
    pub(super) fn has_history(&self) -> bool {
        self.root.join("history-is-in").exists()
    }

    pub(super) fn history_is_in(&self) -> Result<()> {
        fs::write(self.root.join("history-is-in"), Utc::now().to_rfc3339())
            .context("cannot write into the demo's folder")
    }

    /// Accounts, tokens and addresses of a started node.
    pub(super) fn describe(&self, node: &Node) -> Result<Description> {
        let Secrets { credentials, ingest } = self.secrets(&node.control)?;
        let at = |what| node.address(what).map(|address| format!("http://{address}")).unwrap_or_default();
        let analyst = &credentials[&Role::Analyst];
        let scheme = if self.config()?.sql.tls.is_some() { "grpc+tls" } else { "grpc" };
        let postgres = node
            .address("postgres")
            .map(|address| format!("postgresql://{}:{}@{address}/headroom", analyst.user, analyst.password))
            .unwrap_or_default();
        Ok(Description {
            web: at("web"),
            otlp_grpc: at("otlp grpc"),
            otlp_http: at("otlp http"),
            postgres,
            flight_sql: node.address("flight sql").map(|address| format!("{scheme}://{address}")),
            clickhouse: node.store_url(),
            scaler: node.scaler().map(|address| format!("http://{address}")).unwrap_or_default(),
            credentials: AllCredentials { accounts: credentials, ingest },
        })
    }

    fn secrets(&self, control: &Control) -> Result<Secrets> {
        let path = self.root.join("secrets.json");
        if let Ok(text) = fs::read_to_string(&path) {
            return serde_json::from_str(&text).with_context(|| {
                format!(
                    "{} is damaged: delete it and {}",
                    path.display(),
                    self.root.join("control.db").display()
                )
            });
        }
        let now = Utc::now();
        let mut credentials = BTreeMap::new();
        for role in [Role::Agent, Role::Sre, Role::Analyst, Role::Lead, Role::Admin] {
            let (user, password) = (role.to_string(), headroom_control::random_text());
            control.create_user(&user, &password, role, TENANT, now)?;
            let token = control.create_token(&format!("demo-{role}"), role, TENANT, now)?;
            credentials.insert(role, Credentials { user, password, token });
        }
        let ingest = IngestToken { token: control.create_token("demo-ingest", Role::Ingest, TENANT, now)? };
        let secrets = Secrets { credentials, ingest };
        write_private(&path, &serde_json::to_string_pretty(&secrets)?)?;
        Ok(secrets)
    }

    /// Writes `demo.json`: the demo is ready.
    pub(super) fn publish(&self, description: &Description) -> Result<()> {
        write_private(&self.root.join("demo.json"), &serde_json::to_string_pretty(description)?)
    }

    /// Removes `demo.json`: nothing answers at its addresses any more.
    pub(super) fn retract(&self) {
        let _ = fs::remove_file(self.root.join("demo.json"));
    }

    fn write_once(&self, name: &str, text: &str) -> Result<()> {
        let path = self.root.join(name);
        if path.exists() {
            return Ok(());
        }
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Tenant of the demo; the configuration's default.
const TENANT: &str = "main";

/// The demo's configuration, which its user may edit.
const CONFIG: &str = include_str!("demo.toml");
const PRICES: &str = include_str!("prices.toml");

/// Whole or not at all, and for the owner's eyes only.
fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let part = path.with_extension("part");
    let mut file = fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&part)
        .with_context(|| format!("cannot write {}", part.display()))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("cannot write {}", part.display()))?;
    fs::rename(&part, path).with_context(|| format!("cannot write {}", path.display()))
}

impl Description {
    /// OTLP endpoint and token for the sample platform.
    pub(super) fn ingest(&self) -> (String, String) {
        (self.otlp_grpc.clone(), self.credentials.ingest.token.clone())
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nHeadroom is ready.\n")?;
        writeln!(f, "  pages       {}", self.web)?;
        for (role, account) in &self.credentials.accounts {
            writeln!(f, "              sign in as {:<8} with {}", role.to_string(), account.password)?;
        }
        writeln!(f, "  SQL         psql {}", self.postgres)?;
        if let Some(flight_sql) = &self.flight_sql {
            writeln!(f, "              Flight SQL {flight_sql}, with a user and password as above")?;
        }
        writeln!(f, "  scaler      {} (KEDA over gRPC; /scale for people)", self.scaler)?;
        writeln!(f, "  OTLP        {} (gRPC)  {} (HTTP)", self.otlp_grpc, self.otlp_http)?;
        writeln!(f, "              Authorization: Bearer {}", self.credentials.ingest.token)?;
        writeln!(f, "\nCtrl-C stops it; the next start goes on from here.")
    }
}

//! The store of a node: the embedded engine as a supervised child, or a ClickHouse server.

use crate::config::Config;
use anyhow::{Context as _, Result};
use headroom_store::doctor::Status;
use headroom_store::engine::{Supervisor, SupervisorConfig};
use headroom_store::migrate::Migrator;
use headroom_store::schema::{Form, Retention};
use headroom_store::{Store, StoreConfig};
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// How long a node waits for a ClickHouse server that does not answer yet.
const PATIENCE: Duration = Duration::from_mins(1);

/// An open store, and the engine behind it when it is embedded.
pub(crate) struct StoreHandle {
    store: Store,
    engine: Option<Supervisor>,
}

impl StoreHandle {
    /// Starts the embedded engine, or reaches the server, and waits until it answers.
    pub(crate) async fn open(config: &Config) -> Result<Self> {
        let section = &config.store;
        let (target, engine) = if let Some(url) = &section.url {
            let target = StoreConfig {
                url: url.clone(),
                user: section.user.clone(),
                password: section.password.clone(),
                database: section.database.clone(),
                cluster: section.cluster.clone(),
                ..StoreConfig::default()
            };
            (target, None)
        } else {
            let program = std::env::current_exe().context("cannot tell where this program is")?;
            let mut supervised = SupervisorConfig::new(program, &["engine"], config.engine_dir());
            supervised.port = section.engine_port;
            supervised.connections = section.engine_connections;
            supervised.libchdb.clone_from(&section.libchdb);
            let engine = Supervisor::start(supervised).await?;
            (engine.store_config(&section.database), Some(engine))
        };
        let store = Store::connect(&target)?;
        let handle = Self { store, engine };
        handle.wait().await?;
        Ok(handle)
    }

    async fn wait(&self) -> Result<()> {
        let started = tokio::time::Instant::now();
        loop {
            match self.store.ping().await {
                Ok(()) => return Ok(()),
                Err(error) if error.is_transient() && started.elapsed() < PATIENCE => {
                    tracing::warn!(%error, "waiting for ClickHouse at {}", self.store.config().url);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                Err(error) => {
                    return Err(error).with_context(|| {
                        format!(
                            "no ClickHouse answers at {}: check [store] url, user and password",
                            self.store.config().url
                        )
                    });
                }
            }
        }
    }

    /// Brings the schema up to date.
    pub(crate) async fn migrate(&self, config: &Config) -> Result<()> {
        let applied = self
            .migrator(config)
            .run(|_, _, step| tracing::debug!(step = step.id, "applying"))
            .await
            .context("the schema could not be completed; `headroom migrate` goes on where this stopped")?;
        if applied > 0 {
            tracing::info!(statements = applied, "schema brought up to date");
        }
        Ok(())
    }

    /// What the doctor needs to look at this store.
    pub(crate) fn examined(&self) -> (Store, Form) {
        (self.store.clone(), self.form())
    }

    /// The migrator of this store.
    pub(crate) fn migrator(&self, config: &Config) -> Migrator {
        Migrator::new(&self.store, self.form(), config.retention)
    }

    /// Embedded or server; a cluster's name overrides it.
    pub(crate) fn form(&self) -> Form {
        if self.engine.is_some() { Form::Embedded } else { Form::Server }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// The HTTP address with name and password in it, for scripts on this machine.
    pub(crate) fn url_with_credentials(&self) -> String {
        let StoreConfig { url, user, password, .. } = self.store.config();
        let Ok(mut parsed) = url::Url::parse(url) else { return url.clone() };
        if !password.is_empty() {
            // Both calls fail only on addresses without a host, which no store has.
            let _ = parsed.set_username(user);
            let _ = parsed.set_password(Some(password));
        }
        parsed.to_string()
    }

    /// Stops the embedded engine in order.
    pub(crate) async fn close(self) {
        if let Some(engine) = self.engine {
            engine.stop().await;
        }
    }
}

/// Looks at the store now and then, which sets the gauges of the doctor: drift of the rollups, free disk.
pub(super) async fn watch_drift((store, form): (Store, Form), retention: Retention, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(Duration::from_mins(5));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match headroom_store::doctor::examine(&store, form.clone(), retention).await {
            Ok(report) => {
                for check in report.checks.iter().filter(|check| check.status == Status::Fail) {
                    tracing::warn!(
                        check = check.name,
                        detail = check.detail,
                        "the store is not as it should be; `headroom doctor` says more"
                    );
                }
            }
            Err(error) => tracing::warn!(%error, "the store could not be looked at"),
        }
    }
}

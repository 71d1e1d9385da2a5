//! The store of a node: the embedded engine as a supervised child, or a ClickHouse server.

use crate::config::Config;
use anyhow::{Context as _, Result};
use headroom_store::engine::{Supervisor, SupervisorConfig};
use headroom_store::migrate::Migrator;
use headroom_store::{Store, StoreConfig};
use std::time::Duration;

/// How long a node waits for a ClickHouse server that does not answer yet.
const PATIENCE: Duration = Duration::from_secs(60);

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
                    return Err(error).with_context(|| format!("no ClickHouse answers at {}: check [store] url, user and password", self.store.config().url));
                }
            }
        }
    }

    /// Brings the schema up to date.
    pub(crate) async fn migrate(&self, config: &Config) -> Result<()> {
        let applied = Migrator::new(&self.store, config.retention.clone())
            .run(|step| tracing::debug!(%step, "applied"))
            .await
            .context("the schema could not be completed; `headroom migrate` goes on where this stopped")?;
        if applied > 0 {
            tracing::info!(statements = applied, "schema brought up to date");
        }
        Ok(())
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// The HTTP address with name and password in it, for scripts on this machine.
    pub(crate) fn url_with_credentials(&self) -> String {
        let Ok(mut url) = url::Url::parse(&self.store.config().url) else { return self.url.clone() };
        if !self.password.is_empty() {
            // Both calls fail only on addresses without a host, which no store has.
            let _ = url.set_username(&self.user);
            let _ = url.set_password(Some(&self.password));
        }
        url.to_string()
    }

    /// Stops the embedded engine in order.
    pub(crate) async fn close(self) {
        if let Some(engine) = self.engine {
            engine.stop().await;
        }
    }
}

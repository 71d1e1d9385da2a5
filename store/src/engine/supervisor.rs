//! The parent's side: starts the engine, keeps it alive, and takes it down.

mod child;

use std::path::PathBuf;
use std::sync::Arc;

use child::Shared;

use super::credentials::USER;
use crate::config::StoreConfig;
use crate::error::{Result, StoreError};

/// How to start the engine.
#[derive(Debug, Clone)]
pub struct SupervisorConfig {
    /// The program that has the engine in it.
    pub program: PathBuf,
    /// Its arguments before those of the engine: `["engine"]` for `headroom engine`.
    pub args: Vec<String>,
    /// Folder of the data.
    pub data: PathBuf,
    /// Port on 127.0.0.1, 0 for any.
    pub port: u16,
    /// The library file, when it is not in one of the usual places.
    pub libchdb: Option<PathBuf>,
    /// Connections of the engine.
    pub connections: usize,
    /// Whether the engine removes its data folder at the end (tests).
    pub ephemeral: bool,
}

impl SupervisorConfig {
    /// The usual: `program` with `args`, data in `data`, any port, eight connections.
    pub fn new(program: impl Into<PathBuf>, args: &[&str], data: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            data: data.into(),
            port: 0,
            libchdb: None,
            connections: 8,
            ephemeral: false,
        }
    }
}

/// A running engine. The child ends when this is stopped or dropped, and by itself when
/// the parent dies.
#[derive(Debug)]
pub struct Supervisor {
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Supervisor {
    /// Starts the engine and waits until it answers.
    pub async fn start(config: SupervisorConfig) -> Result<Self> {
        tokio::task::spawn_blocking(move || Self::start_blocking(config))
            .await
            .map_err(|error| StoreError::Engine(format!("start was broken off: {error}")))?
    }

    /// [`Supervisor::start`] for a thread that may wait.
    pub fn start_blocking(config: SupervisorConfig) -> Result<Self> {
        let shared = Arc::new(Shared::new(config)?);
        let mut child = shared.spawn()?;
        shared.wait_for_answer(&mut child)?;
        let watched = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("engine-supervisor".to_owned())
            .spawn(move || watched.keep_alive(child))
            .map_err(|error| StoreError::io("engine supervisor", error))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Address of the engine's HTTP interface; the same after a restart.
    pub fn url(&self) -> String {
        format!("http://{}", self.shared.address())
    }

    /// The engine's user.
    pub fn user(&self) -> &str {
        USER
    }

    /// The engine's password; the same after a restart.
    pub fn password(&self) -> &str {
        self.shared.token()
    }

    /// A store configuration for `database` in this engine.
    pub fn store_config(&self, database: &str) -> StoreConfig {
        StoreConfig {
            url: self.url(),
            user: USER.to_owned(),
            password: self.shared.token().to_owned(),
            database: database.to_owned(),
            ..StoreConfig::default()
        }
    }

    /// The child's process id; `None` between two children.
    pub fn pid(&self) -> Option<u32> {
        self.shared.pid()
    }

    /// How often the child had to be started again.
    pub fn restarts(&self) -> u64 {
        self.shared.restarts()
    }

    /// Takes the engine down in order: running queries get some seconds, then the
    /// connections are closed.
    pub async fn stop(self) {
        let _ = tokio::task::spawn_blocking(move || drop(self)).await;
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.shared.let_go();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

//! A node's store, opened for one command.

use crate::config::{Config, load};
use crate::lock::DataLock;
use crate::node::StoreHandle;
use anyhow::{Context as _, Result};
use headroom_store::Store;
use std::path::Path;

/// A configuration and the store that it names.
pub(super) struct Opened {
    pub(super) config: Config,
    handle: StoreHandle,
    _lock: Option<DataLock>,
}

impl Opened {
    /// Opens the store of a configuration file. An embedded one is this program's alone meanwhile.
    pub(super) async fn open(file: &Path) -> Result<Self> {
        let config = load::load(file)?;
        let embedded = config.store.url.is_none();
        let lock = embedded
            .then(|| DataLock::take(&config.data_dir))
            .transpose()
            .context("to ask a node that runs, give --server with its web address and --token")?;
        let handle = StoreHandle::open(&config).await?;
        Ok(Self { config, handle, _lock: lock })
    }

    pub(super) fn store(&self) -> &Store {
        self.handle.store()
    }

    pub(super) async fn close(self) {
        self.handle.close().await;
    }
}

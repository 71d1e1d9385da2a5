//! How to reach ClickHouse.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One ClickHouse: the embedded engine, a server, or any node of a cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// Address of the HTTP interface, for example `http://127.0.0.1:8123`.
    pub url: String,
    /// User, empty for ClickHouse's default user.
    pub user: String,
    /// Password.
    #[serde(skip_serializing)]
    pub password: String,
    /// Database that holds Headroom's tables.
    pub database: String,
    /// Cluster name as in `system.clusters`: makes the schema `ON CLUSTER`, replicated
    /// and distributed.
    pub cluster: Option<String>,
    /// Whether to compress requests (LZ4); `None` means: not on loopback.
    pub compress: Option<bool>,
    /// Longest time for a query, in seconds.
    pub query_timeout_s: u64,
    /// Longest time for an insert, in seconds.
    pub insert_timeout_s: u64,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            url: "http://127.0.0.1:8123".to_owned(),
            user: String::new(),
            password: String::new(),
            database: "headroom".to_owned(),
            cluster: None,
            compress: None,
            query_timeout_s: 60,
            insert_timeout_s: 120,
        }
    }
}

impl StoreConfig {
    pub(crate) fn query_timeout(&self) -> Duration {
        Duration::from_secs(self.query_timeout_s.max(1))
    }

    pub(crate) fn insert_timeout(&self) -> Duration {
        Duration::from_secs(self.insert_timeout_s.max(1))
    }
}

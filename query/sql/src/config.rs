//! The limits of the door.

use std::collections::BTreeMap;
use std::time::Duration;

use headroom_tls::TlsFiles;
use serde::{Deserialize, Serialize};

use crate::limits::RoleLimits;

/// What one statement may cost, and how the Postgres front is protected.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SqlConfig {
    /// Longest working time of one statement, in seconds. Time spent waiting for the
    /// client to take its rows does not count.
    pub deadline_s: u64,
    /// Most rows of an answer over HTTP; beyond it the answer is marked as truncated.
    pub http_rows: usize,
    /// Most rows of an answer over Postgres; beyond it the statement fails.
    pub postgres_rows: usize,
    /// Most bytes of an answer, in memory.
    pub result_bytes: usize,
    /// Memory of all running statements together, in bytes, for sorting, joining and
    /// grouping; beyond it they spill to disk or fail.
    pub memory_bytes: usize,
    /// Room for spilling, in bytes, in the system's folder for temporary files.
    pub spill_bytes: u64,
    /// Memory that one scan may take inside ClickHouse, in bytes.
    pub scan_memory_bytes: u64,
    /// Parallel parts of one plan.
    pub target_partitions: usize,
    /// Statements that run at once; others wait, within their deadline.
    pub concurrent: usize,
    /// Statements of one user that run at once.
    pub concurrent_per_user: usize,
    /// Memory for groups of days that do not change any more, in bytes; none are kept with 0.
    pub cache_bytes: usize,
    /// Most rows of spans, logs, metrics and events that one statement may read, as estimated before it runs.
    pub read_rows: u64,
    /// What differs for a role, by its name.
    pub roles: BTreeMap<String, RoleLimits>,
    /// Postgres connections at once; as many more may be logging in.
    pub connections: usize,
    /// Postgres connections of one tenant at once.
    pub connections_per_tenant: usize,
    /// Postgres connections of one user at once.
    pub connections_per_user: usize,
    /// Longest time from connecting over Postgres to being logged in, in seconds.
    pub login_timeout_s: u64,
    /// Longest time a Postgres client may leave rows unread, in seconds; then the statement is stopped and its
    /// place given to others.
    pub unread_timeout_s: u64,
    /// TLS of the Postgres front. Needed unless it listens on loopback.
    pub tls: Option<TlsFiles>,
}

impl Default for SqlConfig {
    fn default() -> Self {
        Self {
            deadline_s: 30,
            http_rows: 10_000,
            postgres_rows: 1_000_000,
            result_bytes: 256 << 20,
            memory_bytes: 512 << 20,
            spill_bytes: 2 << 30,
            scan_memory_bytes: 2 << 30,
            target_partitions: 2,
            concurrent: 8,
            concurrent_per_user: 4,
            cache_bytes: 64 << 20,
            read_rows: 2_000_000_000,
            roles: BTreeMap::new(),
            connections: 64,
            connections_per_tenant: 48,
            connections_per_user: 16,
            login_timeout_s: 10,
            unread_timeout_s: 60,
            tls: None,
        }
    }
}

impl SqlConfig {
    pub(crate) fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_s.max(1))
    }

    pub(crate) fn login_timeout(&self) -> Duration {
        Duration::from_secs(self.login_timeout_s.max(1))
    }

    pub(crate) fn unread_timeout(&self) -> Duration {
        Duration::from_secs(self.unread_timeout_s.max(1))
    }
}

//! What the statements of one role may cost.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::SqlConfig;

/// What differs for a role from what holds for all.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleLimits {
    /// Longest working time of one statement, in seconds.
    pub statement_timeout_seconds: Option<u64>,
    /// Most rows of an answer.
    pub rows: Option<usize>,
    /// Most bytes of an answer, in memory.
    pub bytes: Option<usize>,
    /// Most rows of spans, logs, metrics and events that a statement may read, as estimated before it runs.
    pub read_rows: Option<u64>,
    /// Statements of one user that run at once.
    pub at_once: Option<usize>,
}

/// The limits of somebody.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) deadline: Duration,
    pub(crate) http_rows: usize,
    pub(crate) rows: usize,
    pub(crate) bytes: usize,
    pub(crate) read_rows: u64,
    pub(crate) at_once: usize,
}

impl SqlConfig {
    /// The limits of a role.
    pub(crate) fn limits(&self, role: &str) -> Limits {
        let own = self.roles.get(role).copied().unwrap_or_default();
        let rows = own.rows.unwrap_or(self.postgres_rows);
        Limits {
            deadline: own
                .statement_timeout_seconds
                .map_or(self.deadline(), |s| Duration::from_secs(s.max(1))),
            http_rows: self.http_rows.min(rows),
            rows,
            bytes: own.bytes.unwrap_or(self.result_bytes),
            read_rows: own.read_rows.unwrap_or(self.read_rows),
            at_once: own.at_once.unwrap_or(self.concurrent_per_user).max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_its_own_limits_and_otherwise_those_of_all() {
        let analyst = RoleLimits { rows: Some(500), read_rows: Some(7), ..RoleLimits::default() };
        let config = SqlConfig { roles: [("analyst".to_owned(), analyst)].into(), ..SqlConfig::default() };
        let (own, others) = (config.limits("analyst"), config.limits("sre"));
        assert_eq!((own.rows, own.http_rows, own.read_rows), (500, 500, 7));
        assert_eq!((others.rows, others.http_rows), (config.postgres_rows, config.http_rows));
        assert_eq!((own.deadline, own.at_once), (others.deadline, others.at_once));
    }
}

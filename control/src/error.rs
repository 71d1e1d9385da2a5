//! What can go wrong with the control state.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

/// The result of a call on [`crate::Control`].
pub type Result<T, E = ControlError> = std::result::Result<T, E>;

/// Why the control state refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The database file or its folder cannot be opened.
    #[error(
        "cannot open the control database {path}: {reason}; check that the folder exists and is writable"
    )]
    Open {
        /// The file that was asked for.
        path: PathBuf,
        /// What the operating system or SQLite said.
        reason: String,
    },
    /// The file was written by a newer program.
    #[error(
        "the control database has schema version {found}, this program knows {known}; run the newer headroom"
    )]
    NewerSchema {
        /// Version found in the file.
        found: usize,
        /// Newest version this program has a migration for.
        known: usize,
    },
    /// The PostgreSQL server cannot be reached, has no connection left, or does not suit. Nothing was changed.
    #[error("cannot use the control database {server}: {reason}")]
    Unusable {
        /// User, host and database.
        server: String,
        /// What is wrong and what to do.
        reason: String,
        /// Whether it may pass without anybody doing anything: the server starts, or is restarted.
        passing: bool,
    },
    /// PostgreSQL refused a statement. Nothing was changed.
    #[error("control database: {0}")]
    Postgres(String),
    /// The connection to PostgreSQL was lost. Nothing was changed.
    #[error("the connection to the control database was lost: {reason}; nothing was changed: try again")]
    Lost {
        /// What is known of it.
        reason: String,
    },
    /// The connection to PostgreSQL was lost after the end of a change was asked for.
    #[error(
        "the connection to the control database was lost: {reason}; whether the change was stored is not known: look \
         before you make it again"
    )]
    Unsure {
        /// What is known of it.
        reason: String,
    },
    /// This is the handle of a leader whose term is over. Nothing was changed.
    #[error("{role} is led by another node now: nothing was changed")]
    NotLeading {
        /// What is led.
        role: String,
    },
    /// SQLite refused a statement.
    #[error("control database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A stored value does not decode.
    #[error("control database: column {column} holds {value:?}, which this program cannot read")]
    Corrupt {
        /// Table and column.
        column: &'static str,
        /// The value found.
        value: String,
    },
    /// A name, password or role that is not accepted.
    #[error("{0}")]
    Invalid(String),
    /// Something of that name is there already.
    #[error("{kind} {name:?} exists already; choose another name")]
    Exists {
        /// "user", "token" or "alert".
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// Nothing of that name is there.
    #[error("no {kind} {name:?}")]
    Unknown {
        /// "user", "token", "alert" or "delivery".
        kind: &'static str,
        /// The name or number.
        name: String,
    },
    /// Too many wrong passwords for this name.
    #[error("too many wrong passwords for {name:?}; try again after {until}")]
    LockedOut {
        /// The name tried.
        name: String,
        /// When the next attempt is looked at.
        until: DateTime<Utc>,
    },
    /// Hashing failed (bad parameters or no memory).
    #[error("password hashing failed: {0}")]
    Hash(String),
    /// The audit trail does not hold at this row.
    #[error("the audit trail is broken at row {seq}: {what}")]
    AuditBroken {
        /// First row that does not fit.
        seq: i64,
        /// What does not fit.
        what: String,
    },
}

impl ControlError {
    /// Whether it may be otherwise in a moment.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unusable { passing: true, .. } | Self::Lost { .. })
    }
}

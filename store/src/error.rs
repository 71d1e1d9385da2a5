//! What can go wrong between Headroom and ClickHouse, and whether to try again.

use std::path::PathBuf;
use std::time::Duration;

use crate::codes;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The configuration cannot be used.
    #[error("{0}")]
    Config(String),
    /// ClickHouse cannot be reached, or the connection broke.
    #[error("clickhouse at {url} cannot be reached: {detail}")]
    Unreachable {
        /// The address, without user and password.
        url: String,
        /// What the network said.
        detail: String,
    },
    /// No answer came within the time allowed.
    #[error("clickhouse gave no answer within {seconds} s ({what})")]
    Timeout {
        /// The time allowed.
        seconds: u64,
        /// What was asked.
        what: String,
    },
    /// ClickHouse answered with an exception.
    #[error("clickhouse refused ({what}): code {code}: {message}")]
    Clickhouse {
        /// ClickHouse's number of the error, 0 when the answer had none.
        code: u32,
        /// ClickHouse's words.
        message: String,
        /// What was asked.
        what: String,
    },
    /// The answer does not have the form that was asked for, or rows cannot be encoded.
    #[error("rows do not fit ({what}): {detail}")]
    Rows {
        /// What was asked.
        what: String,
        /// The client's words.
        detail: String,
    },
    /// A block of columns is not well-formed.
    #[error("block of {table}: {detail}")]
    Block {
        /// The table it was for.
        table: String,
        /// What is wrong.
        detail: String,
    },
    /// libchdb.so was not found or cannot be loaded.
    #[error("{0}")]
    Library(String),
    /// Another engine has the data folder.
    #[error("another engine already uses {}: stop it, or give this one a folder of its own", .0.display())]
    Locked(PathBuf),
    /// The engine process cannot be started or does not answer.
    #[error("embedded engine: {0}")]
    Engine(String),
    /// A migration cannot go on.
    #[error("migration: {0}")]
    Migration(String),
    /// A file or a process of the machine.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A result with [`StoreError`].
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    /// Whether the same request may succeed later: the network, a restart, overload,
    /// full disks, lost replicas. Anything else fails again however often it is tried.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Engine(_) => true,
            Self::Clickhouse { code, message, .. } => codes::is_transient(*code, message),
            _ => false,
        }
    }

    /// ClickHouse's number of the error, when it answered with one.
    pub fn code(&self) -> Option<u32> {
        match self {
            Self::Clickhouse { code, .. } if *code != 0 => Some(*code),
            _ => None,
        }
    }

    pub(crate) fn io(what: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io { what: what.into(), source }
    }

    /// Sorts an error of the client. `what` says what was asked, in a few words, and
    /// `limit` how long it was allowed to take.
    pub(crate) fn from_client(
        error: clickhouse::error::Error,
        url: &str,
        what: String,
        limit: Duration,
    ) -> Self {
        use clickhouse::error::Error as E;
        match error {
            E::Network(source) => Self::Unreachable { url: url.to_owned(), detail: chain(source.as_ref()) },
            E::TimedOut => Self::Timeout { seconds: limit.as_secs(), what },
            E::BadResponse(message) => Self::Clickhouse { code: codes::of_message(&message), message, what },
            E::InvalidParams(source) => {
                Self::Config(format!("{what}: request cannot be built: {}", chain(source.as_ref())))
            }
            other => Self::Rows { what, detail: chain(&other) },
        }
    }
}

/// An error and all its causes in one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = inner.source();
    }
    text
}

//! Why a comparison could not be made. What it finds is never an error.

use headroom_query::QueryError;

/// The error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The options contradict each other or cannot be read.
    #[error("{0}")]
    Options(String),
    /// An input has something in it that cannot be compared.
    #[error("{place}: {detail}")]
    Input {
        /// The file and line, or the side.
        place: String,
        /// What is wrong there.
        detail: String,
    },
    /// A file cannot be read or written.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A stream of stored events cannot be asked for.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A stream of stored events broke off.
    #[error("stored events cannot be read: {0}")]
    Stream(String),
    /// More events share a key than fit into memory.
    #[error(
        "{events} events have the key {key}: it does not tell events apart; add fields to the key until it does"
    )]
    SameKey {
        /// The key, masked.
        key: String,
        /// How many there are at least.
        events: u64,
    },
    /// More payments look alike than fit into memory.
    #[error(
        "{events} events within {seconds} s look like the same payment: give the search for suspects more fields or switch it off with a window of 0s"
    )]
    SameLooks {
        /// How many there are at least.
        events: u64,
        /// In how many seconds.
        seconds: i64,
    },
}

/// A result with [`ReconcileError`].
pub type Result<T, E = ReconcileError> = std::result::Result<T, E>;

impl ReconcileError {
    pub(crate) fn input(place: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Input { place: place.into(), detail: detail.into() }
    }

    pub(crate) fn io(what: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io { what: what.into(), source }
    }
}

//! What can go wrong with alerts.

use std::path::PathBuf;

use headroom_control::ControlError;
use headroom_query::QueryError;
use headroom_query::slo::SpecErrors;

/// The error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum AlertsError {
    /// A definition file or folder cannot be read.
    #[error("cannot read {path}: {reason}; check slo_dirs and slo_files in [alerts]")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The definitions are wrong.
    #[error("slo definitions: {0}")]
    Spec(#[from] SpecErrors),
    /// A setting is wrong.
    #[error("alerts configuration: {problem}")]
    Config {
        /// What is wrong, and what is allowed.
        problem: String,
        /// The list of tables that it stands in, as `routes`, and its number there, from 0.
        place: Option<(&'static str, usize)>,
    },
    /// The slices cannot be counted, read or written.
    #[error("slices: {0}")]
    Query(#[from] QueryError),
    /// The state of alerts cannot be read or written.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// What somebody asked for cannot be done.
    #[error("{0}")]
    Refused(String),
    /// The HTTP client cannot be set up.
    #[error("receiver {destination}: http client: {reason}")]
    Client {
        /// The destination's name.
        destination: String,
        /// What the client said.
        reason: String,
    },
}

impl AlertsError {
    /// The table of the configuration that is wrong, if it is one of a list.
    pub fn place(&self) -> Option<(&'static str, usize)> {
        match self {
            Self::Config { place, .. } => *place,
            _ => None,
        }
    }
}

/// Result with [`AlertsError`].
pub type Result<T, E = AlertsError> = std::result::Result<T, E>;

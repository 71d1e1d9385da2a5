//! What can go wrong on the way to a report.

use headroom_control::ControlError;
use headroom_query::QueryError;

/// The error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum MonthlyError {
    /// The month, the zone or the kind that was asked for is none.
    #[error("{0}")]
    Asked(String),
    /// The store, or a question to it.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// Alerts, or the audit trail.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// Reading the control state broke off.
    #[error("reading broke off: {0}")]
    Broken(#[from] tokio::task::JoinError),
}

/// Result with [`MonthlyError`].
pub type Result<T> = std::result::Result<T, MonthlyError>;

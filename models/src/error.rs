//! What can go wrong while planning.

use thiserror::Error;

/// An error of this crate. A figure that merely cannot be computed is not an error but
/// [`Unavailable`](crate::forecast::Unavailable), with its reason.
#[derive(Debug, Error)]
pub enum ModelsError {
    /// A calendar cannot be read, or holds something that has no meaning.
    #[error(transparent)]
    Calendar(#[from] headroom_calendar::CalendarError),
    /// A setting outside its range.
    #[error("models.{setting}: {message}")]
    Config {
        /// The setting's name.
        setting: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// The store refused or is away.
    #[error(transparent)]
    Store(#[from] headroom_store::StoreError),
    /// A stretch of time that cannot be shown.
    #[error("{0}")]
    Range(String),
    /// The control state refused.
    #[error(transparent)]
    Control(#[from] headroom_control::ControlError),
    /// A feed's HTTP client cannot be set up.
    #[error("models.feeds, {feed}: http client: {reason}")]
    Client {
        /// The feed's name.
        feed: String,
        /// What the client said.
        reason: String,
    },
    /// Reading history failed.
    #[error(transparent)]
    Query(#[from] headroom_query::QueryError),
}

/// The result of this crate's functions.
pub type Result<T, E = ModelsError> = std::result::Result<T, E>;

//! What can go wrong on the way from the store to an answer.

use headroom_models::ModelsError;
use headroom_query::QueryError;

/// The error of questions about capacity.
#[derive(Debug, thiserror::Error)]
pub enum CapacityError {
    /// The question, or the store behind it.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The computation broke off.
    #[error("the computation broke off: {0}")]
    Broken(tokio::task::JoinError),
    /// A bill or a price table.
    #[error("{0}")]
    Money(String),
    /// Something that is stored cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] headroom_store::StoreError),
    /// Forecasts could not be read.
    #[error(transparent)]
    Models(#[from] ModelsError),
}

/// Result with [`CapacityError`].
pub type Result<T> = std::result::Result<T, CapacityError>;

//! What can go wrong while answering, sorted by whose turn it is next.
//!
//! A [`QueryError::BadRequest`] is for the person who asked, a
//! [`QueryError::NotFound`] says that nothing is stored under that name, a
//! [`QueryError::Unavailable`] that the answer cannot be given honestly now,
//! and a [`QueryError::Store`] that ClickHouse did not answer.

use headroom_store::StoreError;

/// The error of every question this crate answers.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The question itself cannot be answered as it was put.
    #[error("{message}")]
    BadRequest {
        /// What was wrong, and where.
        message: String,
        /// What to ask instead.
        hint: String,
    },
    /// Nothing is stored under the name or id that was given.
    #[error("{message}")]
    NotFound {
        /// What was looked for.
        message: String,
        /// Where else to look.
        hint: String,
    },
    /// The stored data does not allow an honest answer.
    #[error("{message}")]
    Unavailable {
        /// Why there is no answer.
        message: String,
        /// What would bring one.
        hint: String,
    },
    /// The store failed or refused.
    #[error("the store did not answer: {0}")]
    Store(#[from] StoreError),
}

/// Result with [`QueryError`].
pub type Result<T> = std::result::Result<T, QueryError>;

impl QueryError {
    /// A [`QueryError::BadRequest`].
    pub fn bad_request(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::BadRequest { message: message.into(), hint: hint.into() }
    }

    /// A [`QueryError::NotFound`].
    pub fn not_found(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::NotFound { message: message.into(), hint: hint.into() }
    }

    /// A [`QueryError::Unavailable`].
    pub fn unavailable(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Unavailable { message: message.into(), hint: hint.into() }
    }

    /// The stable machine-readable code of the HTTP error body.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadRequest { .. } => "bad_request",
            Self::NotFound { .. } => "not_found",
            Self::Unavailable { .. } => "unavailable",
            Self::Store(_) => "store_unavailable",
        }
    }

    /// What the person who asked can do about it.
    pub fn hint(&self) -> &str {
        match self {
            Self::BadRequest { hint, .. } | Self::NotFound { hint, .. } | Self::Unavailable { hint, .. } => {
                hint
            }
            Self::Store(error) if error.is_transient() => "try again in a few seconds",
            Self::Store(_) => "the program's log names the query; tell whoever runs headroom",
        }
    }
}

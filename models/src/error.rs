//! What can go wrong while planning.

use std::path::PathBuf;

use thiserror::Error;

/// An error of this crate. A figure that merely cannot be computed is not an error but
/// [`Unavailable`](crate::forecast::Unavailable), with its reason.
#[derive(Debug, Error)]
pub enum ModelsError {
    /// A calendar file could not be read.
    #[error("could not read the calendar {path}: {source}; check the path in models.calendars")]
    ReadCalendar {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A calendar holds something that has no meaning.
    #[error("{file}:{line}: {message}")]
    Calendar {
        /// The file, or the name of a built-in table.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong and what to do.
        message: String,
    },
    /// A venue that no table knows.
    #[error("unknown venue `{0}`: the built-in venues are XNYS, XNSE and XLON")]
    UnknownVenue(String),
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
    /// Reading history failed.
    #[error(transparent)]
    Query(#[from] headroom_query::QueryError),
}

/// The result of this crate's functions.
pub type Result<T, E = ModelsError> = std::result::Result<T, E>;

//! What can be wrong with a calendar.

use std::path::PathBuf;

use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Error)]
pub enum CalendarError {
    /// A calendar file could not be read.
    #[error("could not read the calendar {path}: {source}; check its path")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A calendar holds something that has no meaning.
    #[error("{file}:{line}: {message}")]
    Content {
        /// The file, or the name of a built-in table.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong and what to do.
        message: String,
    },
    /// A venue that no table knows.
    #[error("unknown venue `{0}`: the built-in venues are {list}; a [[venue]] table defines another", list = crate::venue::BUILTIN.join(", "))]
    UnknownVenue(String),
}

/// The result of this crate's functions.
pub type Result<T, E = CalendarError> = std::result::Result<T, E>;

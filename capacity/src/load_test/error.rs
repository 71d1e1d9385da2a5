//! Why a result could not be read.

use thiserror::Error;

use super::Format;

/// Why a load generator's result could not be read.
#[derive(Debug, Error)]
pub enum ImportError {
    /// Nothing that a known tool writes.
    #[error(
        "{source_name}: not a result of a load generator that is known here; it begins with `{begins}`; known \
         are {known}",
        known = Format::list()
    )]
    Unknown {
        /// What was read.
        source_name: String,
        /// The first characters, those that can be shown.
        begins: String,
    },
    /// Known, but not to be read as it is.
    #[error("{source_name}: {what}; {instead}")]
    Unusable {
        /// What was read.
        source_name: String,
        /// What it is.
        what: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// Nothing in it.
    #[error("{source_name}: the file is empty; was the test stopped before it wrote anything")]
    Empty {
        /// What was read.
        source_name: String,
    },
    /// A line that cannot be read, where too many cannot.
    #[error(
        "{source_name}:{line}: {message} ({bad} of {lines} lines cannot be read, more than one in a thousand); \
         check that the file is whole and nothing else was written into it"
    )]
    Line {
        /// What was read.
        source_name: String,
        /// The first such line, counted from 1.
        line: u64,
        /// What is wrong with it.
        message: String,
        /// How many there are, as far as was read.
        bad: u64,
        /// Lines read.
        lines: u64,
    },
    /// A document that cannot be read, or that lacks a field.
    #[error("{source_name}: {message}")]
    Document {
        /// What was read.
        source_name: String,
        /// What is wrong, where, and what to do.
        message: String,
    },
    /// Larger than this form ever is.
    #[error("{source_name}: {what} is longer than {limit} MiB; is this the right file")]
    TooLong {
        /// What was read.
        source_name: String,
        /// What is too long.
        what: String,
        /// The limit in MiB.
        limit: u64,
    },
    /// No requests in it.
    #[error("{source_name}: no requests in it ({looked_for}); was the test stopped before its first answer")]
    NoRequests {
        /// What was read.
        source_name: String,
        /// Where they were looked for.
        looked_for: &'static str,
    },
    /// The reader failed.
    #[error("{source_name}: could not be read: {source}")]
    Read {
        /// What was read.
        source_name: String,
        /// Why.
        source: std::io::Error,
    },
}

impl ImportError {
    /// A [`Document`](Self::Document) error.
    pub(super) fn document(source: &str, message: impl Into<String>) -> Self {
        Self::Document { source_name: source.to_owned(), message: message.into() }
    }
}

//! What can go wrong with an archive, in words for the person who runs it.

use chrono::NaiveDate;

/// The result of working with an archive.
pub type Result<T, E = ArchiveError> = std::result::Result<T, E>;

/// Why an archive could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The address cannot be used.
    #[error("archive.url {url:?} cannot be used: {reason}")]
    Url {
        /// As it was configured.
        url: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The place of the archive did not answer, or refused.
    #[error("the archive at {place} does not answer: {reason}")]
    Place {
        /// Its address.
        place: String,
        /// What it said.
        reason: String,
    },
    /// A list of days cannot be understood.
    #[error("the list of archived days {path} cannot be read: {reason}")]
    List {
        /// Where it lies.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Another node has written the list of days first.
    #[error("another node archives at the same time; this round stops and the next one goes on")]
    Raced,
    /// A day's file is not what was written.
    #[error(
        "the archive of {view} for {day} is damaged: {reason}; `headroom archive verify` looks at all files"
    )]
    Damaged {
        /// The view.
        view: String,
        /// The day, UTC.
        day: NaiveDate,
        /// What is wrong with it.
        reason: String,
    },
    /// A day's file cannot be reached.
    #[error("the archive of {view} for {day} cannot be read: {reason}")]
    Unread {
        /// The view.
        view: String,
        /// The day, UTC.
        day: NaiveDate,
        /// Why.
        reason: String,
    },
    /// The rows of a day could not be read from the store.
    #[error("the rows of {view} for {day} cannot be archived: {reason}")]
    Rows {
        /// The view.
        view: String,
        /// The day, UTC.
        day: NaiveDate,
        /// Why.
        reason: String,
    },
    /// The store could not say what it holds.
    #[error("the store cannot say what it holds of {view}: {reason}")]
    Held {
        /// The view.
        view: String,
        /// Why.
        reason: String,
    },
}

//! What can go wrong with the log.

use std::io;
use std::path::PathBuf;

/// The log cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Another process has the folder.
    #[error("another headroom process uses the folder {}: stop it or set another ingest.data_dir", .0.display())]
    Locked(PathBuf),
    /// The system refused a file operation.
    #[error("cannot {what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// The folder holds a log that this version cannot read.
    #[error("{}: {what}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
}

impl LogError {
    pub(super) fn io(what: impl Into<String>, source: io::Error) -> Self {
        Self::Io { what: what.into(), source }
    }
}

/// A request was not made durable, and must not be acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The log is at its bound.
    #[error(
        "the durable log is at its bound of {max_bytes} bytes: the store does not keep up, try again later"
    )]
    Full {
        /// The bound.
        max_bytes: u64,
    },
    /// The request would not even fit an empty log.
    #[error("the request is larger than the durable log may be ({max_bytes} bytes): send smaller batches")]
    TooLarge {
        /// The most that fits.
        max_bytes: u64,
    },
    /// The disk is full.
    #[error("the disk of the durable log is full: nothing can be accepted until space returns")]
    DiskFull,
    /// The disk failed in another way.
    #[error("the durable log cannot be written: {0}")]
    Disk(String),
    /// The log is closed.
    #[error("the service is stopping")]
    Stopped,
}

impl AppendError {
    pub(super) fn from_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Disk(error.to_string()),
        }
    }
}

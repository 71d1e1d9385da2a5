//! Why a run or a check cannot be made.

use std::io;
use std::path::{Path, PathBuf};

/// A run cannot start or go on, or a check cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The address to send to makes no sense.
    #[error("target {text:?}: {what}; write http://host:port or grpc://host:port")]
    Target {
        /// The address as it was given.
        text: String,
        /// What is wrong with it.
        what: String,
    },
    /// The run id cannot be read.
    #[error("run id {0:?} is not 16 hexadecimal digits, or it is all zero")]
    RunId(String),
    /// An option makes no sense.
    #[error("{name}: {what}")]
    Option {
        /// The option.
        name: &'static str,
        /// What is wrong with it.
        what: String,
    },
    /// Nobody listens where the load should go.
    #[error("cannot connect to {address}: {source}; is the receiver running")]
    Connect {
        /// Host and port.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// The ledger's file cannot be written or read.
    #[error("ledger {}: cannot {what}: {source}", path.display())]
    LedgerFile {
        /// The file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// A line of the ledger cannot be understood.
    #[error("ledger {}: line {line}: {what}", path.display())]
    LedgerLine {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A process to watch is not there.
    #[error("process {pid}: {what}")]
    Process {
        /// The process.
        pid: u32,
        /// What is wrong.
        what: String,
    },
    /// The store cannot be asked what it holds.
    #[error("cannot count {table} at {place}: {what}")]
    Count {
        /// The table or view.
        table: &'static str,
        /// Who was asked.
        place: String,
        /// What went wrong.
        what: String,
    },
}

impl LoadError {
    pub(crate) fn option(name: &'static str, what: impl Into<String>) -> Self {
        Self::Option { name, what: what.into() }
    }

    pub(crate) fn ledger(path: &Path, what: &'static str, source: io::Error) -> Self {
        Self::LedgerFile { path: path.to_owned(), what, source }
    }
}

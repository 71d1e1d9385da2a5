//! What can go wrong outside the contracts themselves.

use std::path::PathBuf;

use crate::problem::Problem;

/// The crate's results.
pub type Result<T, E = ContractsError> = std::result::Result<T, E>;

/// Why contracts could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum ContractsError {
    /// A file or folder could not be read.
    #[error("cannot read contracts at {path}: {source}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Files are there and are no contracts; the registry stays as it was.
    #[error("{} of the contracts in {path} cannot be used, first {}", problems.len(), first(problems))]
    Invalid {
        /// The folder.
        path: PathBuf,
        /// All that is wrong.
        problems: Vec<Problem>,
    },
}

fn first(problems: &[Problem]) -> String {
    problems.first().map(ToString::to_string).unwrap_or_default()
}

//! What can go wrong while reading bills and prices, and while adding money.

use thiserror::Error;

/// An error of this module. A figure that merely cannot be had is not an error but
/// [`Figure::Unavailable`](super::Figure), with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Two amounts of different currencies were to be added, subtracted or compared.
    #[error("{left} and {right} are different currencies; convert one of them before they are added")]
    DifferentCurrencies {
        /// Currency of the first amount.
        left: String,
        /// Currency of the second amount.
        right: String,
    },
    /// An amount has more digits than can be held exactly.
    #[error(
        "{what}: the amount is larger than 79,228,162,514,264, which is the most that is held exactly; {hint}"
    )]
    TooLarge {
        /// What was added or multiplied.
        what: String,
        /// What to do.
        hint: &'static str,
    },
    /// A FOCUS file lacks columns without which no cost can be told.
    #[error("{file}: the columns {columns} are missing; export the file with all mandatory FOCUS columns")]
    MissingColumns {
        /// The file.
        file: String,
        /// Names of the columns, with commas between them.
        columns: String,
    },
    /// The file is not CSV as it should be.
    #[error("{file}, line {line}: {problem}")]
    Csv {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong and what to do.
        problem: String,
    },
    /// A cell holds something that has no meaning.
    #[error("{file}, line {line}, column {column}: {problem}")]
    Cell {
        /// The file.
        file: String,
        /// The line at which the row starts, counted from 1.
        line: u64,
        /// The column.
        column: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// There are more rows, or more different ones, than are held at once.
    #[error("{file}: more than {limit} {what}; split the file by billing period")]
    TooMany {
        /// The file.
        file: String,
        /// How many are held.
        limit: usize,
        /// Rows, or what of them is counted.
        what: &'static str,
    },
    /// A price table holds something that has no meaning.
    #[error("prices: {0}")]
    Prices(String),
    /// A setting of an attribution or of an advice has no meaning.
    #[error("{setting}: {problem}")]
    Setting {
        /// The setting.
        setting: String,
        /// What is wrong and what to do.
        problem: String,
    },
}

/// The result of this module's functions.
pub type Result<T, E = MoneyError> = std::result::Result<T, E>;

//! Why there is no figure of risk.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Result with [`NoRisk`].
pub type Result<T> = std::result::Result<T, NoRisk>;

/// Why there is no figure of risk.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize, ToSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NoRisk {
    /// The series is too short.
    #[error("it takes {needed} returns or more, and there {} {found}", if *found == 1 { "is" } else { "are" })]
    TooFew {
        /// So many are needed.
        needed: usize,
        /// So many there are.
        found: usize,
    },
    /// A gap in the series.
    #[error("the return of row {row} (counted from 0) is missing; only the first row may have none")]
    Missing {
        /// Which row.
        row: usize,
    },
    /// A return that is no number, or below -100 %.
    #[error("the return of row {row} (counted from 0) is {value}, and a return is a number from -1 up")]
    NotAReturn {
        /// Which row.
        row: usize,
        /// What is given for it.
        value: String,
    },
    /// A logarithm of nothing.
    #[error("row {row} (counted from 0) lost everything, of which there is no logarithmic return")]
    LostEverything {
        /// Which row.
        row: usize,
    },
    /// A year is not full.
    #[error("{rows} rows are less than the {a_year} of a year: growth is told as it is and not annualised")]
    UnderAYear {
        /// The rows of the series.
        rows: usize,
        /// The rows of a year.
        a_year: usize,
    },
    /// A ratio over no spread.
    #[error("the returns are all alike, and a ratio to their spread needs one")]
    NoSpread,
    /// A ratio over no loss.
    #[error("no return is below what is required, and a ratio to such shortfalls needs one")]
    NoShortfall,
    /// A ratio over no drawdown.
    #[error("the value never fell below an earlier one, and a ratio to the drawdown needs one")]
    NoDrawdown,
    /// A ratio over an empty tail.
    #[error("the twentieth part of the returns begins at 0, and a ratio to that tail needs it not to")]
    NoTail,
    /// A benchmark that does not move.
    #[error("the benchmark's returns are all alike, and nothing can be measured against them")]
    FlatBenchmark,
    /// The benchmark is another series.
    #[error(
        "the series has {series} returns {frequency} and the benchmark {benchmark} {benchmark_frequency}"
    )]
    Unlike {
        /// Returns of the series.
        series: usize,
        /// How often it has one.
        frequency: String,
        /// Returns of the benchmark.
        benchmark: usize,
        /// How often it has one.
        benchmark_frequency: String,
    },
    /// No period in which the benchmark went that way.
    #[error("the benchmark never went {way}")]
    NeverWent {
        /// Up or down.
        way: String,
    },
    /// A day is told twice.
    #[error("there are two values for {date}")]
    TwoValues {
        /// The day.
        date: NaiveDate,
    },
    /// No fall can be told in parts of nothing.
    #[error("the index is {value} on {date}, from which no fall can be measured: it is a number above 0")]
    NoHeight {
        /// The day.
        date: NaiveDate,
        /// What it is.
        value: String,
    },
    /// The figure outgrew numbers.
    #[error("the figure is beyond what a number can say")]
    Extreme,
}

/// The figure, where it is a number.
pub(super) fn finite(figure: f64) -> Result<f64> {
    if figure.is_finite() { Ok(figure) } else { Err(NoRisk::Extreme) }
}

//! Why a return cannot be attributed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Result with [`NoAttribution`].
pub type Result<T> = std::result::Result<T, NoAttribution>;

/// Why a return cannot be attributed.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize, ToSchema)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum NoAttribution {
    /// Nothing to attribute to.
    #[error("there are no segments, positions or periods to attribute a return to")]
    Nothing,
    /// A segment is told twice.
    #[error("segment '{segment}' is told twice")]
    Twice {
        /// Its name.
        segment: String,
    },
    /// A weight or a return that is no number, or a return below -100 % of what is held.
    #[error("{figure} of segment '{segment}' is {value}, which is no such figure")]
    NotANumber {
        /// Its name.
        segment: String,
        /// Which figure.
        figure: String,
        /// What is given for it.
        value: String,
    },
    /// A segment that is held without a return.
    #[error("segment '{segment}' is held in the {whose} and has no return there")]
    MissingReturn {
        /// Its name.
        segment: String,
        /// Portfolio or benchmark.
        whose: String,
    },
    /// Weights that leave something out.
    #[error("the weights of the {whose} add up to {sum} and not to 1")]
    Weights {
        /// Portfolio or benchmark.
        whose: String,
        /// What they add up to.
        sum: f64,
    },
    /// Nothing is left to link on.
    #[error("in period {period} (counted from 0) everything was lost, from which no period can be linked")]
    LostEverything {
        /// Which period.
        period: usize,
    },
    /// The figure outgrew numbers.
    #[error("the returns are beyond what a number can say")]
    Extreme,
}

//! Why a question got no number.

use crate::plans::NoPlan;

/// Why a question is refused. An autoscaler that is refused keeps what runs; it is never told a number that
/// nobody stands for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The question itself is wrong.
    #[error("{0}")]
    Invalid(String),
    /// The service is not planned, or not at this quantile.
    #[error(transparent)]
    Unknown(NoPlan),
    /// There is no plan, no last plan and no fallback.
    #[error("{0}")]
    Unavailable(String),
}

//! What fails in a service, by operation, type and message.
//!
//! The type is that of the span's exception, or its `error.type`. Messages lose what is different each time
//! ([`template`]): first in the store (every word with a digit, so that groups are few before they are sent), then here.
//! Failed spans of the service are read, on a sample of them where there are very many ([`crate::sample`]).

mod read;
mod template;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

pub use template::template;

use crate::bubbleup::Names;
use crate::error::Result;
use crate::range::TimeRange;
use crate::sample::Sampled;

/// Most groups in one answer.
const MOST: usize = 100;
/// A group is new when it was not seen so long before the range, or as long as the range is.
const LOOKED_BACK: TimeDelta = TimeDelta::days(1);
/// Points of a series.
const POINTS: i64 = 60;

/// Body of `GET /api/v1/services/{service}/errors`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Errors {
    /// Most frequent first, at most a hundred.
    pub errors: Vec<ErrorGroup>,
    /// Groups that are not told, because they are rarer.
    pub left_out: u64,
    /// Width of a point of the series.
    pub step_seconds: i64,
    /// What is new was not seen between this time and the range.
    pub looked_back_to: DateTime<Utc>,
    /// The failed spans that were read; counts are scaled to all of them.
    pub sample: Sampled,
}

/// Failed spans of one operation, one type and one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorGroup {
    /// Name of the spans.
    pub operation: String,
    /// Type of the exception, or `error.type`; '' where neither is known.
    pub error_type: String,
    /// What the spans say, with numbers, ids, quoted text and addresses replaced; the type where they say nothing.
    pub message: String,
    /// How many spans; one that a client sent twice counts once.
    pub count: u64,
    /// The earliest of them in the range.
    pub first_seen: DateTime<Utc>,
    /// The latest of them.
    pub last_seen: DateTime<Utc>,
    /// Whether nothing like it was seen before the range.
    pub new: bool,
    /// Versions of the service that it was seen in, at most twenty.
    pub versions: Vec<String>,
    /// In time order; steps without are left out.
    pub series: Vec<ErrorPoint>,
    /// Trace of the latest, 32 hex digits.
    pub trace_id: String,
    /// Some traces, the latest among them.
    pub traces: Vec<String>,
}

/// Errors of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorPoint {
    /// Start of the step.
    pub ts: DateTime<Utc>,
    /// How many.
    pub count: u64,
}

/// Failed spans of a service in groups. What an exception says is read too with [`Names::Shown`]; otherwise the span's
/// own message alone. One query to a rollup, four to failed spans.
pub async fn errors(
    store: &Store,
    tenant: &str,
    service: &str,
    range: TimeRange,
    names: Names,
) -> Result<Errors> {
    let before = TimeRange { from: range.from - range.length().max(LOOKED_BACK), to: range.from };
    let step_seconds = (range.length().num_seconds() / POINTS).max(60) / 60 * 60;
    let found = read::read(store, tenant, service, range, before, step_seconds, names).await?;
    let mut errors = found.groups;
    errors.sort_by_key(|group| std::cmp::Reverse((group.count, group.last_seen)));
    let left_out = errors.len().saturating_sub(MOST) as u64;
    errors.truncate(MOST);
    Ok(Errors { errors, left_out, step_seconds, looked_back_to: before.from, sample: found.sample })
}

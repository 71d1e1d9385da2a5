//! Log records: found by their words, counted over time, read newest first, and followed as they come.
//!
//! [`Search`] is what a person typed, as a condition; [`search`] answers with the newest lines that fit and how many
//! there are by time, level and service; [`Tail`] gives those that arrive.
//!
//! Words are found by the store's index of words where it has one; a long range is counted from its end backwards for
//! as long as there is time, and the answer says how far it came.

mod level;
mod lines;
mod parse;
mod search;
mod tail;
#[cfg(test)]
mod tests;
mod volume;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

pub use level::Level;
pub use parse::Search;
pub use search::{Before, LogSearch, MAX_LINES, search};
pub use tail::{Arrived, Tail};

/// Body of `GET /api/v1/logs`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Logs {
    /// Newest first.
    pub lines: Vec<LogLine>,
    /// Give it as `before` for the lines that come next; null when these are the last of the range.
    pub next: Option<String>,
    /// How many there are; null when lines before others were asked for.
    pub volume: Option<LogVolume>,
}

/// One log record. Personal data is masked.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LogLine {
    /// Equal for a record that was sent twice: 16 hex digits.
    pub id: String,
    /// When, to the nanosecond.
    pub ts: DateTime<Utc>,
    /// `service.name`
    pub service: String,
    /// How bad.
    pub level: Level,
    /// As the program wrote it, '' if it did not.
    pub severity_text: String,
    /// Name of the business event, '' for plain logs.
    pub event_name: String,
    /// What it says.
    pub body: String,
    /// 32 hex digits; null when it was written outside of a trace.
    pub trace_id: Option<String>,
    /// 16 hex digits; null when it was written outside of a span.
    pub span_id: Option<String>,
    /// The customer it was done for, '' if not known.
    pub customer_id: String,
    /// Which part of the program wrote it.
    pub scope_name: String,
    /// Attributes with their own types.
    pub attributes: BTreeMap<String, serde_json::Value>,
    /// Attributes of the program that sent it.
    pub resource: BTreeMap<String, String>,
}

/// How many records fit. A record that was sent twice counts twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogVolume {
    /// Of the range that was counted.
    pub total: u64,
    /// From here on the range was counted: later than its start when there was no time for all of it.
    pub counted_from: DateTime<Utc>,
    /// Width of a bucket.
    pub step_seconds: i64,
    /// Buckets with records, by time.
    pub buckets: Vec<LogBucket>,
    /// By service, most first, at most fifty.
    pub services: Vec<LogCount>,
}

/// Records of one stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogBucket {
    /// When it begins.
    pub at: DateTime<Utc>,
    /// Records by level; a level without records is absent.
    pub levels: BTreeMap<Level, u64>,
}

/// Records of one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LogCount {
    /// `service.name`
    pub service: String,
    /// How many.
    pub records: u64,
}

//! Traces: one by its id with everything in it, or many by what they were like.
//!
//! A trace is read by its bounds: `trace_bounds` gives start and end in one key look-up,
//! so that spans are read from the hours it lies in and not from all that is kept. A
//! span that a client sent twice is shown once.

mod critical;
mod find;
mod load;
mod search;
#[cfg(test)]
mod tests;
mod tree;
mod typed;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

pub use find::get;
pub use search::{MAX_TRACES, SearchOrder, TraceSearch, search, summaries};
pub use tree::arrange;
pub use typed::restore;

/// Most spans of one trace that are read.
pub const MAX_SPANS: usize = 10_000;

/// Body of `GET /api/v1/traces/{trace_id}`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Trace {
    /// 32 hex digits.
    pub trace_id: String,
    /// Start of its earliest span.
    pub start: DateTime<Utc>,
    /// From the earliest start to the latest end.
    pub duration_ns: u64,
    /// Every service in it, in the order of their first span.
    pub services: Vec<String>,
    /// Whether there are more spans than are shown.
    pub truncated: bool,
    /// Parents before their children, siblings by start.
    pub spans: Vec<Span>,
    /// By time.
    pub logs: Vec<LogRecord>,
}

/// One span, placed in its trace.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Span {
    /// 16 hex digits.
    pub span_id: String,
    /// Its parent; null for a root. The parent may be missing from the trace.
    pub parent_span_id: Option<String>,
    /// `service.name`
    pub service: String,
    /// Name of the span.
    pub operation: String,
    /// `server`, `client`, ...
    pub kind: String,
    /// `unset`, `ok` or `error`.
    pub status: String,
    /// What the program said of its status.
    pub status_message: String,
    /// When it began.
    pub start: DateTime<Utc>,
    /// From the start of the trace.
    pub start_offset_ns: u64,
    /// How long it took.
    pub duration_ns: u64,
    /// Number of ancestors that are in the trace.
    pub depth: u32,
    /// Whether the trace would have ended earlier had this span been shorter.
    pub critical: bool,
    /// The customer it was done for, '' if not known.
    pub customer_id: String,
    /// Attributes with their own types.
    pub attributes: BTreeMap<String, serde_json::Value>,
    /// Attributes of the program that sent it.
    pub resource: BTreeMap<String, String>,
    /// What happened in it.
    pub events: Vec<SpanEvent>,
    /// Other spans it belongs with.
    pub links: Vec<SpanLink>,
}

/// A moment within a span.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SpanEvent {
    /// When.
    pub ts: DateTime<Utc>,
    /// What.
    pub name: String,
    /// More about it.
    pub attributes: BTreeMap<String, String>,
}

/// A pointer to another span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SpanLink {
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
}

/// A log record of the trace.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LogRecord {
    /// When.
    pub ts: DateTime<Utc>,
    /// `service.name`
    pub service: String,
    /// As the program wrote it.
    pub severity_text: String,
    /// Name of the business event, '' for plain logs.
    pub event_name: String,
    /// What it says.
    pub body: String,
    /// The span it was written in, 16 hex digits.
    pub span_id: String,
    /// Attributes with their own types.
    pub attributes: BTreeMap<String, serde_json::Value>,
}

/// Body of `GET /api/v1/traces`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Traces {
    /// In the order asked for.
    pub traces: Vec<TraceSummary>,
    /// Whether more matched than are shown.
    pub truncated: bool,
}

/// A trace in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TraceSummary {
    /// 32 hex digits.
    pub trace_id: String,
    /// Service of the root span, or of the earliest when the root is missing.
    pub root_service: String,
    /// Name of the root span, or of the earliest when the root is missing.
    pub root_operation: String,
    /// Start of its earliest span.
    pub start: DateTime<Utc>,
    /// From the earliest start to the latest end.
    pub duration_ns: u64,
    /// Number of spans.
    pub spans: u64,
    /// Of those, failed ones.
    pub errors: u64,
    /// Every service in it, by name.
    pub services: Vec<String>,
}

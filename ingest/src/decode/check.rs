//! The rules a single record must keep.

use std::fmt;

/// The span of time in which records are accepted, in nanoseconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The earliest time accepted.
    pub not_before: i64,
    /// The latest time accepted.
    pub not_after: i64,
}

impl Window {
    /// A window around `received_ns`.
    pub fn around(received_ns: i64, past: std::time::Duration, future: std::time::Duration) -> Self {
        let ns = |d: std::time::Duration| i64::try_from(d.as_nanos()).unwrap_or(i64::MAX);
        Self {
            not_before: received_ns.saturating_sub(ns(past)),
            not_after: received_ns.saturating_add(ns(future)),
        }
    }

    /// Whether `ns` is inside.
    pub fn holds(&self, ns: u64) -> bool {
        i64::try_from(ns).is_ok_and(|ns| (self.not_before..=self.not_after).contains(&ns))
    }
}

/// Why a record, or one value of it, was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The trace id is not 16 bytes, or all zero.
    TraceId,
    /// The span id is not 8 bytes, or all zero.
    SpanId,
    /// The parent span id is neither empty nor 8 bytes.
    ParentSpanId,
    /// The span ends before it begins.
    EndBeforeStart,
    /// The span ends later than the acceptance window.
    EndOutOfWindow,
    /// The time is outside the acceptance window.
    Time,
    /// The metric has no name.
    MetricName,
    /// A number point without a number.
    NoValue,
    /// Buckets and bounds do not fit each other.
    Buckets,
    /// A business value is no decimal number of at most 26 + 12 digits.
    Decimal,
    /// The data point is of a new series, and the tenant has as many as it may.
    SeriesLimit,
    /// Attributes have new keys, and the tenant has as many as it may.
    AttributeKeys,
    /// A value is longer than the tenant may send.
    ValueCut,
    /// The event breaks its contract.
    Contract,
}

impl Reason {
    /// The name in the `rejected` table and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TraceId => "trace_id",
            Self::SpanId => "span_id",
            Self::ParentSpanId => "parent_span_id",
            Self::EndBeforeStart => "end_before_start",
            Self::EndOutOfWindow => "end_out_of_window",
            Self::Time => "time",
            Self::MetricName => "metric_name",
            Self::NoValue => "no_value",
            Self::Buckets => "buckets",
            Self::Decimal => "decimal",
            Self::SeriesLimit => "series_limit",
            Self::AttributeKeys => "attribute_keys",
            Self::ValueCut => "value_cut",
            Self::Contract => "contract",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A refusal with its words.
pub(super) type Refusal = (Reason, String);

pub(super) fn time(window: Window, what: &str, ns: u64) -> Result<(), Refusal> {
    if window.holds(ns) {
        return Ok(());
    }
    Err((Reason::Time, format!("{what} {} is outside the acceptance window", shown(ns))))
}

/// The end of a span whose start is inside the window: it may not lie behind the window. So
/// start plus duration always fits the time columns.
pub(super) fn end(window: Window, start: u64, end: u64) -> Result<(), Refusal> {
    if end < start {
        return Err((Reason::EndBeforeStart, format!("the span ends {} ns before it begins", start - end)));
    }
    if !window.holds(end) {
        let detail = format!("end time {} is later than the acceptance window", shown(end));
        return Err((Reason::EndOutOfWindow, detail));
    }
    Ok(())
}

fn shown(ns: u64) -> String {
    i64::try_from(ns).map_or_else(
        |_| format!("{ns} ns"),
        |ns| chrono::DateTime::from_timestamp_nanos(ns).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
    )
}

/// An id that must be there.
pub(super) fn id<const N: usize>(reason: Reason, what: &str, bytes: &[u8]) -> Result<[u8; N], Refusal> {
    match <[u8; N]>::try_from(bytes) {
        Ok(id) if id != [0; N] => Ok(id),
        Ok(_) => Err((reason, format!("{what} is all zero"))),
        Err(_) => Err((reason, format!("{what} has {} bytes, must have {N}", bytes.len()))),
    }
}

/// An id that may be missing: zeros then.
pub(super) fn optional_id<const N: usize>(
    reason: Reason,
    what: &str,
    bytes: &[u8],
) -> Result<[u8; N], Refusal> {
    if bytes.is_empty() {
        return Ok([0; N]);
    }
    <[u8; N]>::try_from(bytes)
        .map_err(|_| (reason, format!("{what} has {} bytes, must have {N} or none", bytes.len())))
}

/// An id inside a record (link, exemplar): one of the wrong length is read as none.
pub(super) fn lenient_id<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap_or([0; N])
}

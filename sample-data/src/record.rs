//! The records of a batch, before anyone sends them.

use std::borrow::Cow;

use opentelemetry::Key;
use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_sdk::trace::SpanData;

/// A span and the instance that made it.
#[derive(Clone, Debug)]
pub struct Span {
    /// Index into [`crate::Topology::instances`].
    pub resource: u16,
    /// The span, with its historic times.
    pub data: SpanData,
}

/// A log record; a business event when it has an event name.
#[derive(Clone, Debug)]
pub struct Log {
    /// Index into [`crate::Topology::instances`].
    pub resource: u16,
    /// Nanoseconds since the epoch.
    pub ts: i64,
    /// How bad it is.
    pub severity: Severity,
    /// Business event name.
    pub event: Option<&'static str>,
    /// Text.
    pub body: Cow<'static, str>,
    /// Attributes; money and quantities are decimal strings.
    pub attributes: Vec<(Key, AnyValue)>,
    /// The span it was written in.
    pub context: Option<(TraceId, SpanId)>,
}

impl Log {
    /// The text of an attribute, if it is a string.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find_map(|(k, v)| match v {
            AnyValue::String(text) if k.as_str() == key => Some(text.as_str()),
            _ => None,
        })
    }
}

/// Metric points of one instance at one time.
#[derive(Clone, Debug)]
pub struct Points {
    /// Index into [`crate::Topology::instances`].
    pub resource: u16,
    /// Nanoseconds since the epoch.
    pub ts: i64,
    /// Number of data points in `metrics`.
    pub count: u64,
    /// The metrics, in the protocol's own types.
    pub metrics: Vec<Metric>,
}

/// Everything one simulated minute gives.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Spans; those of a trace lie together, parents first.
    pub spans: Vec<Span>,
    /// Log records and business events.
    pub logs: Vec<Log>,
    /// Metric points.
    pub points: Vec<Points>,
}

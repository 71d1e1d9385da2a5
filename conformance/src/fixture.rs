//! Telemetry to send: small, valid, of now.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::Utc;
use serde_json::{Value, json};

use crate::wire::Signal;

/// Makes records with ids of their own.
pub(crate) struct Fixture {
    now_ns: u64,
    next: AtomicU64,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let now_ns = Utc::now().timestamp_nanos_opt().map_or(0, |n| n as u64);
        Self { now_ns, next: AtomicU64::new(1) }
    }

    /// A time so many milliseconds ago, as OTLP/JSON has it.
    pub(crate) fn ago(&self, ms: u64) -> Value {
        json!((self.now_ns - ms * 1_000_000).to_string())
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// A trace id with letters in it, so that upper and lower case differ.
    pub(crate) fn trace_id(&self) -> String {
        format!("abcdef{:010x}{:016x}", self.number(), self.now_ns)
    }

    pub(crate) fn span_id(&self) -> String {
        format!("fedcba{:010x}", self.number())
    }

    pub(crate) fn span(&self) -> Value {
        json!({
            "traceId": self.trace_id(),
            "spanId": self.span_id(),
            "name": "GET /conformance",
            "kind": 2,
            "startTimeUnixNano": self.ago(2_000),
            "endTimeUnixNano": self.ago(1_990),
            "attributes": [text("http.request.method", "GET")],
            "status": {},
        })
    }

    pub(crate) fn log(&self) -> Value {
        json!({
            "timeUnixNano": self.ago(2_000),
            "observedTimeUnixNano": self.ago(1_900),
            "severityNumber": 9,
            "severityText": "INFO",
            "body": {"stringValue": "conformance"},
            "attributes": [text("code.function.name", "check")],
        })
    }

    pub(crate) fn number_point(&self) -> Value {
        json!({
            "startTimeUnixNano": self.ago(60_000),
            "timeUnixNano": self.ago(2_000),
            "asInt": "42",
            "attributes": [text("state", "idle")],
        })
    }

    pub(crate) fn metric(&self) -> Value {
        json!({
            "name": "conformance.checks",
            "description": "Checks done",
            "unit": "{check}",
            "gauge": {"dataPoints": [self.number_point()]},
        })
    }

    /// An ordinary record of a signal.
    pub(crate) fn record(&self, signal: Signal) -> Value {
        match signal {
            Signal::Traces => self.span(),
            Signal::Metrics => self.metric(),
            Signal::Logs => self.log(),
        }
    }

    /// An ordinary request with one record.
    pub(crate) fn request(&self, signal: Signal) -> Value {
        request(signal, vec![self.record(signal)])
    }
}

/// An attribute of text.
pub(crate) fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

/// The keys on the way to the records: of the request, of the scopes, of the records.
pub(crate) const fn keys(signal: Signal) -> [&'static str; 3] {
    match signal {
        Signal::Traces => ["resourceSpans", "scopeSpans", "spans"],
        Signal::Metrics => ["resourceMetrics", "scopeMetrics", "metrics"],
        Signal::Logs => ["resourceLogs", "scopeLogs", "logRecords"],
    }
}

/// A request with these records.
pub(crate) fn request(signal: Signal, records: Vec<Value>) -> Value {
    let [resources, scopes, items] = keys(signal);
    let records = Value::Array(records);
    json!({
        resources: [{
            "resource": {"attributes": [
                text("service.name", "otlp-conformance"),
                text("service.instance.id", "otlp-conformance"),
            ]},
            scopes: [{
                "scope": {"name": "otlp-conformance", "version": "1"},
                items: records,
            }],
        }],
    })
}

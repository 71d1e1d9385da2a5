//! The messages of OTLP 1.11: JSON key, field number, kind.

use crate::wire::Signal;

/// How a field is encoded.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    One(&'static Message),
    Many(&'static Message),
    Text,
    Hex,
    Base64,
    Bool,
    Varint,
    Zigzag,
    Fixed64,
    Fixed32,
    Double,
    ManyFixed64,
    ManyVarint,
    ManyDouble,
}

use Kind::{
    Base64, Bool, Double, Fixed32, Fixed64, Hex, Many, ManyDouble, ManyFixed64, ManyVarint, One, Text,
    Varint, Zigzag,
};

pub(super) type Field = (&'static str, u32, Kind);

/// The fields of a message.
pub(super) struct Message(pub(super) &'static [Field]);

/// The export request of a signal.
pub(super) fn request(signal: Signal) -> &'static Message {
    match signal {
        Signal::Traces => &TRACES,
        Signal::Metrics => &METRICS,
        Signal::Logs => &LOGS,
    }
}

pub(super) static ANY_VALUE: Message = Message(&[
    ("stringValue", 1, Text),
    ("boolValue", 2, Bool),
    ("intValue", 3, Varint),
    ("doubleValue", 4, Double),
    ("arrayValue", 5, One(&ARRAY)),
    ("kvlistValue", 6, One(&LIST)),
    ("bytesValue", 7, Base64),
]);
static ARRAY: Message = Message(&[("values", 1, Many(&ANY_VALUE))]);
static LIST: Message = Message(&[("values", 1, Many(&KEY_VALUE))]);
static KEY_VALUE: Message = Message(&[("key", 1, Text), ("value", 2, One(&ANY_VALUE))]);
static RESOURCE: Message =
    Message(&[("attributes", 1, Many(&KEY_VALUE)), ("droppedAttributesCount", 2, Varint)]);
static SCOPE: Message = Message(&[
    ("name", 1, Text),
    ("version", 2, Text),
    ("attributes", 3, Many(&KEY_VALUE)),
    ("droppedAttributesCount", 4, Varint),
]);

static TRACES: Message = Message(&[("resourceSpans", 1, Many(&RESOURCE_SPANS))]);
static RESOURCE_SPANS: Message = Message(&[
    ("resource", 1, One(&RESOURCE)),
    ("scopeSpans", 2, Many(&SCOPE_SPANS)),
    ("schemaUrl", 3, Text),
    // Until 0.19 scopes were called instrumentation libraries.
    ("instrumentationLibrarySpans", 1000, Many(&SCOPE_SPANS)),
]);
static SCOPE_SPANS: Message =
    Message(&[("scope", 1, One(&SCOPE)), ("spans", 2, Many(&SPAN)), ("schemaUrl", 3, Text)]);
static SPAN: Message = Message(&[
    ("traceId", 1, Hex),
    ("spanId", 2, Hex),
    ("traceState", 3, Text),
    ("parentSpanId", 4, Hex),
    ("name", 5, Text),
    ("kind", 6, Varint),
    ("startTimeUnixNano", 7, Fixed64),
    ("endTimeUnixNano", 8, Fixed64),
    ("attributes", 9, Many(&KEY_VALUE)),
    ("droppedAttributesCount", 10, Varint),
    ("events", 11, Many(&EVENT)),
    ("droppedEventsCount", 12, Varint),
    ("links", 13, Many(&LINK)),
    ("droppedLinksCount", 14, Varint),
    ("status", 15, One(&STATUS)),
    ("flags", 16, Fixed32),
]);
static EVENT: Message = Message(&[
    ("timeUnixNano", 1, Fixed64),
    ("name", 2, Text),
    ("attributes", 3, Many(&KEY_VALUE)),
    ("droppedAttributesCount", 4, Varint),
]);
static LINK: Message = Message(&[
    ("traceId", 1, Hex),
    ("spanId", 2, Hex),
    ("traceState", 3, Text),
    ("attributes", 4, Many(&KEY_VALUE)),
    ("droppedAttributesCount", 5, Varint),
    ("flags", 6, Fixed32),
]);
static STATUS: Message = Message(&[("message", 2, Text), ("code", 3, Varint)]);

static LOGS: Message = Message(&[("resourceLogs", 1, Many(&RESOURCE_LOGS))]);
static RESOURCE_LOGS: Message = Message(&[
    ("resource", 1, One(&RESOURCE)),
    ("scopeLogs", 2, Many(&SCOPE_LOGS)),
    ("schemaUrl", 3, Text),
    ("instrumentationLibraryLogs", 1000, Many(&SCOPE_LOGS)),
]);
static SCOPE_LOGS: Message =
    Message(&[("scope", 1, One(&SCOPE)), ("logRecords", 2, Many(&LOG_RECORD)), ("schemaUrl", 3, Text)]);
static LOG_RECORD: Message = Message(&[
    ("timeUnixNano", 1, Fixed64),
    ("severityNumber", 2, Varint),
    ("severityText", 3, Text),
    ("body", 5, One(&ANY_VALUE)),
    ("attributes", 6, Many(&KEY_VALUE)),
    ("droppedAttributesCount", 7, Varint),
    ("flags", 8, Fixed32),
    ("traceId", 9, Hex),
    ("spanId", 10, Hex),
    ("observedTimeUnixNano", 11, Fixed64),
    ("eventName", 12, Text),
]);

static METRICS: Message = Message(&[("resourceMetrics", 1, Many(&RESOURCE_METRICS))]);
static RESOURCE_METRICS: Message = Message(&[
    ("resource", 1, One(&RESOURCE)),
    ("scopeMetrics", 2, Many(&SCOPE_METRICS)),
    ("schemaUrl", 3, Text),
    ("instrumentationLibraryMetrics", 1000, Many(&SCOPE_METRICS)),
]);
static SCOPE_METRICS: Message =
    Message(&[("scope", 1, One(&SCOPE)), ("metrics", 2, Many(&METRIC)), ("schemaUrl", 3, Text)]);
static METRIC: Message = Message(&[
    ("name", 1, Text),
    ("description", 2, Text),
    ("unit", 3, Text),
    ("gauge", 5, One(&GAUGE)),
    ("sum", 7, One(&SUM)),
    ("histogram", 9, One(&HISTOGRAM)),
    ("exponentialHistogram", 10, One(&EXPONENTIAL)),
    ("summary", 11, One(&SUMMARY)),
    ("metadata", 12, Many(&KEY_VALUE)),
]);
static GAUGE: Message = Message(&[("dataPoints", 1, Many(&NUMBER))]);
static SUM: Message = Message(&[
    ("dataPoints", 1, Many(&NUMBER)),
    ("aggregationTemporality", 2, Varint),
    ("isMonotonic", 3, Bool),
]);
static HISTOGRAM: Message =
    Message(&[("dataPoints", 1, Many(&HISTOGRAM_POINT)), ("aggregationTemporality", 2, Varint)]);
static EXPONENTIAL: Message =
    Message(&[("dataPoints", 1, Many(&EXPONENTIAL_POINT)), ("aggregationTemporality", 2, Varint)]);
static SUMMARY: Message = Message(&[("dataPoints", 1, Many(&SUMMARY_POINT))]);
static NUMBER: Message = Message(&[
    ("startTimeUnixNano", 2, Fixed64),
    ("timeUnixNano", 3, Fixed64),
    ("asDouble", 4, Double),
    ("exemplars", 5, Many(&EXEMPLAR)),
    ("asInt", 6, Fixed64),
    ("attributes", 7, Many(&KEY_VALUE)),
    ("flags", 8, Varint),
]);
static HISTOGRAM_POINT: Message = Message(&[
    ("startTimeUnixNano", 2, Fixed64),
    ("timeUnixNano", 3, Fixed64),
    ("count", 4, Fixed64),
    ("sum", 5, Double),
    ("bucketCounts", 6, ManyFixed64),
    ("explicitBounds", 7, ManyDouble),
    ("exemplars", 8, Many(&EXEMPLAR)),
    ("attributes", 9, Many(&KEY_VALUE)),
    ("flags", 10, Varint),
    ("min", 11, Double),
    ("max", 12, Double),
]);
static EXPONENTIAL_POINT: Message = Message(&[
    ("attributes", 1, Many(&KEY_VALUE)),
    ("startTimeUnixNano", 2, Fixed64),
    ("timeUnixNano", 3, Fixed64),
    ("count", 4, Fixed64),
    ("sum", 5, Double),
    ("scale", 6, Zigzag),
    ("zeroCount", 7, Fixed64),
    ("positive", 8, One(&BUCKETS)),
    ("negative", 9, One(&BUCKETS)),
    ("flags", 10, Varint),
    ("exemplars", 11, Many(&EXEMPLAR)),
    ("min", 12, Double),
    ("max", 13, Double),
    ("zeroThreshold", 14, Double),
]);
static BUCKETS: Message = Message(&[("offset", 1, Zigzag), ("bucketCounts", 2, ManyVarint)]);
static SUMMARY_POINT: Message = Message(&[
    ("startTimeUnixNano", 2, Fixed64),
    ("timeUnixNano", 3, Fixed64),
    ("count", 4, Fixed64),
    ("sum", 5, Double),
    ("quantileValues", 6, Many(&QUANTILE)),
    ("attributes", 7, Many(&KEY_VALUE)),
    ("flags", 8, Varint),
]);
static QUANTILE: Message = Message(&[("quantile", 1, Double), ("value", 2, Double)]);
static EXEMPLAR: Message = Message(&[
    ("timeUnixNano", 2, Fixed64),
    ("asDouble", 3, Double),
    ("spanId", 4, Hex),
    ("traceId", 5, Hex),
    ("asInt", 6, Fixed64),
    ("filteredAttributes", 7, Many(&KEY_VALUE)),
]);

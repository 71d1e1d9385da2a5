//! Which JSON key is which protobuf field (opentelemetry-proto 1.11.0).

/// How a field's value is written in JSON and in protobuf.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    One(&'static Message),
    Many(&'static Message),
    Text,
    Id(usize),
    Base64,
    Bool,
    Uint,
    Int,
    /// A number, or the name at that place.
    Enum(&'static [&'static str]),
    Sint,
    Fixed64,
    Sfixed64,
    Fixed32,
    Double,
    PackedFixed64,
    PackedVarint,
    PackedDouble,
}

pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) number: u32,
    pub(super) kind: Kind,
}

/// The fields of one message.
pub(super) struct Message(pub(super) &'static [Field]);

const fn f(key: &'static str, number: u32, kind: Kind) -> Field {
    Field { key, number, kind }
}

use Kind::{
    Base64, Bool, Double, Enum, Fixed32, Fixed64, Id, Int, Many, One, PackedDouble, PackedFixed64,
    PackedVarint, Sfixed64, Sint, Text, Uint,
};

const SPAN_KIND: &[&str] = &[
    "SPAN_KIND_UNSPECIFIED",
    "SPAN_KIND_INTERNAL",
    "SPAN_KIND_SERVER",
    "SPAN_KIND_CLIENT",
    "SPAN_KIND_PRODUCER",
    "SPAN_KIND_CONSUMER",
];
const STATUS_CODE: &[&str] = &["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];
const TEMPORALITY: &[&str] = &[
    "AGGREGATION_TEMPORALITY_UNSPECIFIED",
    "AGGREGATION_TEMPORALITY_DELTA",
    "AGGREGATION_TEMPORALITY_CUMULATIVE",
];
const SEVERITY: &[&str] = &[
    "SEVERITY_NUMBER_UNSPECIFIED",
    "SEVERITY_NUMBER_TRACE",
    "SEVERITY_NUMBER_TRACE2",
    "SEVERITY_NUMBER_TRACE3",
    "SEVERITY_NUMBER_TRACE4",
    "SEVERITY_NUMBER_DEBUG",
    "SEVERITY_NUMBER_DEBUG2",
    "SEVERITY_NUMBER_DEBUG3",
    "SEVERITY_NUMBER_DEBUG4",
    "SEVERITY_NUMBER_INFO",
    "SEVERITY_NUMBER_INFO2",
    "SEVERITY_NUMBER_INFO3",
    "SEVERITY_NUMBER_INFO4",
    "SEVERITY_NUMBER_WARN",
    "SEVERITY_NUMBER_WARN2",
    "SEVERITY_NUMBER_WARN3",
    "SEVERITY_NUMBER_WARN4",
    "SEVERITY_NUMBER_ERROR",
    "SEVERITY_NUMBER_ERROR2",
    "SEVERITY_NUMBER_ERROR3",
    "SEVERITY_NUMBER_ERROR4",
    "SEVERITY_NUMBER_FATAL",
    "SEVERITY_NUMBER_FATAL2",
    "SEVERITY_NUMBER_FATAL3",
    "SEVERITY_NUMBER_FATAL4",
];

/// The field of an `AnyValue` that is a string.
pub(super) const STRING_VALUE: u32 = 1;

pub(super) static ANY_VALUE: Message = Message(&[
    f("stringValue", STRING_VALUE, Text),
    f("boolValue", 2, Bool),
    f("intValue", 3, Int),
    f("doubleValue", 4, Double),
    f("arrayValue", 5, One(&ARRAY)),
    f("kvlistValue", 6, One(&KVLIST)),
    f("bytesValue", 7, Base64),
]);
static ARRAY: Message = Message(&[f("values", 1, Many(&ANY_VALUE))]);
static KVLIST: Message = Message(&[f("values", 1, Many(&KEY_VALUE))]);
static KEY_VALUE: Message = Message(&[f("key", 1, Text), f("value", 2, One(&ANY_VALUE))]);
static RESOURCE: Message =
    Message(&[f("attributes", 1, Many(&KEY_VALUE)), f("droppedAttributesCount", 2, Uint)]);
static SCOPE: Message = Message(&[
    f("name", 1, Text),
    f("version", 2, Text),
    f("attributes", 3, Many(&KEY_VALUE)),
    f("droppedAttributesCount", 4, Uint),
]);

pub(super) static TRACES: Message = Message(&[f("resourceSpans", 1, Many(&RESOURCE_SPANS))]);
static RESOURCE_SPANS: Message = Message(&[
    f("resource", 1, One(&RESOURCE)),
    f("scopeSpans", 2, Many(&SCOPE_SPANS)),
    f("schemaUrl", 3, Text),
]);
static SCOPE_SPANS: Message =
    Message(&[f("scope", 1, One(&SCOPE)), f("spans", 2, Many(&SPAN)), f("schemaUrl", 3, Text)]);
static SPAN: Message = Message(&[
    f("traceId", 1, Id(16)),
    f("spanId", 2, Id(8)),
    f("traceState", 3, Text),
    f("parentSpanId", 4, Id(8)),
    f("name", 5, Text),
    f("kind", 6, Enum(SPAN_KIND)),
    f("startTimeUnixNano", 7, Fixed64),
    f("endTimeUnixNano", 8, Fixed64),
    f("attributes", 9, Many(&KEY_VALUE)),
    f("droppedAttributesCount", 10, Uint),
    f("events", 11, Many(&EVENT)),
    f("droppedEventsCount", 12, Uint),
    f("links", 13, Many(&LINK)),
    f("droppedLinksCount", 14, Uint),
    f("status", 15, One(&STATUS)),
    f("flags", 16, Fixed32),
]);
static EVENT: Message = Message(&[
    f("timeUnixNano", 1, Fixed64),
    f("name", 2, Text),
    f("attributes", 3, Many(&KEY_VALUE)),
    f("droppedAttributesCount", 4, Uint),
]);
static LINK: Message = Message(&[
    f("traceId", 1, Id(16)),
    f("spanId", 2, Id(8)),
    f("traceState", 3, Text),
    f("attributes", 4, Many(&KEY_VALUE)),
    f("droppedAttributesCount", 5, Uint),
    f("flags", 6, Fixed32),
]);
static STATUS: Message = Message(&[f("message", 2, Text), f("code", 3, Enum(STATUS_CODE))]);

pub(super) static LOGS: Message = Message(&[f("resourceLogs", 1, Many(&RESOURCE_LOGS))]);
static RESOURCE_LOGS: Message = Message(&[
    f("resource", 1, One(&RESOURCE)),
    f("scopeLogs", 2, Many(&SCOPE_LOGS)),
    f("schemaUrl", 3, Text),
]);
static SCOPE_LOGS: Message =
    Message(&[f("scope", 1, One(&SCOPE)), f("logRecords", 2, Many(&LOG_RECORD)), f("schemaUrl", 3, Text)]);
static LOG_RECORD: Message = Message(&[
    f("timeUnixNano", 1, Fixed64),
    f("severityNumber", 2, Enum(SEVERITY)),
    f("severityText", 3, Text),
    f("body", 5, One(&ANY_VALUE)),
    f("attributes", 6, Many(&KEY_VALUE)),
    f("droppedAttributesCount", 7, Uint),
    f("flags", 8, Fixed32),
    f("traceId", 9, Id(16)),
    f("spanId", 10, Id(8)),
    f("observedTimeUnixNano", 11, Fixed64),
    f("eventName", 12, Text),
]);

pub(super) static METRICS: Message = Message(&[f("resourceMetrics", 1, Many(&RESOURCE_METRICS))]);
static RESOURCE_METRICS: Message = Message(&[
    f("resource", 1, One(&RESOURCE)),
    f("scopeMetrics", 2, Many(&SCOPE_METRICS)),
    f("schemaUrl", 3, Text),
]);
static SCOPE_METRICS: Message =
    Message(&[f("scope", 1, One(&SCOPE)), f("metrics", 2, Many(&METRIC)), f("schemaUrl", 3, Text)]);
static METRIC: Message = Message(&[
    f("name", 1, Text),
    f("description", 2, Text),
    f("unit", 3, Text),
    f("gauge", 5, One(&GAUGE)),
    f("sum", 7, One(&SUM)),
    f("histogram", 9, One(&HISTOGRAM)),
    f("exponentialHistogram", 10, One(&EXP_HISTOGRAM)),
    f("summary", 11, One(&SUMMARY)),
    f("metadata", 12, Many(&KEY_VALUE)),
]);
static GAUGE: Message = Message(&[f("dataPoints", 1, Many(&NUMBER_POINT))]);
static SUM: Message = Message(&[
    f("dataPoints", 1, Many(&NUMBER_POINT)),
    f("aggregationTemporality", 2, Enum(TEMPORALITY)),
    f("isMonotonic", 3, Bool),
]);
static HISTOGRAM: Message =
    Message(&[f("dataPoints", 1, Many(&HISTOGRAM_POINT)), f("aggregationTemporality", 2, Enum(TEMPORALITY))]);
static EXP_HISTOGRAM: Message = Message(&[
    f("dataPoints", 1, Many(&EXP_HISTOGRAM_POINT)),
    f("aggregationTemporality", 2, Enum(TEMPORALITY)),
]);
static SUMMARY: Message = Message(&[f("dataPoints", 1, Many(&SUMMARY_POINT))]);
static NUMBER_POINT: Message = Message(&[
    f("startTimeUnixNano", 2, Fixed64),
    f("timeUnixNano", 3, Fixed64),
    f("asDouble", 4, Double),
    f("exemplars", 5, Many(&EXEMPLAR)),
    f("asInt", 6, Sfixed64),
    f("attributes", 7, Many(&KEY_VALUE)),
    f("flags", 8, Uint),
]);
static HISTOGRAM_POINT: Message = Message(&[
    f("startTimeUnixNano", 2, Fixed64),
    f("timeUnixNano", 3, Fixed64),
    f("count", 4, Fixed64),
    f("sum", 5, Double),
    f("bucketCounts", 6, PackedFixed64),
    f("explicitBounds", 7, PackedDouble),
    f("exemplars", 8, Many(&EXEMPLAR)),
    f("attributes", 9, Many(&KEY_VALUE)),
    f("flags", 10, Uint),
    f("min", 11, Double),
    f("max", 12, Double),
]);
static EXP_HISTOGRAM_POINT: Message = Message(&[
    f("attributes", 1, Many(&KEY_VALUE)),
    f("startTimeUnixNano", 2, Fixed64),
    f("timeUnixNano", 3, Fixed64),
    f("count", 4, Fixed64),
    f("sum", 5, Double),
    f("scale", 6, Sint),
    f("zeroCount", 7, Fixed64),
    f("positive", 8, One(&BUCKETS)),
    f("negative", 9, One(&BUCKETS)),
    f("flags", 10, Uint),
    f("exemplars", 11, Many(&EXEMPLAR)),
    f("min", 12, Double),
    f("max", 13, Double),
    f("zeroThreshold", 14, Double),
]);
static BUCKETS: Message = Message(&[f("offset", 1, Sint), f("bucketCounts", 2, PackedVarint)]);
static SUMMARY_POINT: Message = Message(&[
    f("startTimeUnixNano", 2, Fixed64),
    f("timeUnixNano", 3, Fixed64),
    f("count", 4, Fixed64),
    f("sum", 5, Double),
    f("quantileValues", 6, Many(&QUANTILE)),
    f("attributes", 7, Many(&KEY_VALUE)),
    f("flags", 8, Uint),
]);
static QUANTILE: Message = Message(&[f("quantile", 1, Double), f("value", 2, Double)]);
static EXEMPLAR: Message = Message(&[
    f("timeUnixNano", 2, Fixed64),
    f("asDouble", 3, Double),
    f("spanId", 4, Id(8)),
    f("traceId", 5, Id(16)),
    f("asInt", 6, Sfixed64),
    f("filteredAttributes", 7, Many(&KEY_VALUE)),
]);

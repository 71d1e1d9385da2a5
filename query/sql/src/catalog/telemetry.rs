//! Spans, logs and what is rolled up from spans.

use super::Kind::{
    CoarseTime, Earliest, Errors, Hex, HexOrNull, Int, Json, Latest, Map, Max, Quantile, Sum, Text,
    TextOrNull, Time, Unsigned, Words, WordsOrNull,
};
use super::{Branch, Column, View, column};

/// Requests that a service received.
const RECEIVED: &str = "t.`kind` IN ('server','consumer')";

pub(crate) static SPANS: View = View {
    name: "spans",
    doc: "one row per span: a timed operation of one service",
    branches: &[Branch::table("spans")],
    once_by: &["trace_id", "span_id", "service", "operation", "ts"],
    columns: &[
        column("ts", "ts", Time, "when the span began"),
        column("service", "service", Text, "service.name"),
        column("operation", "operation", Text, "span name"),
        column("kind", "kind", Text, "internal, server, client, producer, consumer or unspecified"),
        column("status", "status", Text, "unset, ok or error"),
        column("status_message", "status_message", WordsOrNull, "why it failed"),
        column("duration_ns", "duration_ns", Unsigned, "how long it took, in nanoseconds"),
        column("trace_id", "trace_id", Hex(16), "trace, 32 hex digits"),
        column("span_id", "span_id", Hex(8), "span, 16 hex digits"),
        column("parent_span_id", "parent_span_id", HexOrNull(8), "the span above; NULL for a root"),
        column("version", "version", TextOrNull, "service.version"),
        column("region", "region", TextOrNull, "cloud.region"),
        column("customer_id", "customer_id", TextOrNull, "customer the span worked for"),
        column("scope", "scope_name", TextOrNull, "instrumentation scope"),
        column("attributes", "attributes", Map, "span attributes as JSON text; see attr()"),
        column("resource", "resource", Map, "resource attributes as JSON text; see attr()"),
        column("event_names", "events_name", Json, "names of the span's events as a JSON array"),
    ],
};

pub(crate) static LOGS: View = View {
    name: "logs",
    doc: "one row per log record, business events included",
    branches: &[Branch::table("logs")],
    once_by: &[],
    columns: &[
        column("ts", "ts", Time, "when it happened"),
        column("observed_ts", "observed_ts", Time, "when it was collected"),
        column("service", "service", Text, "service.name"),
        column("severity", "severity", Int, "severity number, 0 to 24; 17 and above are errors"),
        column("severity_text", "severity_text", TextOrNull, "severity as the program calls it"),
        column("event_name", "event_name", TextOrNull, "event name, if the record is an event"),
        column("body", "body", Words, "message"),
        column("trace_id", "trace_id", HexOrNull(16), "trace it was written in"),
        column("span_id", "span_id", HexOrNull(8), "span it was written in"),
        column("version", "version", TextOrNull, "service.version"),
        column("region", "region", TextOrNull, "cloud.region"),
        column("customer_id", "customer_id", TextOrNull, "customer it is about"),
        column("attributes", "attributes", Map, "log attributes as JSON text; see attr()"),
        column("resource", "resource", Map, "resource attributes as JSON text; see attr()"),
    ],
};

pub(crate) static TRACES: View = View {
    name: "traces",
    doc: "one row per trace: when it began and ended",
    branches: &[Branch::table("trace_bounds")],
    once_by: &[],
    columns: &[
        column("trace_id", "trace_id", Hex(16), "trace, 32 hex digits"),
        column("start_ts", "start", Earliest, "when its first span began"),
        column("end_ts", "end", Latest, "when its last span ended"),
        column("spans", "spans", Sum, "spans received, repeated ones included"),
    ],
};

pub(crate) static SERVICES: View = View {
    name: "services",
    doc: "requests that a service received (server and consumer spans), one row per service and minute",
    branches: &[Branch { only: Some(RECEIVED), ..Branch::table("span_minute") }],
    once_by: &[],
    columns: &[
        column("service", "service", Text, "service.name"),
        column("minute", "m", CoarseTime, "start of the minute"),
        column("calls", "calls", Sum, "requests"),
        column("errors", "errors", Sum, "requests that failed"),
        column("duration_sum_ns", "dur_sum", Sum, "sum of their durations"),
        column("duration_max_ns", "dur_max", Max, "longest of them"),
    ],
};

pub(crate) static SPAN_MINUTE: View = View {
    name: "span_minute",
    doc: "calls, errors and durations of every operation, per minute",
    branches: &[Branch::table("span_minute")],
    once_by: &[],
    columns: &[
        column("service", "service", Text, "service.name"),
        column("operation", "operation", Text, "span name"),
        column("kind", "kind", Text, "span kind"),
        column("status", "status", Text, "unset, ok or error"),
        column("version", "version", Text, "service.version, '' if none"),
        column("region", "region", Text, "cloud.region, '' if none"),
        column("minute", "m", CoarseTime, "start of the minute"),
        column("calls", "calls", Sum, "spans"),
        column("errors", "errors", Sum, "spans with status error"),
        column("duration_sum_ns", "dur_sum", Sum, "sum of durations"),
        column("duration_max_ns", "dur_max", Max, "longest duration"),
    ],
};

pub(crate) static LATENCY: View = View {
    name: "latency",
    doc: "how long requests took (server and consumer spans), one row per service, operation and minute; percentiles cannot be averaged: for those of more than a row see latency_quantile over latency_buckets",
    branches: &[Branch { only: Some(RECEIVED), ..Branch::table("latency_buckets_1m") }],
    once_by: &[],
    columns: &[
        column("service", "service", Text, "service.name"),
        column("operation", "operation", Text, "span name"),
        column("minute", "m", CoarseTime, "start of the minute"),
        column("requests", "n", Sum, "requests"),
        column("errors", "n", Errors, "requests that failed"),
        column(
            "p50_ns",
            "n",
            Quantile(500),
            "median in nanoseconds; the exact one lies in the same bucket, which is 4.4 % wide, as do those below",
        ),
        column("p90_ns", "n", Quantile(900), "9 of 10 were no slower"),
        column("p95_ns", "n", Quantile(950), "19 of 20 were no slower"),
        column("p99_ns", "n", Quantile(990), "99 of 100 were no slower"),
        column("max_ns", "n", Quantile(1000), "all were no slower: the end of the last bucket"),
    ],
};

const BUCKET_COLUMNS: &[Column] = &[
    column("service", "service", Text, "service.name"),
    column("operation", "operation", Text, "span name"),
    column("kind", "kind", Text, "span kind"),
    column("status", "status", Text, "unset, ok or error"),
    column("minute", "m", CoarseTime, "start of the minute"),
    column(
        "bucket",
        "b",
        Int,
        "bucket b holds durations in (2^(b/16), 2^((b+1)/16)] ns; -1 holds 0 and 1 ns",
    ),
    column("spans", "n", Sum, "spans in the bucket"),
    column("version", "version", Text, "service.version, '' if none"),
    column("region", "region", Text, "cloud.region, '' if none"),
];

pub(crate) static LATENCY_BUCKETS: View = View {
    name: "latency_buckets",
    doc: "latency histogram of every operation, per minute: base-2 exponential buckets, 16 per octave",
    branches: &[Branch::table("latency_buckets_1m")],
    once_by: &[],
    columns: BUCKET_COLUMNS,
};

pub(crate) static EXEMPLARS: View = View {
    name: "exemplars",
    doc: "one trace per operation, minute and octave of latency, to look at",
    branches: &[Branch::newest("exemplars")],
    once_by: &[],
    columns: &[
        column("service", "service", Text, "service.name"),
        column("operation", "operation", Text, "span name"),
        column("minute", "m", CoarseTime, "start of the minute"),
        column("octave", "octave", Int, "durations in (2^octave, 2^(octave+1)] ns"),
        column("trace_id", "trace_id", Hex(16), "trace, 32 hex digits"),
        column("span_id", "span_id", Hex(8), "span, 16 hex digits"),
        column("duration_ns", "duration_ns", Unsigned, "how long the span took, in nanoseconds"),
        column("status", "status", Text, "unset, ok or error"),
    ],
};

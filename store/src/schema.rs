//! The tables, from one source for the embedded engine, a server and a cluster.

/// Spans, one row each.
pub const SPANS: &str = "spans";
/// Log records, events included.
pub const LOGS: &str = "logs";
/// Business events: log records with an event name.
pub const EVENTS: &str = "events";
/// Look-up of what a customer can name: value to trace.
pub const KEY_INDEX: &str = "key_index";
/// Gauge points.
pub const METRIC_GAUGE: &str = "metric_gauge";
/// Sum points.
pub const METRIC_SUM: &str = "metric_sum";
/// Explicit-bucket histogram points.
pub const METRIC_HISTOGRAM: &str = "metric_histogram";
/// Exponential histogram points.
pub const METRIC_EXP_HISTOGRAM: &str = "metric_exp_histogram";
/// Summary points.
pub const METRIC_SUMMARY: &str = "metric_summary";
/// Latency buckets per minute.
pub const LATENCY_BUCKETS_1M: &str = "latency_buckets_1m";
/// Latency buckets per hour.
pub const LATENCY_BUCKETS_1H: &str = "latency_buckets_1h";
/// Calls, errors and durations per minute.
pub const SPAN_MINUTE: &str = "span_minute";
/// One trace per octave, minute and operation.
pub const EXEMPLARS: &str = "exemplars";
/// Start and end of each trace.
pub const TRACE_BOUNDS: &str = "trace_bounds";
/// Measured slices of SLOs.
pub const SLO_SLICES: &str = "slo_slices";
/// Forecasts of demand.
pub const FORECASTS: &str = "forecasts";
/// Capacity plans.
pub const PLANS: &str = "plans";
/// Quarantine of records that were refused.
pub const REJECTED: &str = "rejected";
/// Committed slices of the ingest log.
pub const INGEST_LEDGER: &str = "ingest_ledger";

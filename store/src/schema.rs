//! The tables, from one source for the embedded engine, a server and a cluster.
//!
//! [`tables`] and [`views`] are the definitions; [`Renderer`] writes them as statements for
//! a [`Form`] of ClickHouse. Raw tables hold what was received; rollups are filled from
//! them by views; results are written by Headroom itself. In a cluster every table is
//! `<name>_local` on each node, replicated, with a Distributed table `<name>` over it, and
//! the views run on each node's own rows.
//!
//! Every table remembers the tokens of its last 10,000 inserts, so that a repeated insert
//! stores nothing twice. Raw tables and results are on the disk before an insert is
//! answered.

mod metrics;
mod raw;
mod render;
mod results;
mod rollups;
mod table;
mod views;

pub use render::{DEDUPLICATION_WINDOW, Renderer};
pub use table::{Engine, Form, Keep, Retention, Table, View};
pub use views::{BUCKET_SQL, LOOKUP_KEYS, PERSONAL_KEYS};

/// Number of this schema; goes up with every change of a definition.
pub const VERSION: u32 = 1;

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

/// All tables.
pub fn tables() -> Vec<Table> {
    vec![
        raw::spans(),
        raw::logs(),
        raw::events(),
        metrics::gauge(),
        metrics::sum(),
        metrics::histogram(),
        metrics::exp_histogram(),
        metrics::summary(),
        rollups::latency_1m(),
        rollups::latency_1h(),
        rollups::span_minute(),
        rollups::exemplars(),
        rollups::trace_bounds(),
        rollups::key_index(),
        results::slo_slices(),
        results::forecasts(),
        results::plans(),
        raw::rejected(),
        raw::ingest_ledger(),
    ]
}

/// All materialised views.
pub fn views() -> Vec<View> {
    views::all()
}

/// The latency bucket of a duration: base-2 exponential buckets of scale 4 (16 per octave),
/// `ceil(log2(ns) * 16) - 1`, as in the OTLP exponential histogram. Bucket `b` holds
/// durations in `(2^(b/16), 2^((b+1)/16)]` ns; 0 ns is in bucket -1, with 1 ns.
pub fn bucket(duration_ns: u64) -> i16 {
    if duration_ns == 0 {
        return -1;
    }
    ((duration_ns as f64).log2() * 16.0).ceil() as i16 - 1
}

#[cfg(test)]
mod tests;

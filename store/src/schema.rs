//! The tables, from one source for the embedded engine, a server and a cluster.
//!
//! [`tables`] and [`rollups`] are the definitions; [`Renderer`] writes tables as statements for
//! a [`Form`] of ClickHouse. Raw tables hold what was received; rollups are counted by the
//! ingester beside them; results are written by the other parts of Headroom. In a cluster every
//! table is `<name>_local` on each node, replicated, with a Distributed table `<name>` over it.
//!
//! Every table remembers the tokens of its last 10,000 inserts, so that a repeated insert
//! stores nothing twice, and is on the disk before an insert is answered.

mod holdings;
mod metrics;
mod raw;
mod render;
mod results;
mod rollups;
mod sums;
mod table;

pub use render::{DEDUPLICATION_WINDOW, Renderer};
pub use sums::{BOOKED, BOOKING_KEYS, BUCKET_SQL, LOOKUP_KEYS, PERSONAL_KEYS};
pub use table::{Engine, Form, Keep, Retention, Rollup, Table};

/// Number of this schema; goes up with every change of a definition.
pub const VERSION: u32 = 10;

/// Materialised views of version 1. Where they still are, everything is counted twice.
pub const RETIRED_VIEWS: [&str; 8] = [
    "latency_buckets_1m_mv",
    "latency_buckets_1h_mv",
    "span_minute_mv",
    "exemplars_mv",
    "trace_bounds_mv",
    "key_index_spans_mv",
    "key_index_logs_mv",
    "key_index_events_mv",
];

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
/// Events that are booked to a portfolio, by portfolio.
pub const BOOKINGS: &str = "bookings";
/// Last prices and exchange rates per minute.
pub const QUOTES_1M: &str = "quotes_1m";
/// Last prices and exchange rates per day.
pub const QUOTES_1D: &str = "quotes_1d";
/// What moved in each portfolio, per day.
pub const PORTFOLIO_MOVES: &str = "portfolio_moves";
/// What moved in the portfolios of a cohort, per day.
pub const COHORT_MOVES: &str = "cohort_moves";
/// Portfolios and whose they are.
pub const PORTFOLIOS: &str = "portfolios";
/// How far the moves are made.
pub const MOVES_PROGRESS: &str = "moves_progress";
/// Measured slices of SLOs.
pub const SLO_SLICES: &str = "slo_slices";
/// Forecasts of demand.
pub const FORECASTS: &str = "forecasts";
/// Demand that was not as forecast.
pub const ANOMALIES: &str = "anomalies";
/// What back-tests found of the forecasters of each service.
pub const FORECAST_SKILL: &str = "forecast_skill";
/// Capacity plans.
pub const PLANS: &str = "plans";
/// Load tests: imported results, and marked stretches of traffic.
pub const LOAD_TESTS: &str = "load_tests";
/// Statements that were asked through the SQL doors, one row each.
pub const QUERIES: &str = "queries";
/// Quarantine of records that were refused.
pub const REJECTED: &str = "rejected";
/// Quarantined records that were sent again.
pub const REJECTED_REPLAYS: &str = "rejected_replays";
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
        holdings::bookings(),
        holdings::quotes_1m(),
        holdings::quotes_1d(),
        holdings::portfolio_moves(),
        holdings::cohort_moves(),
        holdings::portfolios(),
        holdings::moves_progress(),
        results::slo_slices(),
        results::forecasts(),
        results::anomalies(),
        results::forecast_skill(),
        results::plans(),
        results::load_tests(),
        results::queries(),
        raw::rejected(),
        raw::rejected_replays(),
        raw::ingest_ledger(),
    ]
}

/// The names of a table's columns, in order; none when there is no such table.
pub fn columns_of(name: &str) -> Vec<&'static str> {
    let table = tables().into_iter().find(|table| table.name == name);
    table.map_or_else(Vec::new, |table| table.columns.iter().map(|(name, _)| *name).collect())
}

/// What each rollup is a sum of; a table with several sources comes several times.
pub fn rollups() -> Vec<Rollup> {
    sums::all()
}

/// What an index of words is over, and so what is asked for it: a column's text in lower case.
pub fn words_of(column: &str) -> String {
    format!("lowerUTF8({column})")
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

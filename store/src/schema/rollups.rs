//! Tables that views fill from raw rows.

use super::raw::{LC, TEXT, TS};
use super::table::{Engine, Keep, Table};

const MINUTE: &str = "DateTime64(0, 'UTC') CODEC(Delta(8), ZSTD(1))";
const SUM: &str = "SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1))";
const MAX: &str = "SimpleAggregateFunction(max, UInt64) CODEC(ZSTD(1))";
const BY_OPERATION: &str = "cityHash64(tenant, service, operation)";

/// Marks of few rows: rollups are read in narrow slices, which this makes several times
/// faster.
const FINE: u32 = 1024;

fn rollup(
    name: &'static str,
    columns: Vec<(&'static str, &'static str)>,
    order: &'static str,
    keep: (&'static str, Keep),
    partition: &'static str,
) -> Table {
    Table {
        name,
        columns,
        engine: Engine::Aggregating,
        partition,
        order,
        shard: BY_OPERATION,
        keep: Some(keep),
        indexes: Vec::new(),
        words: None,
        granularity: FINE,
    }
}

fn latency(name: &'static str, keep: Keep, partition: &'static str) -> Table {
    let columns = vec![
        ("tenant", LC),
        ("service", LC),
        ("operation", LC),
        ("kind", LC),
        ("status", LC),
        ("m", MINUTE),
        ("b", "Int16 CODEC(ZSTD(1))"),
        ("n", SUM),
        ("version", LC),
        ("region", LC),
    ];
    // Version and region stand last: that is where a table that is there already takes a new part of its key.
    let order = "(tenant, service, operation, kind, status, m, b, version, region)";
    rollup(name, columns, order, ("m", keep), partition)
}

pub(crate) fn latency_1m() -> Table {
    latency(super::LATENCY_BUCKETS_1M, Keep::Minute, "toDate(m)")
}

pub(crate) fn latency_1h() -> Table {
    latency(super::LATENCY_BUCKETS_1H, Keep::Hour, "toYYYYMM(m)")
}

pub(crate) fn span_minute() -> Table {
    let columns = vec![
        ("tenant", LC),
        ("service", LC),
        ("operation", LC),
        ("kind", LC),
        ("status", LC),
        ("version", LC),
        ("region", LC),
        ("m", MINUTE),
        ("calls", SUM),
        ("errors", SUM),
        ("dur_sum", SUM),
        ("dur_max", MAX),
    ];
    let order = "(tenant, service, operation, kind, status, version, region, m)";
    rollup(super::SPAN_MINUTE, columns, order, ("m", Keep::Minute), "toDate(m)")
}

pub(crate) fn exemplars() -> Table {
    let columns = vec![
        ("tenant", LC),
        ("service", LC),
        ("operation", LC),
        ("m", MINUTE),
        ("octave", "Int8"),
        ("trace_id", "FixedString(16)"),
        ("span_id", "FixedString(8)"),
        ("duration_ns", "UInt64 CODEC(ZSTD(1))"),
        ("status", LC),
    ];
    let order = "(tenant, service, operation, m, octave)";
    let mut table = rollup(super::EXEMPLARS, columns, order, ("m", Keep::Minute), "toDate(m)");
    table.engine = Engine::Replacing("");
    table
}

pub(crate) fn trace_bounds() -> Table {
    let columns = vec![
        ("tenant", LC),
        ("trace_id", "FixedString(16)"),
        ("start", "SimpleAggregateFunction(min, DateTime64(9, 'UTC')) CODEC(ZSTD(1))"),
        ("end", "SimpleAggregateFunction(max, DateTime64(9, 'UTC')) CODEC(ZSTD(1))"),
        ("spans", SUM),
    ];
    let mut table =
        rollup(super::TRACE_BOUNDS, columns, "(tenant, trace_id)", ("start", Keep::Minute), "toDate(start)");
    table.shard = "cityHash64(trace_id)";
    table
}

pub(crate) fn key_index() -> Table {
    let columns = vec![
        ("tenant", LC),
        ("value", TEXT),
        ("key", LC),
        ("ts", TS),
        ("source", LC),
        ("name", LC),
        ("service", LC),
        ("customer_id", TEXT),
        ("trace_id", "FixedString(16)"),
    ];
    let mut table =
        rollup(super::KEY_INDEX, columns, "(tenant, value, ts)", ("ts", Keep::Lookup), "toMonday(ts)");
    table.engine = Engine::Merge;
    table.shard = "cityHash64(tenant, value)";
    table
}

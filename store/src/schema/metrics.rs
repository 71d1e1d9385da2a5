//! Tables of metric points, one per OTLP kind.

use super::raw::{LC, MAP, MS, TEXT, TS, WORDS};
use super::table::Table;

const ORDER: &str = "(tenant, name, service, toStartOfMinute(ts), ts)";
const SHARD: &str = "cityHash64(tenant, service, name)";
const NUMBER: &str = "Float64 CODEC(ZSTD(1))";
const MAYBE: &str = "Nullable(Float64) CODEC(ZSTD(1))";
const COUNT: &str = "UInt64 CODEC(ZSTD(1))";
const COUNTS: &str = "Array(UInt64) CODEC(ZSTD(1))";
const NUMBERS: &str = "Array(Float64) CODEC(ZSTD(1))";

/// Columns that every kind has, around those of its own.
fn metric(name: &'static str, own: &[(&'static str, &'static str)], exemplars: bool) -> Table {
    let mut columns = vec![
        ("tenant", LC),
        ("service", LC),
        ("name", LC),
        ("unit", LC),
        ("description", TEXT),
        ("ts", TS),
        ("start_ts", TS),
        ("flags", "UInt32 CODEC(ZSTD(1))"),
    ];
    columns.extend(own);
    columns.extend([
        ("resource", WORDS),
        ("attributes", MAP),
        ("attribute_types", WORDS),
        ("scope_name", LC),
        ("scope_version", LC),
    ]);
    if exemplars {
        columns.extend([
            ("exemplars_ts", "Array(DateTime64(9, 'UTC')) CODEC(ZSTD(1))"),
            ("exemplars_value", NUMBERS),
            ("exemplars_trace_id", "Array(FixedString(16)) CODEC(ZSTD(1))"),
            ("exemplars_span_id", "Array(FixedString(8)) CODEC(ZSTD(1))"),
        ]);
    }
    columns.push(("received_at", MS));
    Table::raw(name, columns, ORDER, SHARD)
}

pub(crate) fn gauge() -> Table {
    let own = [("value", NUMBER), ("int_value", "Nullable(Int64) CODEC(ZSTD(1))")];
    metric(super::METRIC_GAUGE, &own, true)
}

pub(crate) fn sum() -> Table {
    let own = [
        ("value", NUMBER),
        ("int_value", "Nullable(Int64) CODEC(ZSTD(1))"),
        ("temporality", LC),
        ("is_monotonic", "Bool"),
    ];
    metric(super::METRIC_SUM, &own, true)
}

pub(crate) fn histogram() -> Table {
    let own = [
        ("temporality", LC),
        ("count", COUNT),
        ("sum", MAYBE),
        ("min", MAYBE),
        ("max", MAYBE),
        ("bounds", NUMBERS),
        ("counts", COUNTS),
    ];
    metric(super::METRIC_HISTOGRAM, &own, true)
}

pub(crate) fn exp_histogram() -> Table {
    let own = [
        ("temporality", LC),
        ("count", COUNT),
        ("sum", MAYBE),
        ("min", MAYBE),
        ("max", MAYBE),
        ("scale", "Int32"),
        ("zero_count", COUNT),
        ("zero_threshold", NUMBER),
        ("positive_offset", "Int32"),
        ("positive_counts", COUNTS),
        ("negative_offset", "Int32"),
        ("negative_counts", COUNTS),
    ];
    metric(super::METRIC_EXP_HISTOGRAM, &own, true)
}

pub(crate) fn summary() -> Table {
    let own = [("count", COUNT), ("sum", NUMBER), ("quantiles", NUMBERS), ("quantile_values", NUMBERS)];
    metric(super::METRIC_SUMMARY, &own, false)
}

//! Tables of what was received: spans, logs, events.

use super::table::{Keep, Table};

pub(crate) const TS: &str = "DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1))";
pub(crate) const MS: &str = "DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1))";
pub(crate) const LC: &str = "LowCardinality(String)";
pub(crate) const MAP: &str = "Map(LowCardinality(String), String) CODEC(ZSTD(1))";
/// Few different values, mostly: a resource's attributes, the types of attributes.
pub(crate) const WORDS: &str = "Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1))";
pub(crate) const TEXT: &str = "String CODEC(ZSTD(1))";
pub(crate) const MONEY: &str = "Nullable(Decimal(38, 12)) CODEC(ZSTD(1))";

/// Where logs go in a cluster: with their trace, or anywhere by time.
const LOG_SHARD: &str =
    "cityHash64(trace_id, if(trace_id = toFixedString('', 16), toUnixTimestamp64Nano(ts), 0))";

const TRACE_INDEX: &str = "INDEX trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1";

pub(crate) fn spans() -> Table {
    let columns = vec![
        ("tenant", LC),
        ("service", LC),
        ("operation", LC),
        ("kind", LC),
        ("status", LC),
        ("status_message", TEXT),
        ("ts", TS),
        ("duration_ns", "UInt64 CODEC(ZSTD(1))"),
        ("trace_id", "FixedString(16)"),
        ("span_id", "FixedString(8)"),
        ("parent_span_id", "FixedString(8)"),
        ("trace_state", TEXT),
        ("flags", "UInt32 CODEC(ZSTD(1))"),
        ("version", LC),
        ("region", LC),
        ("customer_id", TEXT),
        ("scope_name", LC),
        ("scope_version", LC),
        ("resource", WORDS),
        ("attributes", MAP),
        ("attribute_types", WORDS),
        ("events_ts", "Array(DateTime64(9, 'UTC')) CODEC(ZSTD(1))"),
        ("events_name", "Array(LowCardinality(String)) CODEC(ZSTD(1))"),
        ("events_attributes", "Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1))"),
        ("links_trace_id", "Array(FixedString(16)) CODEC(ZSTD(1))"),
        ("links_span_id", "Array(FixedString(8)) CODEC(ZSTD(1))"),
        ("links_attributes", "Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1))"),
        ("dropped_attributes", "UInt32 CODEC(ZSTD(1))"),
        ("received_at", MS),
    ];
    // Not by `ts` itself: merges take the rows of a minute by the stretch, not one by one.
    let order = "(tenant, service, operation, toStartOfMinute(ts))";
    let mut table = Table::raw(super::SPANS, columns, order, "cityHash64(trace_id)");
    table.indexes.push(TRACE_INDEX);
    table
}

pub(crate) fn logs() -> Table {
    let columns = vec![
        ("tenant", LC),
        ("service", LC),
        ("severity", "UInt8 CODEC(ZSTD(1))"),
        ("severity_text", LC),
        ("ts", TS),
        ("observed_ts", TS),
        ("event_name", LC),
        ("body", TEXT),
        ("trace_id", "FixedString(16)"),
        ("span_id", "FixedString(8)"),
        ("flags", "UInt32 CODEC(ZSTD(1))"),
        ("version", LC),
        ("region", LC),
        ("customer_id", TEXT),
        ("scope_name", LC),
        ("scope_version", LC),
        ("resource", WORDS),
        ("attributes", MAP),
        ("attribute_types", WORDS),
        ("dropped_attributes", "UInt32 CODEC(ZSTD(1))"),
        ("received_at", MS),
    ];
    let order = "(tenant, service, toStartOfMinute(ts))";
    let mut table = Table::raw(super::LOGS, columns, order, LOG_SHARD);
    table.indexes.push(TRACE_INDEX);
    table.words = Some("body");
    table
}

pub(crate) fn events() -> Table {
    let columns = vec![
        ("tenant", LC),
        ("name", LC),
        ("ts", TS),
        ("event_id", TEXT),
        ("service", LC),
        ("customer_id", TEXT),
        ("account_id", TEXT),
        ("order_id", TEXT),
        ("trade_id", TEXT),
        ("portfolio_id", TEXT),
        ("symbol", LC),
        ("side", LC),
        ("currency", LC),
        ("quantity", MONEY),
        ("price", MONEY),
        ("amount", MONEY),
        ("fee", MONEY),
        ("trace_id", "FixedString(16)"),
        ("span_id", "FixedString(8)"),
        ("body", TEXT),
        ("attributes", MAP),
        ("attribute_types", WORDS),
        ("received_at", MS),
    ];
    let mut table = Table::raw(super::EVENTS, columns, "(tenant, name, ts)", "cityHash64(event_id)");
    // A journey is hundreds of moments, each read for itself: all rows of a granule for one of them.
    table.granularity = 256;
    table.partition = "toYYYYMM(ts)";
    table.keep = Some(("ts", Keep::Event));
    table.indexes.extend([
        "INDEX customer customer_id TYPE bloom_filter(0.01) GRANULARITY 1",
        "INDEX portfolio portfolio_id TYPE bloom_filter(0.01) GRANULARITY 1",
        "INDEX order_ids order_id TYPE bloom_filter(0.01) GRANULARITY 1",
    ]);
    table
}

pub(crate) fn rejected() -> Table {
    let columns =
        vec![("tenant", LC), ("ts", MS), ("signal", LC), ("reason", LC), ("detail", TEXT), ("payload", TEXT)];
    Table::raw(super::REJECTED, columns, "(tenant, signal, reason, ts)", "cityHash64(payload)")
}

pub(crate) fn rejected_replays() -> Table {
    // `record`: sipHash128 of the row's payload, in hexadecimal digits.
    let columns = vec![("tenant", LC), ("record", "String"), ("replayed_at", MS)];
    let order = "(tenant, record)";
    let mut table = Table::raw(super::REJECTED_REPLAYS, columns, order, "cityHash64(tenant, record)");
    table.partition = "toYYYYMM(replayed_at)";
    table.keep = Some(("replayed_at", Keep::Raw));
    table
}

pub(crate) fn ingest_ledger() -> Table {
    let columns = vec![
        ("token", "String"),
        ("segment", "UInt64"),
        ("from_offset", "UInt64"),
        ("to_offset", "UInt64"),
        ("table", LC),
        ("rows", "UInt64"),
        ("committed_at", MS),
    ];
    let mut table = Table::raw(super::INGEST_LEDGER, columns, "token", "cityHash64(token)");
    table.partition = "toYYYYMM(committed_at)";
    table.keep = Some(("committed_at", Keep::Raw));
    table
}

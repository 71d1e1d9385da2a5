//! Materialised views: from raw rows to rollups.
//!
//! A view sees one inserted block at a time, so its rows are partial sums; the target's
//! engine merges them, and every reader sums again.

use super::table::View;
use super::{
    EVENTS, EXEMPLARS, KEY_INDEX, LATENCY_BUCKETS_1H, LATENCY_BUCKETS_1M, LOGS, SPAN_MINUTE, SPANS,
    TRACE_BOUNDS,
};

/// The bucket of a duration, as SQL; [`super::bucket`] is the same in Rust.
pub const BUCKET_SQL: &str = "if(duration_ns = 0, toInt16(-1), toInt16(ceil(log2(duration_ns) * 16) - 1))";

/// Attribute keys by which a customer's things can be found, besides `customer.id`.
pub const LOOKUP_KEYS: [&str; 6] =
    ["order.id", "trade.id", "payment.id", "account.id", "session.id", "invoice.id"];

/// Attribute keys whose values tell who a person is. They are stored, and shown masked or not at
/// all but for a reason that is audited.
pub const PERSONAL_KEYS: [&str; 8] = [
    "customer.email",
    "customer.name",
    "customer.phone",
    "customer.address",
    "user.email",
    "user.full_name",
    "enduser.email",
    "enduser.name",
];

const MINUTE: &str = "toDateTime64(toStartOfMinute(ts), 0, 'UTC')";
const HOUR: &str = "toDateTime64(toStartOfHour(ts), 0, 'UTC')";

pub(crate) fn all() -> Vec<View> {
    vec![
        latency("latency_buckets_1m_mv", LATENCY_BUCKETS_1M, MINUTE),
        latency("latency_buckets_1h_mv", LATENCY_BUCKETS_1H, HOUR),
        View {
            name: "span_minute_mv",
            target: SPAN_MINUTE,
            source: SPANS,
            select: format!(
                "SELECT tenant, service, operation, kind, status, version, region, {MINUTE} AS m, count() AS calls, countIf(status = 'error') AS errors, sum(duration_ns) AS dur_sum, max(duration_ns) AS dur_max FROM {{source}} GROUP BY tenant, service, operation, kind, status, version, region, m"
            ),
        },
        View {
            name: "exemplars_mv",
            target: EXEMPLARS,
            source: SPANS,
            select: format!(
                "SELECT tenant, service, operation, {MINUTE} AS m, toInt8(bitShiftRight({BUCKET_SQL}, 4)) AS octave, argMax(s.trace_id, s.duration_ns) AS trace_id, argMax(s.span_id, s.duration_ns) AS span_id, max(s.duration_ns) AS duration_ns, argMax(s.status, s.duration_ns) AS status FROM {{source}} AS s GROUP BY tenant, service, operation, m, octave"
            )
            .replace("(duration_ns", "(s.duration_ns"),
        },
        View {
            name: "trace_bounds_mv",
            target: TRACE_BOUNDS,
            source: SPANS,
            select: "SELECT tenant, trace_id, min(ts) AS start, max(fromUnixTimestamp64Nano(toInt64(toUnixTimestamp64Nano(ts) + duration_ns), 'UTC')) AS end, count() AS spans FROM {source} GROUP BY tenant, trace_id".to_owned(),
        },
        key_index("key_index_spans_mv", SPANS, "span", "operation", ""),
        key_index("key_index_logs_mv", LOGS, "log", "event_name", " WHERE event_name = ''"),
        key_index("key_index_events_mv", EVENTS, "event", "name", ""),
    ]
}

fn latency(name: &'static str, target: &'static str, time: &str) -> View {
    View {
        name,
        target,
        source: SPANS,
        select: format!(
            "SELECT tenant, service, operation, kind, status, {time} AS m, {BUCKET_SQL} AS b, count() AS n FROM {{source}} GROUP BY tenant, service, operation, kind, status, m, b"
        ),
    }
}

/// A row per key that a record names. Log records with an event name are events, which
/// have a view of their own.
fn key_index(name: &'static str, source: &'static str, word: &str, name_column: &str, filter: &str) -> View {
    let mut pairs = vec!["('customer.id', customer_id)".to_owned()];
    for key in LOOKUP_KEYS {
        let column = key.replace('.', "_");
        let promoted = source == EVENTS && ["order_id", "trade_id", "account_id"].contains(&column.as_str());
        let value = if promoted { column } else { format!("attributes['{key}']") };
        pairs.push(format!("('{key}', {value})"));
    }
    pairs.push("('email', attributes['customer.email'])".to_owned());
    View {
        name,
        target: KEY_INDEX,
        source,
        select: format!(
            "SELECT tenant, tupleElement(pair, 2) AS value, tupleElement(pair, 1) AS key, ts, '{word}' AS source, {name_column} AS name, service, customer_id, trace_id FROM {{source}} ARRAY JOIN arrayFilter(p -> notEmpty(tupleElement(p, 2)), [{}]) AS pair{filter}",
            pairs.join(", ")
        ),
    }
}

//! What each rollup is a sum of.
//!
//! The ingester counts rollups while it decodes, a slice at a time: its rows are partial sums
//! that the table's engine merges, and every reader sums again. The SELECTs here say the same
//! in SQL. They are what a rollup is compared with, and what it is filled from when it has to
//! be made again.

use super::table::Rollup;
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

pub(crate) fn all() -> Vec<Rollup> {
    vec![
        latency(LATENCY_BUCKETS_1M, MINUTE),
        latency(LATENCY_BUCKETS_1H, HOUR),
        Rollup {
            table: SPAN_MINUTE,
            source: SPANS,
            select: format!(
                "SELECT tenant, service, operation, kind, status, version, region, {MINUTE} AS m, count() AS calls, countIf(status = 'error') AS errors, sum(duration_ns) AS dur_sum, max(duration_ns) AS dur_max FROM {{source}} GROUP BY tenant, service, operation, kind, status, version, region, m"
            ),
        },
        Rollup {
            table: EXEMPLARS,
            source: SPANS,
            select: format!(
                "SELECT tenant, service, operation, {MINUTE} AS m, toInt8(bitShiftRight({BUCKET_SQL}, 4)) AS octave, argMax(s.trace_id, s.duration_ns) AS trace_id, argMax(s.span_id, s.duration_ns) AS span_id, max(s.duration_ns) AS duration_ns, argMax(s.status, s.duration_ns) AS status FROM {{source}} AS s GROUP BY tenant, service, operation, m, octave"
            )
            .replace("(duration_ns", "(s.duration_ns"),
        },
        Rollup {
            table: TRACE_BOUNDS,
            source: SPANS,
            select: "SELECT tenant, trace_id, min(ts) AS start, max(fromUnixTimestamp64Nano(toInt64(toUnixTimestamp64Nano(ts) + duration_ns), 'UTC')) AS end, count() AS spans FROM {source} GROUP BY tenant, trace_id".to_owned(),
        },
        key_index(SPANS, "span", "operation", ""),
        key_index(LOGS, "log", "event_name", " WHERE event_name = ''"),
        key_index(EVENTS, "event", "name", ""),
    ]
}

fn latency(table: &'static str, time: &str) -> Rollup {
    Rollup {
        table,
        source: SPANS,
        select: format!(
            "SELECT tenant, service, operation, kind, status, {time} AS m, {BUCKET_SQL} AS b, count() AS n FROM {{source}} GROUP BY tenant, service, operation, kind, status, m, b"
        ),
    }
}

/// A row per key that a record names. Log records with an event name are events, which
/// have a sum of their own. (The ingester leaves out keys that another span of the same trace
/// and slice named already.)
fn key_index(source: &'static str, word: &str, name_column: &str, filter: &str) -> Rollup {
    let mut pairs = vec!["('customer.id', customer_id)".to_owned()];
    for key in LOOKUP_KEYS {
        let column = key.replace('.', "_");
        let promoted = source == EVENTS && ["order_id", "trade_id", "account_id"].contains(&column.as_str());
        let value = if promoted { column } else { format!("attributes['{key}']") };
        pairs.push(format!("('{key}', {value})"));
    }
    pairs.push("('email', attributes['customer.email'])".to_owned());
    Rollup {
        table: KEY_INDEX,
        source,
        select: format!(
            "SELECT tenant, tupleElement(pair, 2) AS value, tupleElement(pair, 1) AS key, ts, '{word}' AS source, {name_column} AS name, service, customer_id, trace_id FROM {{source}} ARRAY JOIN arrayFilter(p -> notEmpty(tupleElement(p, 2)), [{}]) AS pair{filter}",
            pairs.join(", ")
        ),
    }
}

//! What each rollup is a sum of.
//!
//! The ingester counts rollups while it decodes, a slice at a time: its rows are partial sums
//! that the table's engine merges, and every reader sums again. The SELECTs here say the same
//! in SQL. They are what a rollup is compared with, and what it is filled from when it has to
//! be made again.

use super::table::Rollup;
use super::{
    BOOKINGS, EVENTS, EXEMPLARS, KEY_INDEX, LATENCY_BUCKETS_1H, LATENCY_BUCKETS_1M, LOGS, QUOTES_1D,
    QUOTES_1M, SPAN_MINUTE, SPANS, TRACE_BOUNDS,
};
use crate::literal::string;

/// The bucket of a duration, as SQL; [`super::bucket`] is the same in Rust.
pub const BUCKET_SQL: &str = "if(duration_ns = 0, toInt16(-1), toInt16(ceil(log2(duration_ns) * 16) - 1))";

/// Attribute keys by which a customer's things can be found, besides `customer.id`.
pub const LOOKUP_KEYS: [&str; 6] =
    ["order.id", "trade.id", "payment.id", "account.id", "session.id", "invoice.id"];

/// Events that are booked, when they name a portfolio.
pub const BOOKED: [&str; 10] = [
    "order.filled",
    "order.partially_filled",
    "deposit.completed",
    "withdrawal.completed",
    "fee.charged",
    "tax.withheld",
    "interest.paid",
    "dividend.paid",
    "booking.corrected",
    "booking.cancelled",
];

/// What a booking keeps of its event's attributes, besides those that have columns.
pub const BOOKING_KEYS: [&str; 6] =
    ["adviser.id", "position.effect", "lots", "ratio", "corrects.event.id", "cancels.event.id"];

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
const DAY: &str = "toDateTime64(toStartOfDay(ts), 0, 'UTC')";

pub(crate) fn all() -> Vec<Rollup> {
    vec![
        latency(LATENCY_BUCKETS_1M, MINUTE),
        latency(LATENCY_BUCKETS_1H, HOUR),
        Rollup {
            table: SPAN_MINUTE,
            since: 1,
            source: SPANS,
            select: format!(
                "SELECT tenant, service, operation, kind, status, version, region, {MINUTE} AS m, count() AS calls, countIf(status = 'error') AS errors, sum(duration_ns) AS dur_sum, max(duration_ns) AS dur_max FROM {{source}} GROUP BY tenant, service, operation, kind, status, version, region, m"
            ),
        },
        Rollup {
            table: EXEMPLARS,
            since: 1,
            source: SPANS,
            select: format!(
                "SELECT tenant, service, operation, {MINUTE} AS m, toInt8(bitShiftRight({BUCKET_SQL}, 4)) AS octave, argMax(s.trace_id, s.duration_ns) AS trace_id, argMax(s.span_id, s.duration_ns) AS span_id, max(s.duration_ns) AS duration_ns, argMax(s.status, s.duration_ns) AS status FROM {{source}} AS s GROUP BY tenant, service, operation, m, octave"
            )
            .replace("(duration_ns", "(s.duration_ns"),
        },
        Rollup {
            table: TRACE_BOUNDS,
            since: 1,
            source: SPANS,
            select: "SELECT tenant, trace_id, min(ts) AS start, max(fromUnixTimestamp64Nano(toInt64(toUnixTimestamp64Nano(ts) + duration_ns), 'UTC')) AS end, count() AS spans FROM {source} GROUP BY tenant, trace_id".to_owned(),
        },
        key_index(SPANS, "span", "operation", ""),
        key_index(LOGS, "log", "event_name", " WHERE event_name = ''"),
        key_index(EVENTS, "event", "name", ""),
        bookings(),
        prices(QUOTES_1M, MINUTE),
        prices(QUOTES_1D, DAY),
        rates(QUOTES_1M, MINUTE),
        rates(QUOTES_1D, DAY),
    ]
}

/// The events that are booked, each row as it is.
fn bookings() -> Rollup {
    let list = |words: &[&str]| words.iter().map(|word| string(word)).collect::<Vec<_>>().join(", ");
    Rollup {
        table: BOOKINGS,
        since: 5,
        source: EVENTS,
        select: format!(
            "SELECT tenant, portfolio_id, ts, event_id, name, customer_id, symbol, side, currency, quantity, price, amount, fee, mapFilter((k, v) -> v != '' AND k IN ({}), attributes) AS attributes, now64(3) AS stored_at FROM {{source}} WHERE portfolio_id != '' AND name IN ({})",
            list(&BOOKING_KEYS),
            list(&BOOKED)
        ),
    }
}

/// The last price of each symbol; one that is not above zero is none.
fn prices(table: &'static str, time: &str) -> Rollup {
    Rollup {
        table,
        since: 5,
        source: EVENTS,
        select: format!(
            "SELECT tenant, 'price' AS kind, symbol, '' AS quote, {time} AS m, max(e.ts) AS ts, assumeNotNull(argMax(e.price, e.ts)) AS price, argMax(e.currency, e.ts) AS currency, argMax(e.attributes['venue'], e.ts) AS venue, argMax(e.attributes['asset.class'], e.ts) AS asset_class, argMax(e.attributes['sector'], e.ts) AS sector FROM {{source}} AS e WHERE name = 'price.updated' AND symbol != '' AND e.price > 0 GROUP BY tenant, symbol, m"
        )
        .replace("(ts)", "(e.ts)"),
    }
}

/// The last rate of each pair: one `symbol` is so many `quote`.
fn rates(table: &'static str, time: &str) -> Rollup {
    let rate = "toDecimal128OrZero(e.attributes['rate'], 12)";
    Rollup {
        table,
        since: 5,
        source: EVENTS,
        select: format!(
            "SELECT tenant, 'rate' AS kind, e.attributes['base'] AS symbol, e.attributes['quote'] AS quote, {time} AS m, max(e.ts) AS ts, argMax({rate}, e.ts) AS price, e.attributes['quote'] AS currency, '' AS venue, '' AS asset_class, '' AS sector FROM {{source}} AS e WHERE name = 'fx.updated' AND symbol != '' AND quote != '' AND {rate} > 0 GROUP BY tenant, symbol, quote, m"
        )
        .replace("(ts)", "(e.ts)"),
    }
}

fn latency(table: &'static str, time: &str) -> Rollup {
    Rollup {
        table,
        since: 1,
        source: SPANS,
        select: format!(
            "SELECT tenant, service, operation, kind, status, {time} AS m, {BUCKET_SQL} AS b, count() AS n, version, region FROM {{source}} GROUP BY tenant, service, operation, kind, status, m, b, version, region"
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
        since: 1,
        source,
        select: format!(
            "SELECT tenant, tupleElement(pair, 2) AS value, tupleElement(pair, 1) AS key, ts, '{word}' AS source, {name_column} AS name, service, customer_id, trace_id FROM {{source}} ARRAY JOIN arrayFilter(p -> notEmpty(tupleElement(p, 2)), [{}]) AS pair{filter}",
            pairs.join(", ")
        ),
    }
}

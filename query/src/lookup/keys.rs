//! What a text is known as: the rows of `key_index`.

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use crate::error::Result;
use crate::events::{self, Event};
use crate::range::TimeRange;
use crate::scan::{Aggregate, Compare, Expr, Filter, Function, Key, Literal, ScanQuery};

/// Most events of one journey; the latest are kept.
pub(super) const MOST_EVENTS: u64 = 300;
/// Most requests beside a journey.
const MOST_TRACES: u64 = 20;

/// The kinds of key by how much they say: where a text is known as several, the first wins.
const KINDS: [(&str, &str); 8] = [
    ("customer.id", "customer"),
    ("email", "email"),
    ("order.id", "order"),
    ("trade.id", "trade"),
    ("payment.id", "payment"),
    ("account.id", "account"),
    ("invoice.id", "invoice"),
    ("session.id", "session"),
];

/// One thing a text is known as.
#[derive(Debug, Row, Deserialize)]
pub(super) struct KnownAs {
    value: String,
    key: String,
    customer_id: String,
}

impl KnownAs {
    /// `customer`, `order`, ...
    pub(super) fn kind(&self) -> String {
        KINDS
            .iter()
            .find(|(key, _)| *key == self.key)
            .map_or_else(|| self.key.clone(), |(_, kind)| (*kind).to_owned())
    }

    /// As it is stored.
    pub(super) fn value(&self) -> &str {
        &self.value
    }

    /// Whose it is; `None` when nobody's.
    pub(super) fn customer_id(&self) -> Option<&str> {
        Some(self.customer_id.as_str()).filter(|id| !id.is_empty())
    }

    fn rank(&self) -> usize {
        KINDS.iter().position(|(key, _)| *key == self.key).unwrap_or(KINDS.len())
    }
}

/// Everything a text is known as, the most telling first. One read by key.
pub(super) async fn known_as(store: &Store, tenant: &str, values: &[&str]) -> Result<Vec<KnownAs>> {
    let owner = Function::Max(Expr::Column("customer_id".to_owned()));
    let scan = ScanQuery::aggregate(tenant, "key_index")
        .filter(Filter::one_of("value", values.iter().copied()))
        .columns(["value", "key"])
        .aggregates([Aggregate::new(owner, "customer_id")])
        .limit(50);
    let mut rows: Vec<KnownAs> = scan.fetch(store).await?;
    rows.sort_by(|a, b| (a.rank(), &a.value).cmp(&(b.rank(), &b.value)));
    Ok(rows)
}

#[derive(Debug, Row, Deserialize)]
struct EventKey {
    name: String,
    ts: i64,
}

/// The latest events with this value under this key, oldest first, and whether there are
/// more. Two reads by key: their names and times, then the events themselves.
pub(super) async fn events_of(
    store: &Store,
    tenant: &str,
    key: &str,
    value: &str,
) -> Result<(Vec<Event>, bool)> {
    let scan = ScanQuery::aggregate(tenant, "key_index")
        .filter(Filter::eq("value", value))
        .filter(Filter::eq("key", key))
        .filter(Filter::eq("source", "event"))
        .columns(["name", "ts"])
        .descending("ts")
        .limit(MOST_EVENTS + 1);
    let mut keys: Vec<EventKey> = scan.fetch(store).await?;
    let truncated = keys.len() as u64 > MOST_EVENTS;
    keys.truncate(MOST_EVENTS as usize);
    let mut events = at(store, tenant, key, value, &keys).await?;
    events.sort_by(|a, b| (a.ts, &a.event_id).cmp(&(b.ts, &b.event_id)));
    Ok((events, truncated))
}

/// The events of one request, oldest first. One read of the moments the request lies in.
pub(super) async fn events_of_trace(
    store: &Store,
    tenant: &str,
    trace_id: &str,
    range: &TimeRange,
) -> Result<Vec<Event>> {
    let scan = ScanQuery::rows(tenant, "events")
        .filter(Filter::id("trace_id", trace_id))
        .filter(Filter::within("ts", range))
        .limit(MOST_EVENTS);
    let mut events = events::read(store, scan).await?;
    events.sort_by(|a, b| (a.ts, &a.event_id).cmp(&(b.ts, &b.event_id)));
    Ok(events)
}

/// The latest event of one name with this value under this key.
pub(super) async fn last_event_of(
    store: &Store,
    tenant: &str,
    key: &str,
    value: &str,
    name: &str,
) -> Result<Option<Event>> {
    let scan = ScanQuery::aggregate(tenant, "key_index")
        .filter(Filter::eq("value", value))
        .filter(Filter::eq("key", key))
        .filter(Filter::eq("source", "event"))
        .filter(Filter::eq("name", name))
        .columns(["name", "ts"])
        .descending("ts")
        .limit(1);
    let keys: Vec<EventKey> = scan.fetch(store).await?;
    Ok(at(store, tenant, key, value, &keys).await?.pop())
}

async fn at(store: &Store, tenant: &str, key: &str, value: &str, keys: &[EventKey]) -> Result<Vec<Event>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let places = keys.iter().map(|row| {
        let ts: DateTime<Utc> = DateTime::from_timestamp_nanos(row.ts);
        vec![Literal::Text(row.name.clone()), Literal::Time(ts)]
    });
    let scan = ScanQuery::rows(tenant, "events")
        .filter(Filter::TupleIn(vec!["name".to_owned(), "ts".to_owned()], places.collect()))
        .filter(carries(key, value));
    events::read(store, scan).await
}

/// The events that carry a value under a key.
fn carries(key: &str, value: &str) -> Filter {
    match key {
        "customer.id" => Filter::eq("customer_id", value),
        "order.id" => Filter::eq("order_id", value),
        "trade.id" => Filter::eq("trade_id", value),
        "account.id" => Filter::eq("account_id", value),
        "email" => Filter::map_eq("attributes", "customer.email", value),
        other => Filter::map_eq("attributes", other, value),
    }
}

#[derive(Debug, Row, Deserialize)]
struct TraceKey {
    trace_id: String,
}

/// The latest requests that carried the value, latest first. One read by key, from its end.
pub(super) async fn traces_of(store: &Store, tenant: &str, key: &str, value: &str) -> Result<Vec<String>> {
    let none = Literal::Bytes(vec![0; 16]);
    let scan = ScanQuery::rows(tenant, "key_index")
        .filter(Filter::eq("value", value))
        .filter(Filter::eq("key", key))
        .filter(Filter::compare("trace_id", Compare::NotEq, none))
        .key(Key::hex("trace_id", "trace_id"))
        .descending("ts")
        .once_by(["trace_id"])
        .limit(MOST_TRACES);
    let rows: Vec<TraceKey> = scan.fetch(store).await?;
    Ok(rows.into_iter().map(|row| row.trace_id).collect())
}

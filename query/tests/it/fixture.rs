//! Spans, logs and events put into a store of the test's own.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use headroom_query::TimeRange;
use headroom_store::Store;
use headroom_store::native::{Array, Block, Fixed, Map, Nullable, Numbers, Strings};
use headroom_store::testing::TestStore;
use rust_decimal::Decimal;

/// The tenant most rows belong to.
pub(crate) const TENANT: &str = "acme";

/// A moment two to three hours ago, on the hour: rows of it are not aged out.
pub(crate) fn base() -> DateTime<Utc> {
    let now = Utc::now() - TimeDelta::hours(2);
    now.duration_trunc(TimeDelta::hours(1)).expect("an hour divides time")
}

/// An hour from `start`.
pub(crate) fn hour(start: DateTime<Utc>) -> TimeRange {
    TimeRange::new(start, start + TimeDelta::hours(1)).expect("an hour is a range")
}

/// A span to insert; start from [`span`].
#[derive(Debug, Clone)]
pub(crate) struct SpanSeed {
    pub(crate) tenant: &'static str,
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) status: &'static str,
    pub(crate) message: &'static str,
    pub(crate) version: &'static str,
    pub(crate) region: &'static str,
    pub(crate) customer: &'static str,
    pub(crate) ts: DateTime<Utc>,
    pub(crate) duration_ns: u64,
    pub(crate) trace: u128,
    pub(crate) id: u64,
    pub(crate) parent: u64,
    pub(crate) attributes: Vec<(&'static str, &'static str, &'static str)>,
    /// Type and message of an exception that is a span event of it.
    pub(crate) exception: Option<(&'static str, &'static str)>,
}

/// A root span of `order` that took a millisecond.
pub(crate) fn span(ts: DateTime<Utc>, trace: u128, id: u64) -> SpanSeed {
    SpanSeed {
        tenant: TENANT,
        service: "order",
        operation: "POST /orders",
        kind: "server",
        status: "ok",
        message: "",
        version: "1.0",
        region: "eu",
        customer: "",
        ts,
        duration_ns: 1_000_000,
        trace,
        id,
        parent: 0,
        attributes: Vec::new(),
        exception: None,
    }
}

/// The hex text of a trace id.
pub(crate) fn trace_hex(trace: u128) -> String {
    format!("{trace:032x}")
}

pub(crate) fn strings<'a>(values: impl Iterator<Item = &'a str>) -> Strings {
    let mut column = Strings::new();
    for value in values {
        column.push(value);
    }
    column
}

pub(crate) fn fixed<const N: usize>(values: impl Iterator<Item = [u8; N]>) -> Fixed<N> {
    let mut column = Fixed::new();
    for value in values {
        column.push(&value);
    }
    column
}

pub(crate) fn nanos(values: impl Iterator<Item = DateTime<Utc>>) -> Numbers<i64> {
    let mut column = Numbers::nanoseconds();
    for value in values {
        column.push(value.timestamp_nanos_opt().expect("a time of our days"));
    }
    column
}

pub(crate) fn maps<'a>(rows: impl Iterator<Item = Vec<(&'a str, &'a str)>>) -> Map<Strings, Strings> {
    let mut column = Map::new(Strings::new(), Strings::new());
    for row in rows {
        for (key, value) in row {
            column.push(key, value);
        }
        column.end_row();
    }
    column
}

/// A token no other insert of this process has.
pub(crate) fn token() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("query-tests-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Inserts spans as one block. A span event and a link come with every one.
pub(crate) async fn insert_spans(store: &Store, spans: &[SpanSeed]) {
    let text = |pick: fn(&SpanSeed) -> &'static str| strings(spans.iter().map(pick));
    let mut duration = Numbers::<u64>::new();
    let mut events_ts = Array::new(Numbers::nanoseconds());
    let mut events_name = Array::new(Strings::new());
    let mut events_attributes = Array::new(Map::new(Strings::new(), Strings::new()));
    let mut links_trace = Array::new(Fixed::<16>::new());
    let mut links_span = Array::new(Fixed::<8>::new());
    for span in spans {
        duration.push(span.duration_ns);
        events_ts.inner.push(span.ts.timestamp_nanos_opt().expect("a time of our days") + 5);
        events_name.inner.push("queued");
        events_attributes.inner.push("depth", "3");
        events_attributes.inner.end_row();
        if let Some((kind, message)) = span.exception {
            events_ts.inner.push(span.ts.timestamp_nanos_opt().expect("a time of our days") + 9);
            events_name.inner.push("exception");
            events_attributes.inner.push("exception.type", kind);
            events_attributes.inner.push("exception.message", message);
            events_attributes.inner.end_row();
        }
        events_ts.end_row();
        events_name.end_row();
        events_attributes.end_row();
        links_trace.inner.push(&0xfeed_u128.to_be_bytes());
        links_trace.end_row();
        links_span.inner.push(&0xbeef_u64.to_be_bytes());
        links_span.end_row();
    }
    let types = spans.iter().map(|span| {
        span.attributes
            .iter()
            .filter(|(_, kind, _)| *kind != "string")
            .map(|(key, kind, _)| (*key, *kind))
            .collect()
    });
    let values =
        spans.iter().map(|span| span.attributes.iter().map(|(key, _, value)| (*key, *value)).collect());
    let block = Block::new()
        .with("tenant", text(|span| span.tenant))
        .with("service", text(|span| span.service))
        .with("operation", text(|span| span.operation))
        .with("kind", text(|span| span.kind))
        .with("status", text(|span| span.status))
        .with("status_message", text(|span| span.message))
        .with("version", text(|span| span.version))
        .with("region", text(|span| span.region))
        .with("customer_id", text(|span| span.customer))
        .with("ts", nanos(spans.iter().map(|span| span.ts)))
        .with("duration_ns", duration)
        .with("trace_id", fixed(spans.iter().map(|span| span.trace.to_be_bytes())))
        .with("span_id", fixed(spans.iter().map(|span| span.id.to_be_bytes())))
        .with("parent_span_id", fixed(spans.iter().map(|span| span.parent.to_be_bytes())))
        .with("resource", maps(spans.iter().map(|span| vec![("service.name", span.service)])))
        .with("attributes", maps(values))
        .with("attribute_types", maps(types))
        .with("events_ts", events_ts)
        .with("events_name", events_name)
        .with("events_attributes", events_attributes)
        .with("links_trace_id", links_trace)
        .with("links_span_id", links_span);
    store.insert_block("spans", &block, &token()).await.expect("spans are stored");
}

/// Inserts log records of one trace: (service, time, body).
pub(crate) async fn insert_logs(store: &Store, trace: u128, logs: &[(&str, DateTime<Utc>, &str)]) {
    let block = Block::new()
        .with("tenant", strings(logs.iter().map(|_| TENANT)))
        .with("service", strings(logs.iter().map(|log| log.0)))
        .with("severity_text", strings(logs.iter().map(|_| "WARN")))
        .with("ts", nanos(logs.iter().map(|log| log.1)))
        .with("body", strings(logs.iter().map(|log| log.2)))
        .with("trace_id", fixed(logs.iter().map(|_| trace.to_be_bytes())))
        .with("attributes", maps(logs.iter().map(|_| vec![("attempt", "2")])))
        .with("attribute_types", maps(logs.iter().map(|_| vec![("attempt", "int")])));
    store.insert_block("logs", &block, &token()).await.expect("logs are stored");
}

/// A business event to insert; start from [`event`].
#[derive(Debug, Clone)]
pub(crate) struct EventSeed {
    pub(crate) tenant: &'static str,
    pub(crate) id: String,
    pub(crate) name: &'static str,
    pub(crate) ts: DateTime<Utc>,
    pub(crate) trace: u128,
    pub(crate) attributes: Vec<(&'static str, &'static str)>,
}

/// An event with its attributes, which also fill the columns of their names.
pub(crate) fn event(
    name: &'static str,
    ts: DateTime<Utc>,
    attributes: &[(&'static str, &'static str)],
) -> EventSeed {
    let own = attributes.iter().find(|(key, _)| *key == "event.id").map(|(_, id)| (*id).to_owned());
    let id =
        own.unwrap_or_else(|| format!("{name}@{}", ts.timestamp_nanos_opt().expect("a time of our days")));
    EventSeed { tenant: TENANT, id, name, ts, trace: 0, attributes: attributes.to_vec() }
}

impl EventSeed {
    fn attribute(&self, key: &str) -> &'static str {
        self.attributes.iter().find(|(name, _)| *name == key).map_or("", |(_, value)| value)
    }

    /// The event in a trace.
    pub(crate) fn traced(mut self, trace: u128) -> Self {
        self.trace = trace;
        self
    }

    /// The event of another tenant.
    pub(crate) fn of(mut self, tenant: &'static str) -> Self {
        self.tenant = tenant;
        self
    }
}

/// Inserts events as one block.
pub(crate) async fn insert_events(store: &Store, events: &[EventSeed]) {
    let text = |key: &'static str| strings(events.iter().map(move |event| event.attribute(key)));
    let money = |key: &'static str| {
        let mut column = Nullable::new(Numbers::<i128>::decimal(12));
        for event in events {
            let mut value: Option<Decimal> = event.attribute(key).parse().ok();
            if let Some(value) = &mut value {
                value.rescale(12);
            }
            column.push(value.map(|value| value.mantissa()));
        }
        column
    };
    let block = Block::new()
        .with("tenant", strings(events.iter().map(|event| event.tenant)))
        .with("name", strings(events.iter().map(|event| event.name)))
        .with("ts", nanos(events.iter().map(|event| event.ts)))
        .with("event_id", strings(events.iter().map(|event| event.id.as_str())))
        .with("service", strings(events.iter().map(|_| "payments")))
        .with("customer_id", text("customer.id"))
        .with("account_id", text("account.id"))
        .with("order_id", text("order.id"))
        .with("trade_id", text("trade.id"))
        .with("portfolio_id", text("portfolio.id"))
        .with("symbol", text("symbol"))
        .with("side", text("side"))
        .with("currency", text("currency"))
        .with("quantity", money("quantity"))
        .with("price", money("price"))
        .with("amount", money("amount"))
        .with("fee", money("fee"))
        .with("trace_id", fixed(events.iter().map(|event| event.trace.to_be_bytes())))
        .with("attributes", maps(events.iter().map(|event| event.attributes.clone())));
    store.insert_block("events", &block, &token()).await.expect("events are stored");
}

/// A fresh store.
pub(crate) async fn store() -> TestStore {
    headroom_store::testing::counting_store().await
}

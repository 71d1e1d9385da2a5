//! The rows a trace is made of.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use super::{LogRecord, MAX_SPANS, Span, SpanEvent, SpanLink, restore};
use crate::error::Result;
use crate::lookup::{mask_addresses, shown};
use crate::range::TimeRange;
use crate::scan::{Aggregate, Expr, Filter, Key, ScanQuery};

/// Logs are looked for so long before the first and after the last span.
const LOG_MARGIN: TimeDelta = TimeDelta::seconds(60);
/// Most logs of one trace.
const MAX_LOGS: u64 = 5_000;

type Pairs = Vec<(String, String)>;

#[derive(Debug, Row, Deserialize)]
struct BoundsRow {
    trace_id: String,
    start: i64,
    end: i64,
}

/// First start and last end of each trace that is known.
pub(super) async fn bounds(
    store: &Store,
    tenant: &str,
    trace_ids: &[&str],
) -> Result<BTreeMap<String, (DateTime<Utc>, DateTime<Utc>)>> {
    let scan = ScanQuery::aggregate(tenant, "trace_bounds")
        .filter(Filter::ids("trace_id", trace_ids.iter().copied()))
        .key(Key::hex("trace_id", "trace_id"))
        .aggregates([Aggregate::min("start", "start"), Aggregate::max("end", "end")]);
    let rows: Vec<BoundsRow> = scan.fetch(store).await?;
    let instant = DateTime::from_timestamp_nanos;
    Ok(rows.into_iter().map(|row| (row.trace_id, (instant(row.start), instant(row.end)))).collect())
}

#[derive(Debug, Row, Deserialize)]
struct SpanRow {
    span_id: String,
    parent_span_id: String,
    links_trace_id: Vec<String>,
    links_span_id: Vec<String>,
    service: String,
    operation: String,
    kind: String,
    status: String,
    status_message: String,
    ts: i64,
    duration_ns: u64,
    customer_id: String,
    attributes: Pairs,
    attribute_types: Pairs,
    resource: Pairs,
    events_ts: Vec<i64>,
    events_name: Vec<String>,
    events_attributes: Vec<Pairs>,
}

/// The spans of a trace, one more than [`MAX_SPANS`] at most, in no order.
pub(super) async fn spans(
    store: &Store,
    tenant: &str,
    trace_id: &str,
    range: &TimeRange,
) -> Result<Vec<Span>> {
    let scan = ScanQuery::rows(tenant, "spans")
        .filter(Filter::id("trace_id", trace_id))
        .filter(Filter::within("ts", range))
        .keys([Key::hex("span_id", "span_id"), Key::hex("parent_span_id", "parent_span_id")])
        .keys(["links_trace_id", "links_span_id"].map(|name| Key::new(Expr::HexArray(name.to_owned()), name)))
        .columns([
            "service",
            "operation",
            "kind",
            "status",
            "status_message",
            "ts",
            "duration_ns",
            "customer_id",
        ])
        .columns([
            "attributes",
            "attribute_types",
            "resource",
            "events_ts",
            "events_name",
            "events_attributes",
        ])
        .ascending("ts")
        .once_by(["span_id"])
        .limit(MAX_SPANS as u64 + 1);
    let rows: Vec<SpanRow> = scan.fetch(store).await?;
    Ok(rows.into_iter().map(span).collect())
}

fn span(row: SpanRow) -> Span {
    let events = row.events_ts.into_iter().zip(row.events_name).zip(row.events_attributes);
    let links = row.links_trace_id.into_iter().zip(row.links_span_id);
    Span {
        span_id: row.span_id,
        parent_span_id: Some(row.parent_span_id).filter(|id| id.bytes().any(|c| c != b'0')),
        service: row.service,
        operation: row.operation,
        kind: row.kind,
        status: row.status,
        status_message: mask_addresses(&row.status_message),
        start: DateTime::from_timestamp_nanos(row.ts),
        start_offset_ns: 0,
        duration_ns: row.duration_ns,
        depth: 0,
        critical: false,
        customer_id: row.customer_id,
        attributes: restore(row.attributes, &row.attribute_types),
        resource: row.resource.into_iter().collect(),
        events: events
            .map(|((ts, name), attributes)| SpanEvent {
                ts: DateTime::from_timestamp_nanos(ts),
                name,
                attributes: attributes.into_iter().map(event_attribute).collect(),
            })
            .collect(),
        links: links.map(|(trace_id, span_id)| SpanLink { trace_id, span_id }).collect(),
    }
}

/// What an exception says may name somebody, too.
fn event_attribute((key, text): (String, String)) -> (String, String) {
    let text = shown(&key, mask_addresses(&text));
    (key, text)
}

#[derive(Debug, Row, Deserialize)]
struct LogRow {
    span_id: String,
    ts: i64,
    service: String,
    severity_text: String,
    event_name: String,
    body: String,
    attributes: Pairs,
    attribute_types: Pairs,
}

/// The logs of a trace, by time. Reads only the minutes of the trace in the services
/// that took part.
pub(super) async fn logs(
    store: &Store,
    tenant: &str,
    trace_id: &str,
    range: &TimeRange,
    services: &[String],
) -> Result<Vec<LogRecord>> {
    let around = TimeRange { from: range.from - LOG_MARGIN, to: range.to + LOG_MARGIN };
    let scan = ScanQuery::rows(tenant, "logs")
        .filter(Filter::one_of("service", services.iter().map(String::as_str)))
        .filter(Filter::id("trace_id", trace_id))
        .filter(Filter::within("ts", &around))
        .key(Key::hex("span_id", "span_id"))
        .columns(["ts", "service", "severity_text", "event_name", "body", "attributes", "attribute_types"])
        .ascending("ts")
        .once_by(["service", "ts", "span_id", "event_name", "body"])
        .limit(MAX_LOGS);
    let rows: Vec<LogRow> = scan.fetch(store).await?;
    let logs = rows.into_iter().map(|row| LogRecord {
        ts: DateTime::from_timestamp_nanos(row.ts),
        service: row.service,
        severity_text: row.severity_text,
        event_name: row.event_name,
        body: mask_addresses(&row.body),
        span_id: row.span_id,
        attributes: restore(row.attributes, &row.attribute_types),
    });
    Ok(logs.collect())
}

//! Building the columns of a slice: one block per table.

mod metrics;

use headroom_store::native::{Block, Clear as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use self::metrics::MetricTables;
use super::any::Value;
use super::columns::{Events, Logs, Rejected, Spans, nanos, pairs, text, typed_pairs, word, words_of};
use super::rollups::{Counted, Named, Rollups, Series, first_value};
use super::{
    Event, ExpHistogramPoint, HistogramPoint, Log, Metric, NumberPoint, Origin, Reason, Refused, Room, Sink,
    Span, SummaryPoint, Window, walk,
};
use crate::signal::Signal;
use crate::wire::WireError;

/// The most bytes of a refused record that are kept in the `rejected` table.
const KEPT_PAYLOAD: usize = 64 * 1024;

/// Who sent a request, and when it was received.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// The signal.
    pub signal: Signal,
    /// When; nanoseconds since the epoch.
    pub received_ns: i64,
    /// The times that were accepted when the request was acknowledged.
    pub window: Window,
}

/// The columns of all tables, filled from any number of requests.
#[derive(Debug, Default)]
pub struct Tables {
    spans: Spans,
    logs: Logs,
    events: Events,
    metrics: MetricTables,
    rejected: Rejected,
    rollups: Rollups,
    tenant: String,
    received_ns: i64,
    /// The resource of the last row, by its number in the open request.
    resource: Option<usize>,
    /// Room for what the open request has refused.
    room: Room,
}

impl Tables {
    /// Decodes a request onto the columns. The bytes were walked before they were
    /// acknowledged; an error here means that they are not the same any more.
    pub fn add(&mut self, received: Received<'_>, payload: &[u8]) -> Result<(), WireError> {
        self.tenant.clear();
        self.tenant.push_str(received.tenant);
        self.received_ns = received.received_ns;
        self.resource = None;
        self.room = Room::of(payload.len());
        walk(received.signal, payload, received.window, received.received_ns, self)
    }

    /// The blocks that have rows, with their tables, always in the same order.
    pub fn blocks(&self) -> Vec<(&'static str, Block<'_>)> {
        let mut rollups = Vec::new();
        self.rollups.blocks(&self.spans, &mut rollups);
        let mut blocks = vec![
            ("spans", self.spans.sorted()),
            ("logs", self.logs.sorted()),
            ("events", self.events.onto(Block::new())),
        ];
        self.metrics.blocks(&mut blocks);
        blocks.extend(rollups);
        blocks.push(("rejected", self.rejected.onto(Block::new())));
        blocks.retain(|(_, block)| !block.is_empty());
        blocks
    }

    /// Forgets all rows; their memory is used again.
    pub fn clear(&mut self) {
        self.spans.clear();
        self.logs.clear();
        self.events.clear();
        self.metrics.clear();
        self.rejected.clear();
        self.rollups.clear();
    }

    fn received_ms(&self) -> i64 {
        self.received_ns.div_euclid(1_000_000)
    }

    fn event(&mut self, origin: &Origin<'_>, log: &Log<'_>, event: &Event<'_>, customer: &[u8]) {
        let received_ms = self.received_ms();
        let c = &mut self.events;
        c.tenant.push(&self.tenant);
        word(&mut c.name, &log.event_name);
        c.ts.push(nanos(log.time));
        let id = event.id.clone().unwrap_or_else(|| {
            let mut hash = blake3::Hasher::new();
            hash.update(self.tenant.as_bytes()).update(&[0]).update(log.bytes);
            hex::encode(&hash.finalize().as_bytes()[..16]).into_bytes().into()
        });
        text(&mut c.event_id, &id);
        word(&mut c.service, &origin.resource.service);
        text(&mut c.customer_id, customer);
        text(&mut c.account_id, &event.account_id);
        text(&mut c.order_id, &event.order_id);
        text(&mut c.trade_id, &event.trade_id);
        text(&mut c.portfolio_id, &event.portfolio_id);
        word(&mut c.symbol, &event.symbol);
        word(&mut c.side, &event.side);
        word(&mut c.currency, &event.currency);
        let [quantity, price, amount, fee] = &event.decimals;
        c.quantity.push(quantity.known());
        c.price.push(price.known());
        c.amount.push(amount.known());
        c.fee.push(fee.known());
        c.trace_id.push(&log.trace_id);
        c.span_id.push(&log.span_id);
        text(&mut c.body, &log.body.text());
        typed_pairs(&mut c.attributes, &mut c.attribute_types, &log.attributes, |_, _, _| {});
        c.received_at.push(received_ms);
        let name = &log.event_name;
        self.rollups.keys.record(
            &Named { source: "event", name, ..named(&self.tenant, origin, log, customer) },
            &log.attributes,
        );
        self.rollups.bookings.event(&self.tenant, log, event, &id, customer);
        self.rollups.quotes.event(&self.tenant, log, event);
    }
}

/// What a log record is indexed as.
fn named<'a>(tenant: &'a str, origin: &'a Origin<'_>, log: &'a Log<'_>, customer: &'a [u8]) -> Named<'a> {
    Named {
        tenant,
        ts: nanos(log.time),
        source: "log",
        name: b"",
        service: &origin.resource.service,
        customer,
        trace_id: &log.trace_id,
    }
}

/// `STATUS_CODE_ERROR`.
const STATUS_ERROR: u64 = 2;

fn kind_name(kind: u64) -> &'static str {
    match kind {
        1 => "internal",
        2 => "server",
        3 => "client",
        4 => "producer",
        5 => "consumer",
        _ => "unspecified",
    }
}

fn status_name(code: u64) -> &'static str {
    match code {
        1 => "ok",
        STATUS_ERROR => "error",
        _ => "unset",
    }
}

impl Sink for Tables {
    fn span(&mut self, origin: &Origin<'_>, span: &Span<'_>) {
        let received_ms = self.received_ms();
        let resource = &origin.resource;
        let ts = nanos(span.start);
        let customer = origin.customer(&span.attributes);
        let is_last = self.resource.replace(resource.number) == Some(resource.number);
        let c = &mut self.spans;
        let series = Series {
            tenant: c.tenant.push(&self.tenant),
            service: word(&mut c.service, &resource.service),
            operation: word(&mut c.operation, span.name),
            kind: c.kind.push(kind_name(span.kind)),
            status: c.status.push(status_name(span.status)),
            version: word(&mut c.version, &resource.version),
            region: word(&mut c.region, &resource.region),
        };
        text(&mut c.status_message, span.status_message);
        c.ts.push(ts);
        c.duration_ns.push(span.end - span.start);
        c.trace_id.push(&span.trace_id);
        c.span_id.push(&span.span_id);
        c.parent_span_id.push(&span.parent_span_id);
        text(&mut c.trace_state, span.trace_state);
        c.flags.push(span.flags);
        text(&mut c.customer_id, &customer);
        word(&mut c.scope_name, origin.scope_name);
        word(&mut c.scope_version, origin.scope_version);
        words_of(&mut c.resource, resource, is_last);
        let trace = self.rollups.span(&Counted {
            series,
            is_error: span.status == STATUS_ERROR,
            ts,
            duration_ns: span.end - span.start,
            trace_id: span.trace_id,
            span_id: span.span_id,
        });
        let named = Named {
            tenant: &self.tenant,
            ts,
            source: "span",
            name: span.name,
            service: &resource.service,
            customer: &customer,
            trace_id: &span.trace_id,
        };
        let keys = &mut self.rollups.keys;
        if !customer.is_empty() {
            keys.span(trace, &named, "customer.id", &customer);
        }
        typed_pairs(&mut c.attributes, &mut c.attribute_types, &span.attributes, |at, number, words| {
            if let Some(key) = keys.indexed(number, words)
                && let Some(value) = first_value(&span.attributes, at)
            {
                keys.span(trace, &named, key, &value);
            }
        });
        for event in &span.events {
            c.events_ts.inner.push(nanos(event.time));
            word(&mut c.events_name.inner, event.name);
            pairs(&mut c.events_attributes.inner, &span.nested[event.attributes.clone()]);
        }
        c.events_ts.end_row();
        c.events_name.end_row();
        c.events_attributes.end_row();
        for link in &span.links {
            c.links_trace_id.inner.push(&link.trace_id);
            c.links_span_id.inner.push(&link.span_id);
            pairs(&mut c.links_attributes.inner, &span.nested[link.attributes.clone()]);
        }
        c.links_trace_id.end_row();
        c.links_span_id.end_row();
        c.links_attributes.end_row();
        c.dropped_attributes.push(span.dropped_attributes);
        c.received_at.push(received_ms);
    }

    fn log(&mut self, origin: &Origin<'_>, log: &Log<'_>) {
        let received_ms = self.received_ms();
        let resource = &origin.resource;
        let customer = origin.customer(&log.attributes);
        if let Some(event) = &log.event {
            self.event(origin, log, event, &customer);
        } else {
            self.rollups.keys.record(&named(&self.tenant, origin, log, &customer), &log.attributes);
        }
        let is_last = self.resource.replace(resource.number) == Some(resource.number);
        let c = &mut self.logs;
        c.tenant.push(&self.tenant);
        word(&mut c.service, &resource.service);
        c.severity.push(log.severity);
        word(&mut c.severity_text, log.severity_text);
        c.ts.push(nanos(log.time));
        c.observed_ts.push(nanos(log.observed));
        word(&mut c.event_name, &log.event_name);
        match log.body {
            Value::Text(body) => text(&mut c.body, body),
            other => text(&mut c.body, &other.text()),
        }
        c.trace_id.push(&log.trace_id);
        c.span_id.push(&log.span_id);
        c.flags.push(log.flags);
        word(&mut c.version, &resource.version);
        word(&mut c.region, &resource.region);
        text(&mut c.customer_id, &customer);
        word(&mut c.scope_name, origin.scope_name);
        word(&mut c.scope_version, origin.scope_version);
        words_of(&mut c.resource, resource, is_last);
        typed_pairs(&mut c.attributes, &mut c.attribute_types, &log.attributes, |_, _, _| {});
        c.dropped_attributes.push(log.dropped_attributes);
        c.received_at.push(received_ms);
    }

    fn number(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &NumberPoint<'_>) {
        let received = (self.tenant.as_str(), self.received_ns.div_euclid(1_000_000));
        self.metrics.number(received, origin, metric, point);
    }

    fn histogram(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &HistogramPoint<'_>) {
        let received = (self.tenant.as_str(), self.received_ns.div_euclid(1_000_000));
        self.metrics.histogram(received, origin, metric, point);
    }

    fn exp_histogram(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &ExpHistogramPoint<'_>) {
        let received = (self.tenant.as_str(), self.received_ns.div_euclid(1_000_000));
        self.metrics.exp_histogram(received, origin, metric, point);
    }

    fn summary(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &SummaryPoint<'_>) {
        let received = (self.tenant.as_str(), self.received_ns.div_euclid(1_000_000));
        self.metrics.summary(received, origin, metric, point);
    }

    fn reject(&mut self, signal: Signal, reason: Reason, detail: &str, record: Refused<'_>) {
        self.quarantine(signal, reason, detail, record);
    }

    fn warn(&mut self, signal: Signal, reason: Reason, detail: &str, record: Refused<'_>) {
        self.quarantine(signal, reason, detail, record);
    }
}

impl Tables {
    fn quarantine(&mut self, signal: Signal, reason: Reason, detail: &str, record: Refused<'_>) {
        let received_ms = self.received_ms();
        let c = &mut self.rejected;
        c.tenant.push(&self.tenant);
        c.ts.push(received_ms);
        c.signal.push(signal.name());
        c.reason.push(reason.name());
        text(&mut c.detail, detail.as_bytes());
        let record = record.kept(&mut self.room);
        c.payload.push(&STANDARD.encode(&record[..record.len().min(KEPT_PAYLOAD)]));
    }
}

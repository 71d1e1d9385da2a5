//! Builds one trace: a cursor walks through simulated time, spans open and
//! close around it, so that children lie within their parents by construction.
//!
//! A trace owns all it needs and is told by a future, so that it can stand
//! still where it wants something that others use too (`admit`) until simulated
//! time has come that far. Where nothing is limited nothing stands still.

mod calls;
mod scene;
mod waiting;

use std::borrow::Cow;
use std::sync::Arc;

use chrono::DateTime;
use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry::trace::{
    Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, Key, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::calendar::Venue;
use crate::clock::system_time;
use crate::limits::Limits;
use crate::record::{Log, Span};
use crate::schedule::Conditions;
use crate::topology::{Service, Topology};

pub(crate) use scene::Scene;
pub(crate) use waiting::{Desk, Overload, Story, Then};

/// An attribute of a log record.
pub(crate) type Attribute = (Key, AnyValue);

/// An attribute of a log record from a static key.
pub(crate) fn attribute(key: &'static str, value: impl Into<AnyValue>) -> Attribute {
    (Key::from_static_str(key), value.into())
}

/// A trace under construction.
pub(crate) struct Trace {
    pub(crate) rng: ChaCha8Rng,
    pub(crate) conditions: Conditions,
    /// Where simulated time stands, ns since the epoch.
    pub(crate) cursor: i64,
    trace_id: TraceId,
    pick: u8,
    venue: Venue,
    customer: Option<String>,
    started: i64,
    stack: Vec<(usize, Service)>,
    resources: [Option<u16>; 12],
    link: Option<SpanContext>,
    load: f64,
    topology: Arc<Topology>,
    scope: InstrumentationScope,
    limits: Arc<Limits>,
    desk: Desk,
    spans: Vec<Span>,
    logs: Vec<Log>,
    /// The server and consumer spans in the order they ended.
    closed: Vec<usize>,
}

impl Trace {
    /// The next opened span links to `context` (the message it processes).
    pub(crate) fn link(&mut self, context: SpanContext) {
        self.link = Some(context);
    }

    /// Runs `f` inside a new span.
    pub(crate) async fn span<R>(
        &mut self,
        service: Service,
        kind: SpanKind,
        name: &'static str,
        attributes: Vec<KeyValue>,
        f: impl AsyncFnOnce(&mut Self) -> R,
    ) -> R {
        self.open(service, kind, name, attributes);
        let result = f(self).await;
        self.close();
        result
    }

    fn open(&mut self, service: Service, kind: SpanKind, name: &'static str, mut attributes: Vec<KeyValue>) {
        let parent = self.stack.last().map(|(i, _)| self.spans[*i].data.span_context.span_id());
        let resource = self.resource(service);
        if let (Some(customer), SpanKind::Server | SpanKind::Consumer) = (&self.customer, &kind) {
            attributes.push(KeyValue::new("customer.id", customer.clone()));
        }
        let span_id = SpanId::from(self.rng.random::<u64>() | 1);
        let mut links = SpanLinks::default();
        links.links.extend(self.link.take().map(Link::with_context));
        let start = system_time(self.cursor);
        self.stack.push((self.spans.len(), service));
        self.spans.push(Span {
            resource,
            data: SpanData {
                span_context: SpanContext::new(
                    self.trace_id,
                    span_id,
                    TraceFlags::SAMPLED,
                    false,
                    TraceState::NONE,
                ),
                parent_span_id: parent.unwrap_or(SpanId::INVALID),
                parent_span_is_remote: parent.is_some() && kind == SpanKind::Server,
                span_kind: kind,
                name: Cow::Borrowed(name),
                start_time: start,
                end_time: start,
                attributes,
                dropped_attributes_count: 0,
                events: SpanEvents::default(),
                links,
                status: Status::Unset,
                instrumentation_scope: self.scope.clone(),
            },
        });
    }

    fn close(&mut self) {
        let (index, _) = self.stack.pop().expect("invariant: each close has its open");
        let end = system_time(self.cursor);
        let span = &mut self.spans[index];
        span.data.end_time = end;
        if matches!(span.data.span_kind, SpanKind::Server | SpanKind::Consumer) {
            self.closed.push(index);
        }
    }

    /// Lets time pass: lognormal around `median_us` microseconds.
    pub(crate) fn spend(&mut self, median_us: f64, sigma: f64) {
        self.cursor += self.time(median_us, sigma);
    }

    /// A time in ns: lognormal around `median_us` microseconds.
    fn time(&mut self, median_us: f64, sigma: f64) -> i64 {
        let z: f64 = StandardNormal.sample(&mut self.rng);
        let slow = match self.stack.last() {
            Some((_, Service::Order)) if self.conditions.bad_order => 2.6,
            _ => 1.0,
        };
        let micros = median_us * (sigma * z).exp() * slow * self.load;
        (micros * 1e3) as i64 + 1_000
    }

    /// Lets exactly `micros` microseconds pass: a timer, not work.
    pub(crate) fn wait(&mut self, micros: i64) {
        self.cursor += micros * 1_000;
    }

    /// Runs two pieces of work side by side; time goes on when both are done.
    /// Fails when either does, but both run to their end.
    pub(crate) async fn both(
        &mut self,
        a: impl AsyncFnOnce(&mut Self) -> Result<(), Overload>,
        b: impl AsyncFnOnce(&mut Self) -> Result<(), Overload>,
    ) -> Result<(), Overload> {
        let start = self.cursor;
        let one = a(self).await;
        let first = std::mem::replace(&mut self.cursor, start);
        let other = b(self).await;
        self.cursor = self.cursor.max(first);
        one.and(other)
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.rng.random_bool(p)
    }

    /// Adds an attribute to the open span.
    pub(crate) fn tag(&mut self, key: &'static str, value: impl Into<opentelemetry::Value>) {
        let value = KeyValue::new(key, value);
        self.current().attributes.push(value);
    }

    /// Marks the open span failed, with an exception event and an error log.
    pub(crate) fn exception(&mut self, kind: &'static str, message: impl Into<Cow<'static, str>>) {
        let (at, message) = (system_time(self.cursor), message.into());
        let attributes =
            vec![KeyValue::new("exception.type", kind), KeyValue::new("exception.message", message.clone())];
        let span = self.current();
        span.status = Status::error(message.clone());
        span.events.events.push(Event::new("exception", at, attributes, 0));
        self.log(Severity::Error, message, vec![attribute("exception.type", kind)]);
    }

    /// Marks the open span failed.
    pub(crate) fn fail(&mut self, message: &'static str) {
        self.current().status = Status::error(message);
    }

    /// Writes an ordinary log record in the open span.
    pub(crate) fn log(
        &mut self,
        severity: Severity,
        body: impl Into<Cow<'static, str>>,
        attributes: Vec<Attribute>,
    ) {
        self.write(severity, None, body.into(), attributes);
    }

    /// Writes a business event in the open span and lets a moment pass. Gives its id.
    pub(crate) fn event(
        &mut self,
        name: &'static str,
        body: impl Into<Cow<'static, str>>,
        attributes: Vec<Attribute>,
    ) -> String {
        let id = format!("evt_{:016x}", self.rng.random::<u64>());
        let mut all = Vec::with_capacity(attributes.len() + 2);
        all.push(attribute("event.id", id.clone()));
        if let Some(customer) = &self.customer {
            all.push(attribute("customer.id", customer.clone()));
        }
        all.extend(attributes);
        self.write(Severity::Info, Some(name), body.into(), all);
        self.cursor += 20_000;
        id
    }

    fn write(
        &mut self,
        severity: Severity,
        event: Option<&'static str>,
        body: Cow<'static, str>,
        attributes: Vec<Attribute>,
    ) {
        let index = self.stack.last().expect("invariant: logs are written inside a span").0;
        let span = &self.spans[index];
        let context = &span.data.span_context;
        let context = Some((context.trace_id(), context.span_id()));
        let resource = span.resource;
        self.logs.push(Log { resource, ts: self.cursor, severity, event, body, attributes, context });
    }

    fn current(&mut self) -> &mut SpanData {
        let index = self.stack.last().expect("invariant: called inside a span").0;
        &mut self.spans[index].data
    }

    fn resource(&mut self, service: Service) -> u16 {
        let (venue, pick, started) = (self.venue, self.pick, self.started);
        let topology = &self.topology;
        *self.resources[service as usize].get_or_insert_with(|| {
            topology.instance(service, venue, DateTime::from_timestamp_nanos(started), pick)
        })
    }
}

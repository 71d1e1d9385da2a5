//! Builds one trace: a cursor walks through simulated time, spans open and
//! close around it, so that children lie within their parents by construction.

mod calls;

use std::borrow::Cow;

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
use crate::metrics::Stats;
use crate::record::{Batch, Log, Span};
use crate::schedule::Conditions;
use crate::topology::{Service, Topology};

/// An attribute of a log record.
pub(crate) type Attribute = (Key, AnyValue);

/// An attribute of a log record from a static key.
pub(crate) fn attribute(key: &'static str, value: impl Into<AnyValue>) -> Attribute {
    (Key::from_static_str(key), value.into())
}

/// What all traces of a run share: chance, the instances, the batch being filled.
pub(crate) struct Scene {
    pub(crate) rng: ChaCha8Rng,
    pub(crate) topology: Topology,
    pub(crate) batch: Batch,
    pub(crate) stats: Stats,
    pub(crate) conditions: Conditions,
    /// Latency factor of the minute's load.
    pub(crate) load: f64,
    pub(crate) scope: InstrumentationScope,
}

impl Scene {
    /// An id such as `ord_5f0c9a12be`.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}_{:010x}", self.rng.random::<u64>() >> 24)
    }

    /// Starts a trace at `ts` (ns) in the region of `venue`.
    pub(crate) fn trace(&mut self, venue: Venue, ts: i64, customer: Option<String>) -> Trace<'_> {
        let trace_id = TraceId::from(self.rng.random::<u128>());
        let pick = self.rng.random::<u8>();
        Trace {
            trace_id,
            pick,
            venue,
            customer,
            cursor: ts,
            started: ts,
            stack: Vec::new(),
            resources: [None; 12],
            link: None,
            scene: self,
        }
    }

    /// Writes a business event outside any trace.
    pub(crate) fn event(
        &mut self,
        service: Service,
        venue: Venue,
        ts: i64,
        name: &'static str,
        mut attributes: Vec<Attribute>,
    ) {
        let id = format!("evt_{:016x}", self.rng.random::<u64>());
        attributes.insert(0, attribute("event.id", id));
        let resource = self.topology.instance(service, venue, DateTime::from_timestamp_nanos(ts), 0);
        self.batch.logs.push(Log {
            resource,
            ts,
            severity: Severity::Info,
            event: Some(name),
            body: Cow::Borrowed(name),
            attributes,
            context: None,
        });
    }
}

/// A trace under construction.
pub(crate) struct Trace<'a> {
    pub(crate) scene: &'a mut Scene,
    trace_id: TraceId,
    venue: Venue,
    customer: Option<String>,
    /// Where simulated time stands, ns since the epoch.
    pub(crate) cursor: i64,
    started: i64,
    pick: u8,
    stack: Vec<(usize, Service)>,
    resources: [Option<u16>; 12],
    link: Option<SpanContext>,
}

impl Trace<'_> {
    /// The next opened span links to `context` (the message it processes).
    pub(crate) fn link(&mut self, context: SpanContext) {
        self.link = Some(context);
    }

    /// Runs `f` inside a new span.
    pub(crate) fn span<R>(
        &mut self,
        service: Service,
        kind: SpanKind,
        name: &'static str,
        attributes: Vec<KeyValue>,
        f: impl FnOnce(&mut Self) -> R,
    ) -> R {
        self.open(service, kind, name, attributes);
        let result = f(self);
        self.close();
        result
    }

    fn open(&mut self, service: Service, kind: SpanKind, name: &'static str, mut attributes: Vec<KeyValue>) {
        let parent = self.stack.last().map(|(i, _)| self.scene.batch.spans[*i].data.span_context.span_id());
        let resource = self.resource(service);
        if let (Some(customer), SpanKind::Server | SpanKind::Consumer) = (&self.customer, &kind) {
            attributes.push(KeyValue::new("customer.id", customer.clone()));
        }
        let span_id = SpanId::from(self.scene.rng.random::<u64>() | 1);
        let mut links = SpanLinks::default();
        links.links.extend(self.link.take().map(Link::with_context));
        let start = system_time(self.cursor);
        self.stack.push((self.scene.batch.spans.len(), service));
        self.scene.batch.spans.push(Span {
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
                instrumentation_scope: self.scene.scope.clone(),
            },
        });
    }

    fn close(&mut self) {
        let (index, _) = self.stack.pop().expect("invariant: each close has its open");
        let end = system_time(self.cursor);
        let span = &mut self.scene.batch.spans[index];
        span.data.end_time = end;
        if matches!(span.data.span_kind, SpanKind::Server | SpanKind::Consumer) {
            let took = end.duration_since(span.data.start_time).unwrap_or_default();
            let failed = matches!(span.data.status, Status::Error { .. });
            self.scene.stats.record(span.resource, took, failed, span.data.span_context.clone());
        }
    }

    /// Lets time pass: lognormal around `median_us` microseconds.
    pub(crate) fn spend(&mut self, median_us: f64, sigma: f64) {
        let z: f64 = StandardNormal.sample(&mut self.scene.rng);
        let slow = match self.stack.last() {
            Some((_, Service::Order)) if self.scene.conditions.bad_order => 2.6,
            _ => 1.0,
        };
        let micros = median_us * (sigma * z).exp() * slow * self.scene.load;
        self.cursor += (micros * 1e3) as i64 + 1_000;
    }

    /// Lets exactly `micros` microseconds pass: a timer, not work.
    pub(crate) fn wait(&mut self, micros: i64) {
        self.cursor += micros * 1_000;
    }

    /// Runs two pieces of work side by side; time goes on when both are done.
    pub(crate) fn both(&mut self, a: impl FnOnce(&mut Self), b: impl FnOnce(&mut Self)) {
        let start = self.cursor;
        a(self);
        let first = std::mem::replace(&mut self.cursor, start);
        b(self);
        self.cursor = self.cursor.max(first);
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.scene.rng.random_bool(p)
    }

    /// Adds an attribute to the open span.
    pub(crate) fn tag(&mut self, key: &'static str, value: impl Into<opentelemetry::Value>) {
        let value = KeyValue::new(key, value);
        self.current().attributes.push(value);
    }

    /// Marks the open span failed, with an exception event and an error log.
    pub(crate) fn exception(&mut self, kind: &'static str, message: &'static str) {
        let at = system_time(self.cursor);
        let attributes =
            vec![KeyValue::new("exception.type", kind), KeyValue::new("exception.message", message)];
        let span = self.current();
        span.status = Status::error(message);
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

    /// Writes a business event in the open span and lets a moment pass.
    pub(crate) fn event(
        &mut self,
        name: &'static str,
        body: impl Into<Cow<'static, str>>,
        attributes: Vec<Attribute>,
    ) {
        let id = format!("evt_{:016x}", self.scene.rng.random::<u64>());
        let mut all = Vec::with_capacity(attributes.len() + 2);
        all.push(attribute("event.id", id));
        if let Some(customer) = &self.customer {
            all.push(attribute("customer.id", customer.clone()));
        }
        all.extend(attributes);
        self.write(Severity::Info, Some(name), body.into(), all);
        self.cursor += 20_000;
    }

    fn write(
        &mut self,
        severity: Severity,
        event: Option<&'static str>,
        body: Cow<'static, str>,
        attributes: Vec<Attribute>,
    ) {
        let index = self.stack.last().expect("invariant: logs are written inside a span").0;
        let span = &self.scene.batch.spans[index];
        let context = &span.data.span_context;
        let context = Some((context.trace_id(), context.span_id()));
        let resource = span.resource;
        self.scene.batch.logs.push(Log {
            resource,
            ts: self.cursor,
            severity,
            event,
            body,
            attributes,
            context,
        });
    }

    fn current(&mut self) -> &mut SpanData {
        let index = self.stack.last().expect("invariant: called inside a span").0;
        &mut self.scene.batch.spans[index].data
    }

    fn resource(&mut self, service: Service) -> u16 {
        let (venue, pick, started) = (self.venue, self.pick, self.started);
        let topology = &self.scene.topology;
        *self.resources[service as usize].get_or_insert_with(|| {
            topology.instance(service, venue, DateTime::from_timestamp_nanos(started), pick)
        })
    }
}

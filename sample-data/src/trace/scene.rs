//! What traces start from and leave behind.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::DateTime;
use opentelemetry::InstrumentationScope;
use opentelemetry::logs::Severity;
use opentelemetry::trace::{Status, TraceId};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Attribute, Desk, Trace, attribute};
use crate::calendar::Venue;
use crate::limits::Limits;
use crate::metrics::Stats;
use crate::record::{Batch, Log, Span};
use crate::schedule::Conditions;
use crate::topology::{Service, Topology};

/// What all traces of a run share: chance, the instances, the batch being filled.
pub(crate) struct Scene {
    pub(crate) rng: ChaCha8Rng,
    pub(crate) topology: Arc<Topology>,
    pub(crate) batch: Batch,
    pub(crate) stats: Stats,
    pub(crate) conditions: Conditions,
    /// Latency factor of the minute's load.
    pub(crate) load: f64,
    pub(crate) scope: InstrumentationScope,
    pub(crate) limits: Arc<Limits>,
    pub(crate) desk: Desk,
}

impl Scene {
    /// An id such as `ord_5f0c9a12be`.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}_{:010x}", self.rng.random::<u64>() >> 24)
    }

    /// Starts a trace at `ts` (ns) in the region of `venue`. It takes the dice
    /// along until [`Scene::finish`]; where traces wait for each other it gets
    /// dice of its own, so that what it does depends on no other's turns.
    pub(crate) fn trace(&mut self, venue: Venue, ts: i64, customer: Option<String>) -> Trace {
        let trace_id = TraceId::from(self.rng.random::<u128>());
        let pick = self.rng.random::<u8>();
        let rng = if self.limits.is_empty() {
            std::mem::replace(&mut self.rng, ChaCha8Rng::from_seed([0; 32]))
        } else {
            ChaCha8Rng::from_rng(&mut self.rng)
        };
        Trace {
            rng,
            conditions: self.conditions,
            cursor: ts,
            trace_id,
            pick,
            venue,
            customer,
            started: ts,
            stack: Vec::new(),
            resources: [None; 12],
            link: None,
            load: self.load,
            topology: Arc::clone(&self.topology),
            scope: self.scope.clone(),
            limits: Arc::clone(&self.limits),
            desk: self.desk.clone(),
            spans: Vec::with_capacity(16),
            logs: Vec::with_capacity(8),
            closed: Vec::new(),
        }
    }

    /// Takes what a finished trace recorded.
    pub(crate) fn finish(&mut self, trace: Trace) {
        for index in trace.closed {
            let Span { resource, data } = &trace.spans[index];
            let took = data.end_time.duration_since(data.start_time).unwrap_or_default();
            let failed = matches!(data.status, Status::Error { .. });
            self.stats.record(*resource, took, failed, data.span_context.clone());
        }
        if self.limits.is_empty() {
            self.rng = trace.rng;
        }
        self.batch.spans.extend(trace.spans);
        self.batch.logs.extend(trace.logs);
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

//! Where the walls are: the truth that a forecast is measured against.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use opentelemetry::trace::{SpanId, SpanKind};

use super::{Hold, Kind, Limits, Resource, Time};
use crate::record::{Batch, Span};
use crate::topology::{Service, Topology};
use crate::{Platform, Ramp, SampleConfig};

/// Minutes after which the mix of a ramp is what it stays.
const SETTLED: u32 = 2;

/// What a trace asks of each service in the mean, counted from records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mix {
    traces: u64,
    calls: BTreeMap<Service, u64>,
    statements: BTreeMap<Service, (u64, f64)>,
}

/// Where a resource saturates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wall {
    /// The resource.
    pub resource: Resource,
    /// Visits a trace pays it in the mean.
    pub visits: f64,
    /// Seconds of one server a trace takes in the mean (its service demand).
    pub demand: f64,
    /// Traces a second at which all servers are always busy; `None` where no
    /// trace of the mix asks for the resource.
    pub rate: Option<f64>,
}

impl Mix {
    /// The mix of a ramp, measured over `minutes` (at 20 traces a second and
    /// without limits, so that nobody is refused).
    pub fn of_ramp(cfg: &SampleConfig, minutes: u32) -> Self {
        let over = Duration::from_secs(60 * u64::from(minutes + SETTLED));
        let ramp = Some(Ramp { from: 20.0, to: 20.0, steps: NonZeroU32::new(1), over });
        let cfg = SampleConfig { ramp, limits: Limits::default(), incidents: false, ..cfg.clone() };
        let (mut platform, mut mix) = (Platform::new(&cfg), Self::default());
        for minute in 0..minutes + SETTLED {
            let batch = platform.minute();
            if minute >= SETTLED {
                mix.add(&batch, platform.topology());
            }
        }
        mix
    }

    /// Counts a batch.
    pub fn add(&mut self, batch: &Batch, topology: &Topology) {
        for Span { resource, data } in &batch.spans {
            let service = topology.instances()[usize::from(*resource)].service;
            self.traces += u64::from(data.parent_span_id == SpanId::INVALID);
            match data.span_kind {
                SpanKind::Server | SpanKind::Consumer => *self.calls.entry(service).or_default() += 1,
                SpanKind::Client if data.attributes.iter().any(|a| a.key.as_str() == "db.namespace") => {
                    let (count, seconds) = self.statements.entry(service).or_default();
                    *count += 1;
                    let took = data.end_time.duration_since(data.start_time).unwrap_or_default();
                    *seconds += took.as_secs_f64();
                }
                _ => {}
            }
        }
    }

    /// Traces counted.
    pub fn traces(&self) -> u64 {
        self.traces
    }
}

impl Limits {
    /// The wall of every limited resource, the lowest first: `servers / demand`
    /// by the utilisation law (Denning and Buzen 1978), where the demand is
    /// visits a trace × mean hold.
    ///
    /// The walls are those of the queues alone: a request that waits a whole
    /// timeout is refused a little before.
    pub fn walls(&self, mix: &Mix) -> Vec<Wall> {
        let traces = mix.traces.max(1) as f64;
        let wall = |(resource, servers, _): (Resource, u32, Duration)| {
            let Resource { kind, service } = resource;
            let calls = mix.calls.get(&service).copied().unwrap_or_default();
            let (statements, seconds) = mix.statements.get(&service).copied().unwrap_or_default();
            let drawn = |visits: u64, time: &Time| visits as f64 * time.mean.as_secs_f64();
            let (visits, busy) = match kind {
                Kind::Pool => match self.pools[&service].hold {
                    Hold::Own(factor) => (statements, seconds * factor),
                    Hold::Given(time) => (statements, drawn(statements, &time)),
                },
                Kind::Lock => (calls, drawn(calls, &self.locks[&service].hold)),
                Kind::Cpu => (calls, drawn(calls, &self.cpus[&service].work)),
            };
            let demand = busy / traces;
            let rate = (demand > 0.0).then(|| f64::from(servers) / demand);
            Wall { resource, visits: visits as f64 / traces, demand, rate }
        };
        let mut walls: Vec<_> = self.resources().map(wall).collect();
        let height = |wall: &Wall| wall.rate.unwrap_or(f64::INFINITY);
        walls.sort_by(|a, b| height(a).total_cmp(&height(b)));
        walls
    }
}

#[cfg(test)]
impl Mix {
    /// A mix by hand: traces, calls, statements with their seconds.
    pub(super) fn counted(
        traces: u64,
        calls: impl IntoIterator<Item = (Service, u64)>,
        statements: impl IntoIterator<Item = (Service, u64, f64)>,
    ) -> Self {
        let statements = statements.into_iter().map(|(s, n, seconds)| (s, (n, seconds))).collect();
        Self { traces, calls: calls.into_iter().collect(), statements }
    }
}

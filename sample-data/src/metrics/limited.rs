//! What limited resources report, by the semantic conventions: counted from the
//! very queues of the run.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Histogram, HistogramDataPoint, Metric, NumberDataPoint, Sum, metric::Data,
    number_data_point::Value,
};

use super::{Window, gauge, metric, number, text};
use crate::limits::{Cpu, Kind, Limits, Reading, Resource, TIME_BOUNDS, Times};
use crate::topology::Service;

/// Memory of an instance that does nothing, and of each request it works on.
const IDLE_BYTES: u64 = 180 << 20;
const REQUEST_BYTES: u64 = 512 << 10;

/// The limits, and what happened since the last tick.
pub(crate) struct Limited<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) readings: BTreeMap<Resource, Reading>,
}

impl Limited<'_> {
    fn reading(&self, kind: Kind, service: Service) -> Option<&Reading> {
        self.readings.get(&Resource { kind, service })
    }

    /// Puts what is known of a service's limits in the place of what is made up:
    /// every instance tells of its cores.
    pub(super) fn of_each(&self, service: Service, w: &Window, metrics: &mut Vec<Metric>) {
        if self.reading(Kind::Pool, service).is_some() {
            metrics.retain(|m| m.name != "db.client.connection.count");
        }
        let (Some(cpu), Some(reading)) = (self.limits.cpus.get(&service), self.reading(Kind::Cpu, service))
        else {
            return;
        };
        metrics.retain(|m| m.name != "process.cpu.utilization");
        metrics.extend(cores(*cpu, reading, w));
    }

    /// The service's pool, which all its instances share.
    pub(super) fn of_all(&self, service: Service, w: &Window, metrics: &mut Vec<Metric>) {
        let (Some(pool), Some(reading)) =
            (self.limits.pools.get(&service), self.reading(Kind::Pool, service))
        else {
            return;
        };
        let name = service.profile().database.unwrap_or(service.name());
        let size = u64::from(pool.size.get());
        let labels = || vec![text("db.client.connection.pool.name", name)];
        let state = |state, count| {
            let mut labels = labels();
            labels.push(text("db.client.connection.state", state));
            (labels, count)
        };
        let states = vec![state("used", reading.used), state("idle", size.saturating_sub(reading.used))];
        let one = |value| vec![(labels(), value)];
        metrics.extend([
            metric("db.client.connection.count", "{connection}", level(states, w)),
            metric("db.client.connection.max", "{connection}", level(one(size), w)),
            metric("db.client.connection.pending_requests", "{request}", level(one(reading.pending), w)),
            metric("db.client.connection.timeouts", "{timeout}", total(one(reading.timeouts), w)),
            metric("db.client.connection.wait_time", "s", times(labels(), &reading.waited, w)),
            metric("db.client.connection.use_time", "s", times(labels(), &reading.kept, w)),
        ]);
    }
}

/// The instances work side by side on one queue: each is as busy as all are.
fn cores(cpu: Cpu, reading: &Reading, w: &Window) -> [Metric; 3] {
    let seconds = (w.ts - w.last) as f64 / 1e9 * f64::from(cpu.servers());
    let busy = if seconds > 0.0 { (reading.busy / seconds).min(1.0) } else { 0.0 };
    let requests = (reading.used + reading.pending).div_ceil(u64::from(cpu.replicas.get()));
    let bytes = IDLE_BYTES + REQUEST_BYTES * requests;
    let one = |value| vec![(Vec::new(), value)];
    [
        metric("process.cpu.utilization", "1", gauge(Value::AsDouble(busy), w)),
        metric("process.memory.usage", "By", level(one(bytes), w)),
        metric("system.cpu.logical.count", "{cpu}", level(one(u64::from(cpu.cores.get())), w)),
    ]
}

type Labelled = Vec<(Vec<KeyValue>, u64)>;

/// An up-down counter: a sum that may fall.
fn level(values: Labelled, w: &Window) -> Data {
    counted(values, false, w)
}

/// A counter from the start of the run.
fn total(values: Labelled, w: &Window) -> Data {
    counted(values, true, w)
}

fn counted(values: Labelled, is_monotonic: bool, w: &Window) -> Data {
    let point = |(attributes, value): (_, u64)| NumberDataPoint {
        attributes,
        ..number(Value::AsInt(value as i64), w.start, w)
    };
    Data::Sum(Sum {
        data_points: values.into_iter().map(point).collect(),
        aggregation_temporality: AggregationTemporality::Cumulative.into(),
        is_monotonic,
    })
}

fn times(attributes: Vec<KeyValue>, times: &Times, w: &Window) -> Data {
    Data::Histogram(Histogram {
        data_points: vec![HistogramDataPoint {
            attributes,
            start_time_unix_nano: w.start as u64,
            time_unix_nano: w.ts as u64,
            count: times.count,
            sum: Some(times.seconds),
            bucket_counts: times.buckets.to_vec(),
            explicit_bounds: TIME_BOUNDS.to_vec(),
            ..HistogramDataPoint::default()
        }],
        aggregation_temporality: AggregationTemporality::Cumulative.into(),
    })
}

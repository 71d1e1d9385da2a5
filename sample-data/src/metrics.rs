//! What the services report about themselves once a tick: counters, gauges and
//! histograms, counted from the very spans of the run.
//!
//! The SDK builds metric data only from its own instruments and stamps it with
//! the present; history therefore takes the protocol's own types.

mod limited;

use std::collections::BTreeMap;
use std::time::Duration;

use opentelemetry::trace::SpanContext;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram,
    HistogramDataPoint, Metric, NumberDataPoint, Sum, exemplar, exponential_histogram_data_point::Buckets,
    metric::Data, number_data_point::Value,
};
use rand::Rng;

use crate::record::Points;
use crate::topology::{Instance, Service};

pub(crate) use limited::Limited;

/// Upper bounds of `http.server.request.duration` in seconds, as the semantic
/// conventions advise.
const BOUNDS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// Scale of the exponential histogram: 8 buckets an octave.
const SCALE: i32 = 3;

#[derive(Clone, Default)]
struct Counts {
    requests: u64,
    errors: u64,
    /// Requests since the last tick.
    recent: u64,
    seconds: f64,
    buckets: [u64; BOUNDS.len() + 1],
    /// Exponential buckets since the last tick, in milliseconds.
    fine: BTreeMap<i32, u64>,
    fine_sum: f64,
    slowest: Option<(f64, SpanContext)>,
}

/// Per instance: what has been counted.
pub(crate) struct Stats {
    counts: Vec<Counts>,
    /// Start of the cumulative counters, ns.
    start: i64,
    last: i64,
}

impl Stats {
    pub(crate) fn new(instances: usize, start: i64) -> Self {
        Self { counts: vec![Counts::default(); instances], start, last: start }
    }

    /// Counts a finished server or consumer span.
    pub(crate) fn record(&mut self, resource: u16, took: Duration, failed: bool, context: SpanContext) {
        let counts = &mut self.counts[usize::from(resource)];
        let seconds = took.as_secs_f64();
        counts.requests += 1;
        counts.recent += 1;
        counts.errors += u64::from(failed);
        counts.seconds += seconds;
        counts.buckets[BOUNDS.partition_point(|b| *b < seconds)] += 1;
        let ms = seconds * 1e3;
        counts.fine_sum += ms;
        *counts.fine.entry(exponential_index(ms)).or_default() += 1;
        if counts.slowest.as_ref().is_none_or(|(s, _)| *s < seconds) {
            counts.slowest = Some((seconds, context));
        }
    }

    /// The points of every instance in `serving` at `ts` (ns); deltas start anew.
    /// What a pool that all instances share did, the first of them tells.
    pub(crate) fn tick(
        &mut self,
        ts: i64,
        serving: &[(u16, &Instance)],
        load: f64,
        limited: &Limited<'_>,
        rng: &mut impl Rng,
    ) -> Vec<Points> {
        let window = Window { start: self.start, last: self.last, ts };
        self.last = ts;
        let mut all = Vec::with_capacity(serving.len());
        for (place, (resource, instance)) in serving.iter().enumerate() {
            let counts = &mut self.counts[usize::from(*resource)];
            let service = instance.service;
            let mut metrics = instance_metrics(counts, service, &window, load, rng);
            limited.of_each(service, &window, &mut metrics);
            if serving.iter().position(|(_, i)| i.service == service) == Some(place) {
                limited.of_all(service, &window, &mut metrics);
            }
            counts.recent = 0;
            counts.fine.clear();
            counts.fine_sum = 0.0;
            counts.slowest = None;
            all.push(Points {
                resource: *resource,
                ts,
                count: metrics.iter().map(data_points).sum(),
                metrics,
            });
        }
        all
    }
}

struct Window {
    start: i64,
    last: i64,
    ts: i64,
}

fn instance_metrics(
    counts: &Counts,
    service: Service,
    w: &Window,
    load: f64,
    rng: &mut impl Rng,
) -> Vec<Metric> {
    let profile = service.profile();
    let noise = rng.random_range(-0.03..0.03);
    let cpu = (0.12 + 0.16 * load + noise).clamp(0.02, 0.98);
    let mut all = vec![
        metric("process.cpu.utilization", "1", gauge(Value::AsDouble(cpu), w)),
        metric(
            "http.server.requests",
            "{request}",
            sum(counts.requests, w, AggregationTemporality::Cumulative),
        ),
        metric("http.server.errors", "{request}", sum(counts.errors, w, AggregationTemporality::Cumulative)),
        metric("http.server.request.duration", "s", histogram(counts, w)),
    ];
    if profile.database.is_some() {
        let used = (2.0 + 6.0 * load + rng.random_range(0.0..3.0)).min(40.0) as i64;
        all.push(metric("db.client.connection.count", "{connection}", gauge(Value::AsInt(used), w)));
    }
    if profile.queue.is_some() {
        let depth = (rng.random_range(0.0..1.0) * 9.0 * load * load) as i64;
        all.push(metric("messaging.queue.depth", "{message}", gauge(Value::AsInt(depth), w)));
        all.push(metric(
            "messaging.client.consumed.messages",
            "{message}",
            sum(counts.recent, w, AggregationTemporality::Delta),
        ));
    }
    if matches!(service, Service::Gateway | Service::Payments | Service::Execution) && counts.recent > 0 {
        all.push(metric("request.duration.exponential", "ms", exponential(counts, w)));
    }
    all
}

/// How many data points a metric of ours has.
fn data_points(metric: &Metric) -> u64 {
    let count = match &metric.data {
        Some(Data::Gauge(gauge)) => gauge.data_points.len(),
        Some(Data::Sum(sum)) => sum.data_points.len(),
        _ => 1,
    };
    count as u64
}

fn metric(name: &str, unit: &str, data: Data) -> Metric {
    Metric { name: name.to_owned(), unit: unit.to_owned(), data: Some(data), ..Metric::default() }
}

fn number(value: Value, start: i64, w: &Window) -> NumberDataPoint {
    NumberDataPoint {
        start_time_unix_nano: start as u64,
        time_unix_nano: w.ts as u64,
        value: Some(value),
        ..NumberDataPoint::default()
    }
}

fn gauge(value: Value, w: &Window) -> Data {
    Data::Gauge(Gauge { data_points: vec![number(value, 0, w)] })
}

fn sum(value: u64, w: &Window, temporality: AggregationTemporality) -> Data {
    let start = if temporality == AggregationTemporality::Delta { w.last } else { w.start };
    Data::Sum(Sum {
        data_points: vec![number(Value::AsInt(value as i64), start, w)],
        aggregation_temporality: temporality.into(),
        is_monotonic: true,
    })
}

fn histogram(counts: &Counts, w: &Window) -> Data {
    let exemplars = counts.slowest.iter().map(|(seconds, context)| Exemplar {
        time_unix_nano: w.ts as u64,
        span_id: context.span_id().to_bytes().to_vec(),
        trace_id: context.trace_id().to_bytes().to_vec(),
        value: Some(exemplar::Value::AsDouble(*seconds)),
        ..Exemplar::default()
    });
    Data::Histogram(Histogram {
        data_points: vec![HistogramDataPoint {
            attributes: vec![text("url.scheme", "https")],
            start_time_unix_nano: w.start as u64,
            time_unix_nano: w.ts as u64,
            count: counts.requests,
            sum: Some(counts.seconds),
            bucket_counts: counts.buckets.to_vec(),
            explicit_bounds: BOUNDS.to_vec(),
            exemplars: exemplars.collect(),
            ..HistogramDataPoint::default()
        }],
        aggregation_temporality: AggregationTemporality::Cumulative.into(),
    })
}

fn exponential(counts: &Counts, w: &Window) -> Data {
    let offset = counts.fine.first_key_value().map_or(0, |(i, _)| *i);
    let last = counts.fine.last_key_value().map_or(0, |(i, _)| *i);
    let bucket_counts = (offset..=last).map(|i| counts.fine.get(&i).copied().unwrap_or(0)).collect();
    Data::ExponentialHistogram(ExponentialHistogram {
        data_points: vec![ExponentialHistogramDataPoint {
            start_time_unix_nano: w.last as u64,
            time_unix_nano: w.ts as u64,
            count: counts.recent,
            sum: Some(counts.fine_sum),
            scale: SCALE,
            positive: Some(Buckets { offset, bucket_counts }),
            ..ExponentialHistogramDataPoint::default()
        }],
        aggregation_temporality: AggregationTemporality::Delta.into(),
    })
}

/// Bucket of `value` > 0 at [`SCALE`]: the `i` with base^i < value <= base^(i+1).
fn exponential_index(value: f64) -> i32 {
    (value.max(1e-6).log2() * f64::from(1 << SCALE)).ceil() as i32 - 1
}

fn text(key: &str, value: &str) -> KeyValue {
    let value = Some(any_value::Value::StringValue(value.to_owned()));
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value }), ..KeyValue::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponential_buckets_hold_their_upper_bound() {
        assert_eq!(exponential_index(1.0), -1);
        assert_eq!(exponential_index(2.0), 7);
        assert_eq!(exponential_index(2.000_001), 8);
    }

    #[test]
    fn a_histogram_counts_what_was_recorded() {
        let mut stats = Stats::new(1, 0);
        for ms in [3, 5, 30, 20_000] {
            stats.record(0, Duration::from_millis(ms), ms > 10_000, SpanContext::empty_context());
        }
        let counts = &stats.counts[0];
        assert_eq!((counts.requests, counts.errors), (4, 1));
        assert_eq!((counts.buckets[0], counts.buckets[3], counts.buckets[14]), (2, 1, 1));
        assert_eq!(counts.fine.values().sum::<u64>(), 4);
    }
}

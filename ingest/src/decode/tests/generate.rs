//! Requests made at random with the generated types.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric,
    NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary, SummaryDataPoint,
    exponential_histogram_data_point, metric, number_data_point, summary_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::decode::Temporality;
use crate::decode::points::{Buckets, Totals};

fn value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        Just(None),
        "[a-zé]{0,20}".prop_map(|s| Some(Any::StringValue(s))),
        any::<bool>().prop_map(|v| Some(Any::BoolValue(v))),
        any::<i64>().prop_map(|v| Some(Any::IntValue(v))),
        (-1e300_f64..1e300).prop_map(|v| Some(Any::DoubleValue(v))),
        any::<Vec<u8>>().prop_map(|v| Some(Any::BytesValue(v))),
    ]
    .prop_map(|value| AnyValue { value });
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(|values| Any::ArrayValue(ArrayValue { values })),
            vec(("[a-z.]{1,8}", inner), 0..3).prop_map(|pairs| Any::KvlistValue(KeyValueList {
                values: pairs.into_iter().map(|(key, value)| pair(key, value)).collect(),
            })),
        ]
        .prop_map(|value| AnyValue { value: Some(value) })
    })
}

fn pair(key: String, value: AnyValue) -> KeyValue {
    KeyValue { key, value: Some(value), ..KeyValue::default() }
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    vec(("[a-z.]{1,12}", value()).prop_map(|(k, v)| pair(k, v)), 0..4)
}

fn id<const N: usize>() -> impl Strategy<Value = Vec<u8>> {
    any::<[u8; N]>().prop_filter("not zero", |id| *id != [0; N]).prop_map(|id| id.to_vec())
}

prop_compose! {
    fn event()(time_unix_nano: u64, name in ".{0,8}", attributes in attributes()) -> span::Event {
        span::Event { time_unix_nano, name, attributes, dropped_attributes_count: 0 }
    }
}

prop_compose! {
    fn link()(trace_id in id::<16>(), span_id in id::<8>(), attributes in attributes()) -> span::Link {
        span::Link { trace_id, span_id, attributes, ..span::Link::default() }
    }
}

prop_compose! {
    fn one_span()(
        trace_id in id::<16>(), span_id in id::<8>(), parent in proptest::option::of(id::<8>()),
        (name, trace_state, message) in (".{0,16}", "[a-z=]{0,8}", ".{0,8}"),
        start in 1_000_u64..4_000_000_000_000_000_000, length in 0_u64..1_000_000_000_000,
        (kind, code, flags, dropped) in (0_i32..6, 0_i32..3, any::<u32>(), any::<u32>()),
        attributes in attributes(), events in vec(event(), 0..3), links in vec(link(), 0..3),
    ) -> Span {
        Span {
            trace_id, span_id, parent_span_id: parent.unwrap_or_default(), trace_state, name, kind, flags,
            start_time_unix_nano: start, end_time_unix_nano: start + length,
            attributes, events, links, dropped_attributes_count: dropped,
            status: Some(Status { message, code }),
            ..Span::default()
        }
    }
}

pub(super) fn request_of(spans: Vec<Span>) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            scope_spans: vec![ScopeSpans { spans, ..ScopeSpans::default() }],
            ..ResourceSpans::default()
        }],
    }
}

pub(super) fn traces() -> impl Strategy<Value = ExportTraceServiceRequest> {
    let scope = vec(one_span(), 0..4).prop_map(|spans| ScopeSpans {
        scope: Some(InstrumentationScope { name: "lib".into(), version: "1".into(), ..Default::default() }),
        spans,
        schema_url: "x".into(),
    });
    let resource = (attributes(), vec(scope, 0..3)).prop_map(|(attributes, scope_spans)| ResourceSpans {
        resource: Some(Resource { attributes, ..Resource::default() }),
        scope_spans,
        schema_url: String::new(),
    });
    vec(resource, 0..3).prop_map(|resource_spans| ExportTraceServiceRequest { resource_spans })
}

prop_compose! {
    fn record()(
        time in 1_000_u64..4_000_000_000_000_000_000, observed in 1_u64..4_000_000_000_000_000_000,
        severity_number in 0_i32..25, (severity_text, event_name) in ("[A-Z]{0,5}", "[a-z.]{0,12}"),
        body in value(), attributes in attributes(), (flags, dropped) in (any::<u32>(), any::<u32>()),
        trace_id in id::<16>(), span_id in id::<8>(),
    ) -> LogRecord {
        LogRecord {
            time_unix_nano: time, observed_time_unix_nano: observed, severity_number, severity_text, event_name,
            body: Some(body), attributes, dropped_attributes_count: dropped, flags, trace_id, span_id,
        }
    }
}

pub(super) fn logs_of(log_records: Vec<LogRecord>) -> ExportLogsServiceRequest {
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            scope_logs: vec![ScopeLogs { log_records, ..ScopeLogs::default() }],
            ..ResourceLogs::default()
        }],
    }
}

pub(super) fn logs() -> impl Strategy<Value = ExportLogsServiceRequest> {
    vec(record(), 0..5).prop_map(logs_of)
}

prop_compose! {
    fn number()(
        (int, double, is_int) in (any::<i64>(), -1e300_f64..1e300, any::<bool>()),
        start: u32, time in 1_000_u64..4_000_000_000_000_000_000, flags: u32, attributes in attributes(),
    ) -> NumberDataPoint {
        let value = if is_int { number_data_point::Value::AsInt(int) } else { number_data_point::Value::AsDouble(double) };
        NumberDataPoint {
            attributes, start_time_unix_nano: u64::from(start), time_unix_nano: time, flags,
            value: Some(value), exemplars: vec![],
        }
    }
}

prop_compose! {
    fn histogram()(
        time in 1_000_u64..4_000_000_000_000_000_000, bounds in vec(-1e9_f64..1e9, 0..4), counts in vec(0..u64::MAX / 8, 4),
        (sum, min) in (proptest::option::of(0.0_f64..1e9), proptest::option::of(0.0_f64..1.0)),
    ) -> HistogramDataPoint {
        let mut bounds = bounds;
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        let counts = counts[..=bounds.len()].to_vec();
        let count = counts.iter().sum();
        HistogramDataPoint {
            time_unix_nano: time, explicit_bounds: bounds, bucket_counts: counts, sum, min, count,
            ..HistogramDataPoint::default()
        }
    }
}

prop_compose! {
    fn exp()(
        time in 1_000_u64..4_000_000_000_000_000_000, (scale, offset) in (any::<i32>(), any::<i32>()),
        counts in vec(0..u64::MAX / 8, 0..4), zero_count in 0..u64::MAX / 8, threshold in 0.0_f64..1.0,
    ) -> ExponentialHistogramDataPoint {
        let count = counts.iter().sum::<u64>() + zero_count;
        ExponentialHistogramDataPoint {
            time_unix_nano: time, scale, count, zero_count, zero_threshold: threshold,
            positive: Some(exponential_histogram_data_point::Buckets { offset, bucket_counts: counts }),
            ..ExponentialHistogramDataPoint::default()
        }
    }
}

prop_compose! {
    fn summary()(
        time in 1_000_u64..4_000_000_000_000_000_000, values in vec((0.0_f64..1.0, -1e9_f64..1e9), 0..4),
        count: u64, sum in -1e9_f64..1e9,
    ) -> SummaryDataPoint {
        let quantile_values = values.into_iter()
            .map(|(quantile, value)| summary_data_point::ValueAtQuantile { quantile, value }).collect();
        SummaryDataPoint { time_unix_nano: time, count, sum, quantile_values, ..SummaryDataPoint::default() }
    }
}

pub(super) fn metrics() -> impl Strategy<Value = ExportMetricsServiceRequest> {
    let data = prop_oneof![
        vec(number(), 0..3).prop_map(|data_points| metric::Data::Gauge(Gauge { data_points })),
        (vec(number(), 0..3), 0_i32..3, any::<bool>()).prop_map(
            |(data_points, aggregation_temporality, is_monotonic)| {
                metric::Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic })
            }
        ),
        (vec(histogram(), 0..3), 0_i32..3).prop_map(|(data_points, aggregation_temporality)| {
            metric::Data::Histogram(Histogram { data_points, aggregation_temporality })
        }),
        (vec(exp(), 0..3), 0_i32..3).prop_map(|(data_points, aggregation_temporality)| {
            metric::Data::ExponentialHistogram(ExponentialHistogram { data_points, aggregation_temporality })
        }),
        vec(summary(), 0..3).prop_map(|data_points| metric::Data::Summary(Summary { data_points })),
    ];
    let metric = ("[a-z.]{1,12}", data).prop_map(|(name, data)| Metric {
        name,
        data: Some(data),
        ..Metric::default()
    });
    vec(metric, 0..5).prop_map(wrap)
}

fn wrap(metrics: Vec<Metric>) -> ExportMetricsServiceRequest {
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            scope_metrics: vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }],
            ..ResourceMetrics::default()
        }],
    }
}

/// One metric for each rule a point can break.
pub(super) fn odd_metrics() -> ExportMetricsServiceRequest {
    let point = NumberDataPoint { time_unix_nano: 2_000, ..NumberDataPoint::default() };
    let unrecorded = NumberDataPoint { flags: 1, ..point.clone() };
    let odd = HistogramDataPoint {
        time_unix_nano: 2_000,
        bucket_counts: vec![1, 2, 3],
        ..HistogramDataPoint::default()
    };
    let good = HistogramDataPoint { count: 6, explicit_bounds: vec![1.0, 2.0], ..odd.clone() };
    let falling = HistogramDataPoint { explicit_bounds: vec![2.0, 1.0], ..good.clone() };
    let equal = HistogramDataPoint { explicit_bounds: vec![1.0, 1.0], ..good.clone() };
    let nan = HistogramDataPoint {
        count: 3,
        bucket_counts: vec![1, 2],
        explicit_bounds: vec![f64::NAN],
        ..good.clone()
    };
    let miscounted = HistogramDataPoint { count: 7, ..good.clone() };
    let wrapped = HistogramDataPoint { count: 1, bucket_counts: vec![u64::MAX, 1, 1], ..good.clone() };
    let sparse =
        HistogramDataPoint { count: 9, bucket_counts: vec![], explicit_bounds: vec![], ..good.clone() };
    let points = vec![odd, good, falling, equal, nan, miscounted, wrapped, sparse];
    let exp = ExponentialHistogramDataPoint {
        time_unix_nano: 2_000,
        count: 3,
        zero_count: 3,
        ..Default::default()
    };
    let odd_exp = ExponentialHistogramDataPoint { count: 4, ..exp.clone() };
    let gauge = |data_points| Some(metric::Data::Gauge(Gauge { data_points }));
    let histogram = metric::Data::Histogram(Histogram { data_points: points, aggregation_temporality: 1 });
    let exponential = metric::Data::ExponentialHistogram(ExponentialHistogram {
        data_points: vec![exp, odd_exp],
        aggregation_temporality: 1,
    });
    wrap(vec![
        Metric { name: "a".into(), data: gauge(vec![point, unrecorded.clone()]), ..Metric::default() },
        Metric { name: "b".into(), data: Some(histogram), ..Metric::default() },
        Metric { name: "c".into(), data: Some(exponential), ..Metric::default() },
        Metric { name: String::new(), data: gauge(vec![unrecorded]), ..Metric::default() },
    ])
}

/// The points of a request in the words of the test's sink.
pub(super) fn shown(request: &ExportMetricsServiceRequest) -> Vec<String> {
    let metrics = request.resource_metrics.iter().flat_map(|r| &r.scope_metrics).flat_map(|s| &s.metrics);
    metrics.flat_map(|m| one(&m.name, m.data.as_ref())).collect()
}

fn temporality(code: i32) -> Temporality {
    [Temporality::Unspecified, Temporality::Delta, Temporality::Cumulative][code as usize]
}

fn one(name: &str, data: Option<&metric::Data>) -> Vec<String> {
    let number = |p: &NumberDataPoint, is_sum: bool, t: Temporality, monotonic: bool| {
        format!(
            "{name} {is_sum} {monotonic} {t:?} {:?} {} {} {} {:?} {:?}",
            p.value, p.start_time_unix_nano, p.time_unix_nano, p.flags, p.attributes, p.exemplars
        )
    };
    match data {
        None => vec![],
        Some(metric::Data::Gauge(g)) => {
            g.data_points.iter().map(|p| number(p, false, Temporality::Unspecified, false)).collect()
        }
        Some(metric::Data::Sum(s)) => s
            .data_points
            .iter()
            .map(|p| number(p, true, temporality(s.aggregation_temporality), s.is_monotonic))
            .collect(),
        Some(metric::Data::Histogram(h)) => h
            .data_points
            .iter()
            .map(|p| {
                let totals = Totals { count: p.count, sum: p.sum, min: p.min, max: p.max };
                let t = temporality(h.aggregation_temporality);
                format!(
                    "{name} {t:?} {totals:?} {:?} {:?} {}",
                    p.explicit_bounds, p.bucket_counts, p.time_unix_nano
                )
            })
            .collect(),
        Some(metric::Data::ExponentialHistogram(h)) => h
            .data_points
            .iter()
            .map(|p| {
                let totals = Totals { count: p.count, sum: p.sum, min: p.min, max: p.max };
                let t = temporality(h.aggregation_temporality);
                let buckets = p.positive.clone().unwrap_or_default();
                let positive = Buckets { offset: buckets.offset, counts: buckets.bucket_counts };
                format!(
                    "{name} {t:?} {totals:?} {} {} {} {positive:?} {:?} {}",
                    p.scale,
                    p.zero_count,
                    p.zero_threshold,
                    Buckets::default(),
                    p.time_unix_nano
                )
            })
            .collect(),
        Some(metric::Data::Summary(s)) => s
            .data_points
            .iter()
            .map(|p| {
                let quantiles: Vec<_> = p.quantile_values.iter().map(|q| q.quantile).collect();
                let values: Vec<_> = p.quantile_values.iter().map(|q| q.value).collect();
                format!("{name} {} {} {quantiles:?} {values:?} {}", p.count, p.sum, p.time_unix_nano)
            })
            .collect(),
    }
}

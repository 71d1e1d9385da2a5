#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric,
    NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary, SummaryDataPoint, metric,
    number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span};
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message as _;

use super::tenant::Examined;
use super::{Contracts, Limits, Tenant, watch};
use crate::decode::{Census, Received, Tables, Window, walk};
use crate::signal::Signal;

const WINDOW: Window = Window { not_before: 0, not_after: i64::MAX };
const HOUR: i64 = 3_600_000_000_000;

fn tenant(limits: Limits) -> Tenant {
    Tenant::new("acme".into(), "acme".into(), limits, watch::Names::default(), Contracts::default(), 0)
}

fn examine(tenant: &Tenant, signal: Signal, request: &impl prost::Message, now: i64) -> Examined {
    tenant.examine(signal, request.encode_to_vec(), WINDOW, now).unwrap()
}

fn text(key: &str, value: &str) -> KeyValue {
    pair(key, Any::StringValue(value.into()))
}

fn pair(key: &str, value: Any) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

fn resource(attributes: Vec<KeyValue>) -> Option<Resource> {
    Some(Resource { attributes, ..Resource::default() })
}

fn of_spans(resource_attributes: Vec<KeyValue>, spans: Vec<Span>) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: resource(resource_attributes),
            scope_spans: vec![ScopeSpans { spans, ..ScopeSpans::default() }],
            ..ResourceSpans::default()
        }],
    }
}

fn one_span(n: u8, attributes: Vec<KeyValue>) -> Span {
    Span {
        trace_id: vec![n.max(1); 16],
        span_id: vec![n.max(1); 8],
        start_time_unix_nano: 1,
        end_time_unix_nano: 2,
        attributes,
        ..Span::default()
    }
}

fn of_logs(log_records: Vec<LogRecord>) -> ExportLogsServiceRequest {
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            scope_logs: vec![ScopeLogs { log_records, ..ScopeLogs::default() }],
            ..ResourceLogs::default()
        }],
    }
}

fn of_metrics(metrics: Vec<Metric>) -> ExportMetricsServiceRequest {
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: resource(vec![text("service.name", "gateway")]),
            scope_metrics: vec![ScopeMetrics { metrics, ..ScopeMetrics::default() }],
            ..ResourceMetrics::default()
        }],
    }
}

fn number(attributes: Vec<KeyValue>) -> NumberDataPoint {
    let value = Some(number_data_point::Value::AsInt(1));
    NumberDataPoint { time_unix_nano: 5, attributes, value, ..NumberDataPoint::default() }
}

fn gauge(name: &str, data_points: Vec<NumberDataPoint>) -> Metric {
    let data = Some(metric::Data::Gauge(Gauge { data_points }));
    Metric { name: name.into(), data, ..Metric::default() }
}

/// One metric of each kind, with a point for each of `values`.
fn every_kind(values: &[&str]) -> ExportMetricsServiceRequest {
    let (mut numbers, mut histograms, mut exps, mut summaries) = (vec![], vec![], vec![], vec![]);
    for value in values {
        let attributes = vec![text("host", value)];
        numbers.push(number(attributes.clone()));
        histograms.push(HistogramDataPoint {
            time_unix_nano: 5,
            attributes: attributes.clone(),
            ..HistogramDataPoint::default()
        });
        exps.push(ExponentialHistogramDataPoint {
            time_unix_nano: 5,
            attributes: attributes.clone(),
            ..ExponentialHistogramDataPoint::default()
        });
        summaries.push(SummaryDataPoint { time_unix_nano: 5, attributes, ..SummaryDataPoint::default() });
    }
    let kinds = [
        ("gauge", metric::Data::Gauge(Gauge { data_points: numbers.clone() })),
        ("sum", metric::Data::Sum(Sum { data_points: numbers, ..Sum::default() })),
        (
            "histogram",
            metric::Data::Histogram(Histogram { data_points: histograms, aggregation_temporality: 1 }),
        ),
        (
            "exp",
            metric::Data::ExponentialHistogram(ExponentialHistogram {
                data_points: exps,
                aggregation_temporality: 1,
            }),
        ),
        ("summary", metric::Data::Summary(Summary { data_points: summaries })),
    ];
    of_metrics(
        kinds
            .into_iter()
            .map(|(name, data)| Metric { name: name.into(), data: Some(data), ..Metric::default() })
            .collect(),
    )
}

/// Tables and their rows.
fn rows(signal: Signal, payload: &[u8]) -> Vec<(&'static str, usize)> {
    let mut tables = Tables::default();
    let received = Received { tenant: "acme", signal, received_ns: 5, window: WINDOW };
    tables.add(received, payload).unwrap();
    let raw = |table: &str| table == "spans" || table == "rejected" || table.starts_with("metric_");
    tables
        .blocks()
        .into_iter()
        .filter(|(table, _)| raw(table))
        .map(|(table, block)| (table, block.rows()))
        .collect()
}

#[test]
fn an_attribute_too_many_is_left_out_and_counted_in_its_record() {
    let tenant = tenant(Limits { attribute_keys: 3, ..Limits::default() });
    let mut span = one_span(1, ["a", "b", "c", "d", "customer.id"].map(|key| text(key, "v")).to_vec());
    span.dropped_attributes_count = 2;
    span.events = vec![span::Event { attributes: vec![text("e", "v")], ..span::Event::default() }];
    let request = of_spans(vec![text("service.name", "gateway")], vec![span, one_span(2, vec![])]);
    let Examined { payload, tally } = examine(&tenant, Signal::Traces, &request, 0);
    let kept = ExportTraceServiceRequest::decode(payload.as_slice()).unwrap();
    let span = &kept.resource_spans[0].scope_spans[0].spans[0];
    let keys: Vec<_> = span.attributes.iter().map(|pair| pair.key.as_str()).collect();
    assert_eq!(keys, ["a", "b", "c", "customer.id"]);
    assert_eq!((span.dropped_attributes_count, span.events[0].dropped_attributes_count), (3, 1));
    assert_eq!((tally.census.accepted, tally.census.rejected, tally.census.warned), (2, 0, 1));
    insta::assert_snapshot!(
        tally.census.message(),
        @"attribute_keys: 2 attributes with new keys were dropped (d, e), this tenant has 3 keys today already"
    );
    assert_eq!(
        tally.warned.iter().map(|(reason, n)| (reason.name(), n)).collect::<Vec<_>>(),
        [("attribute_keys", 2)]
    );
    assert_eq!(rows(Signal::Traces, &payload), [("spans", 2), ("rejected", 1)]);
    // A request that keeps to what is known goes as it came.
    let good = of_spans(vec![], vec![one_span(3, vec![text("a", "w")])]);
    assert_eq!(examine(&tenant, Signal::Traces, &good, 1).payload, good.encode_to_vec());
    // The next day the known keys keep their places.
    let again = examine(&tenant, Signal::Traces, &request, 24 * HOUR);
    assert_eq!(again.payload, payload);
}

#[test]
fn a_point_of_a_series_too_many_is_rejected_alone() {
    let tenant = tenant(Limits { metric_series: 10, ..Limits::default() });
    let Examined { payload, tally } = examine(&tenant, Signal::Metrics, &every_kind(&["a", "b", "c"]), 0);
    // The first ten in their order: three gauges, sums, histograms, and one of the fourth kind.
    assert_eq!((tally.census.accepted, tally.census.rejected), (10, 5));
    assert_eq!(
        rows(Signal::Metrics, &payload),
        [
            ("metric_gauge", 3),
            ("metric_sum", 3),
            ("metric_histogram", 3),
            ("metric_exp_histogram", 1),
            ("rejected", 5)
        ]
    );
    insta::assert_snapshot!(
        tally.census.message(),
        @"series_limit: metric exp: a new series, and this tenant has 10 in this hour already (and 4 more)"
    );
    // What has a place keeps it, however often it comes and in whatever order its attributes are.
    let known = every_kind(&["a"]);
    assert_eq!(examine(&tenant, Signal::Metrics, &known, 1).tally.census.rejected, 1);
    let other_resource = {
        let mut request = of_metrics(vec![gauge("gauge", vec![number(vec![text("host", "a")])])]);
        request.resource_metrics[0].resource = resource(vec![text("service.name", "orders")]);
        request
    };
    assert_eq!(examine(&tenant, Signal::Metrics, &other_resource, 1).tally.census.rejected, 1);
    assert_eq!(examine(&tenant, Signal::Metrics, &other_resource, HOUR).tally.census.rejected, 0);
    assert_eq!(tenant.status(HOUR).limits[3].used, Some(1.0));
}

#[test]
fn a_series_is_the_same_in_whatever_order_its_attributes_come() {
    let tenant = tenant(Limits { metric_series: 1, ..Limits::default() });
    let of =
        |keys: [&str; 2]| of_metrics(vec![gauge("g", vec![number(keys.map(|k| text(k, "v")).to_vec())])]);
    assert_eq!(examine(&tenant, Signal::Metrics, &of(["a", "b"]), 0).tally.census.rejected, 0);
    assert_eq!(examine(&tenant, Signal::Metrics, &of(["b", "a"]), 0).tally.census.rejected, 0);
    assert_eq!(examine(&tenant, Signal::Metrics, &of(["b", "c"]), 0).tally.census.rejected, 1);
}

#[test]
fn long_values_are_cut_wherever_they_are() {
    let tenant = tenant(Limits { max_value_bytes: 64, ..Limits::default() });
    let long = "x".repeat(100);
    let mut span = one_span(1, vec![text("a", &long), text("short", "y")]);
    let list = ArrayValue { values: vec![AnyValue { value: Some(Any::StringValue(long.clone())) }] };
    span.attributes.push(pair("list", Any::ArrayValue(list)));
    span.events = vec![span::Event { attributes: vec![text("e", &long)], ..span::Event::default() }];
    span.links = vec![span::Link { attributes: vec![text("l", &long)], ..span::Link::default() }];
    span.status = Some(Status { message: long.clone(), code: 2 });
    let request = of_spans(vec![text("r", &long)], vec![span]);
    let Examined { payload, tally } = examine(&tenant, Signal::Traces, &request, 0);
    insta::assert_snapshot!(
        tally.census.message(), @"value_cut: 6 values longer than 64 bytes were cut, the first is r"
    );
    let shown = format!("{:?}", ExportTraceServiceRequest::decode(payload.as_slice()).unwrap());
    assert_eq!(shown.matches("…[cut, 100 bytes]").count(), 5);
    assert_eq!(shown.matches("…[cut, 104 bytes]").count(), 1, "the list as JSON: {shown}");
    assert!(!shown.contains(&long));
    let body = Some(AnyValue { value: Some(Any::BytesValue(vec![1; 100])) });
    let request = of_logs(vec![LogRecord { time_unix_nano: 1, body, ..LogRecord::default() }]);
    let Examined { tally, .. } = examine(&tenant, Signal::Logs, &request, 0);
    assert_eq!(
        tally.census.message(),
        "value_cut: 1 values longer than 64 bytes were cut, the first is the body"
    );
    let labelled = of_metrics(vec![gauge("g", vec![number(vec![text("a", &long)])])]);
    let Examined { tally, .. } = examine(&tenant, Signal::Metrics, &labelled, 0);
    assert_eq!((tally.census.accepted, tally.census.warned), (1, 1));
}

#[test]
fn only_the_last_of_two_kinds_of_data_counts() {
    let tenant = tenant(Limits { metric_series: 1, ..Limits::default() });
    // Two messages behind each other are one with both fields.
    let mut bytes =
        gauge("m", vec![number(vec![text("a", "1")]), number(vec![text("a", "2")])]).encode_to_vec();
    let data = Some(metric::Data::Sum(Sum {
        data_points: vec![number(vec![text("a", "3")]), number(vec![text("a", "4")])],
        ..Sum::default()
    }));
    bytes.extend(Metric { data, ..Metric::default() }.encode_to_vec());
    let wrap = |inner: &[u8]| {
        let mut out = crate::wire::Writer::new();
        out.bytes(2, inner);
        out.finish()
    };
    let mut request = crate::wire::Writer::new();
    request.bytes(1, &wrap(&wrap(&bytes)));
    let Examined { payload, tally } = tenant.examine(Signal::Metrics, request.finish(), WINDOW, 0).unwrap();
    assert_eq!((tally.census.accepted, tally.census.rejected), (1, 1));
    assert_eq!(rows(Signal::Metrics, &payload), [("metric_sum", 1), ("rejected", 1)]);
}

#[test]
fn over_a_rate_a_request_is_refused_until_it_is_paid() {
    let limits = Limits { bytes_per_second: 1000, records_per_second: 10, burst_s: 1, ..Limits::default() };
    let tenant = std::sync::Arc::new(tenant(limits));
    let admitted = tenant.admit(0, 600).unwrap();
    // Dropped: given back.
    drop(tenant.admit(0, 400).unwrap());
    admitted.settle(2500, 5);
    let refused = tenant.admit(0, 100).unwrap_err();
    assert_eq!((refused.why.label(), refused.retry_after()), ("bytes_per_second", Some(2)));
    assert_eq!(refused.message, "tenant acme may send 1000 bytes a second: send again later");
    tenant.admit(2_000_000_000, 0).unwrap().settle(0, 30);
    let refused = tenant.admit(2_000_000_000, 0).unwrap_err();
    assert_eq!((refused.why.label(), refused.retry_after()), ("records_per_second", Some(3)));
    assert!(refused.tenant.is_some());
}

fn attribute() -> impl Strategy<Value = KeyValue> {
    let value = prop_oneof![
        "[a-zé]{0,200}".prop_map(Any::StringValue),
        any::<i64>().prop_map(Any::IntValue),
        vec(any::<u8>(), 0..200).prop_map(Any::BytesValue),
        vec("[a-z\\n]{0,60}", 0..6).prop_map(|texts| Any::ArrayValue(ArrayValue {
            values: texts.into_iter().map(|text| AnyValue { value: Some(Any::StringValue(text)) }).collect(),
        })),
    ];
    ("[a-h]", value).prop_map(|(key, value)| pair(&key, value))
}

prop_compose! {
    fn traces()(
        groups in vec((vec(attribute(), 0..3), vec((1_u8..9, vec(attribute(), 0..4), ".{0,99}"), 0..4)), 0..3)
    ) -> ExportTraceServiceRequest {
        let of = |(n, attributes, message): (u8, Vec<KeyValue>, String)| {
            let events = vec![span::Event { attributes: attributes.clone(), ..span::Event::default() }];
            Span { events, status: Some(Status { message, code: 1 }), ..one_span(n, attributes) }
        };
        let resource_spans = groups.into_iter().flat_map(|(own, spans)| {
            of_spans(own, spans.into_iter().map(of).collect()).resource_spans
        });
        ExportTraceServiceRequest { resource_spans: resource_spans.collect() }
    }
}

prop_compose! {
    fn metrics()(
        groups in vec(vec(vec((0_u64..2, vec(attribute(), 0..3)), 0..4), 0..3), 0..3)
    ) -> ExportMetricsServiceRequest {
        let point = |(time_unix_nano, attributes): (u64, Vec<KeyValue>)| {
            // Some points have no value and are rejected for that.
            let value = (time_unix_nano > 0).then_some(number_data_point::Value::AsInt(1));
            NumberDataPoint { value, time_unix_nano, ..number(attributes) }
        };
        let resource_metrics = groups.into_iter().flat_map(|metrics| {
            let metrics = metrics.into_iter().enumerate().map(|(n, points)| {
                gauge(&format!("m{n}"), points.into_iter().map(point).collect())
            });
            of_metrics(metrics.collect()).resource_metrics
        });
        ExportMetricsServiceRequest { resource_metrics: resource_metrics.collect() }
    }
}

fn none(_: usize) -> bool {
    false
}

proptest! {
    #[test]
    fn what_no_rule_touches_is_written_as_it_was(traces in traces(), metrics in metrics()) {
        let (names, keys) = (watch::Names::default(), super::seen::Hashes::default());
        let rules = super::rewrite::Rules {
            names: &names, keys: &keys, key_limit: 0, refuses: &none, series_limit: 0, max_value: 0, rulings: &[],
        };
        for (signal, bytes) in
            [(Signal::Traces, traces.encode_to_vec()), (Signal::Metrics, metrics.encode_to_vec())]
        {
            prop_assert_eq!(&super::rewrite::rewrite(signal, &bytes, &rules).unwrap().payload, &bytes);
        }
    }

    #[test]
    fn limits_hold_and_no_record_is_lost(
        requests in vec((traces(), metrics()), 1..4),
        attribute_keys in 1_usize..8, metric_series in 1_usize..8, max_value_bytes in 64_usize..150,
    ) {
        let tenant = tenant(Limits { attribute_keys, metric_series, max_value_bytes, ..Limits::default() });
        let mut keys = BTreeSet::new();
        for (traces, metrics) in &requests {
            for (signal, bytes) in
                [(Signal::Traces, traces.encode_to_vec()), (Signal::Metrics, metrics.encode_to_vec())]
            {
                let mut before = Census::default();
                walk(signal, &bytes, WINDOW, 0, &mut before).unwrap();
                let done = tenant.examine(signal, bytes, WINDOW, 0).unwrap();
                let mut after = Census::default();
                walk(signal, &done.payload, WINDOW, 0, &mut after).unwrap();
                prop_assert_eq!(&after, &done.tally.census);
                prop_assert_eq!(before.accepted + before.rejected, after.accepted + after.rejected);
                // What was decided stays decided.
                let again = tenant.examine(signal, done.payload.clone(), WINDOW, 0).unwrap();
                prop_assert_eq!(again.payload, done.payload.clone());
                if signal == Signal::Traces {
                    for group in ExportTraceServiceRequest::decode(&*done.payload).unwrap().resource_spans {
                        let spans = group.scope_spans.into_iter().flat_map(|scope| scope.spans);
                        let pairs = spans.flat_map(|span| span.attributes);
                        for pair in pairs {
                            let value = pair.value.unwrap().value.unwrap();
                            if let Any::StringValue(text) = value {
                                prop_assert!(text.len() <= max_value_bytes);
                            }
                            keys.insert(pair.key);
                        }
                    }
                }
            }
        }
        prop_assert!(keys.len() <= attribute_keys);
        let used = tenant.status(0).limits;
        prop_assert!(used[2].used <= Some(attribute_keys as f64) && used[3].used <= Some(metric_series as f64));
    }
}

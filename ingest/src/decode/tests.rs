#![allow(clippy::unwrap_used)]

mod generate;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::{Exemplar as OtlpExemplar, exemplar, number_data_point};
use opentelemetry_proto::tonic::trace::v1::{Span as OtlpSpan, Status, span};
use proptest::prelude::*;
use prost::Message as _;

use super::{
    Census, ExpHistogramPoint, HistogramPoint, Log, Metric, Number, NumberPoint, Origin, Pair, Reason,
    Received, Refused, Sink, Span, SummaryPoint, Tables, Value, Window, walk,
};
use crate::signal::Signal;

const WINDOW: Window = Window { not_before: 1_000, not_after: i64::MAX };

/// Rebuilds owned messages from the views, to compare them with what was encoded.
#[derive(Default)]
struct Rebuilt {
    spans: Vec<OtlpSpan>,
    logs: Vec<LogRecord>,
    points: Vec<String>,
    rejected: Vec<Reason>,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn any(value: Value<'_>) -> Option<AnyValue> {
    let value = match value {
        Value::Empty => None,
        Value::Text(v) => Some(Any::StringValue(text(v))),
        Value::Bool(v) => Some(Any::BoolValue(v)),
        Value::Int(v) => Some(Any::IntValue(v)),
        Value::Double(v) => Some(Any::DoubleValue(v)),
        Value::Bytes(v) => Some(Any::BytesValue(v.to_vec())),
        Value::Array(c) => Some(Any::ArrayValue(ArrayValue::decode(c.bytes).unwrap())),
        Value::List(c) => Some(Any::KvlistValue(KeyValueList::decode(c.bytes).unwrap())),
    };
    Some(AnyValue { value })
}

fn pairs(pairs: &[Pair<'_>]) -> Vec<KeyValue> {
    pairs.iter().map(|p| KeyValue { key: text(p.key), value: any(p.value), ..KeyValue::default() }).collect()
}

impl Sink for Rebuilt {
    fn span(&mut self, _: &Origin<'_>, s: &Span<'_>) {
        let nested = |range: &std::ops::Range<usize>| pairs(&s.nested[range.clone()]);
        self.spans.push(OtlpSpan {
            trace_id: s.trace_id.to_vec(),
            span_id: s.span_id.to_vec(),
            parent_span_id: if s.parent_span_id == [0; 8] { vec![] } else { s.parent_span_id.to_vec() },
            trace_state: text(s.trace_state),
            name: text(s.name),
            kind: s.kind as i32,
            start_time_unix_nano: s.start,
            end_time_unix_nano: s.end,
            flags: s.flags,
            attributes: pairs(&s.attributes),
            dropped_attributes_count: s.dropped_attributes,
            events: s
                .events
                .iter()
                .map(|e| span::Event {
                    time_unix_nano: e.time,
                    name: text(e.name),
                    attributes: nested(&e.attributes),
                    dropped_attributes_count: 0,
                })
                .collect(),
            links: s
                .links
                .iter()
                .map(|l| span::Link {
                    trace_id: l.trace_id.to_vec(),
                    span_id: l.span_id.to_vec(),
                    attributes: nested(&l.attributes),
                    ..span::Link::default()
                })
                .collect(),
            status: Some(Status { message: text(s.status_message), code: s.status as i32 }),
            ..OtlpSpan::default()
        });
    }

    fn log(&mut self, _: &Origin<'_>, l: &Log<'_>) {
        self.logs.push(LogRecord {
            time_unix_nano: l.time,
            observed_time_unix_nano: l.observed,
            severity_number: i32::from(l.severity),
            severity_text: text(l.severity_text),
            event_name: text(&l.event_name),
            body: any(l.body),
            attributes: pairs(&l.attributes),
            dropped_attributes_count: l.dropped_attributes,
            flags: l.flags,
            trace_id: l.trace_id.to_vec(),
            span_id: l.span_id.to_vec(),
        });
    }

    fn number(&mut self, _: &Origin<'_>, m: &Metric<'_>, p: &NumberPoint<'_>) {
        let value = p.value.map(|v| match v {
            Number::Int(v) => number_data_point::Value::AsInt(v),
            Number::Double(v) => number_data_point::Value::AsDouble(v),
        });
        let exemplars: Vec<_> = p
            .common
            .exemplars
            .iter()
            .map(|e| OtlpExemplar {
                time_unix_nano: e.time,
                span_id: e.span_id.to_vec(),
                trace_id: e.trace_id.to_vec(),
                value: Some(exemplar::Value::AsDouble(e.value)),
                filtered_attributes: vec![],
            })
            .collect();
        self.points.push(format!(
            "{} {} {} {:?} {:?} {} {} {} {:?} {:?}",
            text(m.name),
            m.is_sum,
            m.is_monotonic,
            m.temporality,
            value,
            p.common.start,
            p.common.time,
            p.common.flags,
            pairs(&p.common.attributes),
            exemplars
        ));
    }

    fn histogram(&mut self, _: &Origin<'_>, m: &Metric<'_>, p: &HistogramPoint<'_>) {
        self.points.push(format!(
            "{} {:?} {:?} {:?} {:?} {}",
            text(m.name),
            m.temporality,
            p.totals,
            p.bounds,
            p.counts,
            p.common.time
        ));
    }

    fn exp_histogram(&mut self, _: &Origin<'_>, m: &Metric<'_>, p: &ExpHistogramPoint<'_>) {
        self.points.push(format!(
            "{} {:?} {:?} {} {} {} {:?} {:?} {}",
            text(m.name),
            m.temporality,
            p.totals,
            p.scale,
            p.zero_count,
            p.zero_threshold,
            p.positive,
            p.negative,
            p.common.time
        ));
    }

    fn summary(&mut self, _: &Origin<'_>, m: &Metric<'_>, p: &SummaryPoint<'_>) {
        self.points.push(format!(
            "{} {} {} {:?} {:?} {}",
            text(m.name),
            p.count,
            p.sum,
            p.quantiles,
            p.values,
            p.common.time
        ));
    }

    fn reject(&mut self, _: Signal, reason: Reason, _: &str, _: Refused<'_>) {
        self.rejected.push(reason);
    }

    fn warn(&mut self, _: Signal, reason: Reason, _: &str, _: Refused<'_>) {
        self.rejected.push(reason);
    }
}

fn rebuilt(signal: Signal, bytes: &[u8]) -> Rebuilt {
    let mut out = Rebuilt::default();
    walk(signal, bytes, WINDOW, 5_000, &mut out).unwrap();
    out
}

/// Records among the rows: all but what is counted of spans.
fn records(tables: &Tables) -> usize {
    let blocks = tables.blocks();
    blocks.iter().for_each(|(_, block)| block.check().unwrap());
    blocks
        .iter()
        .filter(|(table, _)| ["spans", "rejected"].contains(table))
        .map(|(_, block)| block.rows())
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn spans_are_what_prost_reads(request in generate::traces()) {
        let bytes = request.encode_to_vec();
        let again = ExportTraceServiceRequest::decode(&bytes[..]).unwrap();
        let expected: Vec<_> = again.resource_spans.into_iter()
            .flat_map(|r| r.scope_spans).flat_map(|s| s.spans).collect();
        prop_assert_eq!(&rebuilt(Signal::Traces, &bytes).spans, &expected);
        // The columns agree with the census.
        let (mut census, mut tables) = (Census::default(), Tables::default());
        walk(Signal::Traces, &bytes, WINDOW, 5_000, &mut census).unwrap();
        let received = Received { tenant: "t", signal: Signal::Traces, received_ns: 5_000, window: WINDOW };
        tables.add(received, &bytes).unwrap();
        let rows = records(&tables);
        prop_assert_eq!((rows, rows as u64), (expected.len(), census.accepted));
    }

    #[test]
    fn logs_are_what_prost_reads(request in generate::logs()) {
        let bytes = request.encode_to_vec();
        let again = ExportLogsServiceRequest::decode(&bytes[..]).unwrap();
        let expected: Vec<_> = again.resource_logs.into_iter()
            .flat_map(|r| r.scope_logs).flat_map(|s| s.log_records).collect();
        prop_assert_eq!(rebuilt(Signal::Logs, &bytes).logs, expected);
    }

    #[test]
    fn points_are_what_prost_reads(request in generate::metrics()) {
        let bytes = request.encode_to_vec();
        let again = ExportMetricsServiceRequest::decode(&bytes[..]).unwrap();
        prop_assert_eq!(rebuilt(Signal::Metrics, &bytes).points, generate::shown(&again));
    }

    #[test]
    fn noise_is_an_error_or_nothing(mut bytes: Vec<u8>, request in generate::traces(), at: proptest::sample::Index) {
        for signal in Signal::ALL {
            let _ = walk(signal, &bytes, WINDOW, 0, &mut Census::default());
        }
        bytes = request.encode_to_vec();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            bytes[at] ^= 0x55;
            let mut census = Census::default();
            let counted = walk(Signal::Traces, &bytes, WINDOW, 0, &mut census);
            let mut tables = Tables::default();
            let received = Received { tenant: "t", signal: Signal::Traces, received_ns: 0, window: WINDOW };
            prop_assert_eq!(tables.add(received, &bytes), counted.clone());
            let rows = records(&tables);
            prop_assert_eq!(rows as u64, census.accepted + census.rejected);
        }
    }
}

#[test]
fn a_bad_record_is_rejected_alone() {
    let good = OtlpSpan {
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        start_time_unix_nano: 2_000,
        end_time_unix_nano: 2_500,
        ..OtlpSpan::default()
    };
    let spans = vec![
        good.clone(),
        OtlpSpan { trace_id: vec![1; 15], ..good.clone() },
        OtlpSpan { trace_id: vec![0; 16], ..good.clone() },
        OtlpSpan { span_id: vec![], ..good.clone() },
        OtlpSpan { parent_span_id: vec![1], ..good.clone() },
        OtlpSpan { end_time_unix_nano: 1_999, ..good.clone() },
        OtlpSpan { start_time_unix_nano: 999, ..good.clone() },
        OtlpSpan { start_time_unix_nano: u64::MAX, end_time_unix_nano: u64::MAX, ..good.clone() },
        good,
    ];
    let bytes = generate::request_of(spans).encode_to_vec();
    let out = rebuilt(Signal::Traces, &bytes);
    assert_eq!(out.spans.len(), 2);
    assert_eq!(
        out.rejected,
        [
            Reason::TraceId,
            Reason::TraceId,
            Reason::SpanId,
            Reason::ParentSpanId,
            Reason::EndBeforeStart,
            Reason::Time,
            Reason::Time
        ]
    );
    let mut census = Census::default();
    walk(Signal::Traces, &bytes, WINDOW, 0, &mut census).unwrap();
    assert_eq!((census.accepted, census.rejected), (2, 7));
    insta::assert_snapshot!(census.message(), @"trace_id: trace_id has 15 bytes, must have 16 (and 6 more)");
}

#[test]
fn a_span_that_ends_behind_the_window_is_rejected_alone() {
    let window = Window { not_before: 1_000, not_after: 3_000 };
    let ends = [3_000, 3_001, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX];
    let spans = ends.map(|end_time_unix_nano| OtlpSpan {
        trace_id: vec![1; 16],
        span_id: vec![2; 8],
        start_time_unix_nano: 2_000,
        end_time_unix_nano,
        ..OtlpSpan::default()
    });
    let bytes = generate::request_of(spans.to_vec()).encode_to_vec();
    let mut out = Rebuilt::default();
    walk(Signal::Traces, &bytes, window, 2_500, &mut out).unwrap();
    assert_eq!((out.spans.len(), out.spans[0].end_time_unix_nano), (1, 3_000));
    assert_eq!(out.rejected, [Reason::EndOutOfWindow; 4]);
    let mut census = Census::default();
    walk(Signal::Traces, &bytes, window, 2_500, &mut census).unwrap();
    insta::assert_snapshot!(
        census.message(),
        @"end_out_of_window: end time 1970-01-01T00:00:00.000003001Z is later than the acceptance window (and 3 more)"
    );
}

#[test]
fn malformed_bytes_name_the_place() {
    let mut bytes = generate::request_of(vec![OtlpSpan { name: "checkout".into(), ..OtlpSpan::default() }])
        .encode_to_vec();
    let at = bytes.windows(8).position(|w| w == b"checkout").unwrap();
    bytes[at - 1] = 100;
    let error = walk(Signal::Traces, &bytes, WINDOW, 0, &mut Census::default()).unwrap_err();
    insta::assert_snapshot!(error, @"resource_spans[0].scope_spans[0].spans[0]: a length of 100 runs past the end (8 left) at byte 7");
}

#[test]
fn metrics_without_values_or_with_odd_buckets_are_rejected() {
    let bytes = generate::odd_metrics().encode_to_vec();
    let out = rebuilt(Signal::Metrics, &bytes);
    let mut expected = vec![Reason::Buckets; 9];
    expected[0] = Reason::NoValue;
    expected[8] = Reason::MetricName;
    assert_eq!(out.rejected, expected);
    // A gauge point without a recorded value, two histogram points, an exponential one.
    assert_eq!(out.points.len(), 4);
}

#[test]
fn what_a_probe_did_is_a_log_record_and_no_business_event() {
    let record = |marks: &[(&str, Any)]| LogRecord {
        time_unix_nano: 2_000,
        event_name: "order.placed".to_owned(),
        attributes: marks
            .iter()
            .map(|(key, value)| KeyValue {
                key: (*key).to_owned(),
                value: Some(AnyValue { value: Some(value.clone()) }),
                ..KeyValue::default()
            })
            .collect(),
        ..LogRecord::default()
    };
    let word = |text: &str| Any::StringValue(text.to_owned());
    let records = [
        record(&[("order.id", word("o-1"))]),
        record(&[("order.id", word("o-2")), ("headroom.probe", word("true"))]),
        record(&[("headroom.probe", Any::BoolValue(true))]),
        record(&[("headroom.probe", Any::BoolValue(false))]),
    ];
    let bytes = generate::logs_of(records.into()).encode_to_vec();
    let mut tables = Tables::default();
    let received = Received { tenant: "acme", signal: Signal::Logs, received_ns: 0, window: WINDOW };
    tables.add(received, &bytes).unwrap();
    let rows = |table| tables.blocks().iter().find(|(name, _)| *name == table).map(|(_, block)| block.rows());
    assert_eq!((rows("logs"), rows("events")), (Some(4), Some(2)));
}

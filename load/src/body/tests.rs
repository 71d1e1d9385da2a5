use std::collections::{HashMap, HashSet};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::{metric::Data, number_data_point};
use opentelemetry_proto::tonic::trace::v1::Span;
use proptest::prelude::*;
use prost::Message as _;

use super::{MAX_AGE_NS, PREFIX, Stock};
use crate::options::{Mix, Options};

const NOW: u64 = 1_780_000_000_000_000_000;

fn stock(records_per_body: usize, mix: Mix, seed: u64) -> (Stock, Options) {
    let mut options = Options::new("http://localhost".parse().unwrap());
    options.run = "a1b2c3d4e5f60718".parse().unwrap();
    (options.records_per_body, options.mix, options.seed) = (records_per_body, mix, seed);
    (Stock::new(&options), options)
}

fn only(signal: &str) -> Mix {
    let share = |name| u16::from(name == signal);
    Mix { traces: share("traces"), logs: share("logs"), events: share("events"), metrics: share("metrics") }
}

fn spans(stock: &Stock, body: u32) -> Vec<(String, Span)> {
    let filled = stock.fill(body, NOW);
    let request = ExportTraceServiceRequest::decode(&filled.bytes[PREFIX..]).unwrap();
    let mut spans = Vec::new();
    for resource in request.resource_spans {
        let service = text(&resource.resource.unwrap().attributes, "service.name");
        spans.extend(resource.scope_spans.into_iter().flat_map(|s| s.spans).map(|s| (service.clone(), s)));
    }
    stock.give_back(stock.fill(body, NOW));
    spans
}

fn text(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|one| one.key == key).unwrap();
    match found.value.as_ref().unwrap().value.as_ref().unwrap() {
        Value::StringValue(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

fn id(body: u32, after: u32) -> Vec<u8> {
    [body.to_be_bytes(), after.to_be_bytes()].concat()
}

#[test]
fn a_body_of_spans_is_what_it_claims_to_be() {
    let (stock, options) = stock(1_000, Mix::default(), 7);
    let (mut bytes, mut errors, mut operations, mut services) = (0, 0, HashSet::new(), HashSet::new());
    for body in 0..16 {
        let filled = stock.fill(body, NOW);
        bytes += filled.bytes.len() - PREFIX;
        assert_eq!(filled.bytes[1..PREFIX], ((filled.bytes.len() - PREFIX) as u32).to_be_bytes());
        let spans = spans(&stock, body);
        assert_eq!(spans.len(), 1_000);
        let by_id: HashMap<_, _> = spans.iter().map(|(_, span)| (span.span_id.clone(), span)).collect();
        for (service, span) in &spans {
            assert_eq!(span.attributes.len(), 10);
            assert_eq!(span.trace_id[..8], options.run.bytes());
            assert_eq!(span.trace_id[8..12], body.to_be_bytes());
            assert!(span.end_time_unix_nano > span.start_time_unix_nano && span.end_time_unix_nano <= NOW);
            assert!(NOW - span.start_time_unix_nano < MAX_AGE_NS);
            if !span.parent_span_id.is_empty() {
                let parent = by_id[&span.parent_span_id];
                assert_eq!(parent.trace_id, span.trace_id);
                assert!(parent.start_time_unix_nano <= span.start_time_unix_nano);
                assert!(parent.end_time_unix_nano >= span.end_time_unix_nano);
            }
            errors += usize::from(span.status.as_ref().is_some_and(|status| status.code == 2));
            operations.insert((service.clone(), span.name.clone()));
            services.insert(service.clone());
        }
        let roots = spans.iter().filter(|(_, span)| span.parent_span_id.is_empty()).count();
        assert_eq!(roots, 100);
    }
    let per_span = bytes as f64 / 16_000.0;
    assert!((400.0..435.0).contains(&per_span), "{per_span} bytes a span");
    assert!((100..230).contains(&errors), "{errors} errors in 16,000 spans");
    assert_eq!((services.len(), operations.len()), (8, 40));
}

#[test]
fn ids_orders_and_customers_are_as_many_as_they_should_be() {
    let (stock, _) = stock(1_000, Mix::default(), 7);
    let (mut ids, mut orders, mut customers) = (HashSet::new(), HashMap::new(), HashMap::new());
    for body in [0, 1, 8, 9, 1_000_000, u32::MAX] {
        for (_, span) in spans(&stock, body) {
            let trace = span.trace_id.clone();
            ids.insert(span.span_id);
            let order = orders.entry(trace.clone()).or_insert_with(|| text(&span.attributes, "order.id"));
            assert_eq!(*order, text(&span.attributes, "order.id"));
            let customer = customers.entry(trace).or_insert_with(|| text(&span.attributes, "customer.id"));
            assert_eq!(*customer, text(&span.attributes, "customer.id"));
        }
    }
    assert_eq!((ids.len(), orders.len()), (6_000, 600));
    assert_eq!(orders.values().collect::<HashSet<_>>().len(), 600);
    let customers: HashSet<u32> = customers.values().map(|text| text[4..].parse().unwrap()).collect();
    assert!(customers.len() > 580 && customers.iter().all(|number| *number < 50_000), "{}", customers.len());
}

#[test]
fn the_seed_decides_and_buffers_are_used_again() {
    let one = stock(100, Mix::default(), 3).0;
    let other = stock(100, Mix::default(), 3).0;
    let first = one.fill(0, NOW);
    let address = first.bytes.as_ptr();
    one.give_back(first);
    // Body 8 has the template of body 0.
    let again = one.fill(8, NOW + 5);
    assert_eq!(again.bytes.as_ptr(), address);
    assert_eq!(again.bytes, other.fill(8, NOW + 5).bytes);
    assert_ne!(again.bytes, stock(100, Mix::default(), 4).0.fill(8, NOW + 5).bytes);
}

#[test]
fn logs_and_events_decode() {
    for signal in ["logs", "events"] {
        let (stock, options) = stock(100, only(signal), 7);
        let filled = stock.fill(77, NOW);
        let request = ExportLogsServiceRequest::decode(&filled.bytes[PREFIX..]).unwrap();
        let logs: Vec<LogRecord> = request
            .resource_logs
            .into_iter()
            .flat_map(|resource| resource.scope_logs)
            .flat_map(|scope| scope.log_records)
            .collect();
        let ids: HashSet<_> = logs.iter().map(|log| log.span_id.clone()).collect();
        assert_eq!(ids, (1..=100).map(|n| id(77, n)).collect());
        for log in &logs {
            assert_eq!(log.trace_id[..12], [&options.run.bytes()[..], &77_u32.to_be_bytes()].concat());
            assert!(log.time_unix_nano <= NOW && NOW - log.time_unix_nano < MAX_AGE_NS);
            assert_eq!(log.event_name.is_empty(), signal == "logs");
        }
        if signal == "events" {
            let events: HashSet<_> = logs.iter().map(|log| text(&log.attributes, "event.id")).collect();
            assert_eq!(events.len(), 100);
            assert!(events.contains("evt-a1b2c3d4e5f607180000004d00000063"), "{events:?}");
        }
    }
}

#[test]
fn metric_points_decode() {
    let (stock, _) = stock(100, only("metrics"), 7);
    let filled = stock.fill(77, NOW);
    let request = ExportMetricsServiceRequest::decode(&filled.bytes[PREFIX..]).unwrap();
    let mut values = HashSet::new();
    for resource in request.resource_metrics {
        assert_eq!(text(&resource.resource.unwrap().attributes, super::metrics::RUN_KEY), "a1b2c3d4e5f60718");
        for metric in resource.scope_metrics.into_iter().flat_map(|scope| scope.metrics) {
            let Some(Data::Gauge(gauge)) = metric.data else { panic!("{} is no gauge", metric.name) };
            for point in gauge.data_points {
                assert_eq!(point.time_unix_nano, NOW);
                let Some(number_data_point::Value::AsInt(value)) = point.value else { panic!("no integer") };
                values.insert(value);
            }
        }
    }
    assert_eq!(values, (0..100).map(|n| 77 << 32 | n).collect());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the size, numbers and times, a filled body decodes, and nothing is left of what the
    /// buffer held before.
    #[test]
    fn filled_bodies_decode(records in 1_usize..64, body: u32, base in MAX_AGE_NS..=i64::MAX as u64, seed: u64) {
        let (stock, options) = stock(records, Mix::default(), seed);
        stock.give_back(stock.fill(body % 8, NOW));
        let filled = stock.fill(body, base);
        let request = ExportTraceServiceRequest::decode(&filled.bytes[PREFIX..]).unwrap();
        let spans = request.resource_spans.iter().flat_map(|r| &r.scope_spans).flat_map(|s| &s.spans);
        let mut ids = HashSet::new();
        for span in spans {
            prop_assert_eq!(&span.trace_id[..8], &options.run.bytes());
            prop_assert_eq!(&span.trace_id[8..12], &body.to_be_bytes());
            prop_assert!(span.end_time_unix_nano <= base);
            ids.insert(span.span_id.clone());
        }
        prop_assert_eq!(ids, (1..=records as u32).map(|n| id(body, n)).collect());
    }
}

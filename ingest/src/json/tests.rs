#![allow(clippy::unwrap_used)]

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use prost::Message as _;

use super::to_protobuf;
use crate::signal::Signal;

fn span_json(inner: &str) -> String {
    format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{inner}}}]}}]}}]}}"#)
}

fn spans(inner: &str) -> opentelemetry_proto::tonic::trace::v1::Span {
    let bytes = to_protobuf(Signal::Traces, span_json(inner).as_bytes()).unwrap().bytes;
    let mut request = ExportTraceServiceRequest::decode(&bytes[..]).unwrap();
    request.resource_spans.remove(0).scope_spans.remove(0).spans.remove(0)
}

#[test]
fn takes_the_forms_that_real_clients_send() {
    let span = spans(
        r#""traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174","kind":2,
           "startTimeUnixNano":"1544712660000000000","endTimeUnixNano":1544712661000000000,
           "newField":{"a":[1,{"b":null}]},"parentSpanId":null,"flags":256,
           "attributes":[
             {"key":"empty","value":{}},{"key":"null","value":null},{"key":"nulls","value":{"stringValue":null}},
             {"key":"int","value":{"intValue":"-9223372036854775808"}},{"key":"n","value":{"intValue":7}},
             {"key":"nan","value":{"doubleValue":"NaN"}},{"key":"inf","value":{"doubleValue":"-Infinity"}},
             {"key":"bytes","value":{"bytesValue":"AQID"}},
             {"key":"mixed","value":{"arrayValue":{"values":[{"intValue":1},{},{"stringValue":"\u00e9\ud83d\ude00"}]}}},
             {"key":"list","value":{"kvlistValue":{"values":[{"key":"x","value":{"boolValue":true}}]}}}]"#,
    );
    assert_eq!(span.trace_id, hex::decode("5b8efff798038103d269b633813fc60c").unwrap());
    assert_eq!(
        (span.start_time_unix_nano, span.end_time_unix_nano),
        (1_544_712_660_000_000_000, 1_544_712_661_000_000_000)
    );
    assert_eq!((span.kind, span.flags), (2, 256));
    let value = |key: &str| {
        let found = span.attributes.iter().find(|a| a.key == key).unwrap();
        found.value.clone().and_then(|v| v.value)
    };
    assert_eq!(span.attributes.len(), 10);
    assert_eq!(value("empty"), None);
    assert_eq!(value("nulls"), None);
    assert_eq!(value("int"), Some(Value::IntValue(i64::MIN)));
    assert!(matches!(value("nan"), Some(Value::DoubleValue(v)) if v.is_nan()));
    assert_eq!(value("inf"), Some(Value::DoubleValue(f64::NEG_INFINITY)));
    assert_eq!(value("bytes"), Some(Value::BytesValue(vec![1, 2, 3])));
    let Some(Value::ArrayValue(mixed)) = value("mixed") else { panic!("an array") };
    assert_eq!(mixed.values.len(), 3);
    assert_eq!(mixed.values[2].value, Some(Value::StringValue("é😀".into())));
    assert!(matches!(value("list"), Some(Value::KvlistValue(_))));
}

/// The protocol's own examples, as prost reads what comes of them.
#[test]
fn the_examples_mean_what_they_say() {
    let rewritten = |name: &str, signal| {
        let path = format!("{}/tests/data/{name}.json", env!("CARGO_MANIFEST_DIR"));
        to_protobuf(signal, &std::fs::read(path).unwrap()).unwrap().bytes
    };
    let traces = ExportTraceServiceRequest::decode(&rewritten("trace", Signal::Traces)[..]).unwrap();
    insta::assert_debug_snapshot!("example_trace", traces);
    let logs = ExportLogsServiceRequest::decode(&rewritten("logs", Signal::Logs)[..]).unwrap();
    insta::assert_debug_snapshot!("example_logs", logs);
    let events = ExportLogsServiceRequest::decode(&rewritten("events", Signal::Logs)[..]).unwrap();
    insta::assert_debug_snapshot!("example_events", events);
    let metrics = ExportMetricsServiceRequest::decode(&rewritten("metrics", Signal::Metrics)[..]).unwrap();
    insta::assert_debug_snapshot!("example_metrics", metrics);
}

#[test]
fn ids_in_base64_are_taken_with_a_warning_and_nonsense_keeps_no_valid_length() {
    let json = span_json(r#""traceId":"W47/95gDgQPSabYzgT/GDA==","spanId":"7uGbfsPBsXQ=""#);
    let out = to_protobuf(Signal::Traces, json.as_bytes()).unwrap();
    assert_eq!(out.base64_ids, 2);
    let span = spans(r#""traceId":"no-hex-16-bytes!","spanId":"!!!!!!!!""#);
    assert_eq!((span.trace_id.len(), span.span_id.len()), (17, 9));
}

#[test]
fn says_where_it_is_wrong() {
    let error = |json: &str| to_protobuf(Signal::Traces, json.as_bytes()).unwrap_err().to_string();
    insta::assert_snapshot!(error(""), @"expected an object, found the end at byte 0");
    insta::assert_snapshot!(error("[]"), @"expected an object, found '[' at byte 0");
    insta::assert_snapshot!(error("{} x"), @"expected the end, found 'x' at byte 3");
    insta::assert_snapshot!(
        error(&span_json(r#""kind":"SPAN_KIND_SEVERE""#)),
        @r#"resourceSpans[0].scopeSpans[0].spans[0].kind: "SPAN_KIND_SEVERE" is not a signed 64-bit integer at byte 69"#
    );
    insta::assert_snapshot!(error(r#"{"resourceSpans":[{"#), @"resourceSpans[0]: expected a string, found the end at byte 19");
    let deep = format!("{{\"x\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    insta::assert_snapshot!(error(&deep), @"values are nested deeper than 100 at byte 106");
    let value = format!("{}{{}}{}", r#"{"arrayValue":{"values":["#.repeat(60), "]}}".repeat(60));
    let deep = span_json(&format!(r#""attributes":[{{"key":"a","value":{value}}}]"#));
    insta::assert_snapshot!(error(&deep), @"resourceSpans[0].scopeSpans[0].spans[0].attributes[0].valu .. yValue.values[0].arrayValue.values[0].arrayValue.values[0]: values are nested deeper than 100 at byte 1277");
}

#[test]
fn an_odd_value_costs_itself_only() {
    let values = [
        r#"{"intValue":"9223372036854775808"}"#,
        r#"{"intValue":"seven"}"#,
        r#"{"intValue":1.5}"#,
        r#"{"stringValue":5}"#,
        r#"{"stringValue":{"a":[1]}}"#,
        r#"{"bytesValue":"*"}"#,
        r#"{"boolValue":1}"#,
        r#"{"arrayValue":[1,2]}"#,
        r#"{"kvlistValue":{"values":[{"key":1}]}}"#,
        "7",
        r#""bare""#,
        "[true]",
    ];
    let attributes: Vec<_> = values.iter().map(|v| format!(r#"{{"key":"k","value": {v} }}"#)).collect();
    let inner = format!(
        r#""attributes":[{},{{"key":"in","value":{{"arrayValue":{{"values":[{{"intValue":1}},{{"intValue":"x"}}]}}}}}}],"name":"n""#,
        attributes.join(",")
    );
    let odd = to_protobuf(Signal::Traces, span_json(&inner).as_bytes()).unwrap().odd_values;
    assert_eq!(odd, values.len() as u64 + 1);
    let mut span = spans(&inner);
    assert_eq!(span.name, "n");
    let text = |text: &str| Some(Value::StringValue(text.to_owned()));
    let last = span.attributes.pop().unwrap().value.unwrap().value;
    let Some(Value::ArrayValue(array)) = last else { panic!("an array") };
    assert_eq!(array.values[0].value, Some(Value::IntValue(1)));
    assert_eq!(array.values[1].value, text(r#"{"intValue":"x"}"#));
    for (attribute, expected) in span.attributes.iter().zip(values) {
        assert_eq!(attribute.value.clone().unwrap().value, text(expected));
    }
    // What is no JSON is still refused as a whole.
    for broken in [r#"{"intValue":}"#, r#"{"stringValue":"x"#, r#"{"intValue":1"#, "{]"] {
        let json = span_json(&format!(r#""attributes":[{{"key":"k","value":{broken}}}]"#));
        to_protobuf(Signal::Traces, json.as_bytes()).unwrap_err();
    }
}

#[test]
fn enums_come_as_numbers_or_names_and_a_numeric_id_rejects_its_record() {
    let span = spans(
        r#""kind":"SPAN_KIND_SERVER","status":{"code":"STATUS_CODE_ERROR"},"traceId":5,"spanId":12345678"#,
    );
    assert_eq!((span.kind, span.status.unwrap().code), (2, 2));
    assert_eq!((span.trace_id.len(), span.span_id.len()), (1, 9));
    let span = spans(r#""kind":"3","status":{"code":1}"#);
    assert_eq!((span.kind, span.status.unwrap().code), (3, 1));
    let json =
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityNumber":"SEVERITY_NUMBER_WARN2"}]}]}]}"#;
    let bytes = to_protobuf(Signal::Logs, json.as_bytes()).unwrap().bytes;
    let logs = ExportLogsServiceRequest::decode(&bytes[..]).unwrap();
    assert_eq!(logs.resource_logs[0].scope_logs[0].log_records[0].severity_number, 14);
    let json = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m",
        "sum":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_CUMULATIVE"}}]}]}]}"#;
    let bytes = to_protobuf(Signal::Metrics, json.as_bytes()).unwrap().bytes;
    let metrics = format!("{:?}", ExportMetricsServiceRequest::decode(&bytes[..]).unwrap());
    assert!(metrics.contains("aggregation_temporality: Cumulative"), "{metrics}");
}

proptest::proptest! {
    #[test]
    fn never_panics_on_noise(text in "[\\[\\]{}\",:a-z0-9\\\\. ]{0,80}") {
        let _ = to_protobuf(Signal::Logs, text.as_bytes());
        let _ = to_protobuf(Signal::Traces, span_json(&text).as_bytes());
    }
}

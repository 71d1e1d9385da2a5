//! Fixtures, written as OTLP/JSON, to the bytes of a wire.
//!
//! Protobuf is written by hand, from the tables of [`schema`], so that it can also be written in
//! the ways that the encoding allows and usual encoders never choose: [`Style`].

mod encode;
pub(crate) mod proto;
mod schema;
mod strange;

use serde_json::Value;

pub(crate) use encode::Style;
pub(crate) use strange::{map_objects, with_unknown_keys};

use crate::wire::{Signal, Wire};

/// An export request as it is sent over `wire`.
pub(crate) fn encode(wire: Wire, signal: Signal, request: &Value) -> Vec<u8> {
    match wire {
        Wire::HttpJson => request.to_string().into_bytes(),
        Wire::Grpc | Wire::HttpProtobuf => protobuf(signal, request, Style::default()),
    }
}

/// An export request in protobuf.
pub(crate) fn protobuf(signal: Signal, request: &Value, style: Style) -> Vec<u8> {
    encode::message(schema::request(signal), request, style)
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use prost::Message;

    use super::*;
    use crate::checks::shapes;
    use crate::fixture::{Fixture, request};

    const PLAIN: Style = Style { unknown: false, reversed: false, repeated: false, unpacked: false };

    /// Every shape of a signal in one request.
    fn everything(signal: Signal) -> Value {
        let all = shapes::all(&Fixture::new()).into_iter().find(|(s, _)| *s == signal).unwrap().1;
        request(signal, all.into_iter().flat_map(|(_, _, records)| records).collect())
    }

    #[test]
    fn fixtures_have_no_key_that_the_schema_has_not() {
        for signal in Signal::ALL {
            let mut found = Vec::new();
            encode::unknown_keys(schema::request(signal), &everything(signal), "", &mut found);
            assert_eq!(found, Vec::<String>::new());
            // What is made unknown on purpose is found.
            encode::unknown_keys(
                schema::request(signal),
                &with_unknown_keys(&everything(signal)),
                "",
                &mut found,
            );
            assert!(found.len() > 100, "{}", found.len());
        }
    }

    /// Another implementation reads the same from every style, and writes the plain one.
    fn agrees<M: Message + Default + PartialEq>(signal: Signal) {
        let value = everything(signal);
        let plain = M::decode(&*protobuf(signal, &value, PLAIN)).unwrap();
        assert!(M::decode(&*plain.encode_to_vec()).unwrap() == plain);
        for style in [
            Style { unknown: true, ..PLAIN },
            Style { reversed: true, ..PLAIN },
            Style { repeated: true, ..PLAIN },
            Style { unpacked: true, ..PLAIN },
            Style { unknown: true, reversed: true, repeated: true, unpacked: true },
        ] {
            let bytes = protobuf(signal, &value, style);
            assert!(M::decode(&*bytes).unwrap() == plain, "{signal} differ with {style:?}");
        }
    }

    #[test]
    fn every_style_means_the_same() {
        agrees::<ExportTraceServiceRequest>(Signal::Traces);
        agrees::<ExportMetricsServiceRequest>(Signal::Metrics);
        agrees::<ExportLogsServiceRequest>(Signal::Logs);
    }

    #[test]
    fn a_span_arrives_field_by_field() {
        let value = serde_json::json!({"resourceSpans": [{"scopeSpans": [{"spans": [{
            "traceId": "000102030405060708090a0b0c0d0e0f", "spanId": "0001020304050607", "kind": 3,
            "startTimeUnixNano": "18446744073709551615", "flags": 769, "status": {"code": 2, "message": "x"},
            "attributes": [
                {"key": "i", "value": {"intValue": "-5"}}, {"key": "d", "value": {"doubleValue": "NaN"}},
                {"key": "b", "value": {"bytesValue": "AAH/"}}, {"key": "e", "value": {}}, {"key": "n"},
            ],
        }]}]}]});
        let bytes = protobuf(Signal::Traces, &value, PLAIN);
        let request = ExportTraceServiceRequest::decode(&*bytes).unwrap();
        insta::assert_snapshot!(format!("{:?}", request.resource_spans[0].scope_spans[0].spans[0]), @r#"Span { trace_id: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], span_id: [0, 1, 2, 3, 4, 5, 6, 7], trace_state: "", parent_span_id: [], flags: 769, name: "", kind: Client, start_time_unix_nano: 18446744073709551615, end_time_unix_nano: 0, attributes: [KeyValue { key: "i", value: Some(AnyValue { value: Some(IntValue(-5)) }), key_strindex: 0 }, KeyValue { key: "d", value: Some(AnyValue { value: Some(DoubleValue(NaN)) }), key_strindex: 0 }, KeyValue { key: "b", value: Some(AnyValue { value: Some(BytesValue([0, 1, 255])) }), key_strindex: 0 }, KeyValue { key: "e", value: Some(AnyValue { value: None }), key_strindex: 0 }, KeyValue { key: "n", value: None, key_strindex: 0 }], dropped_attributes_count: 0, events: [], dropped_events_count: 0, links: [], dropped_links_count: 0, status: Some(Status { message: "x", code: Error }) }"#);
    }
}

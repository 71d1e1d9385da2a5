//! What arrives in the columns of each table.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::trace::v1::{Status, span};
use prost::Message as _;

use crate::support::{attribute, config, now_ns, spans, start, store, text};

/// The rows of a SELECT as JSON lines.
pub(crate) async fn shown(store: &headroom_store::Store, select: &str) -> String {
    // Servers differ in whether 64-bit integers are quoted by default.
    let sql = format!(
        "SELECT formatRow('JSONEachRow', *) FROM ({select}) SETTINGS output_format_json_quote_64bit_integers = 0"
    );
    store.rows::<String>(&sql).await.unwrap().concat().trim_end().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_with_everything() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let r = start(config(dir.path()), &store).await;
    let mut request = spans(0, 1);
    let resource = request.resource_spans[0].resource.as_mut().unwrap();
    resource.attributes.extend([text("service.version", "1.2"), text("cloud.region", "ap-south-1")]);
    let span = &mut request.resource_spans[0].scope_spans[0].spans[0];
    span.parent_span_id = vec![9; 8];
    span.status = Some(Status { code: 2, message: "declined".into() });
    let array =
        ArrayValue { values: vec![AnyValue { value: Some(Value::IntValue(1)) }, AnyValue { value: None }] };
    span.attributes.extend([
        text("user.id", "c-7"),
        attribute("n", Value::IntValue(-5)),
        attribute("ratio", Value::DoubleValue(0.25)),
        attribute("ok", Value::BoolValue(true)),
        attribute("raw", Value::BytesValue(vec![0, 255])),
        attribute("list", Value::ArrayValue(array)),
    ]);
    span.events.push(span::Event {
        time_unix_nano: now_ns() + 123,
        name: "exception".into(),
        attributes: vec![text("exception.type", "Timeout")],
        ..span::Event::default()
    });
    span.links.push(span::Link { trace_id: vec![1; 16], span_id: vec![2; 8], ..span::Link::default() });
    r.send(&request).await;
    r.settled().await;
    let select = format!(
        "SELECT tenant, service, operation, kind, status, status_message, toUnixTimestamp64Nano(ts) - {now} AS start, \
         duration_ns, lower(hex(trace_id)) AS t, hex(parent_span_id) AS p, version, region, customer_id, attributes, \
         attribute_types, resource['cloud.region'] AS res, arrayMap(x -> toUnixTimestamp64Nano(x) - {now}, events_ts) AS ets, \
         events_name, events_attributes, arrayMap(x -> hex(x), links_span_id) AS l, toUnixTimestamp64Milli(received_at) * 1000000 - {now} AS received FROM {}",
        store.table("spans"),
        now = now_ns()
    );
    insta::assert_snapshot!(shown(&store, &select).await);
    r.ingest.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_business_event_is_a_log_and_an_event_with_exact_numbers() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let r = start(config(dir.path()), &store).await;
    let record = |extra: Vec<_>| LogRecord {
        time_unix_nano: now_ns(),
        severity_number: 9,
        body: Some(AnyValue { value: Some(Value::StringValue("filled".into())) }),
        attributes: [text("customer.id", "c-1"), text("order.id", "o-1"), text("symbol", "INFY")]
            .into_iter()
            .chain(extra)
            .collect(),
        ..LogRecord::default()
    };
    let mut named = record(vec![
        text("price", "1512.350000000001"),
        text("quantity", "10"),
        attribute("fee", Value::DoubleValue(0.1)),
        text("event.id", "e-1"),
    ]);
    named.event_name = "order.filled".into();
    let by_attribute = record(vec![text("event.name", "order.rejected"), text("price", "a lot")]);
    let plain = record(vec![]);
    let request = ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            scope_logs: vec![ScopeLogs {
                log_records: vec![named, by_attribute, plain],
                ..ScopeLogs::default()
            }],
            ..ResourceLogs::default()
        }],
    };
    let response =
        r.post("/v1/logs", "application/x-protobuf", request.encode_to_vec()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    r.settled().await;
    let select = format!(
        "SELECT name, length(event_id) AS id, service, customer_id, order_id, symbol, toString(quantity) AS q, \
         toString(price) AS p, toString(amount) AS a, toString(fee) AS f, body FROM {} ORDER BY name",
        store.table("events")
    );
    insta::assert_snapshot!(shown(&store, &select).await, @r#"
    {"name":"order.filled","id":3,"service":"unknown_service","customer_id":"c-1","order_id":"o-1","symbol":"INFY","q":"10","p":"1512.350000000001","a":null,"f":"0.1","body":"filled"}
    {"name":"order.rejected","id":32,"service":"unknown_service","customer_id":"c-1","order_id":"o-1","symbol":"INFY","q":null,"p":null,"a":null,"f":null,"body":"filled"}
    "#);
    let select =
        format!("SELECT event_name, severity, body FROM {} ORDER BY event_name", store.table("logs"));
    insta::assert_snapshot!(shown(&store, &select).await, @r#"
    {"event_name":"","severity":9,"body":"filled"}
    {"event_name":"order.filled","severity":9,"body":"filled"}
    {"event_name":"order.rejected","severity":9,"body":"filled"}
    "#);
    let select = format!(
        "SELECT tenant, signal, reason, detail, payload != '' AS kept FROM {}",
        store.table("rejected")
    );
    insta::assert_snapshot!(shown(&store, &select).await, @r#"{"tenant":"acme","signal":"logs","reason":"decimal","detail":"price \"a lot\" is no decimal number of at most 26 digits and 12 decimal places","kept":1}"#);
    r.ingest.drain().await;
}

//! JSON events as OTLP log records.
//!
//! ```json
//! {"name": "order.placed", "time": "2026-03-02T09:15:00.25Z", "service": "orders",
//!  "attributes": {"order.id": "o-1", "price": 101.25}, "trace_id": "5b8e…", "span_id": "eee1…"}
//! ```
//!
//! A message is one event or an array of events; if one of an array is wrong, the message is,
//! so that a message that is sent again after it was mended brings nothing twice. Numbers that
//! are no 64-bit integers become the text they are written in: no float touches an amount.

use headroom_ingest::wire::Writer;
use serde::Deserialize;
use serde_json::{Map, Number, Value};

/// One event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    name: String,
    /// RFC 3339, or nanoseconds since the epoch.
    #[serde(default)]
    time: Value,
    service: Option<String>,
    #[serde(default)]
    attributes: Map<String, Value>,
    #[serde(default)]
    body: Value,
    trace_id: Option<String>,
    span_id: Option<String>,
}

/// Makes an `ExportLogsServiceRequest` of a message. `sent_ms` is the message's own time, for
/// events without one.
pub(crate) fn to_protobuf(message: &[u8], sent_ms: Option<i64>) -> Result<Vec<u8>, String> {
    let message = serde_json::from_slice(message).map_err(|e| format!("it is not JSON: {e}"))?;
    let values = match message {
        Value::Array(values) => values,
        value => vec![value],
    };
    let mut out = Writer::new();
    for (at, value) in values.into_iter().enumerate() {
        let wrong = |what: String| format!("event {}: {what}", at + 1);
        let event: Event = serde_json::from_value(value).map_err(|e| wrong(e.to_string()))?;
        write(&event, sent_ms, &mut out).map_err(wrong)?;
    }
    Ok(out.finish())
}

/// A `ResourceLogs` with one record.
fn write(event: &Event, sent_ms: Option<i64>, out: &mut Writer) -> Result<(), String> {
    if event.name.is_empty() {
        return Err("name is empty".to_owned());
    }
    let time = time_ns(&event.time, sent_ms)?;
    let trace = id(event.trace_id.as_deref(), 16, "trace_id")?;
    let span = id(event.span_id.as_deref(), 8, "span_id")?;
    let resource_logs = out.open(1);
    if let Some(service) = &event.service {
        let resource = out.open(1);
        attribute(1, "service.name", &Value::String(service.clone()), out);
        out.close(resource);
    }
    let scope_logs = out.open(2);
    let record = out.open(2);
    out.fixed64(1, time);
    if !event.body.is_null() {
        let body = out.open(5);
        any(&event.body, out);
        out.close(body);
    }
    for (key, value) in &event.attributes {
        attribute(6, key, value, out);
    }
    for (field, id) in [(9, trace), (10, span)] {
        if !id.is_empty() {
            out.bytes(field, &id);
        }
    }
    out.bytes(12, event.name.as_bytes());
    out.close(record);
    out.close(scope_logs);
    out.close(resource_logs);
    Ok(())
}

fn time_ns(time: &Value, sent_ms: Option<i64>) -> Result<u64, String> {
    let text = match time {
        Value::Null => {
            let ns = sent_ms.and_then(|ms| u64::try_from(ms).ok()?.checked_mul(1_000_000));
            return ns.ok_or_else(|| "neither it nor its message has a time".to_owned());
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if let Ok(ns) = text.parse() {
        return Ok(ns);
    }
    let time = chrono::DateTime::parse_from_rfc3339(&text)
        .map_err(|e| format!("time {text:?} is neither RFC 3339 nor nanoseconds since 1970: {e}"))?;
    let ns = time.timestamp_nanos_opt().and_then(|ns| u64::try_from(ns).ok());
    ns.ok_or_else(|| format!("time {text:?} is not between 1970 and 2262"))
}

fn id(hex: Option<&str>, len: usize, what: &str) -> Result<Vec<u8>, String> {
    let Some(text) = hex.filter(|text| !text.is_empty()) else { return Ok(Vec::new()) };
    let bytes = hex::decode(text).ok().filter(|bytes| bytes.len() == len);
    bytes.ok_or_else(|| format!("{what} {text:?} is not {len} bytes in hex"))
}

/// A `KeyValue` as field `number`.
fn attribute(number: u32, key: &str, value: &Value, out: &mut Writer) {
    let pair = out.open(number);
    out.bytes(1, key.as_bytes());
    let inner = out.open(2);
    any(value, out);
    out.close(inner);
    out.close(pair);
}

/// The fields of an `AnyValue`.
fn any(value: &Value, out: &mut Writer) {
    match value {
        Value::Null => {}
        Value::Bool(v) => out.varint(2, u64::from(*v)),
        Value::Number(n) => number(n, out),
        Value::String(v) => out.bytes(1, v.as_bytes()),
        Value::Array(items) => {
            let list = out.open(5);
            for item in items {
                let inner = out.open(1);
                any(item, out);
                out.close(inner);
            }
            out.close(list);
        }
        Value::Object(map) => {
            let list = out.open(6);
            for (key, value) in map {
                attribute(1, key, value, out);
            }
            out.close(list);
        }
    }
}

fn number(n: &Number, out: &mut Writer) {
    match n.as_i64() {
        Some(v) => out.varint(3, v as u64),
        None => out.bytes(1, n.to_string().as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
    use prost::Message as _;

    use super::to_protobuf;

    fn events(json: &str) -> ExportLogsServiceRequest {
        let bytes = to_protobuf(json.as_bytes(), Some(1_700_000_000_123)).expect("events");
        ExportLogsServiceRequest::decode(&bytes[..]).expect("protobuf")
    }

    #[test]
    fn an_event_is_a_log_record_with_its_amounts_as_text() {
        let request = events(
            r#"{"name":"order.placed","time":"2026-03-02T09:15:00.250000001+01:00","service":"orders",
                "attributes":{"order.id":"o-1","price":101.250,"huge":12345678901234567890123.1,"count":-3,
                "ok":true,"none":null,"legs":[1,{"a":"b"}]},"body":"placed",
                "trace_id":"5b8efff798038103d269b633813fc60c","span_id":"EEE19b7ec3c1b174"}"#,
        );
        insta::assert_debug_snapshot!("event", request);
    }

    #[test]
    fn arrays_times_and_missing_parts() {
        let request = events(
            r#"[{"name":"a","time":"1700000000000000007"},{"name":"b","time":1700000000000000008},{"name":"c"}]"#,
        );
        let times: Vec<_> = request
            .resource_logs
            .iter()
            .map(|r| r.scope_logs[0].log_records[0].time_unix_nano % 1_000_000_000)
            .collect();
        assert_eq!(times, [7, 8, 123_000_000]);
        assert!(events("[]").resource_logs.is_empty());
    }

    #[test]
    fn what_is_no_event_says_why() {
        let wrong = [
            "{",
            "7",
            r#"{"time":1}"#,
            r#"{"name":""}"#,
            r#"[{"name":"a"},{"name":"b","time":"yesterday"}]"#,
            r#"{"name":"a","trace_id":"12"}"#,
            r#"{"name":"a","atributes":{}}"#,
        ];
        let shown: Vec<_> =
            wrong.iter().map(|json| to_protobuf(json.as_bytes(), Some(1)).expect_err("wrong")).collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        it is not JSON: EOF while parsing an object at line 1 column 1
        event 1: invalid type: number, expected struct Event
        event 1: missing field `name`
        event 1: name is empty
        event 2: time "yesterday" is neither RFC 3339 nor nanoseconds since 1970: premature end of input
        event 1: trace_id "12" is not 16 bytes in hex
        event 1: unknown field `atributes`, expected one of `name`, `time`, `service`, `attributes`, `body`, `trace_id`, `span_id`
        "#);
        assert_eq!(
            to_protobuf(br#"{"name":"a"}"#, None),
            Err("event 1: neither it nor its message has a time".to_owned())
        );
    }
}

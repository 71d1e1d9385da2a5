//! The protocol's own JSON examples, from the request to the table.

use headroom_ingest::IngestConfig;
use std::time::Duration;

use crate::support::{config, count, start, store};

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_protocol_are_stored() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    // The examples are from December 2018; ClickHouse keeps what the TTL has not removed.
    let long = Duration::from_hours(175_680);
    let r = start(IngestConfig { accept_past: long, ..config(dir.path()) }, &store).await;
    for (file, path) in
        [("trace", "/v1/traces"), ("logs", "/v1/logs"), ("events", "/v1/logs"), ("metrics", "/v1/metrics")]
    {
        let body = std::fs::read(format!("tests/data/{file}.json")).unwrap();
        let response = r.post(path, "application/json", body).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), response.text().await.unwrap().as_str()),
            (200, "{}"),
            "{file}"
        );
    }
    r.settled().await;
    let status = r.ingest.status();
    assert_eq!(status.last_error, None);
    assert_eq!((status.accepted.traces, status.accepted.logs, status.accepted.metrics), (1, 2, 4));
    // 1 span, 2 logs, 1 event, 4 points, and the span counted in five rollups.
    assert_eq!(status.inserted_rows, 13);
    assert_eq!(count(&store, "rejected").await, 0);
    r.ingest.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_odd_value_or_a_far_end_never_costs_the_batch() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let r = start(config(dir.path()), &store).await;
    let now = chrono::Utc::now().timestamp_nanos_opt().unwrap();
    let span = |trace: &str, end: &str, value: &str| {
        format!(
            r#"{{"traceId":{trace},"spanId":"eee19b7ec3c1b174","kind":"SPAN_KIND_SERVER","startTimeUnixNano":"{now}",
                "endTimeUnixNano":"{end}","attributes":[{{"key":"k","value":{value}}}]}}"#
        )
    };
    let id = r#""5b8efff798038103d269b633813fc60c""#;
    let end = (now + 1).to_string();
    let spans = [
        span(id, &end, r#"{"intValue":"seven"}"#),
        span(id, "18446744073709551615", r#"{"intValue":1}"#),
        span(id, "9223372036854775807", r#"{"intValue":1}"#),
        span("17", &end, r#"{"intValue":1}"#),
    ];
    let body = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{}]}}]}}]}}"#, spans.join(","));
    let response = r.post("/v1/traces", "application/json", body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let answer = response.text().await.unwrap();
    assert!(answer.contains(r#""rejectedSpans":"3""#) && answer.contains("end_out_of_window"), "{answer}");
    r.settled().await;
    let sql = format!("SELECT attributes['k'], toString(kind) FROM {}", store.table("spans"));
    let rows = store.rows::<(String, String)>(&sql).await.unwrap();
    assert_eq!(rows, [(r#"{"intValue":"seven"}"#.to_owned(), "server".to_owned())]);
    let sql = format!("SELECT toString(reason) FROM {} ORDER BY 1", store.table("rejected"));
    let reasons = store.rows::<String>(&sql).await.unwrap();
    assert_eq!(reasons, ["end_out_of_window", "end_out_of_window", "trace_id"]);
    r.ingest.drain().await;
}

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
    // 1 span, 2 logs, 1 event, 4 points.
    assert_eq!(status.inserted_rows, 8);
    assert_eq!(count(&store, "rejected").await, 0);
    r.ingest.drain().await;
}

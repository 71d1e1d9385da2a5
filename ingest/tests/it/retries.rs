//! Clients that send a request again because they did not hear the answer.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use headroom_ingest::IngestConfig;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use prost::Message as _;
use tonic::codec::CompressionEncoding;

use crate::support::{Running, config, now_ns, spans, spans_and_ids, start, store};

const PROTOBUF: &str = "application/x-protobuf";

async fn grpc(r: &Running, request: ExportTraceServiceRequest, encoding: Option<CompressionEncoding>) {
    let address = format!("http://{}", r.ingest.grpc_addr());
    let mut client = TraceServiceClient::connect(address).await.unwrap();
    if let Some(encoding) = encoding {
        client = client.send_compressed(encoding);
    }
    let mut request = tonic::Request::new(request);
    request.metadata_mut().insert("authorization", "Bearer acme-token".parse().unwrap());
    assert_eq!(client.export(request).await.unwrap().into_inner().partial_success, None);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// [`spans`] of one span as OTLP/JSON, its fields in the order of their numbers.
fn json(n: u64) -> String {
    let (begin, end) = (now_ns() - 1_000_000_000, now_ns() - 900_000_000);
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":
        "gateway"}}}}]}},"scopeSpans":[{{"spans":[{{"traceId":"{:032x}","spanId":"{:016x}","name":"GET /orders",
        "kind":2,"startTimeUnixNano":"{begin}","endTimeUnixNano":"{end}",
        "attributes":[{{"key":"http.route","value":{{"stringValue":"/orders"}}}}]}}]}}]}}]}}"#,
        n + 1,
        n + 1
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_over_every_transport_is_stored_once() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let r = start(config(dir.path()), &store).await;
    let body = spans(0, 1).encode_to_vec();
    for _ in 0..10 {
        r.send(&spans(0, 1)).await;
        let zipped = r.post("/v1/traces", PROTOBUF, gzip(&body)).header("content-encoding", "gzip");
        assert_eq!(zipped.send().await.unwrap().status(), 200);
        grpc(&r, spans(0, 1), None).await;
        grpc(&r, spans(0, 1), Some(CompressionEncoding::Gzip)).await;
        let rewritten = r.post("/v1/traces", "application/json", json(0)).send().await.unwrap();
        assert_eq!((rewritten.status().as_u16(), rewritten.text().await.unwrap().as_str()), (200, "{}"));
    }
    assert_eq!(r.ingest.status().accepted.traces, 1);
    // What differs in one byte is another request.
    r.send(&spans(1, 2)).await;
    r.settled().await;
    assert_eq!(spans_and_ids(&store).await, (2, 2));
    let rollup = format!("SELECT sum(calls) FROM {}", store.table("span_minute"));
    assert_eq!(store.rows::<u64>(&rollup).await.unwrap(), [2]);
    r.ingest.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_stored_once_and_each_tenant_has_its_own() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let r = Arc::new(start(config(dir.path()), &store).await);
    let sends = (0..40).map(|n| {
        let r = r.clone();
        tokio::spawn(async move {
            if n % 2 == 0 { r.send(&spans(0, 50)).await } else { grpc(&r, spans(0, 50), None).await }
        })
    });
    for send in sends.collect::<Vec<_>>() {
        send.await.unwrap();
    }
    let request = r.client.post(r.url("/v1/traces")).bearer_auth("other-token");
    let body = spans(0, 50).encode_to_vec();
    assert_eq!(request.header("content-type", PROTOBUF).body(body).send().await.unwrap().status(), 200);
    r.settled().await;
    let sql = format!("SELECT tenant, count() FROM {} GROUP BY tenant ORDER BY tenant", store.table("spans"));
    let rows = store.rows::<(String, u64)>(&sql).await.unwrap();
    assert_eq!(rows, [("acme".to_owned(), 50), ("other".to_owned(), 50)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_the_first_one_also_after_a_crash_and_a_deleted_segment() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    // Segments of 32 KiB.
    let small = |dir: &std::path::Path| IngestConfig { max_log_bytes: 256 * 1024, ..config(dir) };
    let r = start(small(dir.path()), &store).await;
    let mut bad = spans(0, 3);
    bad.resource_spans[0].scope_spans[0].spans[1].trace_id = vec![0; 16];
    let send = async |r: &Running| {
        let response = r.post("/v1/traces", PROTOBUF, bad.encode_to_vec()).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let answer = ExportTraceServiceResponse::decode(response.bytes().await.unwrap()).unwrap();
        let partial = answer.partial_success.unwrap();
        assert_eq!(
            (partial.rejected_spans, partial.error_message.as_str()),
            (1, "trace_id: trace_id is all zero")
        );
    };
    send(&r).await;
    drop(r);
    let r = start(small(dir.path()), &store).await;
    send(&r).await;
    // Until its segment is gone.
    let first = dir.path().join("log/00000000000000000001.seg");
    let mut n = 10;
    while first.exists() {
        r.send(&spans(n, n + 100)).await;
        r.settled().await;
        n += 100;
        assert!(n < 10_000);
    }
    send(&r).await;
    drop(r);
    let r = start(small(dir.path()), &store).await;
    send(&r).await;
    r.settled().await;
    assert_eq!(spans_and_ids(&store).await, (2 + n - 10, 2 + n - 10));
    let rejected = format!("SELECT count() FROM {}", store.table("rejected"));
    assert_eq!(store.rows::<u64>(&rejected).await.unwrap(), [1]);
    // Out of the window it is a request like any other.
    r.clock.advance(TimeDelta::minutes(11));
    send(&r).await;
    r.settled().await;
    assert_eq!(spans_and_ids(&store).await, (4 + n - 10, 2 + n - 10));
    r.ingest.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_window_every_request_counts() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let r = start(IngestConfig { retry_window: Duration::ZERO, ..config(dir.path()) }, &store).await;
    r.send(&spans(0, 1)).await;
    r.send(&spans(0, 1)).await;
    r.settled().await;
    assert_eq!(spans_and_ids(&store).await, (2, 1));
    r.ingest.drain().await;
}

//! OTLP over gRPC, with tonic's client.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use prost::Message as _;
use tonic::codec::CompressionEncoding;
use tonic::transport::Channel;
use tonic::{Code, Request};

use crate::support::{Running, config, no_store, spans, start};

async fn running(max_body_bytes: usize) -> (tempfile::TempDir, Running, Channel) {
    let dir = tempfile::tempdir().unwrap();
    let r = start(headroom_ingest::IngestConfig { max_body_bytes, ..config(dir.path()) }, &no_store()).await;
    let address = format!("http://{}", r.ingest.grpc_addr());
    let channel = Channel::from_shared(address).unwrap().connect().await.unwrap();
    (dir, r, channel)
}

fn with<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn all_services_and_encodings_are_taken() {
    let (_dir, r, channel) = running(1 << 20).await;
    let encodings = [None, Some(CompressionEncoding::Gzip), Some(CompressionEncoding::Zstd)];
    for (from, encoding) in (0..).step_by(10).zip(encodings) {
        let mut client = TraceServiceClient::new(channel.clone());
        if let Some(encoding) = encoding {
            client = client.send_compressed(encoding).accept_compressed(encoding);
        }
        let answer = client.export(with("acme-token", spans(from, from + 10))).await.unwrap();
        assert_eq!(answer.into_inner().partial_success, None);
    }
    assert_eq!(r.ingest.status().accepted.traces, 30);
    let mut bad = spans(0, 2);
    bad.resource_spans[0].scope_spans[0].spans[0].end_time_unix_nano = 1;
    let answer = TraceServiceClient::new(channel.clone()).export(with("acme-token", bad)).await.unwrap();
    assert_eq!(answer.into_inner().partial_success.unwrap().rejected_spans, 1);
    let mut logs = LogsServiceClient::new(channel.clone());
    logs.export(with("acme-token", ExportLogsServiceRequest::default())).await.unwrap();
    let mut metrics = MetricsServiceClient::new(channel);
    metrics.export(with("acme-token", ExportMetricsServiceRequest::default())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_carry_the_right_code() {
    let (_dir, r, channel) = running(4096).await;
    let mut client = TraceServiceClient::new(channel);
    let mut code = async |request| client.export(request).await.unwrap_err();
    assert_eq!(code(Request::new(spans(0, 1))).await.code(), Code::Unauthenticated);
    assert_eq!(code(with("old", spans(0, 1))).await.code(), Code::Unauthenticated);
    assert_eq!(code(with("agent-token", spans(0, 1))).await.code(), Code::PermissionDenied);
    let large = code(with("acme-token", spans(0, 100))).await;
    assert_eq!(
        (large.code(), large.details()),
        (Code::ResourceExhausted, &b""[..]),
        "no RetryInfo: it must not be retried"
    );
    let busy = code(with("broken-token", spans(0, 1))).await;
    assert_eq!(busy.code(), Code::Unavailable);
    assert!(String::from_utf8_lossy(busy.details()).contains("google.rpc.RetryInfo"));

    // What no well-behaved client sends.
    let h2 = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let raw = async |path: &str, content_type: &str, encoding: &str, body: Vec<u8>| {
        let response = h2
            .post(format!("http://{}{path}", r.ingest.grpc_addr()))
            .bearer_auth("acme-token")
            .header("content-type", content_type)
            .header("grpc-encoding", encoding)
            .body(body)
            .send()
            .await
            .unwrap();
        let grpc = response.headers().get("grpc-status").map(|v| v.to_str().unwrap().to_owned());
        (response.status().as_u16(), grpc.unwrap_or_default())
    };
    let export = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    let message = spans(0, 1).encode_to_vec();
    let mut frame = vec![0];
    frame.extend_from_slice(&(message.len() as u32).to_be_bytes());
    frame.extend_from_slice(&message);
    let grpc = "application/grpc+proto";
    assert_eq!(raw("/x.Y/Z", grpc, "identity", frame.clone()).await, (200, "12".into()));
    assert_eq!(raw(export, grpc, "snappy", frame.clone()).await, (200, "12".into()));
    assert_eq!(raw(export, grpc, "identity", frame[..20].to_vec()).await, (200, "3".into()));
    assert_eq!(raw(export, grpc, "identity", vec![]).await, (200, "3".into()));
    frame[0] = 1;
    assert_eq!(raw(export, grpc, "identity", frame.clone()).await, (200, "3".into()));
    assert_eq!(raw(export, "text/html", "identity", frame).await, (415, String::new()));
}

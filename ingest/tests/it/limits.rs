//! What a tenant may send.

use chrono::TimeDelta;
use headroom_ingest::{IngestConfig, Limits, TenantLimits};
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric, number_data_point,
};
use prost::Message as _;

use crate::support::{config, count, no_store, now_ns, spans, start, store, text};

const PROTOBUF: &str = "application/x-protobuf";

fn limited(dir: &std::path::Path, limits: Limits) -> IngestConfig {
    IngestConfig { limits, ..config(dir) }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_the_bytes_a_second_a_request_is_refused_before_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits { bytes_per_second: 10_000, burst_s: 2, ..Limits::default() };
    let own = TenantLimits { name: "other".into(), bytes_per_second: Some(0), ..TenantLimits::default() };
    let config = IngestConfig { tenants: vec![own], ..limited(dir.path(), limits) };
    let r = start(config, &no_store()).await;
    let body = spans(0, 100).encode_to_vec();
    let send = |from: u64| {
        let body = spans(from, from + 100).encode_to_vec();
        r.post("/v1/traces", PROTOBUF, body).send()
    };
    let room = 20_000 / body.len() as u64;
    for n in 0..room {
        assert_eq!(send(n * 100).await.unwrap().status(), 200);
    }
    let refused = send(room * 100).await.unwrap();
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "1");
    // A body that never comes is not waited for.
    let request = format!(
        "POST /v1/traces HTTP/1.1\r\nhost: x\r\nauthorization: Bearer acme-token\r\n\
         content-type: {PROTOBUF}\r\ncontent-length: 1000000\r\n\r\n"
    );
    let answer = raw(r.ingest.http_addr(), &request).await;
    assert!(answer.starts_with("HTTP/1.1 429") && answer.contains("retry-after: 2"), "{answer}");
    // Others are not concerned.
    let other =
        r.client.post(r.url("/v1/traces")).bearer_auth("other-token").header("content-type", PROTOBUF);
    assert_eq!(other.body(spans(0, 1000).encode_to_vec()).send().await.unwrap().status(), 200);
    // After the time that was said it is taken.
    r.clock.advance(TimeDelta::seconds(1));
    assert_eq!(send(room * 100).await.unwrap().status(), 200);
    let status = r.ingest.status();
    let acme = status.tenants.iter().find(|tenant| tenant.tenant == "acme").unwrap();
    assert_eq!(
        acme.refused.iter().map(|one| (one.reason.as_str(), one.count)).collect::<Vec<_>>(),
        [("bytes_per_second", 2)]
    );
    assert_eq!(acme.accepted.traces, (room + 1) * 100);
    assert_eq!(acme.limits[0].most, Some(10_000));
    assert!(acme.limits[0].used.unwrap() > 0.0 && acme.per_second.traces > 0.0);
    let other = status.tenants.iter().find(|tenant| tenant.tenant == "other").unwrap();
    assert_eq!(other.limits[0].most, None);
}

async fn raw(address: std::net::SocketAddr, request: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let n = socket.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..n]).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn over_the_records_a_second_grpc_says_when_to_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits { records_per_second: 100, burst_s: 1, ..Limits::default() };
    let r = start(limited(dir.path(), limits), &no_store()).await;
    let address = format!("http://{}", r.ingest.grpc_addr());
    let mut client = TraceServiceClient::connect(address).await.unwrap();
    let request = |from, to| {
        let mut request = tonic::Request::new(spans(from, to));
        request.metadata_mut().insert("authorization", "Bearer acme-token".parse().unwrap());
        request
    };
    // More than the bucket holds is taken when it is full, and paid for afterwards.
    client.export(request(0, 250)).await.unwrap();
    let refused = client.export(request(250, 260)).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::ResourceExhausted);
    // RetryInfo { retry_delay { seconds: 2 } }: 151 records are missing.
    let details = refused.details();
    assert!(String::from_utf8_lossy(details).contains("google.rpc.RetryInfo"));
    assert!(details.windows(4).any(|bytes| bytes == [0x0a, 0x02, 0x08, 0x02]), "{details:?}");
    r.clock.advance(TimeDelta::milliseconds(1500));
    assert!(client.export(request(250, 260)).await.is_err());
    r.clock.advance(TimeDelta::milliseconds(10));
    client.export(request(250, 260)).await.unwrap();
}

fn gauges(values: std::ops::Range<u32>) -> ExportMetricsServiceRequest {
    let data_points = values
        .map(|n| NumberDataPoint {
            time_unix_nano: now_ns(),
            attributes: vec![text("pod", &format!("pod-{n}"))],
            value: Some(number_data_point::Value::AsInt(1)),
            ..NumberDataPoint::default()
        })
        .collect();
    let data = Some(metric::Data::Gauge(Gauge { data_points }));
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            scope_metrics: vec![ScopeMetrics {
                metrics: vec![Metric { name: "cpu".into(), data, ..Metric::default() }],
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn series_beyond_the_limit_go_to_the_quarantine_once_whatever_is_restarted() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits { metric_series: 10, ..Limits::default() };
    let r = start(limited(dir.path(), limits), &no_store()).await;
    let body = gauges(0..15).encode_to_vec();
    let response = r.post("/v1/metrics", PROTOBUF, body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let answer = ExportMetricsServiceResponse::decode(response.bytes().await.unwrap()).unwrap();
    let partial = answer.partial_success.unwrap();
    assert_eq!(partial.rejected_data_points, 5);
    assert_eq!(
        partial.error_message,
        "series_limit: metric cpu: a new series, and this tenant has 10 in this hour already (and 4 more)"
    );
    let acme = &r.ingest.status().tenants[0];
    assert_eq!((acme.rejected[0].reason.as_str(), acme.rejected[0].count), ("series_limit", 5));
    assert_eq!(acme.limits[3].used, Some(10.0));
    // Dropped without a drain, and started with a limit that would have let all in: what was
    // decided at receipt is what is stored.
    drop(r);
    let store = store().await;
    let r = start(config(dir.path()), &store).await;
    r.settled().await;
    assert_eq!(count(&store, "metric_gauge").await, 10);
    let sql = format!(
        "SELECT reason, count(), any(length(base64Decode(payload))) > 10 FROM {} GROUP BY reason",
        store.table("rejected")
    );
    assert_eq!(
        store.rows::<(String, u64, bool)>(&sql).await.unwrap(),
        [("series_limit".to_owned(), 5, true)]
    );
    r.ingest.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_values_beyond_the_limits_are_left_out_of_records_that_are_stored() {
    let dir = tempfile::tempdir().unwrap();
    let store = store().await;
    let limits = Limits { attribute_keys: 2, max_value_bytes: 64, ..Limits::default() };
    let r = start(limited(dir.path(), limits), &store).await;
    let mut request = spans(0, 1);
    let span = &mut request.resource_spans[0].scope_spans[0].spans[0];
    span.attributes.extend(["k1", "k2", "order.id"].map(|key| text(key, "v")));
    span.attributes.push(text("k1", &"ü".repeat(100)));
    let body = request.encode_to_vec();
    let response = r.post("/v1/traces", PROTOBUF, body.clone()).send().await.unwrap();
    let answer = ExportTraceServiceResponse::decode(response.bytes().await.unwrap()).unwrap();
    let partial = answer.partial_success.unwrap();
    assert_eq!(partial.rejected_spans, 0);
    assert_eq!(
        partial.error_message,
        "attribute_keys: 1 attributes with new keys were dropped (k2), this tenant has 2 keys today already (and 1 more)"
    );
    let body = Some(AnyValue { value: Some(Value::StringValue("line ".repeat(10_000))) });
    let log = LogRecord { time_unix_nano: now_ns(), body, ..LogRecord::default() };
    let logs = ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            scope_logs: vec![ScopeLogs { log_records: vec![log], ..ScopeLogs::default() }],
            ..ResourceLogs::default()
        }],
    };
    let response = r.post("/v1/logs", PROTOBUF, logs.encode_to_vec()).send().await.unwrap();
    let answer = ExportLogsServiceResponse::decode(response.bytes().await.unwrap()).unwrap();
    assert_eq!(
        answer.partial_success.unwrap().error_message,
        "value_cut: 1 values longer than 64 bytes were cut, the first is the body"
    );
    r.settled().await;
    let sql = format!(
        "SELECT arraySort(mapKeys(attributes)), attributes['order.id'], dropped_attributes FROM {}",
        store.table("spans")
    );
    let rows = store.rows::<(Vec<String>, String, u32)>(&sql).await.unwrap();
    let keys: std::collections::BTreeSet<_> = rows[0].0.iter().map(String::as_str).collect();
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["http.route", "k1", "order.id"]);
    assert_eq!((rows[0].1.as_str(), rows[0].2), ("v", 1));
    let sql = format!("SELECT body FROM {}", store.table("logs"));
    let bodies = store.rows::<String>(&sql).await.unwrap();
    assert_eq!(bodies, ["line line line line line line line line lin\u{2026}[cut, 50000 bytes]"]);
    let sql = format!("SELECT signal, reason FROM {} ORDER BY reason, signal", store.table("rejected"));
    let rows = store.rows::<(String, String)>(&sql).await.unwrap();
    let rows: Vec<_> = rows.iter().map(|(signal, reason)| (signal.as_str(), reason.as_str())).collect();
    assert_eq!(rows, [("traces", "attribute_keys"), ("logs", "value_cut"), ("traces", "value_cut")]);
    let warned = &r.ingest.status().tenants[0].warned;
    assert_eq!(
        warned.iter().map(|one| (one.reason.as_str(), one.count)).collect::<Vec<_>>(),
        [("value_cut", 2), ("attribute_keys", 1)]
    );
    r.ingest.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_counted_for_who_is_known_and_for_strangers() {
    let dir = tempfile::tempdir().unwrap();
    let r = start(config(dir.path()), &no_store()).await;
    let bad = r.post("/v1/traces", PROTOBUF, "no protobuf").send().await.unwrap();
    assert_eq!(bad.status(), 400);
    let unknown = r.client.post(r.url("/v1/traces")).bearer_auth("?").send().await.unwrap();
    assert_eq!(unknown.status(), 401);
    let nowhere = r.client.get(r.url("/")).send().await.unwrap();
    assert_eq!(nowhere.status(), 404);
    let status = r.ingest.status();
    let shown = |list: &[headroom_ingest::ReasonCount]| {
        let mut shown: Vec<_> = list.iter().map(|one| format!("{} {}", one.reason, one.count)).collect();
        shown.sort();
        shown
    };
    assert_eq!(shown(&status.tenants[0].refused), ["malformed 1"]);
    assert_eq!(shown(&status.refused_strangers), ["not_found 1", "unauthenticated 1"]);
    assert_eq!(status.refused, 3);
}

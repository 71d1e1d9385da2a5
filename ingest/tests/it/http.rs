//! Every refusal over HTTP, and what its body says.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;

use crate::support::{Running, config, no_store, spans, start};

const JSON: &str = "application/json";
const PROTOBUF: &str = "application/x-protobuf";

/// `google.rpc.Status`, as far as it is read here.
#[derive(Clone, PartialEq, prost::Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// Status, the headers that matter, and the body.
async fn shown(request: reqwest::RequestBuilder) -> String {
    let response = request.send().await.unwrap();
    let headers: Vec<_> = ["content-type", "retry-after", "allow", "www-authenticate", "accept-encoding"]
        .iter()
        .filter_map(|name| Some(format!("{name}: {}", response.headers().get(*name)?.to_str().ok()?)))
        .collect();
    let (status, is_protobuf) = (response.status(), headers[0].ends_with("protobuf"));
    let body = response.bytes().await.unwrap();
    let body = if is_protobuf {
        let status = Status::decode(body).unwrap();
        let details: Vec<_> = status.details.iter().map(|d| d.type_url.as_str()).collect();
        format!("{} {} {details:?}", status.code, status.message)
    } else {
        String::from_utf8(body.to_vec()).unwrap()
    };
    format!("{} | {} | {body}", status.as_u16(), headers.join(" | "))
}

async fn running() -> (tempfile::TempDir, Running) {
    let dir = tempfile::tempdir().unwrap();
    let running =
        start(headroom_ingest::IngestConfig { max_body_bytes: 4096, ..config(dir.path()) }, &no_store())
            .await;
    (dir, running)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_statuses_in_the_format_of_the_request() {
    let (_dir, r) = running().await;
    let good = spans(0, 1).encode_to_vec();

    let request = r.client.post(r.url("/v1/traces")).header("content-type", JSON).body("{}");
    insta::assert_snapshot!(shown(request).await, @r#"401 | content-type: application/json | www-authenticate: Bearer | {"code":16,"message":"a token is needed: send the header authorization with the value Bearer and an ingest token"}"#);
    let request = r
        .client
        .post(r.url("/v1/traces"))
        .header("content-type", PROTOBUF)
        .bearer_auth("old")
        .body(good.clone());
    insta::assert_snapshot!(shown(request).await, @"401 | content-type: application/x-protobuf | www-authenticate: Bearer | 16 the token is not known or was revoked: make a new one with the role ingest []");
    let request = r
        .client
        .post(r.url("/v1/traces"))
        .header("content-type", PROTOBUF)
        .bearer_auth("agent-token")
        .body(good.clone());
    insta::assert_snapshot!(shown(request).await, @"403 | content-type: application/x-protobuf | 7 the token is not for sending: use one with the role ingest []");
    let request = r
        .client
        .post(r.url("/v1/traces"))
        .header("content-type", JSON)
        .bearer_auth("broken-token")
        .body("{}");
    insta::assert_snapshot!(shown(request).await, @r#"503 | content-type: application/json | retry-after: 10 | {"code":14,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"10s"}],"message":"tokens cannot be checked now, try again"}"#);
    insta::assert_snapshot!(shown(r.post("/v1/profiles", JSON, "{}")).await, @r#"404 | content-type: application/json | {"code":12,"message":"there is nothing at /v1/profiles: send to /v1/traces, /v1/logs or /v1/metrics"}"#);
    let request = r.client.get(r.url("/v1/logs")).bearer_auth("acme-token");
    insta::assert_snapshot!(shown(request).await, @r#"405 | content-type: application/json | allow: POST | {"code":12,"message":"GET is not allowed here: use POST"}"#);
    insta::assert_snapshot!(shown(r.post("/v1/logs", "text/plain", "x")).await, @r#"415 | content-type: application/json | {"code":12,"message":"the content type must be application/x-protobuf or application/json"}"#);
    let request = r.post("/v1/logs", PROTOBUF, "x").header("content-encoding", "br");
    insta::assert_snapshot!(shown(request).await, @r#"415 | content-type: application/x-protobuf | accept-encoding: gzip, zstd, identity | 12 the encoding "br" is not supported: use gzip, zstd, identity []"#);
    insta::assert_snapshot!(shown(r.post("/v1/traces", PROTOBUF, vec![0x0a, 0x63, 1])).await, @r#"400 | content-type: application/x-protobuf | 3 the body is not a protobuf request for traces: a length of 99 runs past the end (1 left) at byte 1 ["type.googleapis.com/google.rpc.BadRequest"]"#);
    insta::assert_snapshot!(shown(r.post("/v1/traces", JSON, r#"{"resourceSpans":[5]}"#)).await, @r#"400 | content-type: application/json | {"code":3,"details":[{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"description":"the body is not an OTLP/JSON request for traces: resourceSpans[0]: expected an object, found '5' at byte 18","field":"body"}]}],"message":"the body is not an OTLP/JSON request for traces: resourceSpans[0]: expected an object, found '5' at byte 18"}"#);
    let request = r.post("/v1/traces", PROTOBUF, "this is no gzip at all").header("content-encoding", "gzip");
    insta::assert_snapshot!(shown(request).await, @r#"400 | content-type: application/x-protobuf | 3 the body is not gzip: invalid gzip header ["type.googleapis.com/google.rpc.BadRequest"]"#);
    insta::assert_snapshot!(shown(r.post("/v1/traces", PROTOBUF, vec![0; 9000])).await, @"413 | content-type: application/x-protobuf | 8 the request is larger than 4096 bytes as it was sent: send smaller batches []");
    let request = r.post("/v1/traces", PROTOBUF, gzip(&[0; 9000])).header("content-encoding", "gzip");
    insta::assert_snapshot!(shown(request).await, @"413 | content-type: application/x-protobuf | 8 the request is larger than 4096 bytes after decompression: send smaller batches []");
    assert_eq!(r.ingest.status().refused, 13);
    assert_eq!(r.ingest.status().accepted.traces, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn encodings_and_empty_requests_are_taken() {
    let (_dir, r) = running().await;
    let good = |n| spans(n, n + 1).encode_to_vec();
    let encoded = [
        ("identity", good(0)),
        ("gzip", gzip(&good(1))),
        ("zstd", zstd::encode_all(&good(2)[..], 1).unwrap()),
    ];
    for (name, body) in encoded {
        let response =
            r.post("/v1/traces", PROTOBUF, body).header("content-encoding", name).send().await.unwrap();
        assert_eq!(response.status(), 200, "{name}");
        assert_eq!(response.bytes().await.unwrap().len(), 0, "partial_success must not be set");
    }
    assert_eq!(r.ingest.status().accepted.traces, 3);
    for path in ["/v1/traces", "/v1/logs", "/v1/metrics"] {
        assert_eq!(r.post(path, PROTOBUF, "").send().await.unwrap().status(), 200);
        let json = r.post(path, "application/json; charset=utf-8", "{}").send().await.unwrap();
        assert_eq!(json.headers()["content-type"], JSON);
        assert_eq!(json.text().await.unwrap(), "{}");
    }
    // HTTP/2 without TLS, from the first byte.
    let h2 = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let request = h2.post(r.url("/v1/traces")).bearer_auth("acme-token").header("content-type", PROTOBUF);
    let response = request.body(good(3)).send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.version()), (200, reqwest::Version::HTTP_2));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_records_are_told_in_partial_success() {
    let (_dir, r) = running().await;
    let mut request = spans(0, 3);
    request.resource_spans[0].scope_spans[0].spans[1].trace_id = vec![0; 16];
    let response = r.post("/v1/traces", PROTOBUF, request.encode_to_vec()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let answer = ExportTraceServiceResponse::decode(response.bytes().await.unwrap()).unwrap();
    let partial = answer.partial_success.unwrap();
    assert_eq!(
        (partial.rejected_spans, partial.error_message.as_str()),
        (1, "trace_id: trace_id is all zero")
    );

    let json = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"xyz"},
        {"eventName":"desk.order","attributes":[{"key":"price","value":{"stringValue":"12,5"}}]}]}]}]}"#;
    let response = r.post("/v1/logs", JSON, json).send().await.unwrap();
    insta::assert_snapshot!(response.text().await.unwrap(), @r#"{"partialSuccess":{"errorMessage":"trace_id: trace_id has 3 bytes, must have 16 or none (and 1 more)","rejectedLogRecords":"1"}}"#);
    let status = r.ingest.status();
    assert_eq!((status.accepted.traces, status.accepted.logs, status.rejected), (2, 1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn ports_and_folders_in_use_are_named() {
    let (dir, r) = running().await;
    let clock = r.clock.clone();
    let again = |config| {
        let clock = clock.clone();
        async move {
            struct Nobody;
            impl headroom_ingest::Authenticator for Nobody {
                fn tenant(&self, _: Option<&str>) -> Result<String, headroom_ingest::AuthRefusal> {
                    Err(headroom_ingest::AuthRefusal::Unknown)
                }
            }
            let started =
                headroom_ingest::Ingest::start(config, no_store(), std::sync::Arc::new(Nobody), clock).await;
            started.err().unwrap().to_string()
        }
    };
    let port = r.ingest.grpc_addr().port();
    let mut taken = config(dir.path());
    taken.grpc_listen = r.ingest.grpc_addr();
    let expected = format!("port {port} is in use (grpc): stop the other program or set ingest.grpc_listen");
    assert_eq!(again(taken).await, expected);
    let locked = again(config(dir.path())).await;
    assert!(locked.starts_with("another headroom process uses the folder"), "{locked}");
}

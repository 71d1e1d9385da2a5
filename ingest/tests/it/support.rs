//! A running ingester with everything around it.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use headroom_ingest::{AuthRefusal, Authenticator, ContractsConfig, Enforcement, Ingest, IngestConfig};
use headroom_store::testing::{self, TestStore};
use headroom_store::{ManualClock, Store};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};

/// The time of all tests: near the real one, for the store's TTL goes by that.
pub(crate) fn now() -> DateTime<Utc> {
    static NOW: LazyLock<DateTime<Utc>> =
        LazyLock::new(|| DateTime::from_timestamp(Utc::now().timestamp(), 0).unwrap());
    *NOW
}

pub(crate) fn now_ns() -> u64 {
    now().timestamp_nanos_opt().unwrap() as u64
}

pub(crate) struct Tokens;

impl Authenticator for Tokens {
    fn tenant(&self, bearer: Option<&str>) -> Result<String, AuthRefusal> {
        match bearer {
            None => Err(AuthRefusal::Missing),
            Some("acme-token") => Ok("acme".to_owned()),
            Some("other-token") => Ok("other".to_owned()),
            Some("agent-token") => Err(AuthRefusal::WrongRole),
            Some("broken-token") => Err(AuthRefusal::Unavailable),
            Some(_) => Err(AuthRefusal::Unknown),
        }
    }
}

pub(crate) fn config(dir: &Path) -> IngestConfig {
    IngestConfig {
        grpc_listen: "127.0.0.1:0".parse().unwrap(),
        http_listen: "127.0.0.1:0".parse().unwrap(),
        data_dir: dir.to_owned(),
        slice_max_age: Duration::from_millis(50),
        // Most tests are about something else than what an event must carry.
        contracts: ContractsConfig { breach: Enforcement::Off, dir: None },
        ..IngestConfig::default()
    }
}

pub(crate) struct Running {
    pub(crate) ingest: Ingest,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) client: reqwest::Client,
}

/// Starts an ingester whose clock stands at [`now`].
pub(crate) async fn start(config: IngestConfig, store: &Store) -> Running {
    let clock = Arc::new(ManualClock::new(now()));
    let ingest = Ingest::start(config, store.clone(), Arc::new(Tokens), clock.clone()).await.unwrap();
    Running { ingest, clock, client: reqwest::Client::new() }
}

/// A store that nothing listens on.
pub(crate) fn no_store() -> Store {
    let config = headroom_store::StoreConfig { url: "http://127.0.0.1:9".into(), ..Default::default() };
    Store::connect(&config).unwrap()
}

impl Running {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.ingest.http_addr())
    }

    pub(crate) fn post(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> reqwest::RequestBuilder {
        self.client
            .post(self.url(path))
            .bearer_auth("acme-token")
            .header("content-type", content_type)
            .body(body)
    }

    /// Sends spans as protobuf and wants them acknowledged.
    pub(crate) async fn send(&self, request: &ExportTraceServiceRequest) {
        let body = prost::Message::encode_to_vec(request);
        let response = self.post("/v1/traces", "application/x-protobuf", body).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.bytes().await.unwrap().is_empty());
    }

    /// Waits until nothing is left for the store.
    pub(crate) async fn settled(&self) {
        for _ in 0..1000 {
            if self.ingest.status().backlog_bytes == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the store does not catch up: {}", self.ingest.status().summary());
    }
}

pub(crate) async fn count(store: &Store, table: &str) -> u64 {
    let rows = store.rows::<u64>(&format!("SELECT count() FROM {}", store.table(table))).await.unwrap();
    rows[0]
}

/// Span ids that are stored, with how often.
pub(crate) async fn spans_and_ids(store: &Store) -> (u64, u64) {
    let sql = format!("SELECT count(), uniqExact(span_id) FROM {}", store.table("spans"));
    store.rows::<(u64, u64)>(&sql).await.unwrap()[0]
}

pub(crate) fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

pub(crate) fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.into()))
}

/// Spans number `from` to `to`, each with its number as id.
pub(crate) fn spans(from: u64, to: u64) -> ExportTraceServiceRequest {
    let spans = (from..to)
        .map(|n| Span {
            trace_id: u128::from(n + 1).to_be_bytes().to_vec(),
            span_id: (n + 1).to_be_bytes().to_vec(),
            name: "GET /orders".into(),
            kind: 2,
            start_time_unix_nano: now_ns() - 1_000_000_000,
            end_time_unix_nano: now_ns() - 900_000_000,
            attributes: vec![text("http.route", "/orders")],
            ..Span::default()
        })
        .collect();
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource {
                attributes: vec![text("service.name", "gateway")],
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans { spans, ..ScopeSpans::default() }],
            ..ResourceSpans::default()
        }],
    }
}

pub(crate) async fn store() -> TestStore {
    testing::store().await
}

/// Two ports that are free now. Not of those that the system gives to outgoing connections: while
/// nobody listens there nobody else may get them.
pub(crate) fn free_ports() -> [u16; 2] {
    let free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let from = rand::random_range(10_000..30_000);
    let mut ports = (from..from + 1_000).filter(free);
    [(); 2].map(|()| ports.next().expect("a free port"))
}

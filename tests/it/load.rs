//! Spans with a ledger: which were acknowledged, and whether each is stored exactly once.

use crate::program::Demo;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message as _;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Spans in one request.
const BATCH: u64 = 50;

/// A load under way.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<HashSet<u64>>>,
    workers: Vec<tokio::task::JoinHandle<()>>,
    service: String,
}

impl Load {
    /// Four senders over OTLP/HTTP, each as fast as it is answered. A request that fails is not repeated:
    /// its spans are simply not in the ledger.
    pub(crate) fn start(demo: &Demo, service: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let acknowledged = Arc::new(Mutex::new(HashSet::new()));
        let next = Arc::new(AtomicU64::new(1));
        let url = format!("{}/v1/traces", demo.get("/otlp_http"));
        let token = demo.get("/credentials/ingest/token");
        let workers = (0..4)
            .map(|_| {
                let (stop, acknowledged, next) =
                    (Arc::clone(&stop), Arc::clone(&acknowledged), Arc::clone(&next));
                let (url, token, service) = (url.clone(), token.clone(), service.to_owned());
                tokio::spawn(async move {
                    let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().unwrap();
                    while !stop.load(Ordering::Relaxed) {
                        let first = next.fetch_add(BATCH, Ordering::Relaxed);
                        let body = request(&service, first).encode_to_vec();
                        let sent = client
                            .post(&url)
                            .bearer_auth(&token)
                            .header("content-type", "application/x-protobuf")
                            .body(body)
                            .send()
                            .await;
                        if sent.is_ok_and(|answer| answer.status().is_success()) {
                            acknowledged.lock().unwrap().extend(first..first + BATCH);
                        } else {
                            tokio::time::sleep(Duration::from_millis(50)).await;
                        }
                    }
                })
            })
            .collect();
        Self { stop, acknowledged, workers, service: service.to_owned() }
    }

    /// Acknowledged so far.
    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    /// Waits until at least `more` further spans are acknowledged.
    pub(crate) async fn grow(&self, more: usize) {
        let target = self.acknowledged() + more;
        for _ in 0..1_200 {
            if self.acknowledged() >= target {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("only {} of {target} spans were acknowledged within two minutes", self.acknowledged());
    }

    /// Stops, waits until the store has caught up, and compares it with the ledger.
    pub(crate) async fn settle(self, demo: &Demo) {
        self.stop.store(true, Ordering::Relaxed);
        for worker in self.workers {
            worker.await.unwrap();
        }
        let acknowledged = self.acknowledged.lock().unwrap().clone();
        assert!(!acknowledged.is_empty(), "nothing was acknowledged: the test shows nothing");
        let wanted = acknowledged.len();
        let ids = format!("SELECT span_id FROM spans WHERE service = '{}' LIMIT 1000000", self.service);
        let counts =
            format!("SELECT count(*), count(DISTINCT span_id) FROM spans WHERE service = '{}'", self.service);
        let mut stored = (0, 0);
        for _ in 0..600 {
            let rows = demo.sql(&counts).await;
            stored = (number(&rows[0][0]), number(&rows[0][1]));
            if stored.1 >= wanted {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert_eq!(stored.0, stored.1, "{} spans are stored twice ({ids})", stored.0 - stored.1);
        // Requests whose answer was lost in the crash may be stored as well: more than acknowledged is right,
        // fewer is loss. Which ones they are is checked span by span.
        let missing = missing(demo, &self.service, &acknowledged).await;
        assert!(
            missing.is_empty(),
            "{} acknowledged spans are lost, first {:?}",
            missing.len(),
            missing.first()
        );
        eprintln!("{wanted} acknowledged, {} stored, each once", stored.0);
    }
}

/// Acknowledged spans that are not in the store, asked for through the store's own door.
async fn missing(demo: &Demo, service: &str, acknowledged: &HashSet<u64>) -> Vec<u64> {
    let query = format!(
        "SELECT lower(hex(span_id)) FROM headroom.spans WHERE service = '{service}' FORMAT TabSeparated"
    );
    let text = reqwest::Client::new()
        .post(demo.get("/clickhouse"))
        .body(query)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let stored: HashSet<u64> = text.lines().filter_map(|line| u64::from_str_radix(line, 16).ok()).collect();
    let mut missing: Vec<u64> = acknowledged.difference(&stored).copied().collect();
    missing.sort_unstable();
    missing
}

/// A count, which SQL over HTTP gives as a number or, when large, as a string.
pub(crate) fn number(value: &serde_json::Value) -> usize {
    value.as_u64().map_or_else(|| value.as_str().unwrap().parse().unwrap(), |n| usize::try_from(n).unwrap())
}

fn request(service: &str, first: u64) -> ExportTraceServiceRequest {
    export(service, (first..first + BATCH).map(span).collect())
}

/// A server's span of a millisecond that begins now.
pub(crate) fn span(id: u64) -> Span {
    let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap();
    Span {
        trace_id: [id.to_be_bytes(), (id ^ 0xabcd).to_be_bytes()].concat(),
        span_id: id.to_be_bytes().to_vec(),
        name: "load".to_owned(),
        kind: 2,
        start_time_unix_nano: now,
        end_time_unix_nano: now + 1_000_000 + id,
        ..Span::default()
    }
}

/// A request with spans of a service.
pub(crate) fn export(service: &str, spans: Vec<Span>) -> ExportTraceServiceRequest {
    let attributes = vec![attribute("service.name", service)];
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource { attributes, ..Resource::default() }),
            scope_spans: vec![ScopeSpans { spans, ..ScopeSpans::default() }],
            ..ResourceSpans::default()
        }],
    }
}

fn attribute(key: &str, value: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(Value::StringValue(value.to_owned())) }),
        ..KeyValue::default()
    }
}

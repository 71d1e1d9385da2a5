//! A receiver in the same process: what the ledger says is what arrived, also
//! when the receiver pushes back.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use headroom_sample_data::{Ramp, SampleConfig, SampleError, run};
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{LogsService, LogsServiceServer};
use opentelemetry_proto::tonic::collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::config;

#[derive(Default)]
struct Seen {
    spans: AtomicU64,
    logs: AtomicU64,
    events: AtomicU64,
    points: AtomicU64,
    requests: AtomicU64,
    refused: AtomicU64,
    services: Mutex<std::collections::BTreeSet<String>>,
}

#[derive(Clone, Default)]
struct Sink {
    seen: Arc<Seen>,
    /// Refuse every so manieth request.
    push_back: Option<u64>,
}

impl Sink {
    fn admit<T>(&self, request: &Request<T>) -> Result<(), Status> {
        let token = request.metadata().get("authorization").and_then(|v| v.to_str().ok());
        if token != Some("Bearer hr_ingest_test") {
            return Err(Status::unauthenticated("unknown token"));
        }
        let n = self.seen.requests.fetch_add(1, Relaxed) + 1;
        if self.push_back.is_some_and(|every| n.is_multiple_of(every)) {
            self.seen.refused.fetch_add(1, Relaxed);
            return Err(if n.is_multiple_of(2) {
                Status::resource_exhausted("backlog full")
            } else {
                Status::unavailable("restarting")
            });
        }
        Ok(())
    }
}

#[tonic::async_trait]
impl TraceService for Sink {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.admit(&request)?;
        for resource in request.into_inner().resource_spans {
            let attributes = resource.resource.unwrap_or_default().attributes;
            let name = attributes.iter().find(|a| a.key == "service.name").and_then(|a| a.value.clone());
            self.seen.services.lock().expect("unpoisoned").insert(format!("{name:?}"));
            let spans: usize = resource.scope_spans.iter().map(|s| s.spans.len()).sum();
            self.seen.spans.fetch_add(spans as u64, Relaxed);
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl LogsService for Sink {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        self.admit(&request)?;
        let resources = request.into_inner().resource_logs;
        for record in resources.iter().flat_map(|r| &r.scope_logs).flat_map(|s| &s.log_records) {
            self.seen.logs.fetch_add(1, Relaxed);
            self.seen.events.fetch_add(u64::from(!record.event_name.is_empty()), Relaxed);
        }
        Ok(Response::new(ExportLogsServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl MetricsService for Sink {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.admit(&request)?;
        let resources = request.into_inner().resource_metrics;
        for metric in resources.iter().flat_map(|r| &r.scope_metrics).flat_map(|s| &s.metrics) {
            let points = match metric.data.as_ref().expect("data") {
                Data::Gauge(d) => d.data_points.len(),
                Data::Sum(d) => d.data_points.len(),
                Data::Histogram(d) => d.data_points.len(),
                Data::ExponentialHistogram(d) => d.data_points.len(),
                Data::Summary(d) => d.data_points.len(),
            };
            self.seen.points.fetch_add(points as u64, Relaxed);
        }
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

/// Serves `sink` on a free port; gives its address.
async fn serve(sink: Sink) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    let router = tonic::transport::Server::builder()
        .add_service(TraceServiceServer::new(sink.clone()))
        .add_service(LogsServiceServer::new(sink.clone()))
        .add_service(MetricsServiceServer::new(sink));
    tokio::spawn(router.serve_with_incoming(incoming));
    format!("http://{address}")
}

async fn settings(sink: &Sink) -> SampleConfig {
    SampleConfig {
        endpoint: serve(sink.clone()).await,
        token: Some("hr_ingest_test".to_owned()),
        // The last two hours of a New York session.
        now: crate::utc("2026-11-18T21:00:00Z"),
        backfill: Some(Duration::from_hours(2)),
        live: false,
        backfill_traces_per_minute: 40.0,
        ..config()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_ledger_says_is_what_arrived() {
    let sink = Sink::default();
    let cfg = settings(&sink).await;
    let steps = Mutex::new(Vec::new());
    let ledger =
        run(cfg, |p| steps.lock().expect("unpoisoned").push((p.done, p.total)), CancellationToken::new())
            .await
            .expect("delivered");
    let seen = &sink.seen;
    assert_eq!(ledger.spans, seen.spans.load(Relaxed));
    assert_eq!(ledger.logs, seen.logs.load(Relaxed));
    assert_eq!(ledger.events, seen.events.load(Relaxed));
    assert_eq!(ledger.points, seen.points.load(Relaxed));
    assert_eq!((ledger.requests, ledger.retries), (seen.requests.load(Relaxed), 0));
    assert!(ledger.spans > 20_000 && ledger.events > 5_000 && ledger.points > 1_000, "{ledger:?}");
    assert_eq!(seen.services.lock().expect("unpoisoned").len(), 12);
    assert_eq!(steps.into_inner().expect("unpoisoned"), [(60, 120), (120, 120)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn back_pressure_loses_nothing_and_doubles_nothing() {
    let (calm, busy) = (Sink::default(), Sink { push_back: Some(3), ..Sink::default() });
    let first = run(settings(&calm).await, |_| (), CancellationToken::new()).await.expect("delivered");
    let second = run(settings(&busy).await, |_| (), CancellationToken::new()).await.expect("delivered");
    assert!(busy.seen.refused.load(Relaxed) > 5);
    assert_eq!((first.spans, first.logs, first.points), (second.spans, second.logs, second.points));
    assert_eq!(second.spans, busy.seen.spans.load(Relaxed));
    assert_eq!(second.logs, busy.seen.logs.load(Relaxed));
    assert_eq!(second.points, busy.seen.points.load(Relaxed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_ends_the_run_at_once() {
    let sink = Sink::default();
    let cfg = SampleConfig { token: Some("wrong".to_owned()), ..settings(&sink).await };
    let error = run(cfg, |_| (), CancellationToken::new()).await.expect_err("refused");
    assert!(
        matches!(&error, SampleError::Delivery { reason, .. } if reason.contains("Unauthenticated")),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn live_goes_on_until_cancelled() {
    let sink = Sink::default();
    let cfg = SampleConfig { live: true, rate: 20.0, backfill: None, ..settings(&sink).await };
    let cancel = CancellationToken::new();
    let stop = cancel.clone();
    let watched = Arc::clone(&sink.seen);
    tokio::spawn(async move {
        while watched.spans.load(Relaxed) < 50 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        stop.cancel();
    });
    let ledger = run(cfg, |_| (), cancel).await.expect("delivered");
    assert!(ledger.spans >= 50);
    assert_eq!(ledger.spans, sink.seen.spans.load(Relaxed));
}

#[tokio::test]
async fn a_ramp_beyond_all_measure_is_refused_before_anything_is_sent() {
    for (from, to, named) in [(f64::NAN, 5.0, "ramp.from"), (5.0, 20_000.0, "ramp.to")] {
        let over = Duration::from_mins(30);
        let cfg = SampleConfig { ramp: Some(Ramp { from, to, steps: None, over }), ..config() };
        let refused = run(cfg, |_| {}, CancellationToken::new()).await.expect_err("refused");
        assert!(matches!(refused, SampleError::Setting { name, .. } if name == named), "{refused}");
    }
}

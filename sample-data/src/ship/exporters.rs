//! One span and one log exporter per instance, one metrics client, all on one
//! HTTP/2 connection.

use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _};
use opentelemetry_otlp::{LogExporter, RetryPolicy, SpanExporter, WithExportConfig, WithTonicConfig};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope as WireScope;
use opentelemetry_proto::tonic::metrics::v1::{ResourceMetrics, ScopeMetrics};
use opentelemetry_proto::tonic::resource::v1::Resource as WireResource;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{LogBatch, LogExporter as _, SdkLogRecord, SdkLogger, SdkLoggerProvider};
use opentelemetry_sdk::trace::{SpanData, SpanExporter as _};
use tokio_util::sync::CancellationToken;
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, Endpoint};

use super::retry::{Failure, PATIENCE, persist};
use crate::clock::system_time;
use crate::record::{Log, Points};
use crate::topology::Topology;
use crate::{Ledger, Result, SampleConfig, SampleError};

/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(30);

pub(crate) struct Exporters {
    pub(crate) endpoint: String,
    spans: Vec<SpanExporter>,
    logs: Vec<LogExporter>,
    metrics: MetricsServiceClient<Channel>,
    metadata: MetadataMap,
    resources: Vec<WireResource>,
    scope: InstrumentationScope,
    /// Source of empty log records: the SDK gives them no constructor.
    logger: SdkLogger,
}

impl Exporters {
    pub(crate) fn new(cfg: &SampleConfig, topology: &Topology) -> Result<Self> {
        let bad_endpoint = |reason: String| SampleError::Endpoint { endpoint: cfg.endpoint.clone(), reason };
        let channel = Endpoint::from_shared(cfg.endpoint.clone())
            .map_err(|e| bad_endpoint(e.to_string()))?
            .timeout(ATTEMPT)
            .connect_timeout(Duration::from_secs(5))
            .connect_lazy();
        let mut metadata = MetadataMap::new();
        if let Some(token) = &cfg.token {
            let value = format!("Bearer {token}").parse().map_err(|_| SampleError::Token)?;
            metadata.insert("authorization", value);
        }
        let (mut spans, mut logs, mut resources) = (Vec::new(), Vec::new(), Vec::new());
        for instance in topology.instances() {
            let resource = Resource::builder_empty().with_attributes(instance.attributes()).build();
            let mut span = SpanExporter::builder()
                .with_tonic()
                .with_channel(channel.clone())
                .with_metadata(metadata.clone())
                .with_retry_policy(RetryPolicy::recommended())
                .with_timeout(ATTEMPT)
                .build()
                .map_err(|e| bad_endpoint(e.to_string()))?;
            span.set_resource(&resource);
            let mut log = LogExporter::builder()
                .with_tonic()
                .with_channel(channel.clone())
                .with_metadata(metadata.clone())
                .with_retry_policy(RetryPolicy::recommended())
                .with_timeout(ATTEMPT)
                .build()
                .map_err(|e| bad_endpoint(e.to_string()))?;
            log.set_resource(&resource);
            resources.push(WireResource::from(&resource));
            spans.push(span);
            logs.push(log);
        }
        Ok(Self {
            endpoint: cfg.endpoint.clone(),
            spans,
            logs,
            metrics: MetricsServiceClient::new(channel),
            metadata,
            resources,
            scope: InstrumentationScope::builder("platform.app").with_version("1.6.0").build(),
            logger: SdkLoggerProvider::builder().build().logger("platform.app"),
        })
    }

    /// Delivers spans of one instance.
    pub(crate) async fn spans(
        &self,
        resource: u16,
        spans: Vec<SpanData>,
        cancel: &CancellationToken,
    ) -> Result<Ledger> {
        let exporter = &self.spans[usize::from(resource)];
        let attempt = || async { exporter.export(spans.clone()).await.map_err(Failure::from) };
        let account = Ledger { spans: spans.len() as u64, ..Ledger::default() };
        self.account("spans", account, persist(attempt, PATIENCE, cancel).await)
    }

    /// Delivers log records of one instance.
    pub(crate) async fn logs(
        &self,
        resource: u16,
        logs: Vec<Log>,
        cancel: &CancellationToken,
    ) -> Result<Ledger> {
        let exporter = &self.logs[usize::from(resource)];
        let events = logs.iter().filter(|log| log.event.is_some()).count() as u64;
        let account = Ledger { logs: logs.len() as u64, events, ..Ledger::default() };
        let records: Vec<_> = logs.into_iter().map(|log| self.record(log)).collect();
        let records: Vec<_> = records.iter().map(|record| (record, &self.scope)).collect();
        let attempt = || async { exporter.export(LogBatch::new(&records)).await.map_err(Failure::from) };
        self.account("logs", account, persist(attempt, PATIENCE, cancel).await)
    }

    /// Delivers metric points of any instances.
    pub(crate) async fn points(
        &self,
        points: Vec<Points>,
        count: u64,
        cancel: &CancellationToken,
    ) -> Result<Ledger> {
        let scope = WireScope {
            name: "platform.telemetry".to_owned(),
            version: "1.6.0".to_owned(),
            ..WireScope::default()
        };
        let resource_metrics = points.into_iter().map(|p| ResourceMetrics {
            resource: Some(self.resources[usize::from(p.resource)].clone()),
            scope_metrics: vec![ScopeMetrics {
                scope: Some(scope.clone()),
                metrics: p.metrics,
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        });
        let body = ExportMetricsServiceRequest { resource_metrics: resource_metrics.collect() };
        let attempt = || async {
            let mut request = tonic::Request::new(body.clone());
            *request.metadata_mut() = self.metadata.clone();
            self.metrics.clone().export(request).await.map(|_| ()).map_err(Failure::from)
        };
        let account = Ledger { points: count, ..Ledger::default() };
        self.account("metrics", account, persist(attempt, PATIENCE, cancel).await)
    }

    fn account(
        &self,
        signal: &'static str,
        mut sent: Ledger,
        outcome: std::result::Result<Option<u64>, Failure>,
    ) -> Result<Ledger> {
        match outcome {
            Ok(Some(retries)) => {
                sent.requests = 1;
                sent.retries = retries;
                Ok(sent)
            }
            Ok(None) => Ok(Ledger::default()),
            Err(failure) => {
                Err(SampleError::Delivery { signal, endpoint: self.endpoint.clone(), reason: failure.reason })
            }
        }
    }

    fn record(&self, log: Log) -> SdkLogRecord {
        let mut record = self.logger.create_log_record();
        let at = system_time(log.ts);
        record.set_timestamp(at);
        record.set_observed_timestamp(at);
        record.set_severity_number(log.severity);
        record.set_severity_text(log.severity.name());
        record.set_body(AnyValue::String(log.body.into()));
        if let Some(name) = log.event {
            record.set_event_name(name);
        }
        if let Some((trace, span)) = log.context {
            record.set_trace_context(trace, span, Some(opentelemetry::trace::TraceFlags::SAMPLED));
        }
        record.add_attributes(log.attributes);
        record
    }
}

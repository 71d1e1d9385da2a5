//! The OpenTelemetry SDK for Rust as a sender.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _, Severity};
use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
use opentelemetry_otlp::tonic_types::metadata::MetadataMap;
use opentelemetry_otlp::{LogExporter, SpanExporter, WithExportConfig as _, WithTonicConfig as _};
use opentelemetry_sdk::logs::{self, BatchLogProcessor, SdkLoggerProvider};
use opentelemetry_sdk::trace::{self, BatchSpanProcessor, SdkTracerProvider};

use super::programs::RATE;

/// How long one batch is tried: `OTEL_EXPORTER_OTLP_TIMEOUT` for those who set it from outside.
const TIMEOUT: Duration = Duration::from_mins(1);

/// More than comes while the exporter waits.
const QUEUE: usize = 20_000;

/// A sender on a thread of its own.
pub(super) struct Rust {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<u64>,
}

impl Rust {
    /// Starts to send over gRPC. Must be called inside a tokio runtime: the exporter needs one.
    pub(super) fn start(endpoint: &str, token: &str) -> Self {
        let mut metadata = MetadataMap::new();
        metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
        let spans = SpanExporter::builder().with_tonic().with_endpoint(endpoint).with_timeout(TIMEOUT);
        let spans = spans.with_metadata(metadata.clone()).build().unwrap();
        let records = LogExporter::builder().with_tonic().with_endpoint(endpoint).with_timeout(TIMEOUT);
        let records = records.with_metadata(metadata).build().unwrap();
        let batch = trace::BatchConfigBuilder::default().with_max_queue_size(QUEUE).build();
        let spans = BatchSpanProcessor::builder(spans).with_batch_config(batch).build();
        let batch = logs::BatchConfigBuilder::default().with_max_queue_size(QUEUE).build();
        let records = BatchLogProcessor::builder(records).with_batch_config(batch).build();
        let spans = SdkTracerProvider::builder().with_span_processor(spans).build();
        let records = SdkLoggerProvider::builder().with_log_processor(records).build();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || send(&spans, &records, &stopped));
        Self { stop, thread }
    }

    /// Lets it deliver what it holds; how many spans its SDK was given, and as many log records.
    pub(super) fn finish(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the sender does not fail")
    }
}

fn send(spans: &SdkTracerProvider, records: &SdkLoggerProvider, stop: &AtomicBool) -> u64 {
    let (tracer, logger) = (spans.tracer("stream"), records.logger("stream"));
    let mut given = 0;
    while !stop.load(Ordering::Relaxed) {
        let mut span = tracer.start("POST /orders");
        span.set_attribute(KeyValue::new("n", given as i64));
        span.end();
        let mut record = logger.create_log_record();
        record.set_severity_number(Severity::Info);
        record.set_body(AnyValue::String(format!("order {given} placed").into()));
        logger.emit(record);
        given += 1;
        std::thread::sleep(Duration::from_millis(1000 / RATE));
    }
    // A flush waits five seconds only, less than the exporter may be waiting at the moment.
    spans.shutdown_with_timeout(TIMEOUT).expect("spans are delivered");
    records.shutdown_with_timeout(TIMEOUT).expect("log records are delivered");
    given
}

//! How the program reports on itself: log lines, Prometheus metrics, and its own spans over OTLP.

mod help;

use crate::config::TelemetrySection;
use anyhow::{Context as _, Result};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{WithExportConfig as _, WithTonicConfig as _};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// Must live as long as the program: dropping it stops the export of spans.
pub(crate) struct Telemetry {
    /// Renders `/metrics`.
    pub(crate) prometheus: PrometheusHandle,
    spans: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Installs the process-wide logger, metrics recorder and, when an endpoint is named, span exporter.
    /// Needs a tokio runtime when an endpoint is named.
    pub(crate) fn install(section: &TelemetrySection) -> Result<Self> {
        let filter =
            EnvFilter::try_from_env("HEADROOM_LOG").unwrap_or_else(|_| EnvFilter::new("warn,headroom=info"));
        let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
        let lines = tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(colours)
            // It would say so on the same stream, and panic: a reader that went away stops no service.
            .log_internal_errors(false)
            .with_target(false);
        let lines = if section.json_logs { lines.json().boxed() } else { lines.boxed() };
        let spans =
            section.otlp_endpoint.as_deref().map(|endpoint| exporter(endpoint, section)).transpose()?;
        let traced = spans.as_ref().map(|provider| {
            // What the exporter itself does over HTTP/2 must not become spans to export.
            tracing_opentelemetry::layer()
                .with_tracer(provider.tracer("headroom"))
                .with_filter(EnvFilter::new("info,hyper=off,h2=off,tonic=off,tower=off,opentelemetry=off"))
        });
        tracing_subscriber::registry()
            .with(lines.with_filter(filter))
            .with(traced)
            .try_init()
            .context("logging is already set up")?;
        let prometheus =
            PrometheusBuilder::new().install_recorder().context("cannot install the metrics recorder")?;
        help::describe();
        metrics::gauge!("headroom_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Ok(Self { prometheus, spans })
    }

    /// Sends what is still held back.
    pub(crate) fn flush(&self) {
        if let Some(spans) = &self.spans
            && let Err(error) = spans.shutdown()
        {
            tracing::warn!(%error, "own spans could not all be sent");
        }
    }
}

fn exporter(endpoint: &str, section: &TelemetrySection) -> Result<SdkTracerProvider> {
    let mut metadata = opentelemetry_otlp::tonic_types::metadata::MetadataMap::new();
    if let Some(token) = &section.otlp_token {
        let value = format!("Bearer {token}")
            .parse()
            .context("telemetry.otlp_token has characters that a header cannot hold")?;
        metadata.insert("authorization", value);
    }
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_metadata(metadata)
        .build()
        .with_context(|| format!("telemetry.otlp_endpoint {endpoint} cannot be used"))?;
    let resource = opentelemetry_sdk::Resource::builder()
        .with_service_name("headroom")
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

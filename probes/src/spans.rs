//! A run as spans: a root, and a client span for each step that was taken.

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::Version;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use url::Url;

use crate::config::ProbeConfig;
use crate::run::{Run, StepRun};
use crate::send::USER_AGENT;

/// The spans of a run, by OpenTelemetry's conventions for HTTP clients.
pub fn of_run(probe: &ProbeConfig, run: &Run) -> ExportTraceServiceRequest {
    let trace_id = hex::decode(&run.trace_id).unwrap_or_default();
    let root = Span {
        trace_id: trace_id.clone(),
        span_id: run.span_id.to_vec(),
        name: probe.operation(),
        kind: SpanKind::Internal.into(),
        start_time_unix_nano: nanos(run.at, Duration::ZERO),
        end_time_unix_nano: nanos(run.at, run.duration),
        attributes: marks(&run.probe).collect(),
        status: status(run.failure.as_deref()),
        // Sampled.
        flags: 1,
        ..Span::default()
    };
    let taken = run.steps.iter().filter(|step| step.skipped.is_none());
    let steps = taken.map(|step| Span {
        trace_id: trace_id.clone(),
        span_id: step.span_id.to_vec(),
        parent_span_id: run.span_id.to_vec(),
        name: step.name.clone(),
        kind: SpanKind::Client.into(),
        start_time_unix_nano: nanos(run.at, step.after),
        end_time_unix_nano: nanos(run.at, step.after + step.duration),
        attributes: marks(&run.probe).chain(http(step)).collect(),
        status: status(step.failure.as_ref().map(|failure| failure.reason.as_str())),
        flags: 1,
        ..Span::default()
    });
    let scope = InstrumentationScope {
        name: "headroom.probes".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    };
    let spans = std::iter::once(root).chain(steps).collect();
    let resource = Resource {
        attributes: vec![
            text("service.name", &probe.service),
            text("service.version", env!("CARGO_PKG_VERSION")),
        ],
        ..Resource::default()
    };
    let scope_spans = vec![ScopeSpans { scope: Some(scope), spans, ..ScopeSpans::default() }];
    let resource_spans =
        vec![ResourceSpans { resource: Some(resource), scope_spans, ..ResourceSpans::default() }];
    ExportTraceServiceRequest { resource_spans }
}

/// What tells a probe from a customer.
fn marks(probe: &str) -> impl Iterator<Item = KeyValue> + use<> {
    [
        attribute("headroom.probe", Value::BoolValue(true)),
        text("headroom.probe.name", probe),
        text("user_agent.synthetic.type", "test"),
    ]
    .into_iter()
}

fn http(step: &StepRun) -> Vec<KeyValue> {
    let mut attributes = vec![
        text("http.request.method", step.method.as_str()),
        text("url.template", &step.template),
        text("user_agent.original", USER_AGENT),
        attribute("headroom.probe.requests", Value::IntValue(step.requests.into())),
    ];
    if let Ok(url) = Url::parse(&step.url) {
        attributes.push(text("url.full", &step.url));
        attributes.extend(url.host_str().map(|host| text("server.address", host)));
        let port = url.port_or_known_default();
        attributes.extend(port.map(|port| attribute("server.port", Value::IntValue(port.into()))));
    }
    let status = step.status.map(|status| Value::IntValue(status.into()));
    attributes.extend(status.map(|status| attribute("http.response.status_code", status)));
    let version = step.version.map(|version| match version {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => "1.1",
    });
    attributes.extend(version.map(|version| text("network.protocol.version", version)));
    attributes.extend(step.failure.as_ref().map(|failure| text("error.type", &failure.kind)));
    attributes
}

fn status(failure: Option<&str>) -> Option<Status> {
    failure.map(|message| Status { message: message.to_owned(), code: StatusCode::Error.into() })
}

fn nanos(at: DateTime<Utc>, after: Duration) -> u64 {
    let at = u64::try_from(at.timestamp_nanos_opt().unwrap_or_default()).unwrap_or_default();
    at + u64::try_from(after.as_nanos()).unwrap_or_default()
}

fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.to_owned()))
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

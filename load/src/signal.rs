//! What kinds of records can be sent.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a body holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Spans.
    Traces,
    /// Log records without an event name.
    Logs,
    /// Business events: log records with an event name.
    Events,
    /// Points of gauges.
    Metrics,
}

impl Signal {
    /// Every signal.
    pub const ALL: [Self; 4] = [Self::Traces, Self::Logs, Self::Events, Self::Metrics];

    /// The name, as options and ledgers write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Logs => "logs",
            Self::Events => "events",
            Self::Metrics => "metrics",
        }
    }

    /// The path of OTLP over HTTP.
    pub(crate) const fn http_path(self) -> &'static str {
        match self {
            Self::Traces => "/v1/traces",
            Self::Logs | Self::Events => "/v1/logs",
            Self::Metrics => "/v1/metrics",
        }
    }

    /// The method of OTLP over gRPC.
    pub(crate) const fn grpc_path(self) -> &'static str {
        match self {
            Self::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            Self::Logs | Self::Events => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
            Self::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

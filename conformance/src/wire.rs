//! The three ways to send, and the three things to send.

use std::fmt;

pub(crate) const PROTOBUF: &str = "application/x-protobuf";
pub(crate) const JSON: &str = "application/json";

/// Transport and encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    Grpc,
    HttpProtobuf,
    HttpJson,
}

impl Wire {
    pub(crate) const ALL: [Self; 3] = [Self::Grpc, Self::HttpProtobuf, Self::HttpJson];
    pub(crate) const HTTP: [Self; 2] = [Self::HttpProtobuf, Self::HttpJson];
    pub(crate) const BINARY: [Self; 2] = [Self::Grpc, Self::HttpProtobuf];

    /// How ids of checks begin.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Grpc => "grpc",
            Self::HttpProtobuf => "http-protobuf",
            Self::HttpJson => "http-json",
        }
    }

    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Grpc => "application/grpc",
            Self::HttpProtobuf => PROTOBUF,
            Self::HttpJson => JSON,
        }
    }

    /// The header that names a body's compression.
    pub(crate) const fn encoding_header(self) -> &'static str {
        match self {
            Self::Grpc => "grpc-encoding",
            Self::HttpProtobuf | Self::HttpJson => "content-encoding",
        }
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Grpc => "gRPC",
            Self::HttpProtobuf => "HTTP protobuf",
            Self::HttpJson => "HTTP JSON",
        })
    }
}

/// One kind of telemetry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Traces,
    Metrics,
    Logs,
}

impl Signal {
    pub(crate) const ALL: [Self; 3] = [Self::Traces, Self::Metrics, Self::Logs];

    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
        }
    }

    /// The path or method of `Export`.
    pub(crate) const fn path(self, wire: Wire) -> &'static str {
        match (wire, self) {
            (Wire::Grpc, Self::Traces) => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            (Wire::Grpc, Self::Metrics) => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            (Wire::Grpc, Self::Logs) => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
            (_, Self::Traces) => "/v1/traces",
            (_, Self::Metrics) => "/v1/metrics",
            (_, Self::Logs) => "/v1/logs",
        }
    }

    /// The key of the number of rejected records in a JSON answer.
    pub(crate) const fn rejected_key(self) -> &'static str {
        match self {
            Self::Traces => "rejectedSpans",
            Self::Metrics => "rejectedDataPoints",
            Self::Logs => "rejectedLogRecords",
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

//! What to check, and how.

use std::time::Duration;

use url::Url;

use crate::tls::TlsOptions;

/// The limit of a request that OTLP 1.11 recommends.
pub(crate) const RECOMMENDED_LIMIT: usize = 64 << 20;

/// Settings of a run.
#[derive(Debug, Clone)]
pub struct Options {
    /// OTLP over HTTP: `http://host:4318` or `https://…`, with a path if `/v1/traces` is below one.
    pub http: Option<Url>,
    /// OTLP over gRPC: `http://host:4317`. When it is not given and the port of `http` is 4318,
    /// port 4317 of the same host is tried, and its checks are skipped if nothing is there.
    pub grpc: Option<Url>,
    /// Sent as `Authorization: Bearer`.
    pub token: Option<String>,
    /// Further headers for each request, as name and value.
    pub headers: Vec<(String, String)>,
    /// The longest wait for one answer.
    pub timeout: Duration,
    /// The receiver's limit of a request, in bytes. `None`: the recommended 64 MiB is tried, and
    /// a receiver that takes more is not blamed for it. Where the transports have different
    /// limits, check them in two runs.
    pub max_body: Option<usize>,
    /// How targets with `https` are trusted.
    pub tls: TlsOptions,
    /// Run only the checks that have this in their id.
    pub only: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            http: None,
            grpc: None,
            token: None,
            headers: Vec::new(),
            timeout: Duration::from_secs(30),
            max_body: None,
            tls: TlsOptions::default(),
            only: None,
        }
    }
}

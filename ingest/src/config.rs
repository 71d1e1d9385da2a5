//! Settings of the ingester.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use headroom_tls::TlsFiles;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::IngestError;
use crate::limits::{self, ContractsConfig, Limits, TenantLimits};

/// The section `ingest` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IngestConfig {
    /// Where OTLP over gRPC is received.
    pub grpc_listen: SocketAddr,
    /// Where OTLP over HTTP is received.
    pub http_listen: SocketAddr,
    /// The folder of the durable log.
    pub data_dir: PathBuf,
    /// The most bytes the durable log may take; beyond them requests are refused.
    pub max_log_bytes: u64,
    /// The most bytes of a request, before and after decompression.
    pub max_body_bytes: usize,
    /// Threads that decode slices and insert them.
    pub workers: usize,
    /// The most rows in one insert.
    pub slice_max_rows: u64,
    /// The longest time an acknowledged record waits for more to be inserted with, in
    /// milliseconds (as long as the store keeps up).
    #[serde(rename = "slice_max_age_ms", with = "Milliseconds")]
    pub slice_max_age: Duration,
    /// How old a record may be, in seconds.
    #[serde(rename = "accept_past_s", with = "Seconds")]
    pub accept_past: Duration,
    /// How far in the future a record may be, in seconds.
    #[serde(rename = "accept_future_s", with = "Seconds")]
    pub accept_future: Duration,
    /// How long a request is recognised when it is sent again, in seconds; 0: not at all.
    #[serde(rename = "retry_window_s", with = "Seconds")]
    pub retry_window: Duration,
    /// What business events must carry.
    pub contracts: ContractsConfig,
    /// What each tenant may send.
    pub limits: Limits,
    /// What single tenants may send instead.
    pub tenants: Vec<TenantLimits>,
    /// TLS on both ports; without it they speak plain text.
    pub tls: Option<TlsFiles>,
}

impl Default for IngestConfig {
    fn default() -> Self {
        Self {
            grpc_listen: SocketAddr::from(([127, 0, 0, 1], 4317)),
            http_listen: SocketAddr::from(([127, 0, 0, 1], 4318)),
            data_dir: PathBuf::from("data/ingest"),
            max_log_bytes: 4 << 30,
            max_body_bytes: 64 << 20,
            workers: std::thread::available_parallelism().map_or(2, usize::from).max(2),
            slice_max_rows: 200_000,
            slice_max_age: Duration::from_millis(300),
            accept_past: Duration::from_hours(720),
            accept_future: Duration::from_mins(10),
            retry_window: Duration::from_mins(10),
            contracts: ContractsConfig::default(),
            limits: Limits::default(),
            tenants: Vec::new(),
            tls: None,
        }
    }
}

impl IngestConfig {
    /// Refuses settings that make no sense, naming the key.
    ///
    /// # Errors
    /// [`IngestError::Setting`].
    pub fn check(&self) -> Result<(), IngestError> {
        let wrong = |setting, what: &str| Err(IngestError::Setting { setting, what: what.to_owned() });
        if self.workers == 0 {
            return wrong("workers", "at least one is needed");
        }
        if self.max_body_bytes < 1024 || self.max_body_bytes > 1 << 29 {
            return wrong("max_body_bytes", "must be between 1 KiB and 512 MiB");
        }
        if self.max_log_bytes < 64 * 1024 {
            return wrong("max_log_bytes", "must be at least 64 KiB");
        }
        if self.slice_max_rows == 0 {
            return wrong("slice_max_rows", "must be at least 1");
        }
        limits::fault(self.limits, &self.tenants).map_or(Ok(()), |(section, what)| wrong(section, &what))
    }
}

struct Milliseconds;
struct Seconds;

impl Milliseconds {
    fn serialize<S: Serializer>(d: &Duration, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u64(d.as_millis() as u64)
    }

    fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
        u64::deserialize(d).map(Duration::from_millis)
    }
}

impl Seconds {
    fn serialize<S: Serializer>(d: &Duration, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u64(d.as_secs())
    }

    fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Duration, D::Error> {
        u64::deserialize(d).map(Duration::from_secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_settings_are_refused_and_the_rest_has_defaults() {
        let config: IngestConfig =
            serde_json::from_str(r#"{"accept_past_s": 60, "slice_max_age_ms": 50}"#).expect("valid");
        assert_eq!(config.accept_past, Duration::from_mins(1));
        assert_eq!(config.slice_max_age, Duration::from_millis(50));
        assert_eq!(config.grpc_listen.port(), 4317);
        let error = serde_json::from_str::<IngestConfig>(r#"{"grpc_port": 1}"#).expect_err("unknown");
        assert!(error.to_string().starts_with("unknown field `grpc_port`"), "{error}");
    }
}

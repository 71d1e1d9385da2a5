//! `headroom conformance`.

use super::parse_span;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  headroom conformance --target http://127.0.0.1:4318
      all checks; gRPC is found at port 4317 of the same host
  headroom conformance --target http://gateway:80/otlp --grpc http://gateway:9090 --max-body 4194304
      other ports, and a limit of 4 MiB that is checked to the byte
  headroom conformance --target https://otel.example.com:4318 --ca ca.pem
      over TLS
  headroom conformance --target http://127.0.0.1:4318 --only malformed --output json
      some checks, for a program
  headroom conformance --list --only grpc
      what would be checked

Exit code: 0 when no check failed, 1 when one did, 2 when nothing could be checked.")]
pub(crate) struct ConformanceArgs {
    /// OTLP over HTTP: http://HOST:4318 or https://HOST:4318, with a path if /v1/traces is below one.
    #[arg(long, value_name = "URL", required_unless_present_any = ["grpc", "list"])]
    pub(crate) target: Option<Url>,
    /// OTLP over gRPC (default: port 4317 beside a target at port 4318, if something is there).
    #[arg(long, value_name = "URL")]
    pub(crate) grpc: Option<Url>,
    /// Sent as `Authorization: Bearer`; with it, a wrong one is tried too.
    #[arg(long, env = "HEADROOM_INGEST_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
    /// A further header of each request, for example `x-scope-orgid:acme`; may be repeated.
    #[arg(long, value_name = "K:V", value_parser = parse_header)]
    pub(crate) header: Vec<(String, String)>,
    /// The authorities of an https:// target's certificate, PEM (default: those that browsers trust).
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Our certificate for a target that asks for one, PEM.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// The private key of --cert, PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// The receiver's limit of a request (default: the recommended 64 MiB is tried).
    #[arg(long, value_name = "BYTES")]
    pub(crate) max_body: Option<usize>,
    /// Only the checks that have this in their id.
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,
    /// The longest wait for one answer.
    #[arg(long, default_value = "30s", value_name = "SPAN", value_parser = parse_span)]
    pub(crate) timeout: Duration,
    /// Print the checks, and send nothing.
    #[arg(long)]
    pub(crate) list: bool,
}

/// Reads `name:value`; spaces around the value do not count.
fn parse_header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once(':')
        .ok_or_else(|| format!("'{text}' is no header: write name:value, as in x-scope-orgid:acme"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

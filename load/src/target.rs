//! Where the load goes.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use serde::{Deserialize, Serialize};

use crate::error::LoadError;

/// How OTLP is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Protobuf over HTTP/1.1.
    Http,
    /// gRPC, that is HTTP/2 with prior knowledge.
    Grpc,
}

/// A receiver of OTLP. Read from `http://host:4318`, `http://host:4318/prefix` or
/// `grpc://host:4317`; the ports are those of OTLP when they are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// How OTLP is carried.
    pub transport: Transport,
    /// Host and port.
    pub authority: String,
    /// What stands before `/v1/traces`; empty for most.
    pub prefix: String,
}

impl FromStr for Target {
    type Err = LoadError;

    fn from_str(text: &str) -> Result<Self, LoadError> {
        let wrong = |what: &str| LoadError::Target { text: text.to_owned(), what: what.to_owned() };
        let uri: Uri = text.parse().map_err(|error: http::uri::InvalidUri| wrong(&error.to_string()))?;
        let (transport, otlp_port) = match uri.scheme_str() {
            Some("http") => (Transport::Http, 4318),
            Some("grpc") => (Transport::Grpc, 4317),
            Some("https" | "grpcs") => return Err(wrong("load is sent without TLS")),
            _ => return Err(wrong("the scheme is not known")),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| wrong("there is no host"))?;
        let port = uri.port_u16().unwrap_or(otlp_port);
        let prefix = uri.path().trim_end_matches('/').to_owned();
        if transport == Transport::Grpc && !prefix.is_empty() {
            return Err(wrong("gRPC has no path"));
        }
        Ok(Self { transport, authority: format!("{host}:{port}"), prefix })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.transport {
            Transport::Http => "http",
            Transport::Grpc => "grpc",
        };
        write!(f, "{scheme}://{}{}", self.authority, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match text.parse::<Target>() {
            Ok(target) => target.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn addresses() {
        let texts = [
            "http://127.0.0.1:4318",
            "http://gateway",
            "http://gateway:80/otlp/",
            "grpc://[::1]:4317",
            "grpc://gateway",
            "grpc://gateway/x",
            "https://gateway",
            "ftp://gateway",
            "gateway:4317",
            "grpc://",
        ];
        insta::assert_snapshot!(texts.map(read).join("\n"), @r#"
        http://127.0.0.1:4318
        http://gateway:4318
        http://gateway:80/otlp
        grpc://[::1]:4317
        grpc://gateway:4317
        target "grpc://gateway/x": gRPC has no path; write http://host:port or grpc://host:port
        target "https://gateway": load is sent without TLS; write http://host:port or grpc://host:port
        target "ftp://gateway": the scheme is not known; write http://host:port or grpc://host:port
        target "gateway:4317": the scheme is not known; write http://host:port or grpc://host:port
        target "grpc://": empty string; write http://host:port or grpc://host:port
        "#);
    }
}

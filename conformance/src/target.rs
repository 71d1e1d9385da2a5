//! Where the receiver is.

use std::sync::Arc;

use http::{HeaderName, HeaderValue};
use tokio_rustls::rustls::ClientConfig;
use url::Url;

use crate::error::ConformanceError;
use crate::options::Options;
use crate::tls::TlsOptions;

/// The port of OTLP over HTTP.
const HTTP_PORT: u16 = 4318;
/// The port of OTLP over gRPC.
const GRPC_PORT: u16 = 4317;

/// One port of the target.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Host and port as the header `Host` has them.
    pub(crate) authority: String,
    /// The path that all paths are below, without a slash at its end.
    pub(crate) prefix: String,
    /// With TLS: whom to trust.
    pub(crate) tls: Option<Arc<ClientConfig>>,
}

impl Endpoint {
    pub(crate) fn new(url: &Url, options: &TlsOptions) -> Result<Self, ConformanceError> {
        let refused = |what| ConformanceError::Target { url: url.to_string(), what };
        // The parser drops :80 and :443, which are nobody's OTLP ports unless a URL without port means them.
        let (default_port, tls) = match url.scheme() {
            "http" => (80, None),
            "https" => (443, Some(options.load()?)),
            _ => return Err(refused("write http://host:port or https://host:port, for gRPC too")),
        };
        let host = url.host_str().ok_or_else(|| refused("it has no host"))?;
        let port = url.port().unwrap_or(default_port);
        Ok(Self {
            tls,
            // Brackets of an IPv6 address are the URL's, not the address's.
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            authority: format!("{host}:{port}"),
            prefix: url.path().trim_end_matches('/').to_owned(),
        })
    }

    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://{}{}", self.scheme(), self.authority, self.prefix)
    }
}

/// The ports of a target, and whether the one for gRPC was only guessed.
pub(crate) struct Endpoints {
    pub(crate) http: Option<Endpoint>,
    pub(crate) grpc: Option<Endpoint>,
    pub(crate) grpc_is_a_guess: bool,
}

impl Endpoints {
    pub(crate) fn of(options: &Options) -> Result<Self, ConformanceError> {
        let http = options.http.as_ref().map(|url| Endpoint::new(url, &options.tls)).transpose()?;
        let mut grpc = options.grpc.as_ref().map(|url| Endpoint::new(url, &options.tls)).transpose()?;
        let guess = http.as_ref().filter(|http| grpc.is_none() && http.port == HTTP_PORT).map(|http| {
            let host = http.authority.trim_end_matches(&format!(":{HTTP_PORT}"));
            Endpoint {
                host: http.host.clone(),
                port: GRPC_PORT,
                authority: format!("{host}:{GRPC_PORT}"),
                prefix: String::new(),
                tls: http.tls.clone(),
            }
        });
        let grpc_is_a_guess = guess.is_some();
        grpc = grpc.or(guess);
        if http.is_none() && grpc.is_none() {
            return Err(ConformanceError::NoTarget);
        }
        Ok(Self { http, grpc, grpc_is_a_guess })
    }
}

/// The headers that each request of this run carries.
pub(crate) fn own_headers(options: &Options) -> Result<Vec<(HeaderName, HeaderValue)>, ConformanceError> {
    let header = |name: &str, value: &str| {
        let parsed = HeaderName::try_from(name).ok().zip(HeaderValue::try_from(value).ok());
        parsed.ok_or_else(|| ConformanceError::Header { name: name.to_owned() })
    };
    let mut headers = Vec::new();
    for (name, value) in &options.headers {
        headers.push(header(name, value)?);
    }
    if let Some(token) = &options.token {
        headers.push(header("authorization", &format!("Bearer {token}"))?);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(http: &str) -> Endpoints {
        let options = Options { http: Some(http.parse().unwrap()), ..Options::default() };
        Endpoints::of(&options).unwrap()
    }

    #[test]
    fn the_port_of_grpc_is_guessed_beside_4318_only() {
        let e = endpoints("http://[::1]:4318/otlp/");
        let http = e.http.unwrap();
        assert_eq!(
            (http.host.as_str(), http.authority.as_str(), http.prefix.as_str()),
            ("::1", "[::1]:4318", "/otlp")
        );
        let grpc = e.grpc.unwrap();
        assert_eq!((grpc.authority.as_str(), grpc.prefix.as_str()), ("[::1]:4317", ""));
        assert!(e.grpc_is_a_guess);
        assert!(endpoints("http://collector:8080").grpc.is_none());
        let e = endpoints("https://collector:4318");
        let urls = [e.http.unwrap().url(), e.grpc.unwrap().url()];
        assert_eq!(urls, ["https://collector:4318", "https://collector:4317"]);
        assert_eq!(endpoints("https://collector").http.unwrap().port, 443);
    }

    #[test]
    fn what_cannot_be_a_target_is_refused() {
        let with = |url: &str| Options { http: Some(url.parse().unwrap()), ..Options::default() };
        assert!(matches!(Endpoints::of(&Options::default()), Err(ConformanceError::NoTarget)));
        let error = Endpoints::of(&with("grpc://collector")).err().unwrap();
        assert_eq!(
            error.to_string(),
            "the target grpc://collector cannot be used: write http://host:port or https://host:port, for gRPC too"
        );
        let tls = TlsOptions { ca: Some("/nowhere/ca.pem".into()), ..TlsOptions::default() };
        let error = Endpoints::of(&Options { tls, ..with("https://collector") }).err().unwrap();
        assert!(error.to_string().starts_with("/nowhere/ca.pem cannot be used for TLS: "), "{error}");
        let options = Options { token: Some("a\nb".into()), ..Options::default() };
        assert!(matches!(own_headers(&options), Err(ConformanceError::Header { .. })));
    }
}

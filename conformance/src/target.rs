//! Where the receiver is.

use http::{HeaderName, HeaderValue};
use url::Url;

use crate::error::ConformanceError;
use crate::options::Options;

/// The port of OTLP over HTTP.
const HTTP_PORT: u16 = 4318;
/// The port of OTLP over gRPC.
const GRPC_PORT: u16 = 4317;

/// One port of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Host and port as the header `Host` has them.
    pub(crate) authority: String,
    /// The path that all paths are below, without a slash at its end.
    pub(crate) prefix: String,
}

impl Endpoint {
    pub(crate) fn new(url: &Url, default_port: u16) -> Result<Self, ConformanceError> {
        let refused = |what| ConformanceError::Target { url: url.to_string(), what };
        if url.scheme() != "http" {
            return Err(refused("only http:// is spoken: check the port behind the TLS proxy"));
        }
        let host = url.host_str().ok_or_else(|| refused("it has no host"))?;
        // The parser drops :80, which is nobody's OTLP port unless a URL without port means it.
        let port = url.port().unwrap_or(default_port);
        Ok(Self {
            // Brackets of an IPv6 address are the URL's, not the address's.
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            authority: format!("{host}:{port}"),
            prefix: url.path().trim_end_matches('/').to_owned(),
        })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}{}", self.authority, self.prefix)
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
        let http = options.http.as_ref().map(|url| Endpoint::new(url, 80)).transpose()?;
        let mut grpc = options.grpc.as_ref().map(|url| Endpoint::new(url, 80)).transpose()?;
        let guess = http.as_ref().filter(|http| grpc.is_none() && http.port == HTTP_PORT).map(|http| {
            let host = http.authority.trim_end_matches(&format!(":{HTTP_PORT}"));
            Endpoint {
                host: http.host.clone(),
                port: GRPC_PORT,
                authority: format!("{host}:{GRPC_PORT}"),
                prefix: String::new(),
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
        assert_eq!(endpoints("http://collector:8080").grpc, None);
    }

    #[test]
    fn what_cannot_be_a_target_is_refused() {
        let with = |url: &str| Options { http: Some(url.parse().unwrap()), ..Options::default() };
        assert!(matches!(Endpoints::of(&Options::default()), Err(ConformanceError::NoTarget)));
        let error = Endpoints::of(&with("https://collector")).err().unwrap();
        assert_eq!(
            error.to_string(),
            "the target https://collector/ cannot be used: only http:// is spoken: check the port behind the TLS proxy"
        );
        let options = Options { token: Some("a\nb".into()), ..Options::default() };
        assert!(matches!(own_headers(&options), Err(ConformanceError::Header { .. })));
    }
}

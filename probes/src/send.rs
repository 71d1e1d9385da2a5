//! A request, to where the guard allows, and its answer.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use headroom_outbound::{Networks, guard, reason};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use reqwest::tls::TlsInfo;
use url::Url;
use x509_cert::der::Decode as _;

use crate::answer::Answer;
use crate::config::ProbeConfig;
use crate::error::{ProbesError, Result};
use crate::run::Failure;

/// Most of an answer that is read.
pub(crate) const MOST_BYTES: usize = 1 << 20;
/// Who is asking.
pub(crate) const USER_AGENT: &str = concat!("headroom-probe/", env!("CARGO_PKG_VERSION"));

/// A request that is ready to be made.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// Headers of this origin alone: they do not go along to another.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    /// Headers that go along everywhere: whose request it is.
    pub(crate) marks: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) redirects: u8,
}

/// The client of one run: no connection, no look-up and no cookie is left over from the run before.
pub(crate) fn client(probe: &ProbeConfig) -> Result<reqwest::Client> {
    let unready = |problem: String| ProbesError::Unready { probe: probe.name.clone(), problem };
    let mut builder = headroom_outbound::builder(&probe.allow_networks)
        .user_agent(USER_AGENT)
        .tls_info(true)
        .cookie_store(probe.cookies);
    if let Some(path) = &probe.ca {
        let wrong = |why: String| unready(format!("cannot use ca {}: {why}", path.display()));
        let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let certificates =
            reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| wrong(error.to_string()))?;
        if certificates.is_empty() {
            return Err(wrong("it holds no certificate".to_owned()));
        }
        builder = certificates.into_iter().fold(builder, reqwest::ClientBuilder::add_root_certificate);
    }
    builder.build().map_err(|error| unready(format!("http client: {error}")))
}

/// Makes a request, follows as many redirects as it allows, and reads the answer to its end.
///
/// # Errors
/// What kept the answer from coming, without the address.
pub(crate) async fn send(
    client: &reqwest::Client,
    allowed: &Networks,
    mut request: Request,
) -> Result<Answer, Failure> {
    let begun = Instant::now();
    let mut followed = 0;
    loop {
        guard::check_literal(&request.url, allowed)
            .map_err(|refused| failure("refused", &refused.to_string()))?;
        let mut sent =
            client.request(request.method.clone(), request.url.clone()).headers(request.marks.clone());
        for (name, value) in &request.headers {
            sent = sent.header(name, value);
        }
        if let Some(body) = &request.body {
            sent = sent.body(body.clone());
        }
        let response = sent.send().await.map_err(failed)?;
        let location =
            response.headers().get(header::LOCATION).filter(|_| response.status().is_redirection());
        let Some(location) = location.filter(|_| request.redirects > 0) else {
            return whole(response, begun).await;
        };
        if followed == request.redirects {
            return Err(failure("redirects", &format!("more than {followed} redirects")));
        }
        followed += 1;
        let (status, location) = (response.status(), location.clone());
        follow(&mut request, status, &location)?;
    }
}

/// Turns a request into the one that a redirect asks for.
fn follow(request: &mut Request, status: StatusCode, location: &HeaderValue) -> Result<(), Failure> {
    let wrong = |why: &str| Err(failure("redirects", why));
    let Some(to) = location.to_str().ok().and_then(|to| request.url.join(to).ok()) else {
        return wrong("redirected to what is no URL");
    };
    match (request.url.scheme(), to.scheme()) {
        (_, "https") | ("http", "http") => {}
        ("https", "http") => return wrong("redirected from https to http, which is not followed"),
        _ => return wrong("redirected to what is neither http nor https"),
    }
    if to.origin() != request.url.origin() {
        // They may hold secrets that are another host's business to nobody.
        request.headers.clear();
    }
    let changes = status == StatusCode::SEE_OTHER && request.method != Method::HEAD;
    let posts =
        matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND) && request.method == Method::POST;
    if changes || posts {
        request.method = Method::GET;
        request.body = None;
        request.headers.retain(|(name, _)| name != header::CONTENT_TYPE);
    }
    request.url = to;
    Ok(())
}

async fn whole(mut response: reqwest::Response, begun: Instant) -> Result<Answer, Failure> {
    let mut answer = Answer::new(response.status().as_u16(), Duration::ZERO);
    answer.version = response.version();
    answer.headers = response.headers().clone();
    let certificate = response.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate);
    answer.certificate_until = certificate.and_then(until);
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if answer.body.len() + chunk.len() > MOST_BYTES {
            return Err(failure("too_long", &format!("the answer is longer than {MOST_BYTES} bytes")));
        }
        answer.body.extend_from_slice(&chunk);
    }
    answer.duration = begun.elapsed();
    Ok(answer)
}

/// Until when a certificate holds.
fn until(der: &[u8]) -> Option<DateTime<Utc>> {
    let certificate = x509_cert::Certificate::from_der(der).ok()?;
    let until = certificate.tbs_certificate.validity.not_after.to_unix_duration();
    DateTime::from_timestamp(i64::try_from(until.as_secs()).ok()?, 0)
}

fn failed(error: reqwest::Error) -> Failure {
    let kind = if error.is_connect() {
        "connect"
    } else if error.is_body() || error.is_decode() {
        "body"
    } else {
        "request"
    };
    failure(kind, &reason(error))
}

fn failure(kind: &str, reason: &str) -> Failure {
    Failure { kind: kind.to_owned(), reason: reason.to_owned() }
}

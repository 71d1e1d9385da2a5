//! Calendars from URLs.

use headroom_outbound::{Networks, guard, reason};
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use reqwest::{Client, StatusCode};
use url::Url;

use super::file::MOST_BYTES;

/// What names the version of a feed that is known already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
}

/// A text as a feed sent it.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) text: String,
    pub(super) media_type: Option<String>,
    pub(super) version: Version,
}

/// Fetches a feed; nothing if it is still the `known` version.
///
/// # Errors
/// A sentence that does not name the address, which may hold a secret.
pub(super) async fn fetch(
    client: &Client,
    url: &Url,
    allowed: &Networks,
    token: Option<&str>,
    known: &Version,
) -> Result<Option<Sent>, String> {
    guard::check_literal(url, allowed).map_err(|refused| refused.to_string())?;
    let mut request =
        client.get(url.clone()).header(ACCEPT, "text/calendar, text/csv, application/json, */*;q=0.5");
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    for (name, value) in [(IF_NONE_MATCH, &known.etag), (IF_MODIFIED_SINCE, &known.last_modified)] {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    let mut response = request.send().await.map_err(reason)?;
    let status = response.status();
    if status == StatusCode::NOT_MODIFIED && *known != Version::default() {
        return Ok(None);
    }
    if !status.is_success() {
        let hint = match status.as_u16() {
            401 | 403 => "; check token_env",
            300..=399 => "; redirects are not followed, configure the final address",
            _ => "",
        };
        return Err(format!("the feed answered {status}{hint}"));
    }
    let too_long = || format!("the feed is longer than the {MOST_BYTES} bytes that a calendar may have");
    if response.content_length().is_some_and(|length| length > MOST_BYTES) {
        return Err(too_long());
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(reason)? {
        if (bytes.len() + chunk.len()) as u64 > MOST_BYTES {
            return Err(too_long());
        }
        bytes.extend_from_slice(&chunk);
    }
    let headers = response.headers();
    Ok(Some(Sent {
        text: String::from_utf8(bytes).map_err(|_| "the feed is not UTF-8 text".to_owned())?,
        media_type: header(headers, &CONTENT_TYPE),
        version: Version { etag: header(headers, &ETAG), last_modified: header(headers, &LAST_MODIFIED) },
    }))
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

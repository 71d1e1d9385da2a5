//! Answers that a browser or an edge may hold for a moment.
//!
//! They vary by who asks: an edge holds one for each token or session, and asks again, with the tag that it has,
//! once the answer is old. Nobody gets what was answered to somebody else.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// How long an answer is fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// Of now: for a second.
    Now,
    /// Of the past: for a minute. It may still be restated.
    Past,
}

impl Freshness {
    pub(crate) fn of(is_past: bool) -> Self {
        if is_past { Self::Past } else { Self::Now }
    }

    fn control(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Now => "max-age=1, must-revalidate",
            Self::Past => "max-age=60, must-revalidate",
        })
    }
}

/// A JSON body with a tag.
#[derive(Debug)]
pub(crate) struct Cached<T>(pub(crate) T, pub(crate) Freshness);

impl<T: Serialize> IntoResponse for Cached<T> {
    fn into_response(self) -> Response {
        let body = match serde_json::to_vec(&self.0) {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(%error, "an answer could not be written");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, self.1.control());
        headers.insert(header::VARY, HeaderValue::from_static("authorization, cookie"));
        headers.insert(header::ETAG, tag_of(&body));
        (headers, Body::from(body)).into_response()
    }
}

/// The tag of a body: equal for equal ones.
pub(crate) fn tag_of(body: &[u8]) -> HeaderValue {
    let tag = format!("W/\"{}\"", &blake3::hash(body).to_hex()[..32]);
    HeaderValue::try_from(tag).expect("invariant: hexadecimal digits in quotes")
}

/// 304 instead of an answer whose tag the caller has.
pub(crate) fn unless_known(asked: Option<&HeaderValue>, response: Response) -> Response {
    let tag = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
    let known = asked
        .and_then(|tags| tags.to_str().ok())
        .is_some_and(|tags| tags.split(',').map(str::trim).any(|known| known == "*" || Some(known) == tag));
    if !known || tag.is_none() {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::empty())
}

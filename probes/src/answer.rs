//! What came back.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::time::Duration;

use chrono::{DateTime, Utc};
use http::{HeaderMap, Version};
use serde_json::Value;

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The version of HTTP.
    pub version: Version,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// From the beginning of the request to the last byte, redirects included.
    pub duration: Duration,
    /// Until when the server's certificate holds; none over plain HTTP.
    pub certificate_until: Option<DateTime<Utc>>,
    json: OnceLock<Result<Value, String>>,
}

impl Answer {
    /// An answer without headers and body.
    pub fn new(status: u16, duration: Duration) -> Self {
        Self {
            status,
            version: Version::HTTP_11,
            headers: HeaderMap::new(),
            body: Vec::new(),
            duration,
            certificate_until: None,
            json: OnceLock::new(),
        }
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body as JSON, or why it is none.
    pub fn json(&self) -> Result<&Value, &str> {
        let read = || serde_json::from_slice(&self.body).map_err(|error| error.to_string());
        self.json.get_or_init(read).as_ref().map_err(String::as_str)
    }
}

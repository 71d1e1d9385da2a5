//! ClickHouse's HTTP interface over the pool: the part that Headroom's clients use.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::task::{Poll, ready};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use bytes::Bytes;

use super::credentials::authenticate;
use super::library::Failure;
use super::pool::{Body as Parts, Queue};
use super::session::Request;
use super::socket::BreakOff;
use crate::codes;

/// Largest request body in bytes.
const BODY_LIMIT: usize = 1 << 30;

#[derive(Clone)]
struct Shared {
    queue: Queue,
    token: blake3::Hash,
}

/// The interface's routes.
pub(crate) fn router(queue: Queue, token: &str) -> Router {
    let shared = Shared { queue, token: blake3::hash(token.as_bytes()) };
    Router::new()
        .route("/ping", get(|| async { "Ok.\n" }))
        .route("/", get(answer).post(answer))
        .with_state(shared)
}

async fn answer(
    State(shared): State<Shared>,
    ConnectInfo(end): ConnectInfo<BreakOff>,
    request: HttpRequest,
) -> Response {
    match run(&shared, end, request).await {
        Ok(response) => response,
        Err(failure) => failed(&failure),
    }
}

async fn run(shared: &Shared, end: BreakOff, request: HttpRequest) -> Result<Response, Failure> {
    let (head, body) = request.into_parts();
    let mut params = Params::of(head.uri.query().unwrap_or(""));
    authenticate(&shared.token, &head.headers, &mut params)?;
    // A body that breaks off is an error here, so half an insert is never run.
    let body = axum::body::to_bytes(body, BODY_LIMIT).await.map_err(|error| {
        Failure(format!(
            "Code: 33. DB::Exception: the request's body broke off: {error} (CANNOT_READ_ALL_DATA)"
        ))
    })?;
    let request = params.into_request(body, &head.headers, head.method == Method::GET)?;
    let format = request.default_format.clone();
    let parts = shared.queue.run(request).await?;
    let tag = exception_tag();
    let mut response = Response::new(stream(parts, tag.clone(), end));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert("x-clickhouse-timezone", HeaderValue::from_static("UTC"));
    for (name, value) in [("x-clickhouse-format", format), ("x-clickhouse-exception-tag", tag)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    Ok(response)
}

/// The parts as a body. A failure in the middle is written the way ClickHouse does since
/// 25.11, and the connection is broken off behind it, so that no client takes half for the
/// whole.
fn stream(mut parts: Parts, tag: String, end: BreakOff) -> Body {
    let mut failed = false;
    Body::from_stream(futures::stream::poll_fn(move |cx| {
        if failed {
            // What was written is flushed after this, and then the socket breaks.
            end.after_flush();
            return Poll::Pending;
        }
        let part = ready!(parts.poll_recv(cx));
        Poll::Ready(part.map(|part| {
            Ok::<_, Infallible>(part.unwrap_or_else(|Failure(words)| {
                failed = true;
                let len = words.len() + 1;
                format!("\r\n__exception__\r\n{tag}\r\n{words}\n{len} {tag}\r\n__exception__\r\n").into()
            }))
        }))
    }))
}

fn exception_tag() -> String {
    format!("{:016x}", rand::random::<u64>())
}

/// A failure before the first part, as ClickHouse answers it.
fn failed(Failure(words): &Failure) -> Response {
    let code = codes::of_message(words);
    let status = match code {
        60 | 81 => StatusCode::NOT_FOUND,
        62 | 115 | 36 | 42 | 43 | 47 | 48 => StatusCode::BAD_REQUEST,
        159 => StatusCode::REQUEST_TIMEOUT,
        516 => StatusCode::FORBIDDEN,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let mut words = words.clone();
    words.push('\n');
    let mut response = (status, words).into_response();
    if let Ok(value) = HeaderValue::from_str(&code.max(1).to_string()) {
        response.headers_mut().insert("x-clickhouse-exception-code", value);
    }
    response
}

/// The request's URL parameters.
pub(super) struct Params(BTreeMap<String, String>);

impl Params {
    fn of(query: &str) -> Self {
        Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|value| !value.is_empty())
    }

    /// What is left after the known names is settings, as in ClickHouse.
    fn into_request(mut self, body: Bytes, headers: &HeaderMap, is_get: bool) -> Result<Request, Failure> {
        let not_here = |what: &str| {
            Failure(format!(
                "Code: 48. DB::Exception: {what} is not served by the embedded engine (NOT_IMPLEMENTED)"
            ))
        };
        if self.0.keys().any(|name| name.starts_with("param_")) {
            return Err(not_here("a parameterised query (param_*)"));
        }
        for name in ["compress", "decompress"] {
            if self.take(name).is_some_and(|value| value != "0") {
                return Err(not_here("block compression"));
            }
        }
        if self.take("session_id").is_some() {
            return Err(not_here("a session (session_id)"));
        }
        if headers.get(header::CONTENT_ENCODING).is_some_and(|value| value != "identity") {
            return Err(not_here("content encoding"));
        }
        for name in [
            "query_id",
            "quota_key",
            "role",
            "buffer_size",
            "wait_end_of_query",
            "stacktrace",
            "client_protocol_version",
            "session_timeout",
            "session_check",
        ] {
            self.0.remove(name);
        }
        let read_only = self.take("readonly").is_some_and(|value| value != "0") || is_get;
        let from_header = |name: &str| headers.get(name)?.to_str().ok().map(str::to_owned);
        let database = self
            .take("database")
            .or_else(|| from_header("x-clickhouse-database"))
            .unwrap_or_else(|| "default".to_owned());
        let default_format = self
            .take("default_format")
            .or_else(|| from_header("x-clickhouse-format"))
            .unwrap_or_else(|| "TabSeparated".to_owned());
        let (sql, data) = if let Some(sql) = self.take("query") {
            (sql, body)
        } else {
            let sql = String::from_utf8(body.into()).map_err(|_| {
                Failure(
                    "Code: 62. DB::Exception: Syntax error: the query is not UTF-8 (SYNTAX_ERROR)".to_owned(),
                )
            })?;
            (sql, Bytes::new())
        };
        if sql.trim().is_empty() {
            return Err(Failure(
                "Code: 62. DB::Exception: Syntax error: Empty query (SYNTAX_ERROR)".to_owned(),
            ));
        }
        Ok(Request { sql, data, database, default_format, settings: self.0, read_only })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_are_not_known_are_settings() {
        let params = Params::of("query=SELECT+1&database=d&max_threads=1&query_id=q&readonly=2");
        let request = params.into_request(Bytes::new(), &HeaderMap::new(), false).expect("a request");
        assert_eq!(request.sql, "SELECT 1");
        assert_eq!(request.database, "d");
        assert!(request.read_only);
        assert_eq!(request.settings.into_iter().collect::<Vec<_>>(), [("max_threads".into(), "1".into())]);
    }

    #[test]
    fn what_the_engine_cannot_do_is_refused() {
        for query in ["param_x=1", "decompress=1", "session_id=a"] {
            let refused =
                Params::of(query).into_request(Bytes::from_static(b"SELECT 1"), &HeaderMap::new(), false);
            assert!(refused.expect_err(query).0.contains("is not served by the embedded engine"));
        }
    }
}

//! What came of a request, read from the answers of both transports as OTLP defines them.

use std::time::Duration;

use ::http::HeaderMap;
use ::http::header::RETRY_AFTER;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{DateTime, Utc};
use percent_encoding::percent_decode;
use prost::Message;

use crate::body::PREFIX;

/// What came of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Acknowledged, but for so many records.
    Taken { rejected: u64 },
    /// Refused for now; with the time that the receiver asks for.
    Later { status: String, message: String, after: Option<Duration> },
    /// Refused for good.
    Never { status: String, message: String },
    /// There was no answer. `sent`: bytes of the request may have reached the receiver.
    Lost { why: String, sent: bool },
}

/// The same fields in the responses of all signals.
#[derive(Clone, PartialEq, Message)]
struct ExportResponse {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

#[derive(Clone, PartialEq, Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    rejected: i64,
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Detail>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, Message)]
struct Detail {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// `google.rpc.RetryInfo`.
#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<RetryDelay>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, PartialEq, Message)]
struct RetryDelay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// The answer in a whole HTTP response.
pub(super) fn http(status: u16, headers: &HeaderMap, body: &[u8]) -> Answer {
    if (200..300).contains(&status) {
        return taken(body);
    }
    let message = match RpcStatus::decode(body) {
        Ok(status) if !status.message.is_empty() => status.message,
        _ => String::from_utf8_lossy(body).chars().take(300).collect(),
    };
    let status = status.to_string();
    if matches!(status.as_str(), "429" | "502" | "503" | "504") {
        Answer::Later { status, message, after: retry_after(headers, Utc::now()) }
    } else {
        Answer::Never { status, message }
    }
}

/// The answer in a whole gRPC response: `trailers` are the headers when nothing else came.
pub(super) fn grpc(http: u16, trailers: &HeaderMap, body: &[u8]) -> Answer {
    let header = |name| trailers.get(name).map(::http::HeaderValue::as_bytes);
    let code = header("grpc-status").and_then(|code| std::str::from_utf8(code).ok()?.parse::<u32>().ok());
    let Some(code) = code else {
        // Not gRPC's own answer, but that of something in between.
        let (status, message) = (format!("http {http}"), "there is no grpc-status".to_owned());
        return match http {
            429 | 502..=504 => Answer::Later { status, message, after: None },
            _ => Answer::Never { status, message },
        };
    };
    if code == 0 {
        return taken(body.get(PREFIX..).unwrap_or_default());
    }
    let message = percent_decode(header("grpc-message").unwrap_or_default()).decode_utf8_lossy().into_owned();
    let after = header("grpc-status-details-bin").and_then(retry_info);
    let status = format!("grpc {code}");
    // CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS; and
    // RESOURCE_EXHAUSTED only where the receiver says when it will have recovered.
    match code {
        1 | 4 | 10 | 11 | 14 | 15 => Answer::Later { status, message, after },
        8 if after.is_some() => Answer::Later { status, message, after },
        _ => Answer::Never { status, message },
    }
}

/// An acknowledgement whose body is not protobuf is one all the same; there are receivers that
/// answer `{}` to everything.
fn taken(body: &[u8]) -> Answer {
    let rejected = ExportResponse::decode(body).ok().and_then(|response| response.partial_success);
    Answer::Taken { rejected: rejected.map_or(0, |one| one.rejected.max(0) as u64) }
}

/// Seconds or a date.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(value).ok()?;
    Some((date.with_timezone(&Utc) - now).to_std().unwrap_or_default())
}

fn retry_info(details: &[u8]) -> Option<Duration> {
    let details: Vec<u8> = details.iter().copied().filter(|byte| *byte != b'=').collect();
    let status = RpcStatus::decode(STANDARD_NO_PAD.decode(details).ok()?.as_slice()).ok()?;
    let info = status.details.iter().find(|one| one.type_url.ends_with("/google.rpc.RetryInfo"))?;
    let delay = RetryInfo::decode(info.value.as_slice()).ok()?.retry_delay.unwrap_or_default();
    let seconds = u64::try_from(delay.seconds).unwrap_or(0);
    Some(Duration::new(seconds, u32::try_from(delay.nanos).unwrap_or(0).min(999_999_999)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn details(seconds: i64) -> String {
        let value = RetryInfo { retry_delay: Some(RetryDelay { seconds, nanos: 500 }) }.encode_to_vec();
        let type_url = "type.googleapis.com/google.rpc.RetryInfo".to_owned();
        let status = RpcStatus { message: "full".into(), details: vec![Detail { type_url, value }] };
        STANDARD_NO_PAD.encode(status.encode_to_vec())
    }

    #[test]
    fn http_answers() {
        let none = headers(&[]);
        let partial =
            ExportResponse { partial_success: Some(PartialSuccess { rejected: 3 }) }.encode_to_vec();
        assert_eq!(http(200, &none, b""), Answer::Taken { rejected: 0 });
        assert_eq!(http(200, &none, b"{}"), Answer::Taken { rejected: 0 });
        assert_eq!(http(200, &none, &partial), Answer::Taken { rejected: 3 });
        for (status, again) in [
            (400, false),
            (401, false),
            (413, false),
            (500, false),
            (429, true),
            (502, true),
            (503, true),
            (504, true),
        ] {
            let answer = http(status, &none, b"why");
            assert_eq!(matches!(answer, Answer::Later { after: None, .. }), again, "{answer:?}");
        }
        let later = http(429, &headers(&[("retry-after", "7")]), b"\x12\x03why");
        let after = Some(Duration::from_secs(7));
        assert_eq!(later, Answer::Later { status: "429".into(), message: "why".into(), after });
    }

    #[test]
    fn retry_after_may_be_a_date() {
        let now = "2026-11-25T08:49:30Z".parse().unwrap();
        let at = |text| retry_after(&headers(&[("retry-after", text)]), now);
        assert_eq!(at("Wed, 25 Nov 2026 08:49:37 GMT"), Some(Duration::from_secs(7)));
        assert_eq!(at("Wed, 25 Nov 2026 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(at("soon"), None);
    }

    #[test]
    fn grpc_answers() {
        let partial =
            ExportResponse { partial_success: Some(PartialSuccess { rejected: 3 }) }.encode_to_vec();
        let framed = [&[0, 0, 0, 0, partial.len() as u8], partial.as_slice()].concat();
        assert_eq!(grpc(200, &headers(&[("grpc-status", "0")]), &framed), Answer::Taken { rejected: 3 });
        assert_eq!(grpc(200, &headers(&[("grpc-status", "0")]), &[]), Answer::Taken { rejected: 0 });
        for code in 1..=16_u32 {
            let code_text = code.to_string();
            let plain = grpc(200, &headers(&[("grpc-status", &code_text)]), &[]);
            let again = matches!(code, 1 | 4 | 10 | 11 | 14 | 15);
            assert_eq!(matches!(plain, Answer::Later { .. }), again, "{plain:?}");
            let info = details(4);
            let told = headers(&[
                ("grpc-status", &code_text),
                ("grpc-status-details-bin", &info),
                ("grpc-message", "log%20full"),
            ]);
            let told = grpc(200, &told, &[]);
            if again || code == 8 {
                let after = Some(Duration::new(4, 500));
                assert_eq!(
                    told,
                    Answer::Later { status: format!("grpc {code}"), message: "log full".into(), after }
                );
            } else {
                assert!(matches!(told, Answer::Never { .. }), "{told:?}");
            }
        }
        assert!(matches!(grpc(503, &headers(&[]), b""), Answer::Later { .. }));
        assert!(matches!(grpc(404, &headers(&[]), b""), Answer::Never { .. }));
    }
}

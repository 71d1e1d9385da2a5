//! A request that is refused: one list of reasons for both transports.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tonic::Code;

use crate::auth::AuthRefusal;
use crate::limits::Tenant;
use crate::log::AppendError;
use crate::wire::Writer;

/// Why a whole request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Malformed,
    Unauthenticated,
    WrongRole,
    NotFound,
    Method,
    TooLarge,
    MediaType,
    Encoding,
    BytesRate,
    RecordsRate,
    LogFull,
    Memory,
    DiskFull,
    Disk,
    Slow,
    AuthUnavailable,
    Stopping,
}

impl Why {
    /// The label in metrics.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unauthenticated => "unauthenticated",
            Self::WrongRole => "wrong_role",
            Self::NotFound => "not_found",
            Self::Method => "method",
            Self::TooLarge => "too_large",
            Self::MediaType => "media_type",
            Self::Encoding => "encoding",
            Self::BytesRate => "bytes_per_second",
            Self::RecordsRate => "records_per_second",
            Self::LogFull => "log_full",
            Self::Memory => "memory",
            Self::DiskFull => "disk_full",
            Self::Disk => "disk",
            Self::Slow => "slow",
            Self::AuthUnavailable => "auth_unavailable",
            Self::Stopping => "stopping",
        }
    }

    /// The HTTP status; the retryable ones are those the protocol lets a client retry.
    pub(crate) const fn http(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::WrongRole => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType | Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BytesRate | Self::RecordsRate | Self::LogFull | Self::Memory => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::DiskFull | Self::Disk | Self::Slow | Self::AuthUnavailable | Self::Stopping => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// The gRPC code.
    pub(crate) const fn grpc(self) -> Code {
        match self {
            Self::Malformed => Code::InvalidArgument,
            Self::Unauthenticated => Code::Unauthenticated,
            Self::WrongRole => Code::PermissionDenied,
            Self::NotFound | Self::Method | Self::MediaType | Self::Encoding => Code::Unimplemented,
            Self::TooLarge | Self::BytesRate | Self::RecordsRate | Self::LogFull | Self::Memory => {
                Code::ResourceExhausted
            }
            Self::DiskFull | Self::Disk | Self::Slow | Self::AuthUnavailable | Self::Stopping => {
                Code::Unavailable
            }
        }
    }

    /// How long a client should wait before it tries again, if nothing better is known;
    /// `None`: it must not.
    const fn usual_wait(self) -> Option<Duration> {
        match self {
            Self::LogFull => Some(Duration::from_secs(5)),
            Self::BytesRate | Self::RecordsRate | Self::Memory | Self::Slow | Self::Stopping => {
                Some(Duration::from_secs(1))
            }
            Self::DiskFull | Self::Disk | Self::AuthUnavailable => Some(Duration::from_secs(10)),
            _ => None,
        }
    }
}

/// A refusal with its words.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) why: Why,
    pub(crate) message: String,
    /// Whose request it was, when that is known.
    pub(crate) tenant: Option<Arc<Tenant>>,
    wait: Option<Duration>,
}

impl Refusal {
    pub(crate) fn new(why: Why, message: impl Into<String>) -> Self {
        Self { why, message: message.into(), tenant: None, wait: why.usual_wait() }
    }

    /// A refusal that will be none in `wait`.
    pub(crate) fn after(why: Why, message: impl Into<String>, wait: Duration) -> Self {
        Self { wait: Some(wait), ..Self::new(why, message) }
    }

    /// The refusal of a request of `tenant`.
    pub(crate) fn of(self, tenant: &Arc<Tenant>) -> Self {
        Self { tenant: Some(tenant.clone()), ..self }
    }

    /// Seconds until a client may try again, at least one; `None`: it must not.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.wait.map(|wait| (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
    }

    pub(crate) fn too_large(max: usize, when: &str) -> Self {
        Self::new(
            Why::TooLarge,
            format!("the request is larger than {max} bytes {when}: send smaller batches"),
        )
    }

    /// `google.rpc.Status` in protobuf, with `RetryInfo` or `BadRequest` when they apply.
    pub(crate) fn status_protobuf(&self) -> Vec<u8> {
        let mut status = Writer::new();
        status.varint(1, self.why.grpc() as u64);
        status.bytes(2, self.message.as_bytes());
        if let Some(seconds) = self.retry_after() {
            let mut info = Writer::new();
            let mark = info.open(1);
            info.varint(1, seconds);
            info.close(mark);
            detail(&mut status, "google.rpc.RetryInfo", &info.finish());
        }
        if self.why == Why::Malformed {
            let mut bad = Writer::new();
            let mark = bad.open(1);
            bad.bytes(1, b"body");
            bad.bytes(2, self.message.as_bytes());
            bad.close(mark);
            detail(&mut status, "google.rpc.BadRequest", &bad.finish());
        }
        status.finish()
    }

    /// The same in JSON.
    pub(crate) fn status_json(&self) -> Vec<u8> {
        let mut details = Vec::new();
        if let Some(seconds) = self.retry_after() {
            details.push(serde_json::json!({
                "@type": "type.googleapis.com/google.rpc.RetryInfo",
                "retryDelay": format!("{seconds}s"),
            }));
        }
        if self.why == Why::Malformed {
            details.push(serde_json::json!({
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{"field": "body", "description": self.message}],
            }));
        }
        let mut status = serde_json::json!({"code": self.why.grpc() as i32, "message": self.message});
        if !details.is_empty() {
            status["details"] = details.into();
        }
        status.to_string().into_bytes()
    }
}

fn detail(status: &mut Writer, type_name: &str, value: &[u8]) {
    let mark = status.open(3);
    status.bytes(1, format!("type.googleapis.com/{type_name}").as_bytes());
    status.bytes(2, value);
    status.close(mark);
}

impl From<AuthRefusal> for Refusal {
    fn from(refusal: AuthRefusal) -> Self {
        let why = match refusal {
            AuthRefusal::Missing | AuthRefusal::Unknown => Why::Unauthenticated,
            AuthRefusal::WrongRole => Why::WrongRole,
            AuthRefusal::Unavailable => Why::AuthUnavailable,
        };
        Self::new(why, refusal.to_string())
    }
}

impl From<AppendError> for Refusal {
    fn from(error: AppendError) -> Self {
        let why = match error {
            AppendError::Full { .. } => Why::LogFull,
            AppendError::TooLarge { .. } => Why::TooLarge,
            AppendError::DiskFull => Why::DiskFull,
            AppendError::Disk(_) => Why::Disk,
            AppendError::Stopped => Why::Stopping,
        };
        Self::new(why, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Refusal, Why};

    /// Retryable on HTTP are 429 and 503 only, and both carry a time; nothing else may.
    #[test]
    fn clients_are_told_to_retry_only_what_may_pass() {
        let all = [
            Why::Malformed,
            Why::Unauthenticated,
            Why::WrongRole,
            Why::NotFound,
            Why::Method,
            Why::TooLarge,
            Why::MediaType,
            Why::Encoding,
            Why::BytesRate,
            Why::RecordsRate,
            Why::LogFull,
            Why::Memory,
            Why::DiskFull,
            Why::Disk,
            Why::Slow,
            Why::AuthUnavailable,
            Why::Stopping,
        ];
        let shown: Vec<_> = all
            .iter()
            .map(|why| {
                let retry = why.usual_wait().map_or(String::new(), |d| format!(" after {d:?}"));
                assert_eq!(matches!(why.http().as_u16(), 429 | 503), !retry.is_empty());
                format!("{}: {} {:?}{retry}", why.label(), why.http().as_u16(), why.grpc())
            })
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
        malformed: 400 InvalidArgument
        unauthenticated: 401 Unauthenticated
        wrong_role: 403 PermissionDenied
        not_found: 404 Unimplemented
        method: 405 Unimplemented
        too_large: 413 ResourceExhausted
        media_type: 415 Unimplemented
        encoding: 415 Unimplemented
        bytes_per_second: 429 ResourceExhausted after 1s
        records_per_second: 429 ResourceExhausted after 1s
        log_full: 429 ResourceExhausted after 5s
        memory: 429 ResourceExhausted after 1s
        disk_full: 503 Unavailable after 10s
        disk: 503 Unavailable after 10s
        slow: 503 Unavailable after 1s
        auth_unavailable: 503 Unavailable after 10s
        stopping: 503 Unavailable after 1s
        ");
    }

    #[test]
    fn a_time_to_come_back_is_in_whole_seconds() {
        let after = |ms| {
            Refusal::after(Why::BytesRate, "", Duration::from_millis(ms)).retry_after().expect("may retry")
        };
        assert_eq!([after(0), after(1), after(1000), after(2001)], [1, 1, 1, 3]);
        assert_eq!(Refusal::new(Why::Malformed, "").retry_after(), None);
    }
}

//! How a gRPC call ends.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::HeaderMap;

use crate::status::Status;

/// gRPC's code for success.
pub(crate) const OK: i32 = 0;
/// What is asked for is not offered.
pub(crate) const UNIMPLEMENTED: i32 = 12;
/// The request is bad.
pub(crate) const INVALID_ARGUMENT: i32 = 3;
/// Too much of something.
pub(crate) const RESOURCE_EXHAUSTED: i32 = 8;
/// Who are you.
pub(crate) const UNAUTHENTICATED: i32 = 16;

/// The end of a gRPC call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GrpcStatus {
    pub(crate) code: i32,
    pub(crate) message: String,
    /// `grpc-status-details-bin`, if it was there.
    pub(crate) details: Option<Result<Status, String>>,
}

/// The end of a call, from its trailers or, when it has no message, its headers.
pub(crate) fn grpc_status(headers: &HeaderMap) -> Option<GrpcStatus> {
    let text = |name: &str| headers.get(name).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
    let code = text("grpc-status")?.trim().parse().unwrap_or(2);
    // Some send padding, some do not; both are right.
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let details = text("grpc-status-details-bin").map(|details| {
        let bytes = GeneralPurpose::new(&STANDARD, config).decode(details.trim());
        bytes.map_err(|e| format!("it is no base64: {e}")).and_then(|b| Status::from_protobuf(&b))
    });
    Some(GrpcStatus { code, message: percent_decoded(&text("grpc-message").unwrap_or_default()), details })
}

fn percent_decoded(text: &str) -> String {
    let (bytes, mut out, mut at) = (text.as_bytes(), Vec::new(), 0);
    while at < bytes.len() {
        let code =
            (bytes[at] == b'%').then(|| u8::from_str_radix(text.get(at + 1..at + 3)?, 16).ok()).flatten();
        out.push(code.unwrap_or(bytes[at]));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A gRPC code with its name.
pub(crate) fn code_name(code: i32) -> String {
    const NAMES: [&str; 17] = [
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ];
    let name = usize::try_from(code).ok().and_then(|code| NAMES.get(code));
    name.map_or_else(|| format!("gRPC code {code}"), |name| (*name).to_owned())
}

//! `google.rpc.Status`, in both formats.

use prost::Message as _;
use serde_json::Value;

/// The part of `google.rpc.Status` that OTLP speaks of.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Status {
    #[prost(int32, tag = "1")]
    pub(crate) code: i32,
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(crate) details: Vec<Detail>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Detail {
    #[prost(string, tag = "1")]
    pub(crate) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) value: Vec<u8>,
}

impl Status {
    /// Reads protobuf.
    pub(crate) fn from_protobuf(body: &[u8]) -> Result<Self, String> {
        Self::decode(body).map_err(|e| format!("the body is no google.rpc.Status in protobuf: {e}"))
    }

    /// Reads JSON; of the details only the type is kept.
    pub(crate) fn from_json(body: &[u8]) -> Result<Self, String> {
        let wrong = |what: &str| format!("the body is no google.rpc.Status in JSON: {what}");
        let value: Value = serde_json::from_slice(body).map_err(|e| wrong(&e.to_string()))?;
        let object = value.as_object().ok_or_else(|| wrong("it is no object"))?;
        let mut status = Self::default();
        if let Some(code) = object.get("code").filter(|v| !v.is_null()) {
            let code = code.as_i64().and_then(|code| i32::try_from(code).ok());
            status.code = code.ok_or_else(|| wrong("code is no number"))?;
        }
        if let Some(message) = object.get("message").filter(|v| !v.is_null()) {
            message.as_str().ok_or_else(|| wrong("message is no text"))?.clone_into(&mut status.message);
        }
        if let Some(details) = object.get("details").filter(|v| !v.is_null()) {
            for detail in details.as_array().ok_or_else(|| wrong("details is no array"))? {
                let name = detail.get("@type").and_then(Value::as_str);
                let type_url = name.ok_or_else(|| wrong("a detail has no @type"))?.to_owned();
                status.details.push(Detail { type_url, value: Vec::new() });
            }
        }
        Ok(status)
    }

    /// Whether a detail of this type is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.details.iter().any(|d| d.type_url.rsplit('/').next() == Some(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_are_read() {
        // code 3, message "no", a detail "t/google.rpc.BadRequest" without value.
        let bytes = b"\x08\x03\x12\x02no\x1a\x19\x0a\x17t/google.rpc.BadRequest";
        let status = Status::from_protobuf(bytes).unwrap();
        assert_eq!((status.code, status.message.as_str()), (3, "no"));
        assert!(status.has("google.rpc.BadRequest"));
        let json = br#"{"code":3,"message":"no","details":[{"@type":"t/google.rpc.BadRequest"}]}"#;
        let same = Status::from_json(json).unwrap();
        assert_eq!((same.code, same.message.as_str()), (3, "no"));
        assert!(same.has("google.rpc.BadRequest") && !same.has("google.rpc.RetryInfo"));
    }

    #[test]
    fn what_is_no_status_is_told() {
        for bad in [&b""[..], b"bad request", b"[]", b"\"text\"", br#"{"code":"x"}"#, br#"{"message":1}"#] {
            assert!(Status::from_json(bad).unwrap_err().starts_with("the body is no google.rpc.Status"));
        }
        assert!(Status::from_protobuf(b"bad request").is_err());
    }
}

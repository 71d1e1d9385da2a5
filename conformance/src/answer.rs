//! What came back.

use bytes::Bytes;
use http::HeaderMap;
use serde_json::Value;

use crate::grpc::{GrpcStatus, OK, RESOURCE_EXHAUSTED, code_name, grpc_status};
use crate::report::{AnswerShown, shown_bytes};
use crate::status::Status;
use crate::wire::{Signal, Wire};

/// The most bytes of a body that a report shows.
const SHOWN: usize = 2048;

/// An answer of the target.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// How the request was sent.
    pub(crate) wire: Wire,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// From trailers or headers; only over gRPC.
    pub(crate) grpc: Option<GrpcStatus>,
}

/// `partial_success` of an export response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Partial {
    pub(crate) rejected: i64,
    pub(crate) message: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct PartialProtobuf {
    #[prost(int64, tag = "1")]
    rejected: i64,
    #[prost(string, tag = "2")]
    message: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ResponseProtobuf {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialProtobuf>,
}

impl Answer {
    pub(crate) fn new(
        wire: Wire,
        status: u16,
        headers: HeaderMap,
        body: Bytes,
        trailers: Option<&HeaderMap>,
    ) -> Self {
        let grpc = (wire == Wire::Grpc)
            .then(|| trailers.and_then(grpc_status).or_else(|| grpc_status(&headers)))
            .flatten();
        Self { wire, status, headers, body, grpc }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The media type of the body, without parameters.
    pub(crate) fn media_type(&self) -> Option<&str> {
        Some(self.header("content-type")?.split(';').next().unwrap_or_default().trim())
    }

    /// The status of HTTP or of gRPC in words.
    pub(crate) fn summary(&self) -> String {
        match (&self.grpc, self.wire) {
            (Some(status), _) => format!("{} ({})", code_name(status.code), status.message),
            (None, Wire::Grpc) => format!("HTTP status {} without grpc-status", self.status),
            (None, _) => format!("HTTP status {}", self.status),
        }
    }

    /// Whether the receiver says that it took the request.
    pub(crate) fn is_success(&self) -> bool {
        match self.wire {
            Wire::Grpc => self.status == 200 && self.grpc.as_ref().is_some_and(|s| s.code == OK),
            Wire::HttpProtobuf | Wire::HttpJson => self.status == 200,
        }
    }

    /// Whether the protocol lets a client send the same request again.
    pub(crate) fn is_retryable(&self) -> bool {
        match (&self.grpc, self.wire) {
            (Some(status), _) => match status.code {
                1 | 4 | 10 | 11 | 14 | 15 => true,
                RESOURCE_EXHAUSTED => self.has_retry_info(),
                _ => false,
            },
            // What gRPC clients make of a proxy's answer.
            (None, _) => matches!(self.status, 429 | 502 | 503 | 504),
        }
    }

    pub(crate) fn has_retry_info(&self) -> bool {
        let details = self.grpc.as_ref().and_then(|s| s.details.as_ref()?.as_ref().ok());
        details.is_some_and(|status| status.has("google.rpc.RetryInfo"))
    }

    /// The `Export*ServiceResponse`: its `partial_success`, if it is set.
    pub(crate) fn response(&self, signal: Signal) -> Result<Option<Partial>, String> {
        match self.wire {
            Wire::Grpc => {
                let Some(([flag, length @ ..], message)) = self.body.split_first_chunk::<5>() else {
                    return Err("the answer holds no message".to_owned());
                };
                if *flag != 0 || u32::from_be_bytes(*length) as usize != message.len() {
                    return Err("the answer is not one whole message".to_owned());
                }
                protobuf_response(message)
            }
            Wire::HttpProtobuf => protobuf_response(&self.body),
            Wire::HttpJson => json_response(&self.body, signal),
        }
    }

    /// The `google.rpc.Status` of a refusal over HTTP, in the format of the request.
    pub(crate) fn error_status(&self) -> Result<Status, String> {
        let wanted = self.wire.content_type();
        match self.media_type() {
            Some(got) if got.eq_ignore_ascii_case(wanted) => {}
            Some(got) => return Err(format!("the content type is {got}")),
            None => return Err("there is no content type".to_owned()),
        }
        match self.wire {
            Wire::HttpJson => Status::from_json(&self.body),
            Wire::Grpc | Wire::HttpProtobuf => Status::from_protobuf(&self.body),
        }
    }

    /// For the report.
    pub(crate) fn shown(&self) -> AnswerShown {
        let text = |v: &http::HeaderValue| String::from_utf8_lossy(v.as_bytes()).into_owned();
        AnswerShown {
            status: self.status,
            headers: self.headers.iter().map(|(name, v)| (name.to_string(), text(v))).collect(),
            body_bytes: self.body.len(),
            body: shown_bytes(&self.body[..self.body.len().min(SHOWN)]),
            grpc_status: self.grpc.as_ref().map(|s| code_name(s.code)),
            grpc_message: self.grpc.as_ref().map(|s| s.message.clone()),
            grpc_details: self.grpc.as_ref().and_then(|s| s.details.as_ref()).map(|d| match d {
                Ok(status) => status.details.iter().map(|d| d.type_url.clone()).collect(),
                Err(error) => vec![error.clone()],
            }),
        }
    }
}

fn protobuf_response(message: &[u8]) -> Result<Option<Partial>, String> {
    let response: ResponseProtobuf = prost::Message::decode(message)
        .map_err(|e| format!("the answer is no export response in protobuf: {e}"))?;
    Ok(response.partial_success.map(|p| Partial { rejected: p.rejected, message: p.message }))
}

fn json_response(body: &[u8], signal: Signal) -> Result<Option<Partial>, String> {
    let wrong = |what: &str| format!("the answer is no export response in JSON: {what}");
    let value: Value = serde_json::from_slice(body).map_err(|e| wrong(&e.to_string()))?;
    let object = value.as_object().ok_or_else(|| wrong("it is no object"))?;
    let Some(partial) = object.get("partialSuccess").filter(|v| !v.is_null()) else { return Ok(None) };
    let partial = partial.as_object().ok_or_else(|| wrong("partialSuccess is no object"))?;
    let rejected = match partial.get(signal.rejected_key()) {
        None | Some(Value::Null) => 0,
        Some(Value::String(text)) => {
            text.parse().map_err(|_| wrong(&format!("{} is no number", signal.rejected_key())))?
        }
        Some(number) => {
            number.as_i64().ok_or_else(|| wrong(&format!("{} is no number", signal.rejected_key())))?
        }
    };
    let message = match partial.get("errorMessage") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => return Err(wrong("errorMessage is no text")),
    };
    Ok(Some(Partial { rejected, message }))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn http(wire: Wire, status: u16, content_type: &str, body: &'static [u8]) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_str(content_type).unwrap());
        Answer::new(wire, status, headers, Bytes::from_static(body), None)
    }

    #[test]
    fn responses_are_read_in_both_formats() {
        let set = Some(Partial { rejected: 1, message: "x".into() });
        let answer = http(Wire::HttpProtobuf, 200, "application/x-protobuf", b"\x0a\x05\x08\x01\x12\x01x");
        assert_eq!(answer.response(Signal::Traces), Ok(set.clone()));
        for json in [
            &br#"{"partialSuccess":{"rejectedSpans":"1","errorMessage":"x"}}"#[..],
            br#"{"partialSuccess":{"rejectedSpans":1,"errorMessage":"x"}}"#,
        ] {
            let answer = http(Wire::HttpJson, 200, "application/json", json);
            assert_eq!(answer.response(Signal::Traces), Ok(set.clone()));
        }
        let answer = http(Wire::HttpJson, 200, "application/json", b"{}");
        assert_eq!(answer.response(Signal::Logs), Ok(None));
        // Set, though empty: protobuf can tell the difference.
        let answer = http(Wire::HttpProtobuf, 200, "application/x-protobuf", b"\x0a\x00");
        assert!(answer.response(Signal::Logs).unwrap().is_some());
        let answer = http(Wire::HttpJson, 200, "application/json", b"OK");
        assert!(answer.response(Signal::Logs).unwrap_err().contains("no export response in JSON"));
    }

    proptest! {
        /// A receiver may answer anything; the suite has to get over it.
        #[test]
        fn no_answer_is_too_strange(
            body in proptest::collection::vec(any::<u8>(), 0..64),
            message in "[ -~]{0,12}",
            details in "[A-Za-z0-9+/=]{0,16}",
        ) {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-status", HeaderValue::from_static("3"));
            headers.insert("grpc-message", HeaderValue::from_str(&message).unwrap());
            headers.insert("grpc-status-details-bin", HeaderValue::from_str(&details).unwrap());
            for wire in Wire::ALL {
                headers.insert("content-type", HeaderValue::from_static(wire.content_type()));
                let answer = Answer::new(wire, 400, headers.clone(), body.clone().into(), None);
                let _ = (answer.response(Signal::Logs), answer.error_status(), answer.shown());
                prop_assert_eq!(answer.grpc.is_some(), wire == Wire::Grpc);
            }
        }
    }

    #[test]
    fn the_end_of_a_call_is_read_from_trailers_or_headers() {
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from_static("8"));
        trailers.insert("grpc-message", HeaderValue::from_static("too%20much 100%"));
        // code 8, a detail of the type google.rpc.RetryInfo; without padding.
        let details = b"\x08\x08\x1a\x18\x0a\x16t/google.rpc.RetryInfo";
        let text = base64::engine::general_purpose::STANDARD_NO_PAD.encode(details);
        trailers.insert("grpc-status-details-bin", HeaderValue::from_str(&text).unwrap());
        let answer = Answer::new(Wire::Grpc, 200, HeaderMap::new(), Bytes::new(), Some(&trailers));
        assert_eq!(answer.summary(), "RESOURCE_EXHAUSTED (too much 100%)");
        assert!(answer.has_retry_info() && answer.is_retryable() && !answer.is_success());
        let answer = Answer::new(Wire::Grpc, 200, trailers, Bytes::new(), None);
        assert!(answer.is_retryable());
        let answer = Answer::new(Wire::Grpc, 502, HeaderMap::new(), Bytes::new(), None);
        assert_eq!(answer.summary(), "HTTP status 502 without grpc-status");
        assert!(answer.is_retryable());
    }
}

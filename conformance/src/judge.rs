//! Rulings on answers.

use crate::answer::{Answer, Partial};
use crate::grpc::{RESOURCE_EXHAUSTED, code_name};
use crate::status::Status;
use crate::wire::{Signal, Wire};

/// What a check comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// Kept, perhaps with something to note.
    Pass(Option<String>),
    Skip(String),
    Fail {
        expected: String,
        found: String,
    },
}

impl Ruling {
    pub(crate) const PASS: Self = Self::Pass(None);

    pub(crate) fn note(text: impl Into<String>) -> Self {
        Self::Pass(Some(text.into()))
    }

    pub(crate) fn skip(reason: impl Into<String>) -> Self {
        Self::Skip(reason.into())
    }

    pub(crate) fn fail(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Fail { expected: expected.into(), found: found.into() }
    }
}

const SUCCESS_GRPC: &str = "grpc-status OK with an export response";
const SUCCESS_HTTP: &str = "HTTP status 200 with an export response";

fn success_wanted(answer: &Answer) -> &'static str {
    if answer.wire == Wire::Grpc { SUCCESS_GRPC } else { SUCCESS_HTTP }
}

/// The export response of a success, or the ruling that there is none.
pub(crate) fn response(answer: &Answer, signal: Signal) -> Result<Option<Partial>, Ruling> {
    let expected = success_wanted(answer);
    if !answer.is_success() {
        return Err(Ruling::fail(expected, answer.summary()));
    }
    answer.response(signal).map_err(|error| Ruling::fail(expected, error))
}

/// The request was taken whole. A warning is allowed, and a `partial_success` that is set
/// without need as well: a check of its own looks at that.
pub(crate) fn accepted(answer: &Answer, signal: Signal) -> Ruling {
    match response(answer, signal) {
        Err(ruling) => ruling,
        Ok(Some(partial)) if partial.rejected != 0 => Ruling::fail(
            "every record is taken",
            format!("{} rejected: {}", partial.rejected, partial.message),
        ),
        Ok(Some(partial)) if !partial.message.is_empty() => {
            Ruling::note(format!("with a warning: {}", partial.message))
        }
        Ok(_) => Ruling::PASS,
    }
}

/// `partial_success` is unset, as it must be after a full success.
pub(crate) fn partial_success_unset(answer: &Answer, signal: Signal) -> Ruling {
    match response(answer, signal) {
        Err(ruling) => ruling,
        Ok(None) => Ruling::PASS,
        Ok(Some(partial)) => Ruling::fail(
            "partial_success is unset",
            format!("it is set: {} rejected, message {:?}", partial.rejected, partial.message),
        ),
    }
}

/// The body's format is that of the request.
pub(crate) fn same_content_type(answer: &Answer) -> Ruling {
    let wanted = answer.wire.content_type();
    let expected = format!("the content type of the request, {wanted}");
    match answer.media_type() {
        Some(got) if got.eq_ignore_ascii_case(wanted) => Ruling::PASS,
        Some(got) => Ruling::fail(expected, format!("content-type: {got}")),
        None => Ruling::fail(expected, "no content type"),
    }
}

/// Refused with one of these HTTP statuses or gRPC codes.
pub(crate) fn refused(answer: &Answer, statuses: &[u16], codes: &[i32]) -> Ruling {
    match (&answer.grpc, answer.wire) {
        (Some(status), _) if codes.contains(&status.code) => Ruling::PASS,
        (None, Wire::HttpProtobuf | Wire::HttpJson) if statuses.contains(&answer.status) => Ruling::PASS,
        (_, Wire::Grpc) => {
            let codes: Vec<_> = codes.iter().map(|code| code_name(*code)).collect();
            Ruling::fail(format!("grpc-status {}", codes.join(" or ")), answer.summary())
        }
        (_, _) => {
            let statuses: Vec<_> = statuses.iter().map(u16::to_string).collect();
            Ruling::fail(format!("HTTP status {}", statuses.join(" or ")), answer.summary())
        }
    }
}

/// Refused such that no client sends it again: a 4xx but 429, or a code that is not retryable.
pub(crate) fn refused_for_good(answer: &Answer) -> Ruling {
    let expected = match answer.wire {
        Wire::Grpc => "a gRPC code that is not retryable",
        _ => "a 4xx status other than 429",
    };
    let good = match (&answer.grpc, answer.wire) {
        (Some(status), _) => status.code != 0 && !answer.is_retryable(),
        (None, Wire::Grpc) => false,
        (None, _) => (400..500).contains(&answer.status) && answer.status != 429,
    };
    if good { Ruling::PASS } else { Ruling::fail(expected, answer.summary()) }
}

/// Taken or refused for good, but no error of the receiver's own, and nothing that is sent again.
pub(crate) fn taken_or_refused(answer: &Answer, signal: Signal) -> Ruling {
    if !answer.is_success() {
        return match refused_for_good(answer) {
            Ruling::Pass(_) => Ruling::note(format!("refused: {}", answer.summary())),
            ruling => ruling,
        };
    }
    match response(answer, signal) {
        Err(ruling) => ruling,
        Ok(Some(p)) if p.rejected != 0 => Ruling::note(format!("{} rejected: {}", p.rejected, p.message)),
        Ok(_) => Ruling::note("taken"),
    }
}

/// Too large: 413, or RESOURCE_EXHAUSTED without an invitation to try again.
pub(crate) fn too_large(answer: &Answer) -> Ruling {
    match refused(answer, &[413], &[RESOURCE_EXHAUSTED]) {
        Ruling::Pass(_) if answer.has_retry_info() => Ruling::fail(
            "RESOURCE_EXHAUSTED without RetryInfo: the same request will never fit",
            "RESOURCE_EXHAUSTED with RetryInfo",
        ),
        ruling => ruling,
    }
}

/// The body of a refusal over HTTP is a Status in the format of the request.
pub(crate) fn status_body(answer: &Answer) -> Ruling {
    on_status(answer, |_| Ruling::PASS)
}

/// The Status of a refusal over HTTP says something.
pub(crate) fn status_message(answer: &Answer) -> Ruling {
    on_status(answer, |status| {
        if status.message.is_empty() {
            Ruling::fail("Status.message tells a developer what is wrong", "it is empty")
        } else {
            Ruling::PASS
        }
    })
}

/// The Status of bad data says which data is bad.
pub(crate) fn bad_request_details(answer: &Answer) -> Ruling {
    on_status(answer, |status| {
        if status.has("google.rpc.BadRequest") {
            Ruling::PASS
        } else {
            Ruling::fail("Status.details holds a google.rpc.BadRequest", "it holds none")
        }
    })
}

fn on_status(answer: &Answer, judge: impl Fn(&Status) -> Ruling) -> Ruling {
    if answer.status < 400 {
        return Ruling::fail("a 4xx status", answer.summary());
    }
    let wanted = answer.wire.content_type();
    match answer.error_status() {
        Ok(status) => judge(&status),
        Err(error) => {
            Ruling::fail(format!("a google.rpc.Status as {wanted} (HTTP status {})", answer.status), error)
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue};

    use super::*;

    fn grpc(code: &'static str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("grpc-status", HeaderValue::from_static(code));
        Answer::new(Wire::Grpc, 200, headers, Bytes::from_static(&[0; 5]), None)
    }

    fn json(status: u16, body: &'static str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        Answer::new(Wire::HttpJson, status, headers, Bytes::from_static(body.as_bytes()), None)
    }

    fn passes(ruling: &Ruling) -> bool {
        matches!(ruling, Ruling::Pass(_))
    }

    #[test]
    fn a_rejected_record_is_no_full_success_and_a_set_field_is_not_unset() {
        let traces = Signal::Traces;
        assert!(passes(&accepted(&json(200, "{}"), traces)));
        assert!(passes(&accepted(&json(200, r#"{"partialSuccess":{}}"#), traces)));
        assert!(!passes(&partial_success_unset(&json(200, r#"{"partialSuccess":{}}"#), traces)));
        assert!(!passes(&accepted(&json(200, r#"{"partialSuccess":{"rejectedSpans":1}}"#), traces)));
        assert!(!passes(&accepted(&json(202, "{}"), traces)));
        assert!(passes(&accepted(&grpc("0"), traces)));
    }

    #[test]
    fn what_is_sent_again_is_no_refusal_for_good() {
        for (answer, good) in [
            (json(400, ""), true),
            (json(429, ""), false),
            (json(500, ""), false),
            (json(200, "{}"), false),
            (grpc("3"), true),
            (grpc("8"), true),
            (grpc("14"), false),
            (grpc("11"), false),
            (grpc("0"), false),
        ] {
            assert_eq!(passes(&refused_for_good(&answer)), good, "{}", answer.summary());
        }
    }

    #[test]
    fn a_status_needs_the_format_of_the_request() {
        assert!(passes(&status_body(&json(400, r#"{"message":"no"}"#))));
        assert!(!passes(&status_body(&json(400, "no"))));
        assert!(!passes(&status_body(&json(200, "{}"))));
        assert!(!passes(&status_message(&json(400, "{}"))));
        let mut answer = json(400, r#"{"message":"no"}"#);
        answer.headers.insert("content-type", HeaderValue::from_static("text/plain"));
        let Ruling::Fail { found, .. } = status_body(&answer) else { panic!("passed") };
        assert_eq!(found, "the content type is text/plain");
    }
}

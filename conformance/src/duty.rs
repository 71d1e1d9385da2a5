//! The duties of an OTLP receiver, and how strongly each is meant.

use std::fmt;

use serde::Serialize;

/// How strongly a check is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The specification says MUST.
    Must,
    /// The specification says SHOULD, or recommends it.
    Should,
    /// An offer that the protocol allows; checked only where it is made.
    May,
    /// Not in the specification's letter, but senders rely on it.
    Robustness,
}

impl Level {
    /// Every level, the strongest first.
    pub const ALL: [Self; 4] = [Self::Must, Self::Should, Self::May, Self::Robustness];
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
            Self::Robustness => "robustness",
        })
    }
}

/// One duty of a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Duty {
    /// Its number in reports.
    pub number: u8,
    /// The duty in a sentence.
    pub title: &'static str,
    /// Where it is written.
    pub section: &'static str,
}

const fn duty(number: u8, title: &'static str, section: &'static str) -> Duty {
    Duty { number, title, section }
}

/// The duties, in the order of the specification; number `n` is at `n - 1`.
pub const DUTIES: [Duty; 15] = [
    duty(1, "no compression and gzip are understood on every transport", "Protocol Details"),
    duty(2, "the size of a request is limited, as sent and after decompression", "Request"),
    duty(3, "the size of an answer stays within what clients take", "Response"),
    duty(4, "success, partial success and warning are told apart", "Full Success, Partial Success"),
    duty(5, "an empty request succeeds", "Full Success"),
    duty(6, "gRPC codes tell what may be retried", "OTLP/gRPC Response, Failures"),
    duty(7, "back-pressure is signalled", "OTLP/gRPC Throttling, OTLP/HTTP Throttling"),
    duty(8, "HTTP codes tell what may be retried; bad data is 400", "OTLP/HTTP Response, Failures"),
    duty(9, "an error's body is a google.rpc.Status in the format of the request", "OTLP/HTTP Response"),
    duty(10, "JSON: hex ids, integer enums, unknown keys ignored", "JSON Protobuf Encoding"),
    duty(11, "values may be of any kind, empty or nested", "common.proto, AnyValue"),
    duty(12, "the same request may come twice", "Duplicate Data"),
    duty(13, "paths, methods, connections and concurrent requests", "OTLP/HTTP Request, Connection"),
    duty(14, "every message of the schema is taken, from older and newer senders too", "Future Versions"),
    duty(15, "a wrong token is refused in the protocol's terms", "All Other Responses"),
];

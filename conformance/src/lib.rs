//! Checks an OTLP receiver against every duty of the protocol.
//!
//! **What it is for.** OTLP says in prose what a receiver must do; receivers differ in what they
//! do. This suite sends what clients send, and what broken clients send, over all three wires
//! (gRPC, HTTP with protobuf, HTTP with JSON) and says of each duty whether it is kept. It
//! knows nothing of the receiver behind the address: only the protocol, OTLP 1.11.
//!
//! **The way of a check.** [`run`] finds out what is reachable, makes the list of checks
//! (`checks`, a file per subject, most of them tables over wires and signals), and runs them one
//! by one. A check builds a `Request` from a fixture, the `Client` sends it on a connection of
//! its own, and a judge (`judge`) rules on the `Answer`. Fixtures are written once, as
//! OTLP/JSON; `message` encodes them as protobuf, also in the odd but legal ways (fields in
//! reverse, unknown fields everywhere, messages in two parts) that other encoders never show.
//!
//! **Fair by the letter.** Each check has a [`Level`]: `MUST` and `SHOULD` are the
//! specification's words, `MAY` is an offer that is checked only where it is made, and
//! `robustness` is what the protocol leaves open but senders rely on. What the letter allows
//! passes, if need be with a note: a receiver that does not validate trace ids keeps the
//! protocol. What cannot be found out is skipped with the reason, and counts for nothing.
//!
//! **Without harm.** All records are of the service `otlp-conformance` and of now. No check
//! floods the receiver, so the duty to signal back-pressure (duty 7) has no check; an answer
//! that asks to come back later is obeyed. Large bodies are padded with what a receiver skips.
//!
//! **The result** is a [`Report`]: a verdict for each check, with request and answer where one
//! failed, and the [`Score`]. It can be serialised, or shown as text with `Display`.

mod answer;
mod check;
mod checks;
mod client;
mod connection;
mod duty;
mod error;
mod fixture;
mod grpc;
mod judge;
mod message;
mod options;
mod render;
mod report;
mod request;
mod run;
mod status;
mod target;
mod tls;
mod wire;

pub use duty::{DUTIES, Duty, Level};
pub use error::ConformanceError;
pub use options::Options;
pub use report::{
    AnswerShown, DutyScore, Failure, LevelScore, Outcome, Report, RequestShown, Score, Verdict,
};
pub use run::{Listed, list, run};
pub use tls::TlsOptions;

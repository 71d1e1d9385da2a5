//! Telemetry in: OTLP over gRPC and HTTP, to a durable log, to columns, to the store.
//!
//! **The promise.** When a client is told that its records were accepted, they are on disk
//! (fsync), and each of them will be in the store exactly once, whatever is killed in between.
//! No record is dropped after that answer; before it, a request is taken or refused as a whole,
//! and a bad record in a good request is rejected alone, told to the client, and kept in the
//! table `rejected`.
//!
//! **The way of a request.** [`Ingest`] listens on two ports. `grpc` and `http` are thin: they
//! find signal, format and encoding, and hand the body to `receive`, which asks the
//! [`Authenticator`] for the tenant, looks whether there is room (`body` bounds size and memory)
//! and whether the tenant keeps its limits (`limits`), rewrites JSON as protobuf ([`json`]), and
//! walks the request once with [`decode::walk`] to count good and bad records. Then [`log`] appends the bytes and syncs them, together with
//! other requests, and the client gets its answer. Refusals are listed in one place, `refusal`,
//! with their status in both transports.
//!
//! **The way of a slice.** The log's thread cuts what was appended into slices by rows, bytes or
//! age, and writes their boundaries to the log before it hands them out. The worker threads of
//! `pipeline` read a slice from the log, walk its requests again (the same code, now with
//! [`decode::Tables`] as its sink: from the bytes straight into the store's column builders, no
//! structs in between), and insert one block per table under the token
//! `blake3(segment, start, end, table)`. The same slice has the same tokens after any crash,
//! so the store recognises what it has. A commit mark follows; a segment whose slices are all
//! committed is deleted.
//!
//! **Other ways in.** A source that is no OTLP client (Kafka) uses [`Intake`], which takes the
//! same way from `receive` on and writes the source's position into the same log record.
//!
//! **When something is wrong.** Store down: slices wait in the log, inserts are tried for ever.
//! Log full: 429 or RESOURCE_EXHAUSTED with a time to come back. Disk full: 503 or UNAVAILABLE.
//! Store refuses a slice for good: it goes to the folder `dead`, with a row in `rejected`.
//! Everything is counted (`headroom_ingest_*`) and shown in [`Ingest::status`].
//!
//! Nothing here knows what the records mean beyond their columns; that is the query crate's.

mod auth;
mod body;
mod config;
pub mod decode;
mod error;
mod grpc;
mod http;
mod intake;
pub mod json;
mod limits;
pub mod log;
mod pipeline;
mod receive;
mod refusal;
mod replay;
mod service;
mod signal;
mod status;
pub mod wire;

pub use auth::{AuthRefusal, Authenticator};
pub use config::IngestConfig;
pub use error::IngestError;
pub use headroom_tls::TlsFiles;
pub use intake::{Intake, IntakeError, Taken};
pub use limits::{ContractsConfig, Enforcement, Limits, ReasonCount, TenantLimits};
pub use pipeline::LastError;
pub use replay::{MOST_REPLAYED, REPLAYED_REASONS, Replay, ReplayError, ReplayOrder, Replayed};
pub use service::Ingest;
pub use signal::Signal;
pub use status::{Accepted, IngestStatus, LimitUse, PerSecond, TenantStatus};

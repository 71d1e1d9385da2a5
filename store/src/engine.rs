//! The embedded engine: ClickHouse in a child process.
//!
//! `headroom engine` loads `libchdb.so` (ClickHouse as a library) and serves ClickHouse's
//! HTTP interface on loopback behind a random token. The parent ([`Supervisor`]) starts
//! it, waits until it answers, restarts it when it dies, and hands its address to the same
//! client that speaks to a server. A crash in the library kills the child, not the
//! program.
//!
//! In the child: [`library`] finds the library and wraps its C interface; `session` runs
//! one request on one connection without leaving settings behind; `pool` is a row of
//! threads with a connection each, because a connection can do one thing at a time; `http`
//! is the interface, on sockets (`socket`) that break behind a failed answer. [`run`] puts them together and takes them down in order, because
//! leaving without closing the connections crashes.
//!
//! The engine has no users or policies of its own, and its SQL reads files: text that a
//! person wrote must never reach it.

mod credentials;
mod http;
pub mod library;
mod lock;
mod pool;
mod run;
mod session;
mod socket;
mod statement;
mod stitch;
mod supervisor;

pub use run::{EngineArgs, INHERITED, TOKEN_VARIABLE, run};
pub use supervisor::{Supervisor, SupervisorConfig};

//! TLS for the doors that listen.
//!
//! What is configured and cannot be used is an error at the start, never a reason to go on in clear. [`TlsFiles`] are
//! read into [`Keys`], which follow a renewed certificate; a [`TlsListener`] makes the handshakes of a port.

mod files;
mod keys;
mod listener;

/// What a door of gRPC and HTTP speaks, in ALPN.
pub const HTTP: &[&[u8]] = &[b"h2", b"http/1.1"];

pub use files::{TlsError, TlsFiles};
pub use keys::Keys;
pub use listener::{Refused, TlsListener};

//! Probes against a real server, and on through the ingester and the store to an objective.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod objective;
mod prober;
mod server;
mod steps;
mod wording;

//! The suite against a receiver that keeps every duty, and against faulty ones.
#![allow(clippy::unwrap_used, missing_docs)]

mod faults;
mod headroom;
mod proxy;
mod support;
mod targets;

//! Walls of a simulated platform through the whole way: generator, OTLP, store, laws. Load tests and the report.
#![allow(clippy::unwrap_used, missing_docs)]

mod load_tests;
mod platform;
mod report;
mod support;

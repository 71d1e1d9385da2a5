//! The forecasters against recorded data.

#![allow(clippy::unwrap_used)]

mod accuracy;
mod anomalies;
mod files;
mod odd;
#[path = "../../../calendar/tests/it/recorded.rs"]
mod recorded;
mod signals;
#[path = "../../examples/spy/data.rs"]
mod spy;
mod volume;
mod young;

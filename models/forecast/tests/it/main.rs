//! The forecasters against recorded data.

#![allow(clippy::unwrap_used)]

mod recorded;
#[path = "../../examples/spy/data.rs"]
mod spy;
mod volume;

//! The calendar and the forecasters against recorded data, and the loop against the store.

#![allow(clippy::unwrap_used)]

mod planned;
mod recorded;
mod sessions;
#[path = "../../examples/spy/data.rs"]
mod spy;
mod volume;

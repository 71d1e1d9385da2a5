//! The simulator against published figures and recorded data.

#![allow(clippy::unwrap_used)]

#[path = "../../../calendar/tests/it/recorded.rs"]
mod recorded;
mod step;
mod worldcup;

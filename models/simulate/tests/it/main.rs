//! The simulator against published figures and recorded data.

#![allow(clippy::unwrap_used)]

mod measures;
#[path = "../../../calendar/tests/it/recorded.rs"]
mod recorded;
mod step;
mod worldcup;

//! The whole program as its users meet it: started as a process, driven over its own doors.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod access;
mod archive;
mod attacks;
mod audit;
mod capacity;
mod command_line;
mod crashes;
mod demand;
mod load;
mod nodes;
mod pages;
mod portfolio;
mod portfolios;
mod probes;
mod program;
mod prometheus;
mod refusals;
mod reports;
mod sdks;
mod slo;
#[path = "../sdk/tools.rs"]
mod tools;

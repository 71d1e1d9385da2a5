//! The whole program as its users meet it: started as a process, driven over its own doors.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by panicking")]

mod access;
mod archive;
mod attacks;
mod audit;
mod capacity;
mod command_line;
mod crashes;
mod crowd;
mod demand;
#[path = "../../oidc/tests/it/issuer.rs"]
#[allow(dead_code, reason = "it is the provider of the crate that signs people in")]
mod issuer;
mod live;
mod load;
mod logs;
mod masking;
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
mod shared;
mod sign_in;
mod slo;
#[path = "../sdk/tools.rs"]
mod tools;

//! Questions put to a real ClickHouse: each test inserts into a database of its own and
//! checks the answers.
#![allow(clippy::unwrap_used)]

mod assets;
mod bodies;
mod canary;
mod deployments;
mod fixture;
mod latency;
mod lookup;
mod portfolio;
mod quarantine;
mod scan;
mod services;
mod slo;
mod tenants;
mod traces;

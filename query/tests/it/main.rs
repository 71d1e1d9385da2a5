//! Questions put to a real ClickHouse: each test inserts into a database of its own and
//! checks the answers.
#![allow(clippy::unwrap_used)]

mod assets;
mod bodies;
mod bubbleup;
mod by_day;
mod canary;
mod compare;
mod deployments;
mod fixture;
mod latency;
mod logs;
mod lookup;
mod metrics;
mod portfolio;
mod quarantine;
mod red;
mod sampling;
mod scan;
mod service_map;
mod services;
mod slo;
mod tenants;
mod traces;

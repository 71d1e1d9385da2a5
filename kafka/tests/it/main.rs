//! Kafka sources against librdkafka's mock cluster and, if there is one, a real broker.
#![allow(clippy::unwrap_used, missing_docs)]

mod crash;
mod dead;
mod events;
mod faults;
mod pause;
mod place;
mod rebalance;
mod support;

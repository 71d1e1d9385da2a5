//! Tests of the store against ClickHouse: the embedded engine, or the server that
//! `HEADROOM_TEST_CLICKHOUSE` names; the cluster test needs `HEADROOM_TEST_CLUSTER`.
#![allow(clippy::unwrap_used, missing_docs)]

mod blocks;
mod cluster;
mod doctor;
mod engine;
mod erase;
mod figures;
mod migrations;
mod rebuild;
mod rollups;
mod spans;

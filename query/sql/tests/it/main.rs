//! The SQL door over a real ClickHouse: the embedded engine, or the server named by
//! `HEADROOM_TEST_CLICKHOUSE`.
#![allow(clippy::unwrap_used)]

mod answers;
mod archive;
mod attacks;
mod catalog;
mod clients;
mod crowds;
mod data;
mod days;
mod differential;
mod edges;
mod facts;
mod flight;
mod latency;
mod limits;
mod numbers;
mod own;
mod postgres;
mod psql;
mod questions;
mod records;
#[path = "../../../../tests/sdk/tools.rs"]
mod tools;
mod unplugged;

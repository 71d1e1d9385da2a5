//! The ingester as clients see it, on a real ClickHouse.
#![allow(clippy::unwrap_used, missing_docs)]

mod columns;
mod contracts;
mod crash;
mod grpc;
mod http;
mod intake;
mod json;
mod limits;
mod outage;
mod points;
mod pressure;
mod process;
mod proxy;
mod retries;
mod rollups;
mod soak;
mod support;
mod tls;

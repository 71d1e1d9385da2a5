//! Integration tests of the scaler.

#![allow(clippy::unwrap_used)]

mod deploy;
mod desk;
mod export;
mod generated;
mod http;
mod keda;
mod planner;
mod python;
mod tls;

//! Integration tests of the scaler.

mod desk;
mod generated;
mod http;
mod keda;
mod planner;
mod tls;

//! The plan, told to autoscalers.
//!
//! [`Plans`] is where wanted replicas come from; a [`Desk`] makes one answer of them, by one rule, for every door:
//!
//! - [`external_scaler`]: KEDA's external scaler over gRPC, and [`serve`], which listens for it with or without TLS;
//! - [`router`]: JSON for KEDA's metrics-api scaler, gauges for Prometheus, the Kubernetes external metrics API,
//!   and whether the scaler is ready;
//! - [`export`]: the steps ahead as manifests, schedules of three clouds, calendar and table;
//! - [`notice`]: what a webhook says before and after each step.
//!
//! The way of a number: planner -> [`Plans::wanted`] -> [`Desk::answer`] -> a door.
//!
//! # Invariants
//!
//! - No door ever tells 0 replicas. A number that nobody stands for is refused, and the autoscaler keeps what runs.
//! - Every door gives the same question the same number at the same time.
//! - Nothing here waits for a store or a network.

mod ask;
mod config;
mod desk;
pub mod export;
mod http;
mod keda;
pub mod notice;
mod plans;
mod policy;
pub mod proto;
mod refusal;
mod serve;
mod tolerance;

pub use ask::Ask;
pub use config::ScalerConfig;
pub use desk::{Answer, Desk, Source};
pub use headroom_tls::TlsFiles;
pub use http::{gauges, router};
pub use keda::{KedaScaler, external_scaler, metric_name};
pub use plans::{NoPlan, Plans, Step, Target, Wanted};
pub use policy::{Bounds, Policy};
pub use refusal::Refusal;
pub use serve::{ServeError, serve};

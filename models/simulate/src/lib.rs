//! Replays demand against the Kubernetes autoscaler's published rules, to see what a way to scale would have done.
//!
//! A [`Demand`] meets a [`Cluster`]: the autoscaler's rules ([`Hpa`]), how long replicas and nodes take to start
//! ([`Startup`]), and what one replica serves. A [`Policy`] says where the replicas come from: the autoscaler alone,
//! the peak, planned floors, or a perfect forecast. [`run`] gives the [`Outcome`]: how long capacity was short, what
//! it cost, which events it was ready for. [`Predictive`] plans with this project's own forecaster and planner, from
//! the past and the calendar alone.
//!
//! What is left out: queues and retries, a scheduler's delays, replicas that fail. A second's demand above the
//! capacity is unserved, and the metric tells the demand and not only what was served.

mod demand;
mod fleet;
pub mod hpa;
mod outcome;
mod policy;
mod predictive;
mod run;

pub use demand::Demand;
pub use fleet::{Nodes, Startup};
pub use hpa::Hpa;
pub use outcome::{Outcome, Sample, Shortage};
pub use policy::{Floors, Policy, Seen, Steps};
pub use predictive::Predictive;
pub use run::{Cluster, run};

/// Why a replay cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

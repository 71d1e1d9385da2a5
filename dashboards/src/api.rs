//! The handlers of `/api/v1`, a file per noun.

pub(crate) mod actions;
pub(crate) mod alertmanager;
pub(crate) mod alerts;
pub(crate) mod anomalies;
mod arguments;
pub(crate) mod audit;
pub(crate) mod calendar;
pub(crate) mod capacity;
pub(crate) mod deliveries;
pub(crate) mod deployments;
pub(crate) mod forecasts;
pub(crate) mod gate;
pub(crate) mod ingest;
pub(crate) mod latency;
pub(crate) mod lookup;
pub(crate) mod overview;
pub(crate) mod plan;
pub(crate) mod portfolios;
pub(crate) mod replay;
pub(crate) mod services;
pub(crate) mod session;
pub(crate) mod silences;
pub(crate) mod slos;
pub(crate) mod sql;
pub(crate) mod traces;

//! The rows of the tables `forecasts` and `plans`.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use crate::body::ForecastEvent;

/// The one metric forecast so far: requests that a service receives per minute.
pub(crate) const METRIC: &str = "requests_per_minute";

/// One minute's forecast as it is stored.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub(crate) struct ForecastRow {
    pub(crate) tenant: String,
    pub(crate) metric: String,
    pub(crate) service: String,
    /// Milliseconds since the epoch.
    pub(crate) made_at: i64,
    /// Seconds since the epoch.
    pub(crate) ts: i64,
    pub(crate) q50: f64,
    pub(crate) q80: f64,
    pub(crate) q90: f64,
    pub(crate) q95: f64,
    pub(crate) q99: f64,
    pub(crate) q999: f64,
    /// Each an event as JSON, in the form of [`ForecastEvent`].
    pub(crate) events: Vec<String>,
    pub(crate) model: String,
}

/// One minute's plan as it is stored.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub(crate) struct PlanRow {
    pub(crate) tenant: String,
    pub(crate) service: String,
    /// Milliseconds since the epoch.
    pub(crate) made_at: i64,
    /// Seconds since the epoch.
    pub(crate) ts: i64,
    pub(crate) replicas: u32,
    pub(crate) reactive: u32,
    pub(crate) reason: String,
}

/// An event as it is stored beside the minutes it moves.
pub(crate) fn event_text(event: &ForecastEvent) -> String {
    serde_json::to_string(event).expect("invariant: an event has string keys and finite numbers")
}

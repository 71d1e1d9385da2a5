//! The JSON bodies of the forecast and plan pages.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::plan::{Plan, ServiceCapacity};

/// A service's forecast over a range, beside what was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ForecastBody {
    /// The service.
    pub service: String,
    /// What is forecast: `requests_per_minute`.
    pub metric: String,
    /// When the newest of the points was made.
    pub made_at: Option<DateTime<Utc>>,
    /// The model that made the newest points.
    pub model: Option<String>,
    /// The forecast, in the order of time. Points in the past are the last ones made before their minute.
    pub points: Vec<ForecastPoint>,
    /// Requests per minute as measured.
    pub actual: Vec<ActualPoint>,
    /// The calendar's entries that touch the range.
    pub events: Vec<ForecastEvent>,
    /// Why there is no forecast, when there is none.
    pub unavailable: Option<String>,
}

/// The demand quantiles of one minute, in requests per minute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ForecastPoint {
    /// Start of the minute.
    pub ts: DateTime<Utc>,
    /// Median.
    pub q50: f64,
    /// 80 % quantile.
    pub q80: f64,
    /// 90 % quantile.
    pub q90: f64,
    /// 95 % quantile.
    pub q95: f64,
    /// 99 % quantile.
    pub q99: f64,
    /// 99.9 % quantile.
    pub q999: f64,
}

/// What was measured in one minute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActualPoint {
    /// Start of the minute.
    pub ts: DateTime<Utc>,
    /// Requests per minute; a minute without data has no point.
    pub value: f64,
}

/// A calendar entry and what it does to the demand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ForecastEvent {
    /// Its name in words.
    pub name: String,
    /// Its class, such as `rate_decision` or `open`.
    pub class: String,
    /// Market identifier code of the venue, if it belongs to one.
    pub venue: Option<String>,
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When its effect is over.
    pub end: DateTime<Utc>,
    /// Its largest multiplier on the demand of an ordinary day at that time; of an open or a close, the demand in
    /// it over that of the hour before.
    pub multiplier: f64,
}

/// The replica plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlanBody {
    /// When the newest plan was made.
    pub made_at: Option<DateTime<Utc>>,
    /// One plan for each service.
    pub services: Vec<ServicePlan>,
}

/// One service's plan: the steps from now on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServicePlan {
    /// The service.
    pub service: String,
    /// Requests per minute that one replica carries.
    pub capacity_per_replica: Option<f64>,
    /// Seconds from asking for a replica until it serves.
    pub lead_seconds: Option<u32>,
    /// The demand quantile provisioned for.
    pub quantile: Option<f64>,
    /// The steps, each with its reason.
    pub steps: Vec<PlanStep>,
}

/// One change of the planned replicas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlanStep {
    /// From when on.
    pub ts: DateTime<Utc>,
    /// Replicas planned.
    pub replicas: u32,
    /// Replicas that reactive scaling would ask for at that time.
    pub reactive: u32,
    /// Why, in a sentence.
    pub reason: String,
}

impl ServicePlan {
    /// A plan that was just made, as it is told: its changes.
    pub fn of(service: String, plan: &Plan, capacity: &ServiceCapacity) -> Self {
        let mut steps: Vec<PlanStep> = Vec::new();
        for minute in &plan.minutes {
            if steps.last().is_none_or(|last| last.replicas != minute.replicas) {
                steps.push(PlanStep {
                    ts: minute.ts,
                    replicas: minute.replicas,
                    reactive: minute.reactive,
                    reason: minute.reason.to_string(),
                });
            }
        }
        Self {
            service,
            capacity_per_replica: Some(capacity.requests_per_minute),
            lead_seconds: Some(capacity.lead_seconds),
            quantile: Some(capacity.quantile()),
            steps,
        }
    }
}

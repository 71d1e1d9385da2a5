//! The JSON bodies of the forecast and plan pages.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::plan::{Mode, Plan, ServiceCapacity};

/// What is forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SubjectsBody {
    /// By metric, then by service.
    pub subjects: Vec<ForecastSubject>,
}

/// Something that is forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ForecastSubject {
    /// `requests_per_minute`, or a series of the configuration.
    pub metric: String,
    /// The service; empty for a series of none.
    pub service: String,
}

/// A forecast over a range, beside what was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ForecastBody {
    /// The service; empty for a series of none.
    pub service: String,
    /// What is forecast: `requests_per_minute`, or a series of the configuration.
    pub metric: String,
    /// When the newest of the points was made.
    pub made_at: Option<DateTime<Utc>>,
    /// The model that made the newest points.
    pub model: Option<String>,
    /// The forecast, in the order of time. Points in the past are the last ones made before their minute.
    pub points: Vec<ForecastPoint>,
    /// The minutes as measured.
    pub actual: Vec<ActualPoint>,
    /// The calendar's entries that touch the range.
    pub events: Vec<ForecastEvent>,
    /// Where demand was not as forecast, what no event explains first, then by how far out it was.
    pub anomalies: Vec<AnomalyBody>,
    /// What the newest back-test found, by which the model was chosen; nothing while there was too little history.
    pub skill: Option<SkillBody>,
    /// Why there is no forecast, when there is none.
    pub unavailable: Option<String>,
}

/// The demand quantiles of one minute, in requests per minute or in the unit of the series.
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
    /// Requests per minute, or the series' number; a minute without data has no point.
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

/// Where demand was not as forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AnomaliesBody {
    /// What no event explains first, then by how far out it was; at most the newest 1,000 of the range.
    pub anomalies: Vec<AnomalyBody>,
}

/// One anomaly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AnomalyBody {
    /// The service; empty for a series of none.
    pub service: String,
    /// What was forecast: `requests_per_minute`, or a series of the configuration.
    pub metric: String,
    /// The minute that made it certain.
    pub ts: DateTime<Utc>,
    /// Since when it lasts.
    pub since: DateTime<Utc>,
    /// `point`: a minute far outside the band; `run`: many a little outside; `shape`: an hour of another course;
    /// `level`: a level that changed and stayed.
    pub kind: String,
    /// `above` or `below` what was expected.
    pub side: String,
    /// Demand in the minute.
    pub value: f64,
    /// The median forecast for it at the midnight before.
    pub expected: f64,
    /// How far out, in half widths of the band, whose edge is the 99.9 % quantile; of a shape, the hour's unevenness
    /// over the usual one.
    pub score: f64,
    /// The probability of a minute so far out; of a run, a shape or a level as far as it can be told.
    pub tail: f64,
    /// The event that is on, if any.
    pub event: Option<String>,
    /// A sentence.
    pub reason: String,
    /// When it was found.
    pub detected_at: DateTime<Utc>,
}

/// What a back-test found of the forecasters of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SkillBody {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The forecaster that was chosen.
    pub chosen: String,
    /// Every forecaster that was tried, the one with the least loss first.
    pub models: Vec<ModelSkill>,
}

/// The scores of one forecaster, a day ahead over the last days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelSkill {
    /// The forecaster.
    pub model: String,
    /// Its scores over all steps and over parts of them.
    pub parts: Vec<SkillPart>,
}

/// The scores over some steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SkillPart {
    /// `all`, `event` or `lead`.
    pub kind: String,
    /// `all`; a class of events, or `ordinary`; how far ahead, such as `2: 15 to 60 min`.
    pub part: String,
    /// Steps scored.
    pub points: u32,
    /// Pinball loss of the 90 % quantile over the mean demand.
    pub pinball90: f64,
    /// Share of steps at or below the 90 % quantile.
    pub coverage90: f64,
    /// The median's absolute error over that of the same step a day before; nothing where that made none.
    pub relative_mae: Option<f64>,
    /// The loss over all quantiles over that of the seasonal naive forecast by the day before; nothing where that had
    /// none.
    pub relative_wql: Option<f64>,
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
    /// Whether it was planned to be acted on (`act`) or only shown (`shadow`); nothing in plans stored before that was
    /// kept.
    #[schema(value_type = Option<String>)]
    pub mode: Option<Mode>,
}

impl PlanStep {
    /// The changes of a plan just made, each at the start of its minute.
    pub(crate) fn of(plan: &Plan) -> Vec<Self> {
        let minutes = plan.minutes.iter().map(|minute| Self {
            ts: minute.ts,
            replicas: minute.replicas,
            reactive: minute.reactive,
            reason: minute.reason.to_string(),
            mode: Some(plan.mode),
        });
        changes(minutes.collect())
    }
}

/// Of a plan by the minute, the first minute and each that has another number than the one before.
pub(crate) fn changes(mut minutes: Vec<PlanStep>) -> Vec<PlanStep> {
    minutes.dedup_by_key(|minute| minute.replicas);
    minutes
}

impl ServicePlan {
    /// A plan that was just made, as it is told: its changes.
    pub fn of(service: String, plan: &Plan, capacity: &ServiceCapacity) -> Self {
        Self {
            service,
            capacity_per_replica: Some(capacity.requests_per_minute),
            lead_seconds: Some(capacity.lead_seconds),
            quantile: Some(capacity.quantile()),
            steps: PlanStep::of(plan),
        }
    }
}

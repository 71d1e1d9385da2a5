//! What every handler can reach.

use crate::api::overview::OverviewKept;
use crate::api::replay::ReplayRequest;
use crate::error::ApiError;
use crate::live::Live;
use crate::live::board::Board;
use crate::pace::Pace;
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use headroom_alerts::{Actions, Routing};
use headroom_capacity::Answers;
use headroom_control::{Control, Principal};
use headroom_models::{CalendarBoard, ModelsConfig};
use headroom_monthly::Reports;
use headroom_oidc::Provider;
use headroom_probes::ProbeConfig;
use headroom_query::lookup::Catalog;
use headroom_query::slo::SloSet;
use headroom_sql::SqlDoor;
use headroom_store::schema::{Form, Retention};
use headroom_store::{Clock, Store};
use ipnet::IpNet;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Whose token a text is, if it is one.
pub(crate) type TokenLookup = Arc<dyn Fn(&str) -> Option<Principal> + Send + Sync>;

/// The parts a handler may use. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Telemetry.
    pub store: Store,
    /// Users, tokens, alerts, audit.
    pub control: Control,
    /// Tokens that live in the configuration rather than in the control file.
    pub static_token: TokenLookup,
    /// Capacities, for reading plans.
    pub models: Arc<ModelsConfig>,
    /// The calendar that forecasts follow.
    pub calendar: Arc<CalendarBoard>,
    /// Walls, curves, costs.
    pub capacity: Answers,
    /// Objectives.
    pub slos: Arc<SloSet>,
    /// Reports about a month.
    pub reports: Reports,
    /// The limit of the alerts' gate for low traffic.
    pub significance: f64,
    /// Who is told of alerts.
    pub alerts: Routing,
    /// Requests that are made to learn what a customer would find.
    pub synthetic: Arc<[ProbeConfig]>,
    /// What the customer lookup is told.
    pub lookup: LookupSettings,
    /// Remedies that machines may be asked for.
    pub actions: Actions,
    /// SQL over HTTP.
    pub sql: SqlDoor,
    /// How fast each caller may ask.
    pub pace: Pace,
    /// What the overview told a moment ago.
    pub overview: OverviewKept,
    /// Answers that go on.
    pub live: Live,
    /// What changed, for pages that are looked at.
    pub board: Board,
    /// Wall clock; another one in tests.
    pub clock: Arc<dyn Clock>,
    /// What the node says of itself.
    pub probes: Probes,
    /// How the node is set up.
    pub node: Arc<NodeSettings>,
    /// Where people sign in, if not here alone.
    pub oidc: Option<Provider>,
    /// Cookies over HTTPS only.
    pub secure_cookies: bool,
    /// Who may say for whom they ask.
    pub proxies: Arc<[IpNet]>,
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppState").finish_non_exhaustive()
    }
}

impl AppState {
    /// The caller, if they are of the node's own tenant: what is not kept by tenant is of nobody else.
    pub(crate) fn own(&self, principal: Principal, does: &str) -> Result<Principal, ApiError> {
        if principal.tenant == self.probes.tenant {
            return Ok(principal);
        }
        Err(ApiError::forbidden(
            format!("this node {does} for the tenant {}", principal.tenant),
            "ask the node whose configuration names your tenant",
        ))
    }

    /// Whose token this is, if it is one.
    pub(crate) fn verify_token(&self, token: &str) -> Result<Option<Principal>, ApiError> {
        match (self.static_token)(token) {
            Some(principal) => Ok(Some(principal)),
            None => Ok(self.control.verify_token(token, self.clock.now())?),
        }
    }
}

/// Sends quarantined records of a tenant again: [`ReplayBody`](crate::ReplayBody) as JSON, or what kept
/// it from doing so.
pub type ReplayQuarantine =
    Arc<dyn Fn(String, ReplayRequest) -> BoxFuture<'static, Result<serde_json::Value, String>> + Send + Sync>;

/// Takes log records of a tenant, an `ExportLogsServiceRequest` in JSON, as if they had come by OTLP: they are on disk
/// when it answers.
pub type TakeLogs =
    Arc<dyn Fn(String, serde_json::Value) -> BoxFuture<'static, Result<(), NotTaken>> + Send + Sync>;

/// Why records were not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaken {
    /// They never will be.
    Refused(String),
    /// They may be later.
    Later(String),
}

/// What the customer lookup is told.
#[derive(Debug, Clone, Default)]
pub struct LookupSettings {
    /// What reason codes mean.
    pub catalog: Arc<Catalog>,
    /// Where a ticket can be opened: an address with `{title}` and `{text}` in it.
    pub escalate_url: Option<String>,
}

/// How the node is set up, for administrators.
#[derive(Clone)]
pub struct NodeSettings {
    /// The name by which it leads.
    pub name: String,
    /// What it does now.
    pub roles: Arc<dyn Fn() -> Vec<String> + Send + Sync>,
    /// When it was started.
    pub started_at: DateTime<Utc>,
    /// Embedded or server.
    pub form: Form,
    /// What is configured.
    pub retention: Retention,
    /// What one account or token may ask in a second.
    pub requests_per_second: u32,
    /// The keys that were set, in TOML, without secrets.
    pub configuration: String,
    /// Who bears the tokens that the configuration lists.
    pub tokens: Vec<Principal>,
}

/// What the node says of itself, asked by the operators' endpoints.
#[derive(Clone)]
pub struct Probes {
    /// Prometheus text.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// Whether this node is of no use without the store. One that only receives keeps working: its log
    /// holds what the store cannot take yet.
    pub needs_store: bool,
    /// State of the parts of this node.
    pub status: Arc<dyn Fn() -> NodeStatus + Send + Sync>,
    /// Sends quarantined records again, where this node has an ingest path.
    pub replay: Option<ReplayQuarantine>,
    /// Takes events that come by the API, where this node has an ingest path.
    pub take_logs: Option<TakeLogs>,
    /// The node's own tenant: who belongs to it runs the node, and sees how all tenants send.
    pub tenant: String,
}

/// The state of a node.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NodeStatus {
    /// Version of the program.
    pub version: String,
    /// Every part that runs here.
    pub parts: Vec<Part>,
    /// The ingest path, when this node has one: what [`Receiving`](crate::Receiving) reads.
    #[schema(value_type = Option<Object>)]
    pub ingest: Option<serde_json::Value>,
}

/// One part of a node.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Part {
    /// What it is, for example `store` or `ingest`.
    pub name: String,
    /// Whether it can do its work now.
    pub ready: bool,
    /// Why not, or what it is doing.
    pub detail: String,
}

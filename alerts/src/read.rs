//! The bodies of `/api/v1/alerts`, and the alerts of one objective.

use chrono::{DateTime, Utc};
use headroom_control::{Alert, AlertState, BudgetStep, Control};
use headroom_query::TimeRange;
use headroom_query::slo::{self, Promise, SloDetail, SloSet};
use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Result;
use crate::evaluate::Detail;
use crate::routing::{BudgetPolicyBody, Routing};

/// One alert.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AlertBody {
    /// The same through the alert's life.
    pub id: String,
    /// The objective that burns.
    pub slo: String,
    /// Its service.
    pub service: String,
    /// critical, major or warning.
    pub severity: String,
    /// firing or resolved.
    pub state: AlertState,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub resolved_at: Option<DateTime<Utc>>,
    /// Burn over the rule's short window, as of the last measured minute while it fired.
    pub burn_short: Option<f64>,
    /// Burn over the rule's long window.
    pub burn_long: Option<f64>,
    /// Both windows reached this when it fired.
    pub threshold: Option<f64>,
    /// The rule's windows in words.
    pub windows: String,
    /// What happens, in plain words.
    pub summary: String,
    /// Why it ended.
    pub resolved_because: Option<String>,
    /// Who has taken it.
    pub acknowledged_by: Option<String>,
}

/// The body of `/api/v1/alerts`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AlertList {
    /// Newest first.
    pub alerts: Vec<AlertBody>,
}

/// The body of `/api/v1/slos/{name}`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SloPage {
    /// The objective, its figures and history.
    #[serde(flatten)]
    pub detail: SloDetail,
    /// Its alerts, newest first.
    pub alerts: Vec<AlertBody>,
    /// What was agreed to happen when its budget runs out, and what of it holds.
    pub budget_policies: Vec<BudgetPolicyBody>,
    /// What of that began and ended, newest first.
    pub budget_steps: Vec<BudgetStep>,
}

impl From<Alert> for AlertBody {
    fn from(alert: Alert) -> Self {
        let detail = Detail::of(&alert);
        Self {
            id: alert.id,
            slo: alert.slo,
            service: alert.service,
            severity: alert.severity,
            state: alert.state,
            started_at: alert.started_at,
            resolved_at: alert.resolved_at,
            burn_short: detail.burn_short,
            burn_long: detail.burn_long,
            threshold: detail.threshold,
            windows: detail.windows,
            summary: alert.summary,
            resolved_because: detail.resolved_because,
            acknowledged_by: alert.acknowledged_by,
        }
    }
}

/// The newest alerts of one state or of both, at most `limit`.
pub fn list(control: &Control, tenant: &str, state: Option<AlertState>, limit: usize) -> Result<AlertList> {
    let alerts = control.list_alerts(tenant, state, limit)?;
    Ok(AlertList { alerts: alerts.into_iter().map(AlertBody::from).collect() })
}

/// One objective with history, alerts and policies.
pub async fn slo_page(
    store: &Store,
    routing: &Routing,
    set: &SloSet,
    promise: Promise<'_>,
    range: &TimeRange,
    now: DateTime<Utc>,
) -> Result<SloPage> {
    let (id, tenant) = (promise.id(), routing.tenant());
    let (budget_policies, budget_steps) = routing.budget_policies_of(set, &promise)?;
    let detail = slo::detail(store, tenant, set, promise, range, now).await?;
    let alerts = routing.control().list_alerts(tenant, None, 1_000)?;
    let alerts = alerts.into_iter().filter(|alert| alert.slo == id).map(AlertBody::from).take(100).collect();
    Ok(SloPage { detail, alerts, budget_policies, budget_steps })
}

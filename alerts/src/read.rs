//! The bodies of `/api/v1/alerts`, and the alerts of one objective.

mod context;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use headroom_control::{Alert, AlertState, BudgetStep, Control};
use headroom_query::TimeRange;
use headroom_query::slo::{self, Promise, SloDetail, SloSet};
use headroom_routing::Cause;
use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use crate::alert::told;
use crate::error::Result;
use crate::evaluate::Detail;
use crate::routing::{BudgetPolicyBody, Routing, Watched};
pub use context::{ChangeBody, ContextBody, CountBody, DoraBody, LinkBody, MoneyBody};

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
    /// Why it is as bad as it is, where it is not by the rule that it began with: `burn`, `unacknowledged`, `lasting`,
    /// `customers`, `transactions`, `value`, `down`.
    #[schema(value_type = Vec<String>)]
    pub causes: Vec<Cause>,
    /// The address of what to do.
    pub runbook: Option<String>,
    /// What routes and silences tell alerts apart by.
    pub labels: BTreeMap<String, String>,
    /// Who is hit, what changed, where to look; null once it is over, and in the bodies of the overview and of an
    /// objective.
    pub context: Option<ContextBody>,
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
        let (detail, told) = (Detail::of(&alert), told(&alert, None));
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
            causes: detail.causes,
            runbook: told.annotations.get("runbook_url").cloned(),
            labels: told.labels,
            context: None,
        }
    }
}

/// The newest alerts of one state or of both, at most `limit`.
pub fn list(control: &Control, tenant: &str, state: Option<AlertState>, limit: usize) -> Result<AlertList> {
    let alerts = control.list_alerts(tenant, state, limit)?;
    Ok(AlertList { alerts: alerts.into_iter().map(AlertBody::from).collect() })
}

impl Routing {
    /// The newest alerts of one state or of both, at most `limit`, with what is known beside their figures.
    pub fn list(&self, state: Option<AlertState>, limit: usize) -> Result<AlertList> {
        let (mut watched, _) = self.remembered()?;
        let alerts = self.control().list_alerts(self.tenant(), state, limit)?;
        Ok(AlertList { alerts: alerts.into_iter().map(|alert| explained(alert, &mut watched)).collect() })
    }

    /// An alert with what is known beside its figures.
    pub fn body(&self, alert: Alert) -> Result<AlertBody> {
        let (mut watched, _) = self.remembered()?;
        Ok(explained(alert, &mut watched))
    }
}

fn explained(alert: Alert, watched: &mut Watched) -> AlertBody {
    let context = watched.remove(&alert.id).map(|watch| watch.context.into());
    AlertBody { context, ..alert.into() }
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

//! The ingest path: what this node receives, from whom, and what it turns away.

use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::{AppState, NodeStatus, Part};
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use headroom_query::quarantine::{self, Rejection};
use headroom_query::range::TimeRange;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far back the quarantine is read.
const LATELY: TimeDelta = TimeDelta::hours(1);

/// Health of this node's ingest path.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IngestBody {
    /// Version of the program.
    version: String,
    /// Every part that runs here.
    parts: Vec<Part>,
    /// The ingest path, when this node has one.
    ingest: Option<Receiving>,
    /// What of the caller's tenant was rejected within the last hour, on all nodes.
    rejected: Vec<Rejection>,
    /// Why that cannot be said.
    rejected_unavailable: Option<String>,
}

/// What a node receives, holds back and has written.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Receiving {
    /// Whether requests are taken: false when the log is full, the disk fails or the node stops.
    accepting: bool,
    /// Bytes acknowledged and not yet in the store.
    backlog_bytes: u64,
    /// Slices that wait for the store.
    backlog_slices: u64,
    /// When the oldest record not yet in the store was received.
    oldest: Option<DateTime<Utc>>,
    /// Bytes of the durable log on disk.
    log_bytes: u64,
    /// The most bytes it may take.
    max_log_bytes: u64,
    /// Records accepted since the start.
    accepted: BySignal<u64>,
    /// Records rejected since the start.
    rejected: u64,
    /// Requests refused since the start.
    refused: u64,
    /// Those of them whose sender was not known, by reason.
    refused_strangers: Vec<Reason>,
    /// Rows inserted since the start.
    inserted_rows: u64,
    /// Slices the store refused for good since the start: they are in the folder `dead`.
    dead_slices: u64,
    /// What went wrong last.
    last_error: Option<Fault>,
    /// Tenants that have sent something since the start: all for who belongs to the node's own
    /// tenant, else the caller's.
    tenants: Vec<Tenant>,
}

/// What one tenant sends to this node.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Tenant {
    tenant: String,
    /// Records accepted since the start.
    accepted: BySignal<u64>,
    /// The mean of the last minute.
    per_second: PerSecond,
    /// Requests refused since the start, by reason.
    refused: Vec<Reason>,
    /// Records rejected since the start, by reason.
    rejected: Vec<Reason>,
    /// What was left out of records that are stored, since the start, by reason.
    warned: Vec<Reason>,
    limits: Vec<Limit>,
}

/// A figure for each signal.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct BySignal<T> {
    /// Spans.
    traces: T,
    /// Log records.
    logs: T,
    /// Data points.
    metrics: T,
}

/// What comes in a second.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct PerSecond {
    /// Spans.
    traces: f64,
    /// Log records.
    logs: f64,
    /// Data points.
    metrics: f64,
    /// Bytes, as sent or unpacked, whichever is more.
    bytes: f64,
}

/// How often something happened.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Reason {
    reason: String,
    count: u64,
}

/// A limit of a tenant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Limit {
    /// The key in the configuration.
    limit: String,
    /// The limit; none when there is no bound.
    most: Option<u64>,
    /// How much of it is used now, where that can be said.
    used: Option<f64>,
}

/// What went wrong, and when.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct Fault {
    at: DateTime<Utc>,
    message: String,
}

/// What this node receives, from whom, holds back and turns away.
#[utoipa::path(get, path = "/api/v1/ingest", tag = "operations", responses((status = 200, body = IngestBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<IngestBody>, ApiError> {
    let principal = caller.through(Door::Ingest)?;
    let tenant = principal.tenant.as_str();
    let NodeStatus { version, parts, ingest } = (state.probes.status)();
    let ingest: Option<Receiving> =
        ingest.map(serde_json::from_value).transpose().map_err(|error| ApiError::internal(&error))?;
    let ingest = ingest.map(|receiving| receiving.seen_by(tenant, &state.probes.tenant));
    let range = TimeRange::last(LATELY, state.clock.now())?;
    // The page is needed most when the store does not answer.
    let (rejected, rejected_unavailable) = match quarantine::rejections(&state.store, tenant, range).await {
        Ok(rejected) => (rejected, None),
        Err(error) => {
            tracing::warn!(%error, "the quarantine cannot be read");
            (Vec::new(), Some("the store does not answer right now".to_owned()))
        }
    };
    Ok(Json(IngestBody { version, parts, ingest, rejected, rejected_unavailable }))
}

/// What one tenant may send to this node.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantLimits {
    tenant: String,
    limits: Vec<Limit>,
}

impl Receiving {
    /// What each tenant that has sent something may send.
    pub(super) fn limits(self) -> Vec<TenantLimits> {
        let limits = |Tenant { tenant, limits, .. }| TenantLimits { tenant, limits };
        self.tenants.into_iter().map(limits).collect()
    }

    /// Without the tenants that are not the caller's business.
    fn seen_by(mut self, tenant: &str, node: &str) -> Self {
        self.tenants.retain(|one| tenant == node || one.tenant == tenant);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_tenants_are_seen_by_those_who_run_the_node() {
        let tenant = |name: &str| {
            serde_json::json!({
                "tenant": name, "accepted": {"traces": 1, "logs": 2, "metrics": 3},
                "per_second": {"traces": 0.5, "logs": 0.0, "metrics": 0.0, "bytes": 10.0},
                "refused": [], "rejected": [{"reason": "time", "count": 1}], "warned": [],
                "limits": [{"limit": "metric_series", "most": 10, "used": 1.0}],
            })
        };
        let receiving: Receiving = serde_json::from_value(serde_json::json!({
            "accepting": true, "backlog_bytes": 0, "backlog_slices": 0, "oldest": null,
            "log_bytes": 1, "max_log_bytes": 2, "accepted": {"traces": 1, "logs": 2, "metrics": 3},
            "rejected": 0, "refused": 0, "refused_strangers": [], "inserted_rows": 0, "dead_slices": 0,
            "last_error": null, "tenants": [tenant("acme"), tenant("main")],
        }))
        .expect("as the ingester says it");
        let seen = |by: &str| -> Vec<String> {
            receiving.clone().seen_by(by, "main").tenants.into_iter().map(|one| one.tenant).collect()
        };
        assert_eq!(seen("main"), ["acme", "main"]);
        assert_eq!(seen("acme"), ["acme"]);
        assert!(seen("nobody").is_empty());
    }
}

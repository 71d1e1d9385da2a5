//! How the node is set up: who it is, who leads, what is kept how long, what its configuration says.

use super::super::ingest::{Receiving, TenantLimits};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use headroom_store::doctor::{self, Kept};
use serde::Serialize;
use utoipa::ToSchema;

/// How the node is set up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NodeBody {
    /// Version of the program.
    version: String,
    /// The name by which this node leads.
    name: String,
    tenant: String,
    /// What it does.
    roles: Vec<String>,
    started_at: DateTime<Utc>,
    /// Whether other nodes can share its accounts and alerts: they lie in PostgreSQL.
    shared: bool,
    /// What one node does for all, and who does; a node that shares nothing leads by itself and is not listed.
    leaders: Vec<LeaderBody>,
    /// Tables by name.
    tables: Vec<TableBody>,
    /// Why they cannot be told.
    tables_unavailable: Option<String>,
    /// What one account or token may ask in a second.
    requests_per_second: u32,
    /// What tenants may send, of those that have sent something to this node since its start.
    limits: Vec<TenantLimits>,
    /// The keys that the file and the environment set, in TOML, without secrets.
    configuration: String,
}

/// What one node does for all.
#[derive(Debug, Serialize, ToSchema)]
struct LeaderBody {
    role: String,
    /// The name of the node that does it, or did last.
    node: String,
    /// Until when, if it does not say so again before; of one that is gone it is over.
    until: DateTime<Utc>,
    /// Whether it leads now.
    leads: bool,
    /// Whether it is this node.
    here: bool,
}

/// How long a table keeps its rows.
#[derive(Debug, Serialize, ToSchema)]
struct TableBody {
    table: String,
    /// Days that the table as it is keeps rows for; null where that is for ever, or as `rule` says.
    days: Option<u32>,
    /// The rule of the table as it is, in ClickHouse's words; null where there is none.
    rule: Option<String>,
    /// Days that are configured; null is for ever.
    configured_days: Option<u32>,
    /// Of one node, where the store has several.
    rows: u64,
    bytes: u64,
}

impl From<Kept> for TableBody {
    fn from(kept: Kept) -> Self {
        let Kept { table, days, is: rule, configured_days, rows, bytes } = kept;
        Self { table: table.to_owned(), days, rule, configured_days, rows, bytes }
    }
}

/// How this node is set up, for administrators of its own tenant.
#[utoipa::path(get, path = "/api/v1/admin/node", tag = "administration", responses((status = 200, body = NodeBody)))]
pub(crate) async fn show(State(state): State<AppState>, caller: Caller) -> Result<Json<NodeBody>, ApiError> {
    let by = state.own(caller.through(Door::Administration)?, "is set up")?;
    let (node, now) = (&state.node, state.clock.now());
    // The page is needed when the store does not answer, too.
    let (tables, tables_unavailable) =
        match doctor::kept(&state.store, node.form.clone(), node.retention).await {
            Ok(kept) => (kept.into_iter().map(TableBody::from).collect(), None),
            Err(error) => {
                tracing::warn!(%error, "what tables keep cannot be read");
                (Vec::new(), Some("the store does not answer right now".to_owned()))
            }
        };
    let leaders = state.control.leaders()?.into_iter().map(|leader| LeaderBody {
        leads: leader.until > now,
        here: leader.holder == node.name,
        role: leader.role,
        node: leader.holder,
        until: leader.until,
    });
    let status = (state.probes.status)();
    let ingest: Option<Receiving> =
        status.ingest.map(serde_json::from_value).transpose().map_err(|error| ApiError::internal(&error))?;
    Ok(Json(NodeBody {
        version: status.version,
        name: node.name.clone(),
        tenant: by.tenant,
        roles: (node.roles)(),
        started_at: node.started_at,
        shared: state.control.is_shared(),
        leaders: leaders.collect(),
        tables,
        tables_unavailable,
        requests_per_second: node.requests_per_second,
        limits: ingest.map(Receiving::limits).unwrap_or_default(),
        configuration: node.configuration.clone(),
    }))
}

//! Objectives and their budgets.

use super::arguments::{Args, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use chrono::TimeDelta;
use headroom_control::Alert;
use headroom_query::range::TimeRange;
use headroom_query::slo::{self, SloDetail, SloList};
use serde::Serialize;
use utoipa::ToSchema;

/// Alerts shown beside an objective.
const MOST_ALERTS: usize = 200;

/// Every objective as it stands now.
#[utoipa::path(get, path = "/api/v1/slos", tag = "slos", responses((status = 200, body = SloList)))]
pub(crate) async fn list(State(state): State<AppState>, caller: Caller) -> Result<Json<SloList>, ApiError> {
    let principal = caller.through(Door::Slos)?;
    let set = state.alerts.slo_set();
    let slos = slo::rows(&state.store, &principal.tenant, &set, state.clock.now()).await?;
    Ok(Json(SloList { slos }))
}

/// One objective with its history and its alerts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SloBody {
    #[serde(flatten)]
    detail: SloDetail,
    /// Alerts of this objective, newest first.
    alerts: Vec<Alert>,
}

/// One objective: its definition, its history over a range (default: its whole window), its alerts.
#[utoipa::path(get, path = "/api/v1/slos/{name}", tag = "slos", params(("name" = String, Path), RangeArgs),
    responses((status = 200, body = SloBody), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Args(args): Args<RangeArgs>,
) -> Result<Json<SloBody>, ApiError> {
    let principal = caller.through(Door::Slos)?;
    let now = state.clock.now();
    let set = state.alerts.slo_set();
    let found = set
        .get(&name)
        .ok_or_else(|| ApiError::not_found(format!("there is no objective `{name}`"), "/api/v1/slos lists them"))?;
    let range = if args.from.is_none() && args.to.is_none() {
        TimeRange::last(TimeDelta::seconds(found.window.seconds), now)?
    } else {
        args.range(now)?
    };
    let detail = slo::detail(&state.store, &principal.tenant, found, &range, now).await?;
    let mut alerts = state.control.list_alerts(&principal.tenant, None, MOST_ALERTS)?;
    alerts.retain(|alert| alert.slo == name);
    Ok(Json(SloBody { detail, alerts }))
}

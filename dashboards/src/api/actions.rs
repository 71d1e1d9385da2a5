//! Remedies: how they stand, and turning them on and off.

use super::arguments::Body;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use headroom_alerts::{ActionBody, ActionList};
use serde::Deserialize;
use utoipa::ToSchema;

/// Why an action is turned on or off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TurnRequest {
    /// In the person's words; it stands in the audit trail.
    why: String,
}

/// Actions with their rules, whether they are on, and the last decisions with their reasons.
#[utoipa::path(get, path = "/api/v1/actions", tag = "alerts", responses((status = 200, body = ActionList)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<ActionList>, ApiError> {
    state.own(caller.through(Door::Alerts)?, "runs no actions")?;
    Ok(Json(state.actions.list(state.clock.now())?))
}

/// Turn an action on again.
#[utoipa::path(post, path = "/api/v1/actions/{name}/enable", tag = "alerts", params(("name" = String, Path)),
    request_body = TurnRequest,
    responses((status = 200, body = ActionBody), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn enable(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(request): Body<TurnRequest>,
) -> Result<Json<ActionBody>, ApiError> {
    turn(&state, caller, &name, true, &request)
}

/// Turn an action off; what waits to be sent is taken back.
#[utoipa::path(post, path = "/api/v1/actions/{name}/disable", tag = "alerts", params(("name" = String, Path)),
    request_body = TurnRequest,
    responses((status = 200, body = ActionBody), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn disable(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(request): Body<TurnRequest>,
) -> Result<Json<ActionBody>, ApiError> {
    turn(&state, caller, &name, false, &request)
}

fn turn(
    state: &AppState,
    caller: Caller,
    name: &str,
    on: bool,
    request: &TurnRequest,
) -> Result<Json<ActionBody>, ApiError> {
    let principal = state.own(caller.through(Door::AlertChanges)?, "runs no actions")?;
    if request.why.trim().is_empty() {
        return Err(ApiError::bad_request("why is empty", "say why: the audit trail keeps it"));
    }
    let turned = state.actions.turn(name, on, &principal.name, &request.why, state.clock.now())?;
    turned.map(Json).ok_or_else(|| {
        ApiError::not_found(format!("there is no action `{name}`"), "/api/v1/actions lists them")
    })
}

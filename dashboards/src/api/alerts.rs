//! Alerts.

use super::arguments::Args;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use headroom_alerts::{AlertBody, AlertList};
use serde::Deserialize;
use utoipa::IntoParams;

/// Alerts in one answer.
pub(super) const MOST: usize = 500;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AlertArgs {
    /// `firing` or `resolved`; both when absent.
    state: Option<String>,
}

/// Alerts, newest first.
#[utoipa::path(get, path = "/api/v1/alerts", tag = "alerts", params(AlertArgs), responses((status = 200, body = AlertList)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<AlertArgs>,
) -> Result<Json<AlertList>, ApiError> {
    let principal = caller.through(Door::Alerts)?;
    let wanted = args.state.as_deref().map(str::parse).transpose();
    let wanted = wanted.map_err(|error: headroom_control::ControlError| {
        ApiError::bad_request(error.to_string(), "use firing or resolved")
    })?;
    Ok(Json(state.alerts.of(&principal.tenant).list(wanted, MOST)?))
}

/// Take an alert: the others see that somebody looks at it.
#[utoipa::path(post, path = "/api/v1/alerts/{id}/ack", tag = "alerts", params(("id" = String, Path)),
    responses((status = 200, body = AlertBody), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn acknowledge(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<AlertBody>, ApiError> {
    let principal = caller.through(Door::AlertChanges)?;
    let now = state.clock.now();
    if state.control.alert(&principal.tenant, &id)?.is_none() {
        return Err(ApiError::not_found(format!("there is no alert `{id}`"), "/api/v1/alerts lists them"));
    }
    let alerts = state.alerts.of(&principal.tenant);
    let alert = alerts.acknowledge(&id, &principal.name, now)?;
    state.control.audit(&principal.name, "alert.acknowledge", &id, "", &serde_json::json!({}), now)?;
    Ok(Json(alerts.body(alert)?))
}

//! Silences: which alerts are not told, and when.

use super::arguments::Body;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use headroom_alerts::{NewSilence, SilenceBody, SilenceList};
use serde_json::json;

/// Silences that hold or may hold again, oldest first.
#[utoipa::path(get, path = "/api/v1/silences", tag = "alerts", responses((status = 200, body = SilenceList)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<SilenceList>, ApiError> {
    let principal = caller.through(Door::Alerts)?;
    Ok(Json(state.alerts.of(&principal.tenant).silences(state.clock.now())?))
}

/// Make a silence, once or again and again.
#[utoipa::path(post, path = "/api/v1/silences", tag = "alerts", request_body = NewSilence,
    responses((status = 201, body = SilenceBody), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(new): Body<NewSilence>,
) -> Result<(StatusCode, Json<SilenceBody>), ApiError> {
    let principal = caller.through(Door::AlertChanges)?;
    let now = state.clock.now();
    let made = state.alerts.of(&principal.tenant).silence(new, &principal.name, now)?;
    let detail = json!({"matchers": made.matchers, "window": made.window});
    state.control.audit(&principal.name, "silence.create", &made.id, &made.comment, &detail, now)?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// End a silence.
#[utoipa::path(delete, path = "/api/v1/silences/{id}", tag = "alerts", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn end(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let principal = caller.through(Door::AlertChanges)?;
    let now = state.clock.now();
    if !state.control.end_silence(&principal.tenant, &id, &principal.name, now)? {
        return Err(ApiError::not_found(
            format!("there is no silence `{id}` that stands"),
            "GET /api/v1/silences lists them",
        ));
    }
    state.control.audit(&principal.name, "silence.end", &id, "", &json!({}), now)?;
    Ok(StatusCode::NO_CONTENT)
}

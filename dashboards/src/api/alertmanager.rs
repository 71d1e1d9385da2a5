//! Alerts of other Alertmanagers, coming in.

use super::arguments::Text;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use headroom_alerts::inbound;
use serde::Serialize;
use utoipa::ToSchema;

/// What was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TakenBody {
    /// Alerts that joined the routes.
    alerts: usize,
}

/// Take alerts of an Alertmanager: its webhook, version 4. They are listed, routed, silenced and taken as Headroom's own.
#[utoipa::path(post, path = "/api/v1/alertmanager/webhook", tag = "alerts", request_body = Object,
    responses((status = 200, body = TakenBody), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn webhook(
    State(state): State<AppState>,
    caller: Caller,
    Text(text): Text,
) -> Result<Json<TakenBody>, ApiError> {
    let principal = state.own(caller.through(Door::AlertIntake)?, "routes no alerts")?;
    let told = inbound::parse(text.as_bytes()).map_err(|error| {
        ApiError::bad_request(error.to_string(), "send what Alertmanager's webhook_configs send")
    })?;
    state.alerts.of(&principal.tenant).take(&told.alerts, state.clock.now())?;
    Ok(Json(TakenBody { alerts: told.alerts.len() }))
}

//! Messages on their way: what waits, what was given up, and sending that again.

use super::alerts::MOST;
use super::arguments::Args;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use headroom_control::{ControlError, Delivery, DeliveryState};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveryArgs {
    /// `pending`, `leased`, `delivered` or `dead`; all when absent.
    state: Option<DeliveryState>,
}

/// Messages of the outbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryList {
    /// Newest first.
    deliveries: Vec<Delivery>,
}

/// Messages to receivers, newest first: the dead letters among them were given up.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "alerts", params(DeliveryArgs),
    responses((status = 200, body = DeliveryList)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<DeliveryArgs>,
) -> Result<Json<DeliveryList>, ApiError> {
    state.own(caller.through(Door::Alerts)?, "sends no messages")?;
    Ok(Json(DeliveryList { deliveries: state.control.list_deliveries(args.state, MOST)? }))
}

/// Send a dead letter again, under its id.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/replay", tag = "alerts", params(("id" = i64, Path)),
    responses((status = 200, body = Delivery), (status = 400, body = crate::error::ErrorBody),
        (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn replay(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<Delivery>, ApiError> {
    let principal = state.own(caller.through(Door::AlertChanges)?, "sends no messages")?;
    let now = state.clock.now();
    let hint = "GET /api/v1/deliveries?state=dead lists dead letters";
    let again = state.control.replay(id, now).map_err(|error| match error {
        ControlError::Unknown { .. } => ApiError::not_found(error.to_string(), hint),
        ControlError::Invalid(why) => ApiError::bad_request(why, hint),
        other => other.into(),
    })?;
    let detail = json!({"receiver": again.channel, "message": again.dedup_key});
    state.control.audit(&principal.name, "delivery.replay", &id.to_string(), "", &detail, now)?;
    Ok(Json(again))
}

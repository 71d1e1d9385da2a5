//! The replica plan.

use super::arguments::Args;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use headroom_models::PlanBody;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PlanArgs {
    /// One service; all planned services when absent.
    service: Option<String>,
}

/// Steps of the plan from now on, each with its reason.
#[utoipa::path(get, path = "/api/v1/plan", tag = "forecasts", params(PlanArgs), responses((status = 200, body = PlanBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<PlanArgs>,
) -> Result<Json<PlanBody>, ApiError> {
    let principal = caller.through(Door::Forecasts)?;
    let (service, now) = (args.service.as_deref(), state.clock.now());
    Ok(Json(headroom_models::read::plan(&state.store, &principal.tenant, service, now, &state.models).await?))
}

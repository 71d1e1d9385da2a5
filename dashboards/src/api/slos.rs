//! Objectives and their budgets.

use super::arguments::{Args, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use headroom_alerts::{SloPage, slo_page};
use headroom_query::slo::{self, Backtest, SloList};

/// Every objective as it stands now.
#[utoipa::path(get, path = "/api/v1/slos", tag = "slos", responses((status = 200, body = SloList)))]
pub(crate) async fn list(State(state): State<AppState>, caller: Caller) -> Result<Json<SloList>, ApiError> {
    let principal = caller.through(Door::Slos)?;
    let slos = slo::rows(&state.store, &principal.tenant, &state.slos, state.clock.now()).await?;
    Ok(Json(SloList { slos }))
}

/// One objective: its definition, its history over a range (default: its whole window), its alerts.
#[utoipa::path(get, path = "/api/v1/slos/{name}", tag = "slos", params(("name" = String, Path), RangeArgs),
    responses((status = 200, body = SloPage), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Args(args): Args<RangeArgs>,
) -> Result<Json<SloPage>, ApiError> {
    let principal = caller.through(Door::Slos)?;
    let now = state.clock.now();
    let found = slo::named(&state.slos, &name)?;
    let range = slo::range_or_window(found, args.from.as_deref(), args.to.as_deref(), now)?;
    let routing = state.alerts.of(&principal.tenant);
    Ok(Json(slo_page(&state.store, &routing, found, &range, now).await?))
}

/// How often each alert rule of an objective would have fired over a range (default: its whole window), alone and
/// together with the others.
#[utoipa::path(get, path = "/api/v1/slos/{name}/backtest", tag = "slos", params(("name" = String, Path), RangeArgs),
    responses((status = 200, body = Backtest), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn backtest(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Args(args): Args<RangeArgs>,
) -> Result<Json<Backtest>, ApiError> {
    let principal = caller.through(Door::Slos)?;
    let found = slo::named(&state.slos, &name)?;
    let range = slo::range_or_window(found, args.from.as_deref(), args.to.as_deref(), state.clock.now())?;
    Ok(Json(slo::fired(&state.store, &principal.tenant, found, state.significance, range).await?))
}

//! Objectives and their budgets.

use super::arguments::{Args, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use headroom_alerts::{SloPage, slo_page};
use headroom_models::budget_ahead;
use headroom_query::slo::{self, Ahead, Backtest, SloList};
use serde::Serialize;
use utoipa::ToSchema;

/// One objective with its alerts and the budget to come.
#[derive(Serialize, ToSchema)]
pub(crate) struct SloBody {
    #[serde(flatten)]
    page: SloPage,
    /// The budget when the traffic that is forecast arrives and fails as the last hour did.
    ahead: Option<Ahead>,
    /// Why the budget to come is not known.
    ahead_unknown: Option<String>,
}

/// Every objective as it stands now.
#[utoipa::path(get, path = "/api/v1/slos", tag = "slos", responses((status = 200, body = SloList)))]
pub(crate) async fn list(State(state): State<AppState>, caller: Caller) -> Result<Json<SloList>, ApiError> {
    let principal = caller.through(Door::Slos)?;
    let slos = slo::rows(&state.store, &principal.tenant, &state.slos, state.clock.now()).await?;
    Ok(Json(SloList { slos }))
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
    let found = slo::named(&state.slos, &name)?;
    let range = slo::range_or_window(&found, args.from.as_deref(), args.to.as_deref(), now)?;
    let (tenant, routing) = (&principal.tenant, state.alerts.of(&principal.tenant));
    let (ahead, page) = tokio::join!(
        budget_ahead(&state.store, tenant, &found, now),
        slo_page(&state.store, &routing, &state.slos, found.clone(), &range, now)
    );
    let (ahead, ahead_unknown) = match ahead? {
        Ok(ahead) => (Some(ahead), None),
        Err(reason) => (None, Some(reason)),
    };
    Ok(Json(SloBody { page: page?, ahead, ahead_unknown }))
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
    let range = slo::range_or_window(&found, args.from.as_deref(), args.to.as_deref(), state.clock.now())?;
    Ok(Json(slo::fired(&state.store, &principal.tenant, &found, state.significance, range).await?))
}

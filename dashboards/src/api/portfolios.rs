//! Portfolios: positions and their value.

use super::arguments::Args;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use headroom_query::portfolio::{self, Portfolio, Portfolios};
use headroom_query::range::parse_instant;
use serde::Deserialize;
use utoipa::IntoParams;

/// The portfolios with the most trades.
#[utoipa::path(get, path = "/api/v1/portfolios", tag = "portfolios", responses((status = 200, body = Portfolios)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Portfolios>, ApiError> {
    let principal = caller.through(Door::Portfolios)?;
    Ok(Json(portfolio::list(&state.store, &principal.tenant).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AsOf {
    /// The moment to value at; now when absent.
    as_of: Option<String>,
}

/// Positions, cost basis, market value, profit and loss, in decimals.
#[utoipa::path(get, path = "/api/v1/portfolios/{id}", tag = "portfolios", params(("id" = String, Path), AsOf),
    responses((status = 200, body = Portfolio), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Args(args): Args<AsOf>,
) -> Result<Json<Portfolio>, ApiError> {
    let principal = caller.through(Door::Portfolios)?;
    let now = state.clock.now();
    let as_of = args.as_of.as_deref().map_or(Ok(now), |text| parse_instant(text, now))?;
    Ok(Json(portfolio::value(&state.store, &principal.tenant, &id, as_of).await?))
}

//! Portfolios: positions and their value, what they made, and what all of them hold.

mod args;
mod files;

use super::arguments::Args;
use crate::auth::{Caller, Door};
use crate::cached::{Cached, Freshness};
use crate::error::ApiError;
use crate::state::AppState;
use args::{AssetsArgs, FileArgs, LookArgs, MomentArgs, PerformanceArgs};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use headroom_portfolio::performance::Performance;
use headroom_query::portfolio::{self, Assets, Portfolio, Portfolios, Together, Whose};

/// The portfolios with the most trades.
#[utoipa::path(get, path = "/api/v1/portfolios", tag = "portfolios", responses((status = 200, body = Portfolios)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<Portfolios>, ApiError> {
    let principal = caller.through(Door::Portfolios)?;
    Ok(Json(portfolio::list(&state.store, &principal.tenant).await?))
}

/// Positions, cost basis, market value, profit and loss and allocation, in decimals, as of any moment.
///
/// The answer has an `ETag`; with `If-None-Match` an unchanged one is 304.
#[utoipa::path(get, path = "/api/v1/portfolios/{id}", tag = "portfolios", params(("id" = String, Path), MomentArgs, LookArgs),
    responses((status = 200, body = Portfolio), (status = 304, description = "unchanged"),
        (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Args(moment): Args<MomentArgs>,
    Args(look): Args<LookArgs>,
) -> Result<Cached<Portfolio>, ApiError> {
    let principal = caller.through(Door::Portfolios)?;
    let (as_of, freshness) = moment.read(state.clock.now())?;
    let body = portfolio::value(&state.store, &principal.tenant, &id, as_of, &look.read()?).await?;
    Ok(Cached(body, freshness))
}

/// Positions as a file: CSV or Parquet, decimals to the last digit.
#[utoipa::path(get, path = "/api/v1/portfolios/{id}/positions", tag = "portfolios",
    params(("id" = String, Path), MomentArgs, LookArgs, FileArgs),
    responses((status = 200, description = "the file", body = Vec<u8>, content_type = "text/csv"),
        (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn positions(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Args(moment): Args<MomentArgs>,
    Args(look): Args<LookArgs>,
    Args(file): Args<FileArgs>,
) -> Result<Response, ApiError> {
    let principal = caller.through(Door::Portfolios)?;
    let (as_of, _) = moment.read(state.clock.now())?;
    let body = portfolio::value(&state.store, &principal.tenant, &id, as_of, &look.read()?).await?;
    files::positions(&body, file.format)
}

/// What a portfolio made over a period: returns, risk, contributions, and the index day by day.
#[utoipa::path(get, path = "/api/v1/portfolios/{id}/performance", tag = "portfolios",
    params(("id" = String, Path), LookArgs, PerformanceArgs),
    responses((status = 200, body = Performance), (status = 304, description = "unchanged"),
        (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn performance(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Args(look): Args<LookArgs>,
    Args(args): Args<PerformanceArgs>,
) -> Result<Cached<Performance>, ApiError> {
    let principal = caller.through(Door::Portfolios)?;
    made(&state, &principal.tenant, &[id], &look, &args).await
}

/// A client's portfolios, each and together.
#[utoipa::path(get, path = "/api/v1/clients/{id}/portfolios", tag = "portfolios",
    params(("id" = String, Path), MomentArgs, LookArgs),
    responses((status = 200, body = Together), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn of_client(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Args(moment): Args<MomentArgs>,
    Args(look): Args<LookArgs>,
) -> Result<Cached<Together>, ApiError> {
    let principal = caller.through(Door::Portfolios)?;
    together(&state, &principal.tenant, (Whose::Client, &id), &moment, &look).await
}

/// An adviser's book: the portfolios, each and together.
#[utoipa::path(get, path = "/api/v1/advisers/{id}/portfolios", tag = "portfolios",
    params(("id" = String, Path), MomentArgs, LookArgs),
    responses((status = 200, body = Together), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn of_adviser(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Args(moment): Args<MomentArgs>,
    Args(look): Args<LookArgs>,
) -> Result<Cached<Together>, ApiError> {
    let principal = caller.through(Door::Portfolios)?;
    together(&state, &principal.tenant, (Whose::Adviser, &id), &moment, &look).await
}

/// What a client's portfolios made together.
#[utoipa::path(get, path = "/api/v1/clients/{id}/performance", tag = "portfolios",
    params(("id" = String, Path), LookArgs, PerformanceArgs),
    responses((status = 200, body = Performance), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn client_performance(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Args(look): Args<LookArgs>,
    Args(args): Args<PerformanceArgs>,
) -> Result<Cached<Performance>, ApiError> {
    let principal = caller.through(Door::Portfolios)?;
    let ids = portfolio::ids(&state.store, &principal.tenant, Whose::Client, &id).await?;
    made(&state, &principal.tenant, &ids, &look, &args).await
}

/// What an adviser's book made.
#[utoipa::path(get, path = "/api/v1/advisers/{id}/performance", tag = "portfolios",
    params(("id" = String, Path), LookArgs, PerformanceArgs),
    responses((status = 200, body = Performance), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn adviser_performance(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    Args(look): Args<LookArgs>,
    Args(args): Args<PerformanceArgs>,
) -> Result<Cached<Performance>, ApiError> {
    let principal = caller.through(Door::Portfolios)?;
    let ids = portfolio::ids(&state.store, &principal.tenant, Whose::Adviser, &id).await?;
    made(&state, &principal.tenant, &ids, &look, &args).await
}

/// Assets under management of all portfolios or of a cohort: each day of a period, positions, flows, turnover,
/// concentration.
#[utoipa::path(get, path = "/api/v1/assets", tag = "portfolios", params(AssetsArgs),
    responses((status = 200, body = Assets), (status = 304, description = "unchanged"),
        (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn assets(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<AssetsArgs>,
) -> Result<Cached<Assets>, ApiError> {
    let principal = caller.through(Door::Portfolios)?;
    let now = state.clock.now();
    let ask = args.read(now)?;
    let is_past = ask.as_of.is_some() || ask.to < now.date_naive();
    let body = portfolio::assets(&state.store, &principal.tenant, &ask, now).await?;
    Ok(Cached(body, Freshness::of(is_past)))
}

async fn made(
    state: &AppState,
    tenant: &str,
    ids: &[String],
    look: &LookArgs,
    args: &PerformanceArgs,
) -> Result<Cached<Performance>, ApiError> {
    let now = state.clock.now();
    let ask = args.read(look.read()?)?;
    let is_past = ask.to.is_some_and(|to| to < now.date_naive());
    let body = Box::pin(portfolio::performance(&state.store, tenant, ids, ask, args.beside(), now)).await?;
    Ok(Cached(body, Freshness::of(is_past)))
}

async fn together(
    state: &AppState,
    tenant: &str,
    whose: (Whose, &str),
    moment: &MomentArgs,
    look: &LookArgs,
) -> Result<Cached<Together>, ApiError> {
    let (as_of, freshness) = moment.read(state.clock.now())?;
    let body = portfolio::together(&state.store, tenant, whose, as_of, &look.read()?).await?;
    Ok(Cached(body, freshness))
}

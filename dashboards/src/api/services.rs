//! Services: rates, errors, durations.

use super::arguments::{Args, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use chrono::TimeDelta;
use headroom_query::bubbleup::Names;
use headroom_query::services::{self, Errors, Operations, ServiceSeries, Services};
use serde::Deserialize;
use utoipa::IntoParams;

/// Points of a chart when the caller names no step.
const POINTS: i64 = 120;

/// Every service that received requests.
#[utoipa::path(get, path = "/api/v1/services", tag = "services", params(RangeArgs), responses((status = 200, body = Services)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<RangeArgs>,
) -> Result<Json<Services>, ApiError> {
    let principal = caller.through(Door::Services)?;
    let range = args.range(state.clock.now())?;
    Ok(Json(services::list(&state.store, &principal.tenant, range).await?))
}

/// The operations of a service.
#[utoipa::path(get, path = "/api/v1/services/{service}/operations", tag = "services", params(("service" = String, Path), RangeArgs),
    responses((status = 200, body = Operations)))]
pub(crate) async fn operations(
    State(state): State<AppState>,
    caller: Caller,
    Path(service): Path<String>,
    Args(args): Args<RangeArgs>,
) -> Result<Json<Operations>, ApiError> {
    let principal = caller.through(Door::Services)?;
    let range = args.range(state.clock.now())?;
    Ok(Json(services::operations(&state.store, &principal.tenant, &service, range).await?))
}

/// The errors of a service, grouped by operation, type and message.
#[utoipa::path(get, path = "/api/v1/services/{service}/errors", tag = "services", params(("service" = String, Path), RangeArgs),
    responses((status = 200, body = Errors)))]
pub(crate) async fn errors(
    State(state): State<AppState>,
    caller: Caller,
    Path(service): Path<String>,
    Args(args): Args<RangeArgs>,
) -> Result<Json<Errors>, ApiError> {
    let names = if caller.may(Door::Traces) { Names::Shown } else { Names::Withheld };
    let principal = caller.through(Door::Services)?;
    let range = args.range(state.clock.now())?;
    Ok(Json(services::errors(&state.store, &principal.tenant, &service, range, names).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SeriesArgs {
    /// Start: `now-1h`, RFC 3339, or milliseconds since 1970.
    from: Option<String>,
    /// End, exclusive.
    to: Option<String>,
    /// Width of a point in seconds; chosen to give about 120 points when absent.
    step: Option<i64>,
}

/// Calls, errors and percentiles over time, with the deploys.
#[utoipa::path(get, path = "/api/v1/services/{service}/series", tag = "services", params(("service" = String, Path), SeriesArgs),
    responses((status = 200, body = ServiceSeries)))]
pub(crate) async fn series(
    State(state): State<AppState>,
    caller: Caller,
    Path(service): Path<String>,
    Args(args): Args<SeriesArgs>,
) -> Result<Json<ServiceSeries>, ApiError> {
    let principal = caller.through(Door::Services)?;
    let range = RangeArgs { from: args.from, to: args.to }.range(state.clock.now())?;
    let step = step(args.step, range.length())?;
    Ok(Json(services::series(&state.store, &principal.tenant, &service, range, step).await?))
}

/// The step asked for, or one that gives about [`POINTS`] points.
pub(super) fn step(asked: Option<i64>, length: TimeDelta) -> Result<TimeDelta, ApiError> {
    match asked {
        Some(seconds) if (1..=86_400).contains(&seconds) => Ok(TimeDelta::seconds(seconds)),
        Some(seconds) => Err(ApiError::bad_request(
            format!("step is {seconds} seconds"),
            "give a step of 1 to 86400 seconds",
        )),
        None => Ok(TimeDelta::seconds((length.num_seconds() / POINTS).max(60))),
    }
}

//! Forecasts of demand.

use super::arguments::{Args, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use chrono::TimeDelta;
use headroom_models::{ForecastBody, Subject, SubjectsBody};
use headroom_query::range::TimeRange;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ForecastArgs {
    /// A service: its requests per minute are asked for. Give this or `series`.
    service: Option<String>,
    /// A series of the configuration's `models.series`; without one of this name, the service of this name.
    series: Option<String>,
    /// Start; a day ago when absent. May lie in the future, as in `now+1h`.
    from: Option<String>,
    /// End; two days ahead when absent.
    to: Option<String>,
}

/// Demand with its quantiles beside what was measured, and the events that lift it.
#[utoipa::path(get, path = "/api/v1/forecasts", tag = "forecasts", params(ForecastArgs), responses((status = 200, body = ForecastBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<ForecastArgs>,
) -> Result<Json<ForecastBody>, ApiError> {
    let principal = caller.through(Door::Forecasts)?;
    let now = state.clock.now();
    let range = if args.from.is_none() && args.to.is_none() {
        TimeRange::new(now - TimeDelta::days(1), now + TimeDelta::days(2))?
    } else {
        RangeArgs { from: args.from, to: args.to }.range(now)?
    };
    let subject = match (args.service, args.series) {
        (Some(service), None) => Subject::Requests(service),
        (None, Some(name)) => Subject::named(&state.models, &name),
        _ => return Err(ApiError::bad_request("give either service or series", "ask for one of them")),
    };
    Ok(Json(headroom_models::read::forecast(&state.store, &principal.tenant, &subject, range).await?))
}

/// What is forecast: services, and series of the configuration.
#[utoipa::path(get, path = "/api/v1/forecasts/subjects", tag = "forecasts", responses((status = 200, body = SubjectsBody)))]
pub(crate) async fn subjects(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<SubjectsBody>, ApiError> {
    let principal = caller.through(Door::Forecasts)?;
    let subjects =
        headroom_models::read::subjects(&state.store, &principal.tenant, state.clock.now()).await?;
    Ok(Json(SubjectsBody { subjects }))
}

//! Where demand was not as forecast.

use super::arguments::{Args, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use chrono::TimeDelta;
use headroom_models::{AnomaliesBody, Subject};
use headroom_query::range::TimeRange;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AnomaliesArgs {
    /// One service's requests; all that is forecast when both this and `series` are absent.
    service: Option<String>,
    /// One series of the configuration's `models.series`, or the service of this name.
    series: Option<String>,
    /// Start; a week ago when neither end is given.
    from: Option<String>,
    /// End; now when absent.
    to: Option<String>,
}

/// Anomalies of demand, each with its reason; what no event explains first, then by how far out it was.
#[utoipa::path(get, path = "/api/v1/anomalies", tag = "forecasts", params(AnomaliesArgs), responses((status = 200, body = AnomaliesBody)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<AnomaliesArgs>,
) -> Result<Json<AnomaliesBody>, ApiError> {
    let principal = caller.through(Door::Forecasts)?;
    let now = state.clock.now();
    let range = if args.from.is_none() && args.to.is_none() {
        TimeRange::new(now - TimeDelta::days(7), now)?
    } else {
        RangeArgs { from: args.from, to: args.to }.range(now)?
    };
    let series = args.series.map(|name| Subject::named(&state.models, &name));
    let subject = args.service.map(Subject::Requests).or(series);
    let anomalies =
        headroom_models::read::anomalies(&state.store, &principal.tenant, subject.as_ref(), range).await?;
    Ok(Json(AnomaliesBody { anomalies }))
}

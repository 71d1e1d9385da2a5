//! Rate, errors and duration by a dimension.

use super::arguments::{Args, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use chrono::TimeDelta;
use headroom_query::bubbleup::Names;
use headroom_query::red::{self, Dimension, Red, RedQuery};
use serde::Deserialize;
use utoipa::IntoParams;

/// Groups when the caller does not say how many.
const GROUPS: u32 = 10;

/// Series of many groups are drawn small: hours do, which are read much faster than minutes.
fn step(asked: Option<i64>, length: TimeDelta) -> Result<TimeDelta, ApiError> {
    if asked.is_none() && length >= TimeDelta::hours(12) {
        return Ok(TimeDelta::hours(1).max(length / 60));
    }
    super::services::step(asked, length * 2)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RedArgs {
    /// `service`, `operation`, `kind`, `version`, `region`, `tenant` (the attribute `tenant.id`), or `attribute:KEY`.
    by: String,
    /// One service; all of them when absent.
    service: Option<String>,
    /// One operation.
    operation: Option<String>,
    /// One version.
    version: Option<String>,
    /// One region.
    region: Option<String>,
    /// Start: `now-1h`, RFC 3339, or milliseconds since 1970.
    from: Option<String>,
    /// End, exclusive.
    to: Option<String>,
    /// Width of a point in seconds; from half a day on an hour when absent, below that a sixtieth.
    step: Option<i64>,
    /// At most so many groups, 1 to 50. Default 10.
    limit: Option<u32>,
}

/// Rate, errors and duration of each service, operation, version, region, tenant or other attribute: as a whole and
/// over time.
#[utoipa::path(get, path = "/api/v1/red", tag = "services", params(RedArgs),
    responses((status = 200, body = Red), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<RedArgs>,
) -> Result<Json<Red>, ApiError> {
    let names = if caller.may(Door::Traces) { Names::Shown } else { Names::Withheld };
    let principal = caller.through(Door::Services)?;
    let range = RangeArgs { from: args.from, to: args.to }.range(state.clock.now())?;
    let query = RedQuery {
        by: Dimension::parse(&args.by)?,
        service: args.service,
        operation: args.operation,
        version: args.version,
        region: args.region,
        range,
        step: step(args.step, range.length())?,
        limit: args.limit.unwrap_or(GROUPS),
    };
    Ok(Json(red::red(&state.store, &principal.tenant, &query, names).await?))
}

//! Who calls whom.

use super::arguments::{Args, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use headroom_query::service_map::{self, ServiceMap};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct MapArgs {
    /// Start: `now-1h`, RFC 3339, or milliseconds since 1970.
    from: Option<String>,
    /// End, exclusive.
    to: Option<String>,
    /// Only this service and its neighbours.
    service: Option<String>,
}

/// Services, databases, upstream hosts and topics, with rates, errors and durations of the calls between them.
#[utoipa::path(get, path = "/api/v1/service-map", tag = "services", params(MapArgs), responses((status = 200, body = ServiceMap)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<MapArgs>,
) -> Result<Json<ServiceMap>, ApiError> {
    let principal = caller.through(Door::Services)?;
    let range = RangeArgs { from: args.from, to: args.to }.range(state.clock.now())?;
    Ok(Json(service_map::map(&state.store, &principal.tenant, range, args.service.as_deref()).await?))
}

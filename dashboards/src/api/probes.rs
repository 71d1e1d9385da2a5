//! Probes: what a customer would find.

use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use headroom_probes::ProbeList;

/// How things stand with each probe: its last run, since when, and the share of runs that ended well.
#[utoipa::path(get, path = "/api/v1/probes", tag = "slos", responses((status = 200, body = ProbeList)))]
pub(crate) async fn list(State(state): State<AppState>, caller: Caller) -> Result<Json<ProbeList>, ApiError> {
    let principal = caller.through(Door::Slos)?;
    let venue = |mic: &str| headroom_probes::venue(&state.calendar.calendar(), mic);
    let tenants = (&*state.probes.tenant, &*principal.tenant);
    let list = headroom_probes::list(&state.store, &state.synthetic, &venue, tenants, state.clock.now());
    Ok(Json(list.await?))
}

//! Health of the ingest path.

use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::{AppState, NodeStatus};
use axum::Json;
use axum::extract::State;

/// What this node receives, holds back and has written.
#[utoipa::path(get, path = "/api/v1/ingest", tag = "operations", responses((status = 200, body = NodeStatus)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<NodeStatus>, ApiError> {
    caller.through(Door::Ingest)?;
    Ok(Json((state.probes.status)()))
}

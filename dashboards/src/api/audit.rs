//! The audit trail.

use super::arguments::Args;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use headroom_control::AuditRow;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const MOST_ROWS: usize = 1_000;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditArgs {
    /// How many of the newest rows; at most 1000.
    limit: Option<usize>,
}

/// The newest rows of the audit trail, and whether the whole chain holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditBody {
    /// Newest first.
    rows: Vec<AuditRow>,
    /// True when every row's hash follows from the row before it.
    intact: bool,
    /// Where the chain breaks, if it does.
    broken: Option<String>,
}

/// Who did what, when and why.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(AuditArgs), responses((status = 200, body = AuditBody)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<AuditArgs>,
) -> Result<Json<AuditBody>, ApiError> {
    caller.through(Door::Audit)?;
    let rows = state.control.audit_rows(args.limit.unwrap_or(100).min(MOST_ROWS))?;
    let broken = state.control.audit_verify().err().map(|error| error.to_string());
    Ok(Json(AuditBody { rows, intact: broken.is_none(), broken }))
}

//! Quarantined records, sent again.

use crate::api::arguments::Body;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which quarantined log records of the caller's tenant are sent again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// Why they were rejected: `contract` or `time`.
    pub reason: String,
    /// Rejected at this time or later.
    pub from: DateTime<Utc>,
    /// Rejected before this time; now when it is missing.
    #[serde(default)]
    pub to: Option<DateTime<Utc>>,
    /// At most so many, the oldest first: 1 to 10,000.
    #[serde(default = "most")]
    #[schema(default = 10_000)]
    pub limit: u64,
    /// Only says what would happen.
    #[serde(default)]
    pub dry_run: bool,
}

fn most() -> u64 {
    10_000
}

/// What became of them. Equal records count as one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReplayBody {
    /// Records that were found and had not been replayed before.
    pub found: u64,
    /// Those that were taken, or would be in a dry run.
    pub taken: u64,
    /// Those that still break the rules. They stay where they are.
    pub refused: u64,
    /// Those that were too large to be kept whole.
    pub incomplete: u64,
    /// What is wrong with the first that was refused.
    pub first_refusal: Option<String>,
}

/// Sends quarantined log records and business events again, judged by the rules of now. Each is taken at
/// most once, however often this is asked for.
#[utoipa::path(post, path = "/api/v1/ingest/replay", tag = "operations", request_body = ReplayRequest,
    responses((status = 200, body = ReplayBody), (status = 503, body = crate::error::ErrorBody)))]
pub(crate) async fn run(
    State(state): State<AppState>,
    caller: Caller,
    Body(request): Body<ReplayRequest>,
) -> Result<Json<ReplayBody>, ApiError> {
    let principal = caller.through(Door::Ingest)?;
    let Some(replay) = &state.probes.replay else {
        return Err(ApiError::unavailable(
            "this node receives nothing",
            "ask a node that runs with the role ingest",
        ));
    };
    if !matches!(request.reason.as_str(), "contract" | "time") || !(1..=10_000).contains(&request.limit) {
        return Err(ApiError::bad_request(
            "only records rejected for the reason contract or time can be sent again, up to 10,000 at once",
            "set reason to \"contract\" or \"time\", and limit to a number from 1 to 10000",
        ));
    }
    let detail = serde_json::to_value(&request).map_err(|error| ApiError::internal(&error))?;
    if !request.dry_run {
        let now = state.clock.now();
        state.control.audit(&principal.name, "quarantine.replay", &principal.tenant, "", &detail, now)?;
    }
    let report = replay(principal.tenant.clone(), request).await.map_err(|message| {
        ApiError::unavailable(message, "ask again: it goes on where it ended, and nothing is taken twice")
    })?;
    Ok(Json(serde_json::from_value(report).map_err(|error| ApiError::internal(&error))?))
}

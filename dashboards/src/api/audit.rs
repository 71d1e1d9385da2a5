//! The audit trail.

use super::arguments::{Args, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use headroom_control::{AuditFilter, AuditRow, AuditStatus};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const MOST_ROWS: usize = 1_000;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditArgs {
    /// Of whom.
    actor: Option<String>,
    /// Of which deed, as `customer.reveal`; `silence.` stands for all that begin so.
    action: Option<String>,
    /// To whom or what.
    subject: Option<String>,
    /// From this time on: `now-7d`, RFC 3339, or milliseconds since 1970.
    from: Option<String>,
    /// Before this time.
    to: Option<String>,
    /// Rows before this one: `next` of the page before.
    before: Option<i64>,
    /// How many of the newest rows; at most 1000.
    limit: Option<usize>,
}

/// The newest rows of the audit trail that fit, and how the trail stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditBody {
    /// Newest first.
    rows: Vec<AuditRow>,
    /// What `before` of the next page is; absent on the last.
    next: Option<i64>,
    /// Whether the newest rows follow from the last signed checkpoint, and the last round over the whole trail
    /// found nothing.
    intact: bool,
    /// Checkpoint, the last whole round, and what is broken.
    #[serde(flatten)]
    status: AuditStatus,
}

/// Who did what, when and why.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(AuditArgs), responses((status = 200, body = AuditBody)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<AuditArgs>,
) -> Result<Json<AuditBody>, ApiError> {
    let principal = caller.through(Door::Audit)?;
    state.own(principal, "keeps the audit trail")?;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let range =
        RangeArgs { from: filled(args.from), to: filled(args.to) }.range_if_given(state.clock.now())?;
    let filter = AuditFilter {
        actor: filled(args.actor),
        action: filled(args.action),
        subject: filled(args.subject),
        from: range.map(|range| range.from),
        until: range.map(|range| range.to),
        before: args.before,
    };
    let limit = args.limit.unwrap_or(100).clamp(1, MOST_ROWS);
    let mut rows = state.control.audit_rows(&filter, limit + 1)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.seq);
    let status = state.control.audit_status()?;
    Ok(Json(AuditBody { rows, next, intact: status.broken.is_none(), status }))
}

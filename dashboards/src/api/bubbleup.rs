//! What sets a selection of spans apart.

use super::arguments::{Args, RangeArgs};
use super::latency::kind;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use headroom_query::bubbleup::{self, Differences, Names, Selection};
use serde::Deserialize;
use utoipa::IntoParams;

/// The selection: at least one of a band of durations, `errors`, `version` or another baseline range.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SelectionArgs {
    /// `service.name`
    service: String,
    /// One operation; all of them when absent.
    operation: Option<String>,
    /// One kind of span; requests received when absent.
    kind: Option<String>,
    /// Start of the selection: `now-1h`, RFC 3339, or milliseconds since 1970.
    from: Option<String>,
    /// End of the selection, exclusive.
    to: Option<String>,
    /// Only durations above this.
    low_ns: Option<u64>,
    /// Only durations up to this.
    high_ns: Option<u64>,
    /// Only failed spans.
    errors: Option<bool>,
    /// Only spans of this version.
    version: Option<String>,
    /// Start of the baseline; that of the selection when absent.
    baseline_from: Option<String>,
    /// End of the baseline, exclusive.
    baseline_to: Option<String>,
}

/// The attributes that set a selection of spans apart from the others, largest difference first.
#[utoipa::path(get, path = "/api/v1/bubbleup", tag = "latency", params(SelectionArgs),
    responses((status = 200, body = Differences), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<SelectionArgs>,
) -> Result<Json<Differences>, ApiError> {
    // Who may not see traces is not told whose they are.
    let names = if caller.may(Door::Traces) { Names::Shown } else { Names::Withheld };
    let principal = caller.through(Door::Services)?;
    let now = state.clock.now();
    let baseline = RangeArgs { from: args.baseline_from, to: args.baseline_to };
    let selection = Selection {
        service: args.service,
        operation: args.operation,
        kind: kind(args.kind)?,
        range: RangeArgs { from: args.from, to: args.to }.range(now)?,
        low_ns: args.low_ns,
        high_ns: args.high_ns,
        errors: args.errors.unwrap_or(false),
        version: args.version,
        baseline: baseline.range_if_given(now)?,
    };
    Ok(Json(bubbleup::differences(&state.store, &principal.tenant, &selection, names, now).await?))
}

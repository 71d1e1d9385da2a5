//! Two ranges, or two versions, side by side.

use super::arguments::{Args, RangeArgs};
use super::latency::kind;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use headroom_query::compare::{self, CompareQuery, Compared, Side};
use headroom_query::range::TimeRange;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CompareArgs {
    /// One operation; all of them when absent.
    operation: Option<String>,
    /// One kind of span; requests received when absent.
    kind: Option<String>,
    /// Start: `now-1h`, RFC 3339, or milliseconds since 1970.
    from: Option<String>,
    /// End, exclusive.
    to: Option<String>,
    /// The version that is compared; all of them when absent.
    version: Option<String>,
    /// Start of the baseline. Without it and `baseline_to`: the same range when versions are compared, the range of
    /// the same length before otherwise.
    baseline_from: Option<String>,
    /// End of the baseline, exclusive.
    baseline_to: Option<String>,
    /// The version that is compared with.
    baseline_version: Option<String>,
}

/// What became slower, or fails more often: percentiles, errors and distributions of both sides, and the operations by
/// how much they changed.
#[utoipa::path(get, path = "/api/v1/services/{service}/compare", tag = "services",
    params(("service" = String, Path), CompareArgs),
    responses((status = 200, body = Compared), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(service): Path<String>,
    Args(args): Args<CompareArgs>,
) -> Result<Json<Compared>, ApiError> {
    let principal = caller.through(Door::Services)?;
    let now = state.clock.now();
    let range = RangeArgs { from: args.from, to: args.to }.range(now)?;
    let baseline = RangeArgs { from: args.baseline_from, to: args.baseline_to }.range_if_given(now)?;
    let versions = args.baseline_version.is_some();
    let before =
        || if versions { range } else { TimeRange { from: range.from - range.length(), to: range.from } };
    let query = CompareQuery {
        service,
        operation: args.operation,
        kind: kind(args.kind)?,
        baseline: Side { range: baseline.unwrap_or_else(before), version: args.baseline_version },
        candidate: Side { range, version: args.version },
    };
    Ok(Json(compare::compare(&state.store, &principal.tenant, &query).await?))
}

//! Traces: one by its id, or many by what they look like.

use super::arguments::{Args, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use headroom_query::traces::{self, SearchOrder, Trace, TraceSearch, Traces};
use serde::Deserialize;
use utoipa::IntoParams;

/// What the traces look like.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchArgs {
    /// Start: `now-1h`, RFC 3339, or milliseconds since 1970.
    from: Option<String>,
    /// End, exclusive.
    to: Option<String>,
    service: Option<String>,
    operation: Option<String>,
    /// `unset`, `ok` or `error`.
    status: Option<String>,
    min_duration_ns: Option<u64>,
    customer_id: Option<String>,
    /// `recent` (default) or `slowest`.
    order: Option<String>,
    /// Default 50.
    limit: Option<u32>,
}

/// Traces with a span that fits.
#[utoipa::path(get, path = "/api/v1/traces", tag = "traces", params(SearchArgs), responses((status = 200, body = Traces)))]
pub(crate) async fn search(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<SearchArgs>,
) -> Result<Json<Traces>, ApiError> {
    let principal = caller.through(Door::Traces)?;
    let range = RangeArgs { from: args.from, to: args.to }.range(state.clock.now())?;
    let mut query = TraceSearch::new(range);
    query.service = args.service;
    query.operation = args.operation;
    if let Some(other) = args.status.as_deref().filter(|status| !["unset", "ok", "error"].contains(status)) {
        return Err(ApiError::bad_request(format!("there is no status `{other}`"), "use unset, ok or error"));
    }
    query.status = args.status;
    query.min_duration_ns = args.min_duration_ns;
    query.customer_id = args.customer_id;
    query.limit = args.limit.unwrap_or(query.limit);
    query.order = match args.order.as_deref() {
        None | Some("recent") => SearchOrder::Recent,
        Some("slowest") => SearchOrder::Slowest,
        Some(other) => {
            return Err(ApiError::bad_request(
                format!("there is no order `{other}`"),
                "order by recent or slowest",
            ));
        }
    };
    Ok(Json(traces::search(&state.store, &principal.tenant, &query).await?))
}

/// One trace with its spans, critical path and logs.
#[utoipa::path(get, path = "/api/v1/traces/{trace_id}", tag = "traces", params(("trace_id" = String, Path, description = "32 hex digits")),
    responses((status = 200, body = Trace), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(trace_id): Path<String>,
) -> Result<Json<Trace>, ApiError> {
    let principal = caller.through(Door::Traces)?;
    Ok(Json(traces::get(&state.store, &principal.tenant, &trace_id).await?))
}

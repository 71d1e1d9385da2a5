//! Metrics: names, labels, figures over time.

use super::arguments::{Args, RangeArgs};
use super::services::step;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use headroom_query::bubbleup::Names;
use headroom_query::metrics::{
    self, Aggregation, Kind, Metric, MetricQuery, MetricSeries, Metrics, Selected,
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Metrics in a list when the caller names no number.
const LISTED: usize = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListArgs {
    /// A part of the name or the description, in any case.
    q: Option<String>,
    /// Those of one service.
    service: Option<String>,
    /// Start: `now-1h`, RFC 3339, or milliseconds since 1970.
    from: Option<String>,
    /// End, exclusive.
    to: Option<String>,
    /// 1 to 1000. Default 200.
    limit: Option<usize>,
}

/// Metrics that were reported in the last hours of a range.
#[utoipa::path(get, path = "/api/v1/metrics", tag = "metrics", params(ListArgs), responses((status = 200, body = Metrics)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<ListArgs>,
) -> Result<Json<Metrics>, ApiError> {
    let principal = caller.through(Door::Services)?;
    let range = RangeArgs { from: args.from, to: args.to }.range(state.clock.now())?;
    let text = args.q.as_deref().unwrap_or_default().trim();
    let limit = args.limit.unwrap_or(LISTED);
    let service = args.service.as_deref();
    Ok(Json(metrics::list(&state.store, &principal.tenant, range, text, service, limit).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ShowArgs {
    /// Of which kind, where the name is reported as several.
    kind: Option<Kind>,
    /// Labels of one service.
    service: Option<String>,
    /// Start: `now-1h`, RFC 3339, or milliseconds since 1970.
    from: Option<String>,
    /// End, exclusive.
    to: Option<String>,
}

/// One metric: what it is, what may be asked of it, and what its time series are told apart by.
#[utoipa::path(get, path = "/api/v1/metrics/{name}", tag = "metrics", params(("name" = String, Path), ShowArgs),
    responses((status = 200, body = Metric), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Args(args): Args<ShowArgs>,
) -> Result<Json<Metric>, ApiError> {
    let names = names(&caller);
    let principal = caller.through(Door::Services)?;
    let range = RangeArgs { from: args.from, to: args.to }.range(state.clock.now())?;
    let service = args.service.as_deref();
    let (store, tenant) = (&state.store, &principal.tenant);
    Ok(Json(metrics::describe(store, tenant, &name, args.kind, service, range, names).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SeriesArgs {
    /// Of which kind, where the name is reported as several.
    kind: Option<Kind>,
    /// Of one service.
    service: Option<String>,
    /// A label that has a line for each value: the 8 largest are told.
    by: Option<String>,
    /// What the points of a step come to: avg, sum, min, max, rate, increase, p50, p90, p99 or count. What is usual for the
    /// kind when absent.
    agg: Option<String>,
    /// Start: `now-1h`, RFC 3339, or milliseconds since 1970.
    from: Option<String>,
    /// End, exclusive.
    to: Option<String>,
    /// Least width of a step in seconds; chosen to give about 120 when absent.
    step: Option<i64>,
}

/// A metric over time. Wrong combinations, such as the rate of a gauge, are refused.
#[utoipa::path(get, path = "/api/v1/metrics/{name}/series", tag = "metrics",
    params(("name" = String, Path), SeriesArgs,
        ("where" = Option<Vec<String>>, Query, description = "`KEY:VALUE` of a label; several must all fit")),
    responses((status = 200, body = MetricSeries), (status = 400, body = crate::error::ErrorBody),
        (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn series(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Args(args): Args<SeriesArgs>,
    Args(all): Args<Vec<(String, String)>>,
) -> Result<Json<MetricSeries>, ApiError> {
    let names = names(&caller);
    let principal = caller.through(Door::Services)?;
    let now = state.clock.now();
    let range = RangeArgs { from: args.from, to: args.to }.range(now)?;
    let wanted = all.iter().filter(|(key, _)| key == "where").map(|(_, pair)| label(pair));
    let query = MetricQuery {
        name,
        kind: args.kind,
        selected: Selected { service: args.service, labels: wanted.collect::<Result<_, _>>()? },
        by: args.by,
        aggregation: args.agg.as_deref().map(Aggregation::parse).transpose()?,
        range,
        step: step(args.step, range.length())?,
    };
    Ok(Json(metrics::series(&state.store, &principal.tenant, &query, names, now).await?))
}

/// Labels that name customers are for those who may see traces.
fn names(caller: &Caller) -> Names {
    if caller.may(Door::Traces) { Names::Shown } else { Names::Withheld }
}

fn label(pair: &str) -> Result<(String, String), ApiError> {
    let halves = pair.split_once(':').filter(|(key, _)| !key.is_empty());
    halves.map(|(key, value)| (key.to_owned(), value.to_owned())).ok_or_else(|| {
        ApiError::bad_request(
            format!("`{pair}` is no label with its value"),
            "write where=KEY:VALUE, as in where=http.route:/orders",
        )
    })
}

//! Latency: percentiles, heat-map, exemplars.

use super::arguments::{Args, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use headroom_query::latency::{self, Exemplars, Heatmap, Latency, LatencyQuery};
use serde::Deserialize;
use utoipa::IntoParams;

/// The kinds of span, as they are stored.
const KINDS: [&str; 6] = ["unspecified", "internal", "server", "client", "producer", "consumer"];

/// Which spans: a service, one of its operations, a kind, a range.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// `service.name`
    service: String,
    /// One operation; all of them when absent.
    operation: Option<String>,
    /// One kind of span; requests received when absent.
    kind: Option<String>,
    /// Start: `now-1h`, RFC 3339, or milliseconds since 1970.
    from: Option<String>,
    /// End, exclusive.
    to: Option<String>,
    /// Quantiles between 0 and 1, comma-separated. Default 0.5,0.95,0.99.
    quantiles: Option<String>,
    /// Width of a point in seconds.
    step: Option<i64>,
    /// Columns of the heat-map, 1 to 1000. Default 120.
    columns: Option<u32>,
    /// Exemplars: durations above this.
    low_ns: Option<u64>,
    /// Exemplars: durations up to this.
    high_ns: Option<u64>,
}

impl Which {
    fn query(&self, now: DateTime<Utc>) -> Result<LatencyQuery, ApiError> {
        let range = RangeArgs { from: self.from.clone(), to: self.to.clone() }.range(now)?;
        let mut query = LatencyQuery::new(&self.service, range);
        query.operation.clone_from(&self.operation);
        query.kind = kind(self.kind.clone())?;
        query.step = Some(super::services::step(self.step, range.length())?);
        if let Some(listed) = &self.quantiles {
            let read = |text: &str| {
                text.trim().parse().map_err(|_| {
                    ApiError::bad_request(
                        format!("`{text}` is not a quantile"),
                        "list quantiles between 0 and 1, as in 0.5,0.99",
                    )
                })
            };
            query.quantiles = listed.split(',').map(read).collect::<Result<_, _>>()?;
        }
        Ok(query)
    }
}

/// A kind of span, if one is asked for and there is such a kind.
pub(super) fn kind(asked: Option<String>) -> Result<Option<String>, ApiError> {
    match asked.as_deref().filter(|kind| !KINDS.contains(kind)) {
        Some(other) => Err(ApiError::bad_request(
            format!("`{other}` is no kind of span"),
            format!("kinds are {}", KINDS.join(", ")),
        )),
        None => Ok(asked),
    }
}

/// Percentiles with their bound, whole and over time.
#[utoipa::path(get, path = "/api/v1/latency", tag = "latency", params(Which), responses((status = 200, body = Latency)))]
pub(crate) async fn percentiles(
    State(state): State<AppState>,
    caller: Caller,
    Args(which): Args<Which>,
) -> Result<Json<Latency>, ApiError> {
    let principal = caller.through(Door::Services)?;
    let query = which.query(state.clock.now())?;
    Ok(Json(latency::percentiles(&state.store, &principal.tenant, &query).await?))
}

/// Durations over time as counts per cell.
#[utoipa::path(get, path = "/api/v1/latency/heatmap", tag = "latency", params(Which), responses((status = 200, body = Heatmap)))]
pub(crate) async fn heatmap(
    State(state): State<AppState>,
    caller: Caller,
    Args(which): Args<Which>,
) -> Result<Json<Heatmap>, ApiError> {
    let principal = caller.through(Door::Services)?;
    let query = which.query(state.clock.now())?;
    Ok(Json(latency::heatmap(&state.store, &principal.tenant, &query, which.columns.unwrap_or(120)).await?))
}

/// Traces that are examples of a range of durations.
#[utoipa::path(get, path = "/api/v1/latency/exemplars", tag = "latency", params(Which), responses((status = 200, body = Exemplars)))]
pub(crate) async fn exemplars(
    State(state): State<AppState>,
    caller: Caller,
    Args(which): Args<Which>,
) -> Result<Json<Exemplars>, ApiError> {
    let principal = caller.through(Door::Services)?;
    let query = which.query(state.clock.now())?;
    let (low, high) = (which.low_ns.unwrap_or(0), which.high_ns.unwrap_or(u64::MAX));
    Ok(Json(latency::exemplars(&state.store, &principal.tenant, &query, low, high).await?))
}

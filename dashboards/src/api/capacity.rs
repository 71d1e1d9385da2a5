//! Walls of the platform, how a change moves them, capacity curves, costs, and the assessment.

pub(crate) mod load_tests;

use super::arguments::{Args, Body};
use super::drawn::{ReportForm, drawn};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use headroom_capacity::costs::Costs;
use headroom_capacity::money::incident::{IncidentComparison, IncidentInput, incident as compare_costs};
use headroom_capacity::service_curve::ServiceCurve;
use headroom_capacity::walls::{Roadmap, Walls, WhatIf};
use headroom_query::capacity::Scope;
use headroom_query::range::TimeRange;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CapacityArgs {
    /// Start: `now-7d`, RFC 3339, or milliseconds since 1970. Default: as many days before `to` as
    /// `capacity.history_days` says.
    from: Option<String>,
    /// End, exclusive. Default: now.
    to: Option<String>,
    /// How the answer is written; JSON by default.
    #[param(inline)]
    format: Option<Form>,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    /// A JSON document.
    Json,
    /// Plain words, as the command line prints them.
    Text,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CurveArgs {
    from: Option<String>,
    to: Option<String>,
    /// Only requests of this operation.
    operation: Option<String>,
    /// Only requests served by this version.
    version: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RoadmapArgs {
    from: Option<String>,
    to: Option<String>,
    /// The growth to stand, in times of today's peak. Default: 2.
    factor: Option<f64>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportArgs {
    from: Option<String>,
    to: Option<String>,
    /// `html` or `pdf`. Default: html.
    #[param(inline)]
    format: Option<ReportForm>,
}

pub(super) fn range(state: &AppState, from: Option<&str>, to: Option<&str>) -> Result<TimeRange, ApiError> {
    let now = state.clock.now();
    if from.is_some() {
        return Ok(TimeRange::parse(from, to, now)?);
    }
    let end = TimeRange::parse(None, to, now)?.to;
    Ok(state.capacity.history(end)?)
}

/// The body as JSON, or the words of it.
fn written<T: Serialize>(form: Option<Form>, body: T, text: impl FnOnce(&T) -> String) -> Response {
    match form {
        Some(Form::Text) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text(&body)).into_response()
        }
        Some(Form::Json) | None => Json(body).into_response(),
    }
}

/// The growth at which each service and shared resource is full, the nearest first, with what moves each.
#[utoipa::path(get, path = "/api/v1/capacity/walls", tag = "capacity", params(CapacityArgs), responses((status = 200, body = Walls)))]
pub(crate) async fn walls(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<CapacityArgs>,
) -> Result<Response, ApiError> {
    under(&state, caller, &args, &WhatIf::default()).await
}

/// The walls as they would be under a change: another traffic mix, sizes, caches, fan-out, a new market.
#[utoipa::path(post, path = "/api/v1/capacity/what-if", tag = "capacity", params(CapacityArgs), request_body = WhatIf, responses((status = 200, body = Walls)))]
pub(crate) async fn what_if(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<CapacityArgs>,
    Body(change): Body<WhatIf>,
) -> Result<Response, ApiError> {
    under(&state, caller, &args, &change).await
}

/// The walls under a change, for whoever may see them.
async fn under(
    state: &AppState,
    caller: Caller,
    args: &CapacityArgs,
    change: &WhatIf,
) -> Result<Response, ApiError> {
    let principal = caller.through(Door::Capacity)?;
    change.validate().map_err(|wrong| ApiError::bad_request(wrong, "/openapi.json describes a change"))?;
    let range = range(state, args.from.as_deref(), args.to.as_deref())?;
    let walls = state.capacity.walls(&principal.tenant, range, change).await?;
    Ok(written(args.format, walls, Walls::text))
}

/// What to change, in which order, to stand a growth factor.
#[utoipa::path(get, path = "/api/v1/capacity/roadmap", tag = "capacity", params(RoadmapArgs), responses((status = 200, body = Roadmap)))]
pub(crate) async fn roadmap(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<RoadmapArgs>,
) -> Result<Json<Roadmap>, ApiError> {
    let principal = caller.through(Door::Capacity)?;
    let factor = args.factor.unwrap_or(2.0);
    if !(1.0..=1_000.0).contains(&factor) {
        return Err(ApiError::bad_request(format!("factor is {factor}"), "give a number from 1 to 1000"));
    }
    let range = range(&state, args.from.as_deref(), args.to.as_deref())?;
    Ok(Json(state.capacity.roadmap(&principal.tenant, range, factor).await?))
}

/// The capacity curve of a service: throughput, concurrency and latency step by step, the laws fitted to them, and
/// what its processors, memory and pools held.
#[utoipa::path(get, path = "/api/v1/capacity/services/{service}/curve", tag = "capacity", params(("service" = String, Path), CurveArgs), responses((status = 200, body = ServiceCurve)))]
pub(crate) async fn curve(
    State(state): State<AppState>,
    caller: Caller,
    Path(service): Path<String>,
    Args(args): Args<CurveArgs>,
) -> Result<Json<ServiceCurve>, ApiError> {
    let principal = caller.through(Door::Capacity)?;
    let range = range(&state, args.from.as_deref(), args.to.as_deref())?;
    let scope = Scope { service: Some(service), operation: args.operation, version: args.version };
    Ok(Json(state.capacity.curve(&principal.tenant, range, &scope, &state.slos).await?))
}

/// Cost per transaction and per customer by service, what is not needed, and what to commit to.
#[utoipa::path(get, path = "/api/v1/capacity/costs", tag = "capacity", params(CapacityArgs), responses((status = 200, body = Costs)))]
pub(crate) async fn costs(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<CapacityArgs>,
) -> Result<Response, ApiError> {
    let principal = caller.through(Door::Capacity)?;
    let range = range(&state, args.from.as_deref(), args.to.as_deref())?;
    let costs = state.capacity.costs(&principal.tenant, range, None).await?;
    Ok(written(args.format, costs, Costs::text))
}

/// What a plan costs against what the incident costs that it avoids.
#[utoipa::path(post, path = "/api/v1/capacity/incident", tag = "capacity", request_body = IncidentInput, responses((status = 200, body = IncidentComparison)))]
pub(crate) async fn incident(
    caller: Caller,
    Body(input): Body<IncidentInput>,
) -> Result<Json<IncidentComparison>, ApiError> {
    caller.through(Door::Capacity)?;
    let refused = |error: headroom_capacity::money::MoneyError| {
        ApiError::bad_request(error.to_string(), "/openapi.json describes the input")
    };
    Ok(Json(compare_costs(&input).map_err(refused)?))
}

/// The scalability assessment as a file.
#[utoipa::path(get, path = "/api/v1/capacity/assessment", tag = "capacity", params(ReportArgs), responses((status = 200, content((String = "text/html"), (Vec<u8> = "application/pdf")))))]
pub(crate) async fn assessment(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<ReportArgs>,
) -> Result<Response, ApiError> {
    let principal = caller.through(Door::Capacity)?;
    let range = range(&state, args.from.as_deref(), args.to.as_deref())?;
    let assessment = state.capacity.assessment(&principal.tenant, range, &state.slos).await?;
    let document = headroom_capacity::assess::document(&assessment);
    drawn(document, args.format, "assessment").await
}

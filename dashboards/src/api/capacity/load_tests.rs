//! Load tests that are kept.

use super::super::arguments::{Args, Body};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use headroom_capacity::load_test::{self, Comparison};
use headroom_capacity::load_tests::{self, StoredTest, TestList};
use headroom_query::range::TimeRange;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Longest name of a test or a service.
const MOST_NAME: usize = 200;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListArgs {
    /// One service; all when absent.
    service: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportArgs {
    /// The service that the load was put on.
    service: String,
    /// What to call the test.
    name: String,
}

/// A stretch of live traffic to mark as a load test.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkRequest {
    /// The service under load.
    service: String,
    /// What to call the test.
    name: String,
    /// First moment: `now-2h`, RFC 3339, or milliseconds since 1970.
    from: String,
    /// First moment after it. Default: now.
    #[serde(default)]
    to: Option<String>,
}

fn named(service: &str, name: &str) -> Result<(), ApiError> {
    for (what, text) in [("service", service), ("name", name)] {
        if text.trim().is_empty() || text.len() > MOST_NAME {
            return Err(ApiError::bad_request(
                format!("{what} is empty or longer than {MOST_NAME} bytes"),
                format!("give a {what}"),
            ));
        }
    }
    Ok(())
}

/// The load tests that are kept, the latest first.
#[utoipa::path(get, path = "/api/v1/capacity/load-tests", tag = "capacity", params(ListArgs), responses((status = 200, body = TestList)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<ListArgs>,
) -> Result<Json<TestList>, ApiError> {
    let principal = caller.through(Door::Capacity)?;
    Ok(Json(load_tests::list(&state.store, &principal.tenant, args.service.as_deref()).await?))
}

/// Keeps the result of k6, vegeta, wrk, wrk2 or JMeter: the file as the tool wrote it is the body. Files above
/// 1 MiB are read by `headroom capacity load-test`.
#[utoipa::path(post, path = "/api/v1/capacity/load-tests", tag = "capacity", params(ImportArgs), request_body(content = String, content_type = "application/octet-stream"), responses((status = 200, body = StoredTest)))]
pub(crate) async fn import(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<ImportArgs>,
    body: Bytes,
) -> Result<Json<StoredTest>, ApiError> {
    let principal = caller.through(Door::Capacity)?;
    named(&args.service, &args.name)?;
    let source = args.name.clone();
    let read = tokio::task::spawn_blocking(move || load_test::import(body.as_ref(), &source, None)).await;
    let test = read.map_err(|error| ApiError::internal(&error))?;
    let test =
        test.map_err(|error| ApiError::bad_request(error.to_string(), "docs/capacity.md lists the formats"))?;
    let now = state.clock.now();
    Ok(Json(load_tests::save(&state.store, &principal.tenant, &args.service, &args.name, test, now).await?))
}

/// Marks a stretch of live traffic as a load test and keeps it, a step a minute.
#[utoipa::path(post, path = "/api/v1/capacity/load-tests/marks", tag = "capacity", request_body = MarkRequest, responses((status = 200, body = StoredTest), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn mark(
    State(state): State<AppState>,
    caller: Caller,
    Body(asked): Body<MarkRequest>,
) -> Result<Json<StoredTest>, ApiError> {
    let principal = caller.through(Door::Capacity)?;
    let (tenant, service, name) = (&principal.tenant, &asked.service, &asked.name);
    named(service, name)?;
    let now = state.clock.now();
    let range = TimeRange::parse(Some(&asked.from), asked.to.as_deref(), now)?;
    if range.length() > chrono::TimeDelta::days(1) {
        return Err(ApiError::bad_request(
            "the stretch is longer than a day",
            "mark the time of the test alone",
        ));
    }
    let test = load_tests::live(&state.store, tenant, service, name, range).await?;
    Ok(Json(load_tests::save(&state.store, tenant, service, name, test, now).await?))
}

/// One load test with its curve.
#[utoipa::path(get, path = "/api/v1/capacity/load-tests/{id}", tag = "capacity", params(("id" = String, Path)), responses((status = 200, body = StoredTest), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<StoredTest>, ApiError> {
    let principal = caller.through(Door::Capacity)?;
    Ok(Json(found(&state, &principal.tenant, &id).await?))
}

/// A load test compared with an earlier one, level by level.
#[utoipa::path(get, path = "/api/v1/capacity/load-tests/{id}/against/{before}", tag = "capacity", params(("id" = String, Path), ("before" = String, Path)), responses((status = 200, body = Comparison), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn compare(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, before)): Path<(String, String)>,
) -> Result<Json<Comparison>, ApiError> {
    let principal = caller.through(Door::Capacity)?;
    let (after, before) =
        (found(&state, &principal.tenant, &id).await?, found(&state, &principal.tenant, &before).await?);
    Ok(Json(load_test::compare(&before.test, &after.test)))
}

async fn found(state: &AppState, tenant: &str, id: &str) -> Result<StoredTest, ApiError> {
    load_tests::show(&state.store, tenant, id).await?.ok_or_else(|| {
        ApiError::not_found(format!("there is no load test `{id}`"), "/api/v1/capacity/load-tests lists them")
    })
}

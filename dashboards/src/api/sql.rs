//! SQL over HTTP.

use super::arguments::Body;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use headroom_sql::{SqlAnswer, SqlError};
use serde::Deserialize;
use utoipa::ToSchema;

/// A statement.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SqlRequest {
    /// One SELECT over the curated views.
    #[schema(example = "SELECT service, count(*) FROM spans GROUP BY service")]
    sql: String,
    /// Rows to return; at most 10000.
    limit: Option<usize>,
}

/// Run one read-only statement over the curated views.
#[utoipa::path(post, path = "/api/v1/sql", tag = "sql", request_body = SqlRequest,
    responses((status = 200, body = SqlAnswer), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn run(
    State(state): State<AppState>,
    caller: Caller,
    Body(request): Body<SqlRequest>,
) -> Result<Json<SqlAnswer>, ApiError> {
    let principal = caller.through(Door::Sql)?;
    let answer = state
        .sql
        .query_json(&principal.tenant, &request.sql, request.limit)
        .await
        .map_err(|error| refusal(&error))?;
    Ok(Json(answer))
}

fn refusal(error: &SqlError) -> ApiError {
    if !error.is_callers_fault() {
        return ApiError::internal(error);
    }
    let hint =
        error.hint().unwrap_or_else(|| "one SELECT over the views that `SHOW TABLES` lists".to_owned());
    ApiError::bad_request(error.to_string(), hint)
}

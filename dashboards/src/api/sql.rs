//! SQL over HTTP.

mod files;

use super::arguments::Body;
use crate::auth::{Caller, Door};
use crate::cached::tag_of;
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use files::SqlForm;
use headroom_control::Principal;
use headroom_sql::{SqlAnswer, SqlError};
use serde::Deserialize;
use utoipa::ToSchema;

/// A statement.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct SqlRequest {
    /// One SELECT over the curated views.
    #[schema(example = "SELECT service, count(*) FROM spans GROUP BY service")]
    sql: String,
    /// Rows to return; at most 10000, in a file at most 1000000.
    limit: Option<usize>,
    /// `json` (default), `csv`, `arrow` (an IPC stream) or `parquet`.
    #[serde(default)]
    format: SqlForm,
}

/// Run one read-only statement over the curated views.
///
/// The answer has an `ETag` of its rows; with `If-None-Match` an unchanged one is 304. In files, the header
/// `Headroom-Truncated` says whether there are more rows.
#[utoipa::path(post, path = "/api/v1/sql", tag = "sql", request_body = SqlRequest,
    responses((status = 200, body = SqlAnswer), (status = 304, description = "unchanged"),
        (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn run(
    State(state): State<AppState>,
    caller: Caller,
    Body(request): Body<SqlRequest>,
) -> Result<Response, ApiError> {
    let by = asker(caller.through(Door::Sql)?);
    let SqlRequest { sql, limit, format } = request;
    if format == SqlForm::Json {
        let answer = state.sql.query_json(&by, &sql, limit).await.map_err(|error| refusal(&error))?;
        let rows = serde_json::to_vec(&(&answer.columns, &answer.rows));
        let tag = tag_of(&rows.map_err(|error| ApiError::internal(&error))?);
        return Ok(([(header::ETAG, tag)], Json(answer)).into_response());
    }
    let answer = state.sql.query_batches(&by, &sql, limit).await.map_err(|error| refusal(&error))?;
    // Compressing a large answer takes a while.
    let file = tokio::task::spawn_blocking(move || files::response(&answer, format)).await;
    let file = file.map_err(|error| ApiError::internal(&error))?.map_err(|error| {
        ApiError::bad_request(
            format!("the answer does not fit this format: {error}"),
            "cast the column to text, or ask for json",
        )
    })?;
    file.ok_or_else(|| ApiError::internal(&"an answer without a file"))
}

fn asker(principal: Principal) -> headroom_sql::Principal {
    let Principal { name, role, tenant } = principal;
    headroom_sql::Principal { name, role: role.to_string(), tenant }
}

fn refusal(error: &SqlError) -> ApiError {
    if !error.is_callers_fault() {
        return ApiError::internal(error);
    }
    let hint =
        error.hint().unwrap_or_else(|| "one SELECT over the views that `SHOW TABLES` lists".to_owned());
    match error {
        SqlError::Forbidden { .. } => ApiError::forbidden(error.to_string(), hint),
        _ => ApiError::bad_request(error.to_string(), hint),
    }
}

//! Tokens of programs: service accounts.

use super::super::arguments::Body;
use super::accounts::done;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use headroom_control::{Role, Token};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The tokens of the caller's tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokenList {
    /// Oldest first; those that were revoked too.
    tokens: Vec<Token>,
    /// Names of the tokens that the configuration of this node lists for the tenant: they are revoked there.
    configured: Vec<String>,
}

/// A token to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    name: String,
    #[schema(value_type = String, example = "ingest")]
    role: Role,
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeToken {
    name: String,
    /// The token itself, shown this once.
    token: String,
}

/// The tokens of the caller's tenant; what they are is nowhere.
#[utoipa::path(get, path = "/api/v1/admin/tokens", tag = "administration", responses((status = 200, body = TokenList)))]
pub(crate) async fn list(State(state): State<AppState>, caller: Caller) -> Result<Json<TokenList>, ApiError> {
    let by = caller.through(Door::Administration)?;
    let configured = state.node.tokens.iter().filter(|token| token.tenant == by.tenant);
    let configured = configured.map(|token| token.name.clone()).collect();
    Ok(Json(TokenList { tokens: state.control.tokens_of(&by.tenant)?, configured }))
}

/// Make a token in the caller's tenant. The answer has it, and nothing later.
#[utoipa::path(post, path = "/api/v1/admin/tokens", tag = "administration", request_body = NewToken,
    responses((status = 201, body = MadeToken), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), ApiError> {
    let by = caller.through(Door::Administration)?;
    let token = state.control.issue_token(&by, &new.name, new.role, state.clock.now())?;
    Ok((StatusCode::CREATED, Json(MadeToken { name: new.name, token })))
}

/// Revoke a token, at every door and for ever.
#[utoipa::path(delete, path = "/api/v1/admin/tokens/{name}", tag = "administration", params(("name" = String, Path)),
    responses((status = 204), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn revoke(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    done(&state, caller, |control, by, now| control.withdraw_token(by, &name, now))
}

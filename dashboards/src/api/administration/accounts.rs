//! Accounts of people.

use super::super::arguments::Body;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use headroom_control::{Control, Principal, Role, User};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

use super::sessions::MOST;

/// Somebody who may sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountBody {
    name: String,
    #[schema(value_type = String, example = "sre")]
    role: Role,
    /// The OpenID provider that vouches for them and says their role; null of an account of Headroom's own.
    issuer: Option<String>,
    created_at: DateTime<Utc>,
    /// When they signed in last, by whatever door; null if never.
    signed_in_at: Option<DateTime<Utc>>,
    /// Since when they are shut out.
    disabled_at: Option<DateTime<Utc>>,
    /// Sessions that go on, of the newest that are looked at.
    sessions: usize,
}

/// The accounts of the caller's tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountList {
    /// By name.
    accounts: Vec<AccountBody>,
}

/// An account to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    name: String,
    #[schema(value_type = String, example = "sre")]
    role: Role,
    password: String,
}

/// What somebody may do from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    #[schema(value_type = String, example = "sre")]
    role: Role,
}

/// What somebody signs in with from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    password: String,
}

/// The accounts of the caller's tenant.
#[utoipa::path(get, path = "/api/v1/admin/accounts", tag = "administration", responses((status = 200, body = AccountList)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<AccountList>, ApiError> {
    let by = caller.through(Door::Administration)?;
    let mut open: HashMap<String, usize> = HashMap::new();
    for session in state.control.sessions_of(&by.tenant, MOST, state.clock.now())? {
        *open.entry(session.user).or_default() += 1;
    }
    let account = |user: User| AccountBody {
        sessions: open.get(&user.name).copied().unwrap_or_default(),
        name: user.name,
        role: user.role,
        issuer: user.issuer,
        created_at: user.created_at,
        signed_in_at: user.signed_in_at,
        disabled_at: user.disabled_at,
    };
    Ok(Json(AccountList { accounts: state.control.users_of(&by.tenant)?.into_iter().map(account).collect() }))
}

/// Make an account in the caller's tenant.
#[utoipa::path(post, path = "/api/v1/admin/accounts", tag = "administration", request_body = NewAccount,
    responses((status = 201), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(new): Body<NewAccount>,
) -> Result<StatusCode, ApiError> {
    let by = caller.through(Door::Administration)?;
    hashing(&state, move |control, now| control.admit(&by, &new.name, &new.password, new.role, now)).await?;
    Ok(StatusCode::CREATED)
}

/// Give an account another role. Its sessions have it at once.
#[utoipa::path(post, path = "/api/v1/admin/accounts/{name}/role", tag = "administration", request_body = NewRole,
    params(("name" = String, Path)), responses((status = 204), (status = 400, body = crate::error::ErrorBody),
        (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn change_role(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(new): Body<NewRole>,
) -> Result<StatusCode, ApiError> {
    done(&state, caller, |control, by, now| control.change_role(by, &name, new.role, now))
}

/// Give an account another password. Its sessions end.
#[utoipa::path(post, path = "/api/v1/admin/accounts/{name}/password", tag = "administration", request_body = NewPassword,
    params(("name" = String, Path)), responses((status = 204), (status = 400, body = crate::error::ErrorBody),
        (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn give_password(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
    Body(new): Body<NewPassword>,
) -> Result<StatusCode, ApiError> {
    let by = caller.through(Door::Administration)?;
    hashing(&state, move |control, now| control.give_password(&by, &name, &new.password, now)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shut somebody out at every door. Their sessions end.
#[utoipa::path(post, path = "/api/v1/admin/accounts/{name}/disable", tag = "administration",
    params(("name" = String, Path)), responses((status = 204), (status = 400, body = crate::error::ErrorBody),
        (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn disable(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    done(&state, caller, |control, by, now| control.shut_out(by, &name, now))
}

/// Let somebody in again.
#[utoipa::path(post, path = "/api/v1/admin/accounts/{name}/enable", tag = "administration",
    params(("name" = String, Path)), responses((status = 204), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn enable(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    done(&state, caller, |control, by, now| control.let_in(by, &name, now))
}

/// End every session of somebody.
#[utoipa::path(delete, path = "/api/v1/admin/accounts/{name}/sessions", tag = "administration",
    params(("name" = String, Path)), responses((status = 204), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn end_sessions(
    State(state): State<AppState>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    done(&state, caller, |control, by, now| control.end_sessions_of(by, &name, now).map(drop))
}

/// Does something that an administrator may do, of which there is nothing to tell.
pub(super) fn done(
    state: &AppState,
    caller: Caller,
    deed: impl FnOnce(&Control, &Principal, DateTime<Utc>) -> headroom_control::Result<()>,
) -> Result<StatusCode, ApiError> {
    let by = caller.through(Door::Administration)?;
    deed(&state.control, &by, state.clock.now())?;
    Ok(StatusCode::NO_CONTENT)
}

/// argon2id takes tens of milliseconds by design: not on an I/O thread.
async fn hashing(
    state: &AppState,
    deed: impl FnOnce(&Control, DateTime<Utc>) -> headroom_control::Result<()> + Send + 'static,
) -> Result<(), ApiError> {
    let (control, now) = (state.control.clone(), state.clock.now());
    let done = tokio::task::spawn_blocking(move || deed(&control, now)).await;
    Ok(done.map_err(|error| ApiError::internal(&error))??)
}

//! Signing in and out.

use super::arguments::Body;
use crate::address;
use crate::auth::{COOKIE, Caller, session_cookie};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use headroom_control::{ControlError, Principal, Role};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use utoipa::ToSchema;

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionBody {
    user: String,
    #[schema(value_type = String, example = "sre")]
    role: Role,
    tenant: String,
}

impl From<Principal> for SessionBody {
    fn from(principal: Principal) -> Self {
        Self { user: principal.name, role: principal.role, tenant: principal.tenant }
    }
}

/// Name and password.
#[derive(Deserialize, ToSchema)]
pub(crate) struct SignIn {
    user: String,
    password: String,
}

/// Who am I?
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses((status = 200, body = SessionBody), (status = 401, body = crate::error::ErrorBody)))]
pub(crate) async fn show(caller: Caller) -> Json<SessionBody> {
    Json(caller.anyone().into())
}

/// Sign in; sets the session cookie.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", security(()), request_body = SignIn,
    responses((status = 200, body = SessionBody), (status = 401, body = crate::error::ErrorBody), (status = 429, body = crate::error::ErrorBody)))]
pub(crate) async fn create(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Body(given): Body<SignIn>,
) -> Result<impl IntoResponse, ApiError> {
    let now = state.clock.now();
    let from = address::of_request(peer.ip(), &headers, &state.proxies);
    let control = state.control.clone();
    // argon2id takes tens of milliseconds by design: not on an I/O thread.
    let (principal, cookie) = tokio::task::spawn_blocking(move || {
        let Some(principal) = control.verify_password_from(&given.user, &given.password, from, now)? else {
            return Ok(None);
        };
        if principal.role == Role::Ingest {
            return Ok(None);
        }
        let cookie = control.create_session(&principal, "web", Some(from), now)?;
        Ok(Some((principal, cookie)))
    })
    .await
    .map_err(|error| ApiError::internal(&error))?
    .map_err(|error: ControlError| match error {
        ControlError::LockedOut { .. } => {
            ApiError::too_many(error.to_string(), "wait, or ask an administrator")
        }
        other => other.into(),
    })?
    .ok_or_else(|| ApiError::unauthorized("name or password is wrong"))?;
    Ok((AppendHeaders([(header::SET_COOKIE, kept(&state, &cookie))]), Json(SessionBody::from(principal))))
}

/// The header that makes a browser keep a session.
pub(super) fn kept(state: &AppState, cookie: &str) -> String {
    let secure = if state.secure_cookies { "; Secure" } else { "" };
    let seconds = headroom_control::SESSION_FOR.num_seconds();
    format!("{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

/// Sign out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses((status = 204)))]
pub(crate) async fn end(
    State(state): State<AppState>,
    _caller: Caller,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    if let Some(cookie) = session_cookie(&headers) {
        state.control.end_session(cookie)?;
    }
    let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, gone)])))
}

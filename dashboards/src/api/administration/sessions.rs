//! Sessions of people that go on.

use super::accounts::done;
use crate::auth::{Caller, Door, session_cookie};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Utc};
use headroom_control::Control;
use serde::Serialize;
use utoipa::ToSchema;

/// Sessions in one answer, the newest.
pub(super) const MOST: usize = 1_000;

/// A session that goes on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenSession {
    /// What it is ended by. Nobody comes in with it.
    id: String,
    user: String,
    /// The door it was begun at: `web`, `oidc` or `flight`; empty where that was not kept yet.
    door: String,
    /// From where, if the door knows.
    address: Option<String>,
    created_at: DateTime<Utc>,
    /// When it ends by itself.
    expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    own: bool,
}

/// The sessions of the caller's tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionList {
    /// Newest first.
    sessions: Vec<OpenSession>,
    /// Whether there are older ones that are not told.
    truncated: bool,
}

/// The sessions of the caller's tenant that go on.
#[utoipa::path(get, path = "/api/v1/admin/sessions", tag = "administration", responses((status = 200, body = SessionList)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Json<SessionList>, ApiError> {
    let by = caller.through(Door::Administration)?;
    let asking = session_cookie(&headers).map(Control::session_id);
    let mut found = state.control.sessions_of(&by.tenant, MOST + 1, state.clock.now())?;
    let truncated = found.len() > MOST;
    found.truncate(MOST);
    let open = |session: headroom_control::Session| OpenSession {
        own: asking.as_ref() == Some(&session.id),
        id: session.id,
        user: session.user,
        door: session.door,
        address: session.address,
        created_at: session.created_at,
        expires_at: session.expires_at,
    };
    Ok(Json(SessionList { sessions: found.into_iter().map(open).collect(), truncated }))
}

/// End a session.
#[utoipa::path(delete, path = "/api/v1/admin/sessions/{id}", tag = "administration", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn end(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    done(&state, caller, |control, by, now| control.end_session_by_id(by, &id, now))
}

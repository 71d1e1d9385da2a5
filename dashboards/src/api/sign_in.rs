//! Signing in at an OpenID provider.
//!
//! A browser is sent to the provider with a cookie that only it has, comes back with a code, and gets the session that
//! local accounts have. It is then sent to the start, and nowhere that an address says.

use super::session::kept;
use crate::address;
use crate::auth::cookie;
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use headroom_control::{ControlError, Vouched};
use headroom_oidc::{Answer, Identity, OidcError, PENDING_FOR, Pending, Provider};
use serde::Serialize;
use std::net::{IpAddr, SocketAddr};
use utoipa::ToSchema;

/// Name of the cookie of a sign-in that was begun.
const BEGUN: &str = "headroom_sign_in";

/// How people sign in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Methods {
    /// What is written on the button that leads to the provider; null where there is none.
    oidc: Option<String>,
}

/// How can I sign in?
#[utoipa::path(get, path = "/sign-in/methods", tag = "session", security(()), responses((status = 200, body = Methods)))]
pub(crate) async fn methods(State(state): State<AppState>) -> Json<Methods> {
    Json(Methods { oidc: state.oidc.as_ref().map(|provider| provider.button().to_owned()) })
}

/// Begin to sign in at the provider.
#[utoipa::path(get, path = "/sign-in/oidc", tag = "session", security(()), responses((status = 303)))]
pub(crate) async fn begin(State(state): State<AppState>) -> Result<Response, ApiError> {
    let provider = provider(&state)?;
    let (at, pending) = match provider.begin(state.clock.now()).await {
        Ok(begun) => begun,
        Err(error) => return Ok(refusal(&state, &error)),
    };
    Ok(sent(at.as_str(), vec![begun(&state, &pending.cookie(), PENDING_FOR)]))
}

/// Come back from the provider.
#[utoipa::path(get, path = "/sign-in/oidc/callback", tag = "session", security(()), responses((status = 303), (status = 403)))]
pub(crate) async fn finish(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Result<Response, ApiError> {
    let provider = provider(&state)?;
    let from = address::of_request(peer.ip(), &headers, &state.proxies);
    let Some(pending) = cookie(&headers, BEGUN).and_then(Pending::read) else {
        return Ok(refusal(&state, &OidcError::NotPending));
    };
    let found = match provider.finish(&answer, &pending, state.clock.now()).await {
        Ok(identity) => admitted(&state, provider.issuer().to_owned(), identity, from).await?,
        Err(error) => Err(error),
    };
    match found {
        Ok(session) => Ok(sent("/", vec![begun(&state, "", 0), kept(&state, &session)])),
        Err(error) => {
            recorded(&state, &error, from).await?;
            Ok(refusal(&state, &error))
        }
    }
}

fn provider(state: &AppState) -> Result<&Provider, ApiError> {
    let none = || {
        ApiError::not_found("nobody signs in at a provider here", "set [auth.oidc]; docs/sign-in.md says how")
    };
    state.oidc.as_ref().ok_or_else(none)
}

/// A session for whom the provider vouches, or why not.
async fn admitted(
    state: &AppState,
    issuer: String,
    identity: Identity,
    from: IpAddr,
) -> Result<Result<String, OidcError>, ApiError> {
    let (control, now) = (state.control.clone(), state.clock.now());
    let Identity { subject, name, role, tenant } = identity;
    let tenant = tenant.unwrap_or_else(|| state.probes.tenant.clone());
    let who = Vouched { issuer, subject, name, role, tenant };
    let refused = |who: String, why: String| Ok(Err(OidcError::NotAllowed { who, why }));
    let done = tokio::task::spawn_blocking(move || {
        let found = match control.vouched_user(&who, now) {
            Ok(Some(principal)) => principal,
            Ok(None) => return refused(who.name, "your account here is disabled".to_owned()),
            Err(ControlError::Exists { name, .. }) => {
                let why = format!("another account is called {name}: ask an administrator to remove it");
                return refused(name, why);
            }
            Err(ControlError::Invalid(why)) => return refused(who.name, why),
            Err(other) => return Err(other),
        };
        control.create_session(&found, "oidc", Some(from), now).map(Ok)
    });
    Ok(done.await.map_err(|error| ApiError::internal(&error))??)
}

/// Puts a refusal on record where the provider has vouched for somebody. What anybody can cause goes to the log only.
async fn recorded(state: &AppState, error: &OidcError, from: IpAddr) -> Result<(), ApiError> {
    let who = match error {
        OidcError::NotAllowed { who, .. } => who.clone(),
        OidcError::Token(_) => "somebody".to_owned(),
        other => {
            tracing::warn!(error = %other, "a sign-in at the provider failed");
            return Ok(());
        }
    };
    let (control, now, why) = (state.control.clone(), state.clock.now(), error.to_string());
    let detail = serde_json::json!({"door": "oidc", "from": from});
    let done = tokio::task::spawn_blocking(move || {
        control.audit("sign-in", "login.refused", &who, &why, &detail, now)
    });
    done.await.map_err(|error| ApiError::internal(&error))??;
    Ok(())
}

/// The header that makes a browser keep what it began; for no seconds, forget it. Lax, because the provider sends the
/// browser back from another site.
fn begun(state: &AppState, value: &str, seconds: i64) -> String {
    let secure = if state.secure_cookies { "; Secure" } else { "" };
    format!("{BEGUN}={value}; Path=/sign-in; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

fn sent(to: &str, cookies: Vec<String>) -> Response {
    let cookies = cookies.into_iter().map(|cookie| (header::SET_COOKIE, cookie)).collect::<Vec<_>>();
    let headers = [(header::LOCATION, to.to_owned()), (header::CACHE_CONTROL, "no-store".to_owned())];
    (StatusCode::SEE_OTHER, headers, AppendHeaders(cookies)).into_response()
}

/// A refusal in words: it is a person who reads it, and no program.
fn refusal(state: &AppState, error: &OidcError) -> Response {
    let status = match error {
        OidcError::NotPending => StatusCode::BAD_REQUEST,
        OidcError::Provider(_) | OidcError::Config { .. } => StatusCode::SERVICE_UNAVAILABLE,
        OidcError::Refused(_) | OidcError::Token(_) | OidcError::NotAllowed { .. } => StatusCode::FORBIDDEN,
    };
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let gone = AppendHeaders([(header::SET_COOKIE, begun(state, "", 0))]);
    (status, headers, gone, format!("You are not signed in: {error}.\n")).into_response()
}

//! Verdicts handed on: a link for colleagues whose role does not open the lookup.

use super::arguments::{Args, Body};
use super::lookup::answered;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::link::Link;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use headroom_query::lookup::Lookup;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

const PURPOSE: &str = "lookup links";
/// Longest life of a link, and the one where none is asked for.
const MOST_HOURS: u32 = 72;
const HOURS: u32 = 24;

/// What is handed on.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct ShareRequest {
    /// What was looked up: an id, no e-mail address.
    q: String,
    /// How long the link is good, 1 to 72; 24 by default.
    hours: Option<u32>,
}

/// A link to a verdict.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShareBody {
    /// Path of the page, to be put behind this node's address.
    path: String,
    /// Until when it is good.
    until: DateTime<Utc>,
}

/// A link to what the lookup says of an id, masked. It opens for every signed-in person of the tenant, whatever their role,
/// until it expires. A row goes to the audit trail.
#[utoipa::path(post, path = "/api/v1/lookup/share", tag = "lookup", request_body = ShareRequest,
    responses((status = 200, body = ShareBody), (status = 400, body = crate::error::ErrorBody)))]
pub(crate) async fn share(
    State(state): State<AppState>,
    caller: Caller,
    Body(request): Body<ShareRequest>,
) -> Result<Json<ShareBody>, ApiError> {
    let principal = caller.through(Door::Lookup)?;
    let hours = request.hours.unwrap_or(HOURS);
    let q = request.q.trim().to_owned();
    if !(1..=MOST_HOURS).contains(&hours) {
        return Err(ApiError::bad_request(
            format!("a link cannot be good for {hours} hours"),
            format!("ask for 1 to {MOST_HOURS}"),
        ));
    }
    if q.is_empty() || q.chars().count() > 200 || q.contains('@') {
        return Err(ApiError::bad_request(
            "only an id is handed on",
            "share the customer's id or the order's: an address stays in every chat that the link passes",
        ));
    }
    let now = state.clock.now();
    let until = now + TimeDelta::hours(i64::from(hours));
    let detail = json!({"until": until, "role": principal.role});
    state.control.audit(&principal.name, "lookup.share", &q, "", &detail, now)?;
    let link = Link { tenant: principal.tenant, q, by: principal.name, until };
    let key = state.control.signing_key(PURPOSE, now)?;
    let text = link.sign(&key).map_err(|error| ApiError::internal(&error))?;
    Ok(Json(ShareBody { path: format!("/shared?link={text}"), until }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SharedArgs {
    /// The link's text.
    link: String,
}

/// A verdict that was handed on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedBody {
    #[serde(flatten)]
    lookup: Lookup,
    /// Who gave the link.
    shared_by: String,
    /// Until when it is good.
    until: DateTime<Utc>,
}

/// What the lookup says now of what a link is for. A row goes to the audit trail.
#[utoipa::path(get, path = "/api/v1/lookup/shared", tag = "lookup", params(SharedArgs),
    responses((status = 200, body = SharedBody), (status = 404, body = crate::error::ErrorBody)))]
pub(crate) async fn open(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<SharedArgs>,
) -> Result<Json<SharedBody>, ApiError> {
    let principal = caller.through(Door::Shared)?;
    let now = state.clock.now();
    let key = state.control.signing_key(PURPOSE, now)?;
    // A link of another tenant looks like one that nobody gave.
    let link = Link::open(&args.link, &key, now).filter(|link| link.tenant == principal.tenant).ok_or_else(
        || {
            ApiError::not_found(
                "this link is not good, or not any more",
                "ask who gave it to you for a new one",
            )
        },
    )?;
    let lookup = answered(&state, &principal.tenant, &link.q).await?;
    let detail = json!({"shared_by": link.by, "role": principal.role});
    state.control.audit(&principal.name, "lookup.open_shared", &link.q, "", &detail, now)?;
    Ok(Json(SharedBody { lookup, shared_by: link.by, until: link.until }))
}

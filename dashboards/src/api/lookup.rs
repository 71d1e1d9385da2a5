//! Customer lookup: what happened?

use super::arguments::{Args, Body};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use headroom_query::lookup::{self, Alert, Lookup, Question, Revealed};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How long a page may show personal data that was revealed.
const SHOWN_FOR: TimeDelta = TimeDelta::minutes(5);
/// A reason shorter than this is none.
const SHORTEST_REASON: usize = 8;
const LONGEST: usize = 500;
/// Alerts that are held against a customer's trouble.
const ALERTS: usize = 200;
/// Letters of a text that go into an address.
const MOST_IN_ADDRESS: usize = 1_500;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LookupArgs {
    /// What the customer gave: an id of theirs, an order, a payment, a trade, a trace, or an e-mail address.
    q: String,
}

/// Who this is and what happened, in plain words, personal data masked.
#[utoipa::path(get, path = "/api/v1/lookup", tag = "lookup", params(LookupArgs), responses((status = 200, body = Lookup)))]
pub(crate) async fn find(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<LookupArgs>,
) -> Result<Json<Lookup>, ApiError> {
    let principal = caller.through(Door::Lookup)?;
    let q = args.q.trim();
    if q.is_empty() || q.chars().count() > LONGEST {
        let what =
            if q.is_empty() { "there is nothing to look for" } else { "that is too long to be looked for" };
        return Err(ApiError::bad_request(what, "type an id, an order, a payment or an e-mail address"));
    }
    let mut found = answered(&state, &principal.tenant, q).await?;
    found.escalation.url = state
        .lookup
        .escalate_url
        .as_deref()
        .map(|url| ticket(url, &found.escalation.title, &found.escalation.text));
    Ok(Json(found))
}

/// What the lookup says, with the incidents that this node knows of.
pub(super) async fn answered(state: &AppState, tenant: &str, q: &str) -> Result<Lookup, ApiError> {
    let alerts = alerts(state, tenant)?;
    let catalog = &state.lookup.catalog;
    let asked = Question { text: q, catalog, alerts: &alerts, now: state.clock.now() };
    Ok(lookup::find(&state.store, tenant, asked).await?)
}

/// The tenant's latest alerts, for incidents that may explain what a customer asks about.
fn alerts(state: &AppState, tenant: &str) -> Result<Vec<Alert>, ApiError> {
    let alerts = state.control.list_alerts(tenant, None, ALERTS)?;
    let known = alerts.into_iter().map(|alert| Alert {
        id: alert.id,
        service: alert.service,
        summary: alert.summary,
        started_at: alert.started_at,
        resolved_at: alert.resolved_at,
    });
    Ok(known.collect())
}

/// The address of a ticket with title and text filled in; an address may not be longer than browsers take.
fn ticket(url: &str, title: &str, text: &str) -> String {
    let text: String = text.chars().take(MOST_IN_ADDRESS).collect();
    let filled = |part: &str| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string();
    url.replace("{title}", &filled(title)).replace("{text}", &filled(&text))
}

/// Whose personal data, and why.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct RevealRequest {
    customer_id: String,
    /// Why it is needed; goes to the audit trail.
    reason: String,
}

/// Personal data in the clear.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RevealBody {
    #[serde(flatten)]
    customer: Revealed,
    /// When a page must hide it again.
    expires_at: DateTime<Utc>,
}

/// Personal data in the clear, for a reason that is written to the audit trail first.
#[utoipa::path(post, path = "/api/v1/lookup/reveal", tag = "lookup", request_body = RevealRequest,
    responses((status = 200, body = RevealBody), (status = 403, body = crate::error::ErrorBody)))]
pub(crate) async fn reveal(
    State(state): State<AppState>,
    caller: Caller,
    Body(request): Body<RevealRequest>,
) -> Result<Json<RevealBody>, ApiError> {
    let principal = caller.through(Door::Reveal)?;
    let reason = request.reason.trim();
    if reason.chars().count() < SHORTEST_REASON || reason.chars().count() > LONGEST {
        return Err(ApiError::bad_request(
            "the reason is missing or too short",
            "say in a few words why this customer's data is needed",
        ));
    }
    let now = state.clock.now();
    let customer = lookup::reveal(&state.store, &principal.tenant, &request.customer_id).await?;
    // The row is durable before the data leaves: a reveal that is not in the trail cannot have happened.
    let detail = serde_json::json!({"fields": ["email", "name"], "role": principal.role});
    state.control.audit(&principal.name, "customer.reveal", &request.customer_id, reason, &detail, now)?;
    Ok(Json(RevealBody { customer, expires_at: now + SHOWN_FOR }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_filled_in() {
        let url = ticket("https://jira.example/new?summary={title}&description={text}", "a & b", "1\n2");
        assert_eq!(url, "https://jira.example/new?summary=a%20%26%20b&description=1%0A2");
        assert_eq!(ticket("{text}", "", &"x".repeat(9_000)).len(), MOST_IN_ADDRESS);
    }
}

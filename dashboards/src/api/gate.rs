//! The gate of a roll-out: may the new version go on?

use super::arguments::Body;
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use headroom_canary::{Config, Judgement, Outcome, judge};
use headroom_control::BudgetStep;
use headroom_query::canary::{Business, Versions, compare};
use headroom_query::range::TimeRange;
use headroom_query::services::Unplanned;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Minutes before now that are compared.
const MINUTES: u32 = 15;
/// A version with fewer requests is not judged.
const LEAST_CALLS: u64 = 100;
/// Longest comparison: spans are read one by one.
const MOST_MINUTES: u32 = 24 * 60;

/// Which versions to compare, over which time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GateRequest {
    /// The service.
    service: String,
    /// `service.version` of what ran before.
    baseline: String,
    /// `service.version` of what is to go on.
    candidate: String,
    /// Minutes before now that are compared, 1 to 1440 (default 15).
    minutes: Option<u32>,
    /// Business events whose success is compared too.
    events: Option<Business>,
    /// What the new version is for: `fix` and `incident` go on while a policy freezes releases.
    reason: Option<Unplanned>,
    /// Requests that either version must have answered (default 100): with fewer the outcome is `nodata`.
    least_calls: Option<u64>,
    /// Confidence, tolerance, and the scores that pass.
    #[serde(default)]
    judge: Config,
}

/// What Flagger posts: a canary's name, its namespace and phase, and the texts of the webhook's metadata.
#[derive(Debug, Deserialize)]
struct FlaggerRequest {
    name: String,
    metadata: BTreeMap<String, String>,
}

/// May it go on?
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GateAnswer {
    /// First instant compared.
    from: DateTime<Utc>,
    /// The instant after the last.
    to: DateTime<Utc>,
    /// Requests that the baseline answered.
    baseline_calls: u64,
    /// Requests that the candidate answered.
    candidate_calls: u64,
    /// Why releases of the service are frozen, if they are and this is no fix: the outcome is then `fail`.
    frozen: Option<String>,
    /// The outcome with its reasons: `pass`, `marginal`, `fail` or `nodata`.
    #[serde(flatten)]
    judgement: Judgement,
}

/// Compare a new version of a service with the old one by errors, latency and business success. While a policy of the
/// service's budget freezes releases, the outcome is `fail` but for fixes. A body of Flagger's is
/// read too: `baseline`, `candidate` and if need be `service`, `minutes`, `least_calls` and `reason` stand in its `metadata`, and
/// everything but `pass` is then a status of 400.
#[utoipa::path(post, path = "/api/v1/gate", tag = "slos", request_body = GateRequest,
    responses((status = 200, body = GateAnswer), (status = 400, body = GateAnswer)))]
pub(crate) async fn gate(
    State(state): State<AppState>,
    caller: Caller,
    Body(body): Body<serde_json::Value>,
) -> Result<(StatusCode, Json<GateAnswer>), ApiError> {
    let principal = caller.through(Door::Slos)?;
    let by_status = body.get("metadata").is_some();
    let asked = if by_status { read::<FlaggerRequest>(body)?.gate()? } else { read::<GateRequest>(body)? };
    let minutes = asked.minutes.unwrap_or(MINUTES);
    if !(1..=MOST_MINUTES).contains(&minutes) {
        return Err(ApiError::bad_request(
            format!("minutes is {minutes}"),
            format!("give 1 to {MOST_MINUTES}: spans are compared one by one"),
        ));
    }
    let range = TimeRange::last(TimeDelta::minutes(minutes.into()), state.clock.now())?;
    let versions =
        Versions { service: &asked.service, baseline: &asked.baseline, candidate: &asked.candidate };
    let found = compare(&state.store, &principal.tenant, &versions, asked.events.as_ref(), range).await?;
    let mut judgement = judge(&found.metrics, &asked.judge)
        .map_err(|error| ApiError::bad_request(error.to_string(), "see the schema of `judge`"))?;
    let least = asked.least_calls.unwrap_or(LEAST_CALLS);
    for (who, version, calls) in [
        ("baseline", &asked.baseline, found.baseline_calls),
        ("candidate", &asked.candidate, found.candidate_calls),
    ] {
        if calls < least {
            judgement.outcome = Outcome::NoData;
            judgement.words = format!(
                "the {who} {version} answered {calls} requests of {} in {minutes} minutes; {least} are needed to judge",
                asked.service
            );
        }
    }
    let frozen = match asked.reason {
        Some(_) => None,
        None => frozen(&asked.service, &state.control.freezes(&principal.tenant, &asked.service)?),
    };
    if let Some(why) = &frozen {
        judgement.outcome = Outcome::Fail;
        judgement.words.clone_from(why);
    }
    let refused = by_status && judgement.outcome != Outcome::Pass;
    let status = if refused { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let (baseline_calls, candidate_calls) = (found.baseline_calls, found.candidate_calls);
    let (from, to) = (range.from, range.to);
    Ok((status, Json(GateAnswer { from, to, baseline_calls, candidate_calls, frozen, judgement })))
}

/// What the policies say that freeze releases of a service now, if any does.
fn frozen(service: &str, freezes: &[BudgetStep]) -> Option<String> {
    let says = |step: &BudgetStep| {
        let since = step.begun_at.format("%Y-%m-%d %H:%M");
        format!(
            "Releases of {service} are frozen by the policy {} since {since} UTC. {}.",
            step.policy, step.began
        )
    };
    let says: Vec<String> = freezes.iter().map(says).collect();
    let hint = "A version that is a fix goes on with reason fix or incident.";
    (!says.is_empty()).then(|| format!("{} {hint}", says.join(" ")))
}

fn read<T: DeserializeOwned>(body: serde_json::Value) -> Result<T, ApiError> {
    serde_json::from_value(body)
        .map_err(|error| ApiError::bad_request(error.to_string(), "/openapi.json has the fields of the gate"))
}

impl FlaggerRequest {
    fn gate(mut self) -> Result<GateRequest, ApiError> {
        let mut text = |key: &str| self.metadata.remove(key);
        let hint = "set them in the webhook's metadata";
        let number = |key: &str, given: Option<String>| {
            let wrong =
                |text: &str| ApiError::bad_request(format!("metadata.{key} is `{text}`"), "give a number");
            given.map(|text| text.parse::<u32>().map_err(|_| wrong(&text))).transpose()
        };
        let (Some(baseline), Some(candidate)) = (text("baseline"), text("candidate")) else {
            return Err(ApiError::bad_request("metadata.baseline or metadata.candidate is missing", hint));
        };
        let reason = text("reason").map(|word| {
            let wrong = format!("metadata.reason is `{word}`");
            let hint = "leave it out, or set it to fix or incident";
            Unplanned::from_word(&word).ok_or_else(|| ApiError::bad_request(wrong, hint))
        });
        let reason = reason.transpose()?;
        let (minutes, least_calls) =
            (number("minutes", text("minutes"))?, number("least_calls", text("least_calls"))?);
        Ok(GateRequest {
            service: text("service").unwrap_or(self.name),
            baseline,
            candidate,
            minutes,
            events: None,
            reason,
            least_calls: least_calls.map(u64::from),
            judge: Config::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_freezes_is_said_and_how_a_fix_goes_on() {
        assert_eq!(frozen("order", &[]), None);
        let step = BudgetStep {
            id: "a".to_owned(),
            tenant: "acme".to_owned(),
            slo: "orders".to_owned(),
            service: "order".to_owned(),
            policy: "standard".to_owned(),
            step: "freeze".to_owned(),
            freezes: true,
            began: "Orders: Only fixes are released (0 % of the budget is left)".to_owned(),
            begun_at: DateTime::UNIX_EPOCH,
            ended: None,
            ended_at: None,
        };
        insta::assert_snapshot!(frozen("order", &[step]).expect("it is frozen"), @"Releases of order are frozen by the policy standard since 1970-01-01 00:00 UTC. Orders: Only fixes are released (0 % of the budget is left). A version that is a fix goes on with reason fix or incident.");
    }

    #[test]
    fn flagger_says_that_it_is_a_fix_in_its_metadata() {
        let asked = |reason: &str| {
            let metadata = [("baseline", "1"), ("candidate", "2"), ("reason", reason)];
            let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
            FlaggerRequest { name: "order".to_owned(), metadata }.gate().map(|asked| asked.reason)
        };
        assert_eq!(asked("fix"), Ok(Some(Unplanned::Fix)));
        assert!(asked("because").is_err());
    }
}

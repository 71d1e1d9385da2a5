//! Deployments, told by the jobs that do them, and how services are delivered.

use super::arguments::{Args, Body, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::{AppState, NotTaken};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use headroom_capacity::DeliveryBody;
use headroom_query::range::TimeRange;
use headroom_query::services::{DeploymentStatus, Unplanned};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Days that delivery is measured over when nobody says: Four Keys' three months.
const DAYS: i64 = 90;
/// Most changes in one deployment: more are one that nobody could look through.
const MOST_COMMITS: usize = 200;

/// A deployment, as a job tells it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDeployment {
    /// `service.name`
    service: String,
    /// `service.version` of what is deployed; of what serves again, for `rolled_back`.
    version: String,
    /// How far it is.
    status: DeploymentStatus,
    /// The version before it.
    previous_version: Option<String>,
    /// Where to; without it production. Only production, prod and live are counted.
    environment: Option<String>,
    /// The changes in it, at most 200.
    #[serde(default)]
    commits: Vec<Commit>,
    /// Why, if it was not planned.
    reason: Option<Unplanned>,
    /// The job that does it.
    url: Option<String>,
    /// When; now, without it.
    at: Option<DateTime<Utc>>,
    /// Names it: the same id twice counts once. Without it, it follows from all but the commits, and from `at` only
    /// where there is no `url`.
    id: Option<String>,
}

/// A change that is deployed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Commit {
    /// Its hash.
    id: String,
    /// When it was made.
    at: DateTime<Utc>,
}

/// The event that it became.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TakenDeployment {
    /// Its id.
    event_id: String,
    /// Its name.
    event: String,
}

/// Tell a deployment. It becomes a `deployment.*` event, on disk when this answers; telling it again under its id
/// changes nothing.
#[utoipa::path(post, path = "/api/v1/deployments", tag = "services", request_body = NewDeployment,
    responses((status = 202, body = TakenDeployment), (status = 400, body = crate::error::ErrorBody),
        (status = 503, body = crate::error::ErrorBody)))]
pub(crate) async fn tell(
    State(state): State<AppState>,
    caller: Caller,
    Body(told): Body<NewDeployment>,
) -> Result<(StatusCode, Json<TakenDeployment>), ApiError> {
    let principal = caller.through(Door::Deployments)?;
    let Some(take) = &state.probes.take_logs else {
        return Err(ApiError::unavailable(
            "this node receives nothing",
            "tell a node that runs with the role ingest",
        ));
    };
    told.check()?;
    let at = told.at.unwrap_or_else(|| state.clock.now());
    let (event, event_id) = (told.status.event().to_owned(), told.event_id(at));
    take(principal.tenant, told.logs(&event_id, at)).await.map_err(|error| match error {
        NotTaken::Refused(why) => ApiError::bad_request(why, "docs/rollouts.md shows what is taken"),
        NotTaken::Later(why) => ApiError::unavailable(why, "tell it again: under its id it counts once"),
    })?;
    Ok((StatusCode::ACCEPTED, Json(TakenDeployment { event_id, event })))
}

/// The five measures of DORA of every service that says its version, or whose deployments are told (default: the last 90
/// days), with their bands, and why one is absent.
#[utoipa::path(get, path = "/api/v1/delivery", tag = "services", params(RangeArgs), responses((status = 200, body = DeliveryBody)))]
pub(crate) async fn delivery(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<RangeArgs>,
) -> Result<Json<DeliveryBody>, ApiError> {
    let principal = caller.through(Door::Capacity)?;
    let (from, to) = (args.from.as_deref(), args.to.as_deref());
    let range = TimeRange::parse_or_last(from, to, TimeDelta::days(DAYS), state.clock.now())?;
    Ok(Json(state.capacity.delivery(&principal.tenant, range).await?))
}

impl NewDeployment {
    fn check(&self) -> Result<(), ApiError> {
        let refuse = |what: &str, hint: &str| Err(ApiError::bad_request(what, hint));
        let text = |text: &str, most: usize| !text.trim().is_empty() && text.chars().count() <= most;
        if !text(&self.service, 200) || !text(&self.version, 100) {
            return refuse(
                "service or version is empty or too long",
                "service.name has up to 200 characters, service.version up to 100",
            );
        }
        for (key, value, most) in [
            ("previous_version", &self.previous_version, 100),
            ("environment", &self.environment, 100),
            ("id", &self.id, 200),
        ] {
            if value.as_ref().is_some_and(|value| !text(value, most)) {
                return refuse(
                    &format!("{key} is empty or longer than {most} characters"),
                    "leave it out, or shorten it",
                );
            }
        }
        let link =
            |url: &String| url.len() <= 2_000 && (url.starts_with("https://") || url.starts_with("http://"));
        if self.url.as_ref().is_some_and(|url| !link(url)) {
            return refuse(
                "url is no address",
                "write https:// or http:// and what follows, 2000 characters at most",
            );
        }
        if self.commits.len() > MOST_COMMITS {
            return refuse(
                &format!("there are {} commits", self.commits.len()),
                "tell 200 at most: the lead time is a median",
            );
        }
        let plain =
            |id: &str| !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric());
        if let Some(commit) = self.commits.iter().find(|commit| !plain(&commit.id)) {
            return refuse(
                &format!("commits has the id {:?}", commit.id),
                "a hash has up to 64 letters and digits",
            );
        }
        Ok(())
    }

    fn event_id(&self, at: DateTime<Utc>) -> String {
        if let Some(id) = &self.id {
            return id.clone();
        }
        let own = match &self.url {
            Some(url) => url.clone(),
            None => at.to_rfc3339_opts(SecondsFormat::Micros, true),
        };
        let environment = self.environment.as_deref().unwrap_or_default();
        let text = [self.status.event(), &self.service, &self.version, environment, &own].join("\n");
        format!("deployment-{}", &blake3::hash(text.as_bytes()).to_hex()[..24])
    }

    /// An `ExportLogsServiceRequest` in JSON with its event.
    fn logs(&self, event_id: &str, at: DateTime<Utc>) -> Value {
        let attribute = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
        let commit = |commit: &Commit| {
            format!("{}@{}", commit.id, commit.at.to_rfc3339_opts(SecondsFormat::Secs, true))
        };
        let commits: Vec<String> = self.commits.iter().map(commit).collect();
        let commits = (!commits.is_empty()).then(|| commits.join(" "));
        let mut attributes = vec![attribute("event.id", event_id), attribute("version", &self.version)];
        // The first version of a contract that knows all of them; a failure has had them from the start.
        if self.status != DeploymentStatus::Failed {
            attributes.push(json!({"key": "event.version", "value": {"intValue": "2"}}));
        }
        let more = [
            ("previous.version", self.previous_version.as_deref()),
            ("deployment.environment.name", self.environment.as_deref()),
            ("reason", self.reason.map(Unplanned::word)),
            ("commits", commits.as_deref()),
            ("url", self.url.as_deref()),
        ];
        attributes.extend(more.iter().filter_map(|(key, value)| value.map(|value| attribute(key, value))));
        json!({"resourceLogs": [{
            "resource": {"attributes": [attribute("service.name", &self.service)]},
            "scopeLogs": [{"logRecords": [{
                "timeUnixNano": at.timestamp_nanos_opt().unwrap_or_default().to_string(),
                "eventName": self.status.event(),
                "attributes": attributes,
            }]}],
        }]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(more: &Value) -> NewDeployment {
        let mut body = json!({"service": "order", "version": "2.1", "status": "finished"});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        serde_json::from_value(body).expect("a deployment")
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000 + second, 0).expect("a time of our days")
    }

    #[test]
    fn a_job_that_tells_twice_tells_once() {
        let id = |more: &Value, second: i64| told(more).event_id(at(second));
        let job = json!({"url": "https://ci.example.com/7"});
        assert_eq!(id(&job, 0), id(&job, 60), "the job names it, not the time");
        assert_ne!(id(&json!({}), 0), id(&json!({}), 60));
        assert_ne!(id(&job, 0), told(&json!({"url": "https://ci.example.com/8"})).event_id(at(0)));
        let failed = json!({"url": "https://ci.example.com/7", "status": "failed"});
        assert_ne!(id(&job, 0), id(&failed, 0), "its beginning and its end are two events");
        assert_eq!(id(&json!({"id": "mine"}), 0), "mine");
    }

    #[test]
    fn what_cannot_be_an_event_is_refused() {
        let refused = |more: &Value| told(more).check().is_err();
        assert!(!refused(&json!({"commits": [{"id": "7f3c", "at": "2026-11-20T09:14:00+01:00"}]})));
        for more in [
            json!({"version": " "}),
            json!({"service": "s".repeat(201)}),
            json!({"url": "ci/7"}),
            json!({"commits": [{"id": "a b", "at": "2026-11-20T09:14:00Z"}]}),
            json!({"commits": vec![json!({"id": "a", "at": "2026-11-20T09:14:00Z"}); 201]}),
            json!({"environment": ""}),
        ] {
            assert!(refused(&more), "{more}");
        }
    }

    #[test]
    fn the_event_carries_what_was_told() {
        let body = told(&json!({
            "environment": "production", "reason": "fix", "previous_version": "2.0", "url": "https://ci.example.com/7",
            "commits": [{"id": "7f3c", "at": "2026-11-20T09:14:00+01:00"}, {"id": "9ab0", "at": "2026-11-20T09:02:00Z"}],
        }));
        insta::assert_json_snapshot!(body.logs("evt-1", at(0)));
    }
}

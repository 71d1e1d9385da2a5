//! Deployments that somebody told: `deployment.*` events.

use chrono::{DateTime, Utc};
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;
use crate::events::{self, Event};
use crate::range::TimeRange;
use crate::scan::{Filter, ScanQuery};

/// The environments that count, in lower case; an event that names none counts too.
const PRODUCTION: [&str; 4] = ["", "production", "prod", "live"];

/// How far a deployment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It begins to be rolled out.
    Started,
    /// It serves everywhere.
    Finished,
    /// An older version serves again.
    RolledBack,
    /// It was given up before it served everywhere.
    Failed,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Started, Self::Finished, Self::RolledBack, Self::Failed];

    /// The name of its event.
    pub fn event(self) -> &'static str {
        match self {
            Self::Started => "deployment.started",
            Self::Finished => "deployment.finished",
            Self::RolledBack => "deployment.rolled_back",
            Self::Failed => "deployment.failed",
        }
    }
}

/// Why a version is deployed that was not planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unplanned {
    /// It mends something.
    Fix,
    /// It ends an incident.
    Incident,
}

impl Unplanned {
    /// The word in events.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fix => "fix",
            Self::Incident => "incident",
        }
    }

    /// The reason of this word, if it is one of them.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Fix, Self::Incident].into_iter().find(|reason| reason.word() == word)
    }
}

/// A deployment as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// When.
    pub ts: DateTime<Utc>,
    /// The service.
    pub service: String,
    /// The version that serves, or was to.
    pub version: String,
    /// How far it is.
    pub status: Status,
    /// Why, if it was not planned.
    pub reason: Option<Unplanned>,
    /// When the changes in it were made.
    pub commits: Vec<DateTime<Utc>>,
    /// Where the job that did it is.
    pub url: Option<String>,
}

/// What was told of deployments to production in a range, of some services or of all, in order of time.
pub(super) async fn told(
    store: &Store,
    tenant: &str,
    services: Option<&[&str]>,
    range: TimeRange,
) -> Result<Vec<Told>> {
    let scan = ScanQuery::rows(tenant, "events")
        .filter(Filter::one_of("name", Status::ALL.map(Status::event)))
        .filter(Filter::within("ts", &range))
        .filter_opt(services.map(|services| Filter::one_of("service", services.iter().copied())))
        .ascending("ts");
    Ok(events::read(store, scan).await?.into_iter().filter_map(of_event).collect())
}

fn of_event(event: Event) -> Option<Told> {
    let environment = event.attribute("deployment.environment.name").unwrap_or_default();
    if !PRODUCTION.contains(&environment.to_lowercase().as_str()) {
        return None;
    }
    Some(Told {
        status: Status::ALL.into_iter().find(|status| status.event() == event.name)?,
        version: event.attribute("version")?.to_owned(),
        reason: event.attribute("reason").and_then(Unplanned::from_word),
        commits: event.attribute("commits").map(times).unwrap_or_default(),
        url: event.attribute("url").map(str::to_owned),
        ts: event.ts,
        service: event.service,
    })
}

/// The times of `7f3c2e1@2026-11-20T08:14:00Z 9ab01c4@2026-11-20T09:02:00Z`.
fn times(commits: &str) -> Vec<DateTime<Utc>> {
    let time = |commit: &str| Some(DateTime::parse_from_rfc3339(commit.rsplit_once('@')?.1).ok()?.to_utc());
    commits.split_whitespace().filter_map(time).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn event(name: &str, attributes: &[(&str, &str)]) -> Event {
        let attributes =
            attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Event { name: name.to_owned(), attributes, ..Event::default() }
    }

    #[test]
    fn an_event_says_what_was_deployed_to_production() {
        let told = of_event(event(
            "deployment.finished",
            &[
                ("version", "2.1"),
                ("reason", "fix"),
                ("commits", "7f3c@2026-11-20T09:14:00+01:00 none 9ab0@soon 9ab1@2026-11-20T09:02:00Z"),
                ("deployment.environment.name", "Production"),
            ],
        ))
        .unwrap();
        assert_eq!(
            (told.version.as_str(), told.status, told.reason),
            ("2.1", Status::Finished, Some(Unplanned::Fix))
        );
        assert_eq!(
            told.commits,
            ["2026-11-20T08:14:00Z", "2026-11-20T09:02:00Z"].map(|at| at.parse::<DateTime<Utc>>().unwrap())
        );
        let staging = [("version", "2.1"), ("deployment.environment.name", "staging")];
        assert_eq!(of_event(event("deployment.finished", &staging)), None);
        assert_eq!(of_event(event("deployment.finished", &[])), None, "which version is not told");
        assert_eq!(of_event(event("deployment.failed", &[("version", "1")])).unwrap().status, Status::Failed);
    }
}

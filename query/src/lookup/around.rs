//! What happened around it: deployments of the services that took part, and alerts that fit.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_store::Store;

use super::safe::safe;
use super::verdict::clock;
use super::{JourneyStep, KnownIncident, Outcome, Party, StepKind};
use crate::error::Result;
use crate::range::TimeRange;
use crate::services;

/// A deployment so long before the first step may bear on it.
const DEPLOYED_BEFORE: TimeDelta = TimeDelta::hours(1);
/// The longest time that is looked at: what hangs for weeks does so because of what happened at its end.
const LONGEST: TimeDelta = TimeDelta::hours(24);
/// An alert fires after what it is about, by the window that it measures.
const FIRES_LATE: TimeDelta = TimeDelta::minutes(30);
/// Most incidents that are shown.
const MOST: usize = 3;

/// An alert, as whoever keeps alerts tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its id.
    pub id: String,
    /// The service it is about; '' for none.
    pub service: String,
    /// What it says.
    pub summary: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; `None` while it fires.
    pub resolved_at: Option<DateTime<Utc>>,
}

/// The time that is looked at around steps from `first` to `last`.
pub(super) fn window(first: DateTime<Utc>, last: DateTime<Utc>) -> TimeRange {
    TimeRange { from: first.max(last - LONGEST) - DEPLOYED_BEFORE, to: last + TimeDelta::nanoseconds(1) }
}

/// Deployments of these services, as steps.
pub(super) async fn deployments(
    store: &Store,
    tenant: &str,
    services: &BTreeSet<&str>,
    range: TimeRange,
) -> Result<Vec<JourneyStep>> {
    if services.is_empty() {
        return Ok(Vec::new());
    }
    let services: Vec<&str> = services.iter().copied().collect();
    let found = services::deploys_of(store, tenant, &services, range).await?;
    let steps = found.into_iter().flat_map(|(service, deploys)| {
        deploys.into_iter().map(move |deploy| JourneyStep {
            service: service.clone(),
            ..beside(
                deploy.ts,
                StepKind::Deploy,
                format!("Version {} of {service} began to serve", deploy.words()),
            )
        })
    });
    Ok(steps.collect())
}

/// What alerts are to be held against.
pub(super) struct Trouble<'a> {
    /// When it was decided, or its last step.
    pub(super) at: DateTime<Utc>,
    /// When it ended: now, for what hangs.
    pub(super) until: DateTime<Utc>,
    /// The services that took part.
    pub(super) services: &'a BTreeSet<&'a str>,
    /// Those in which a call failed.
    pub(super) failed: &'a BTreeSet<&'a str>,
    /// Whose it is.
    pub(super) party: Party,
}

/// The alerts that fit: their service took part, they fired at the time, and most of all a call of their service
/// failed. A refusal that is the customer's own or the market's has no incident.
pub(super) fn incidents(alerts: &[Alert], trouble: &Trouble<'_>, now: DateTime<Utc>) -> Vec<KnownIncident> {
    if matches!(trouble.party, Party::Customer | Party::Market | Party::NotSaid) {
        return Vec::new();
    }
    let fits = |alert: &&Alert| {
        trouble.services.contains(alert.service.as_str())
            && alert.started_at <= trouble.until + FIRES_LATE
            && alert.resolved_at.is_none_or(|end| end >= trouble.at)
    };
    let mut found: Vec<KnownIncident> =
        alerts.iter().filter(fits).map(|alert| incident(alert, trouble, now)).collect();
    found.sort_by_key(|incident| (std::cmp::Reverse(incident.matched_by.len()), incident.since));
    found.truncate(MOST);
    found
}

fn incident(alert: &Alert, trouble: &Trouble<'_>, now: DateTime<Utc>) -> KnownIncident {
    let since = clock(alert.started_at, now);
    let when = match alert.resolved_at {
        None => format!("since {since}"),
        Some(end) => format!("from {since} to {}", clock(end, now)),
    };
    let what = safe(&alert.summary).map(|text| format!(": {text}")).unwrap_or_default();
    let error = trouble.failed.contains(alert.service.as_str()).then_some("error");
    KnownIncident {
        alert_id: alert.id.clone(),
        service: alert.service.clone(),
        since: alert.started_at,
        until: alert.resolved_at,
        sentence: format!("Known incident of {}, {when}{what}", alert.service),
        matched_by: ["service", "time"].into_iter().chain(error).map(str::to_owned).collect(),
    }
}

/// An incident as a step.
pub(super) fn incident_step(incident: &KnownIncident) -> JourneyStep {
    JourneyStep {
        service: incident.service.clone(),
        ..beside(incident.since, StepKind::Incident, format!("An incident of {} began", incident.service))
    }
}

fn beside(ts: DateTime<Utc>, kind: StepKind, title: String) -> JourneyStep {
    JourneyStep {
        ts,
        kind,
        event: if kind == StepKind::Deploy { "deploy" } else { "incident" }.to_owned(),
        title,
        service: String::new(),
        outcome: Outcome::Info,
        detail: String::new(),
        trace_id: None,
        amount: None,
        currency: None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000 + minute * 60, 0).unwrap()
    }

    fn alert(id: &str, service: &str, from: i64, to: Option<i64>) -> Alert {
        let summary = "payments fail 20 times more than agreed".to_owned();
        let (started_at, resolved_at) = (at(from), to.map(at));
        Alert { id: id.to_owned(), service: service.to_owned(), summary, started_at, resolved_at }
    }

    #[test]
    fn alerts_fit_by_service_time_and_error() {
        let alerts = [
            alert("gateway", "gateway", -10, None),
            alert("other service", "kyc", -10, None),
            alert("over before", "payments", -100, Some(-1)),
            alert("too late", "payments", 40, None),
            alert("fired after it", "payments", 20, Some(60)),
        ];
        let services = BTreeSet::from(["gateway", "payments"]);
        let failed = BTreeSet::from(["payments"]);
        let mut trouble =
            Trouble { at: at(0), until: at(0), services: &services, failed: &failed, party: Party::Us };
        let found = incidents(&alerts, &trouble, at(90));
        let told: Vec<_> = found.iter().map(|one| (one.alert_id.as_str(), one.matched_by.len())).collect();
        assert_eq!(told, [("fired after it", 3), ("gateway", 2)]);
        assert_eq!(
            found[0].sentence,
            "Known incident of payments, from 20:46 UTC to 21:26 UTC: payments fail 20 times more than agreed"
        );
        trouble.party = Party::Customer;
        assert_eq!(incidents(&alerts, &trouble, at(90)), []);
    }
}

//! Transitions of an alert, and the figures behind it.

use chrono::{DateTime, Utc};
use headroom_control::{Alert, AlertState};
use headroom_query::slo::words;
use headroom_routing::Cause;
use headroom_slo::Severity;
use serde::{Deserialize, Serialize};

use super::machine::Track;
use super::reading::Reading;
use super::subject::Subject;
use crate::routing::hex16;

/// The figures behind an alert, kept beside its sentence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Detail {
    pub(crate) burn_long: Option<f64>,
    pub(crate) burn_short: Option<f64>,
    pub(crate) threshold: Option<f64>,
    /// The longer of its windows.
    #[serde(default)]
    pub(crate) long_seconds: Option<i64>,
    /// Such as `1h & 5m`.
    pub(crate) windows: String,
    pub(crate) status: Option<f64>,
    pub(crate) budget_remaining: Option<f64>,
    pub(crate) exhausts_at: Option<DateTime<Utc>>,
    /// End of the slices the figures are from.
    pub(crate) measured_until: Option<DateTime<Utc>>,
    /// Why it ended.
    pub(crate) resolved_because: Option<String>,
    /// `page` or `ticket`; of a policy's alert `policy` or `no-data`.
    #[serde(default)]
    pub(crate) track: String,
    /// The policy whose alert it is, and not the rules'.
    #[serde(default)]
    pub(crate) policy: Option<OfPolicy>,
    /// Why it is as bad as it is, if not by the rule that it began with.
    #[serde(default)]
    pub(crate) causes: Vec<Cause>,
    /// The address of what to do.
    #[serde(default)]
    pub(crate) runbook: Option<String>,
}

/// What an alert of an OpenSLO policy remembers of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OfPolicy {
    pub(crate) name: String,
    /// Names of its notification targets.
    pub(crate) targets: Vec<String>,
    /// Nobody is told that it is over.
    pub(crate) ends_silently: bool,
}

impl Detail {
    /// The figures of a promise, without those of a rule.
    pub(super) fn of_subject(subject: &Subject<'_>) -> Self {
        let budget = subject.found.budget.as_ref().ok();
        Self {
            status: budget.map(|b| b.status),
            budget_remaining: budget.map(|b| b.remaining),
            exhausts_at: budget.and_then(|b| b.exhausts_at),
            measured_until: subject.found.watermark,
            runbook: subject.promise().runbook().map(str::to_owned),
            ..Self::default()
        }
    }

    fn new(subject: &Subject<'_>, reading: &Reading) -> Self {
        Self {
            burn_long: reading.long,
            burn_short: reading.short,
            threshold: Some(reading.rule.threshold),
            long_seconds: Some(reading.rule.long),
            windows: format!("{} & {}", words::length(reading.rule.long), words::length(reading.rule.short)),
            track: Track::of(reading.rule.severity).word().to_owned(),
            ..Self::of_subject(subject)
        }
    }

    /// The detail of an alert; empty when another program wrote something else there.
    pub(crate) fn of(alert: &Alert) -> Self {
        serde_json::from_value(alert.detail.clone()).unwrap_or_default()
    }

    /// The track of the alert: a ticket that has got as bad as a page stays a ticket's alert.
    pub(crate) fn track(&self, alert: &Alert) -> Track {
        let noted = [Track::Page, Track::Ticket].into_iter().find(|track| track.word() == self.track);
        // An alert of a version that did not note it.
        noted.unwrap_or_else(|| Severity::from_word(&alert.severity).map_or(Track::Page, Track::of))
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("invariant: the detail has only text keys")
    }
}

/// An alert that begins. Its id follows from what it is about (`what`: its track or policy) and the minute it began, so
/// that a second evaluator of the same state does not open a second one.
pub(super) fn begun(
    tenant: &str,
    subject: &Subject<'_>,
    what: &str,
    severity: Severity,
    (summary, detail): (String, &Detail),
    now: DateTime<Utc>,
) -> Alert {
    let promise = subject.promise();
    Alert {
        id: hex16(&format!("{tenant}\n{}\n{what}\n{}", promise.id(), subject.watermark)),
        tenant: tenant.to_owned(),
        slo: promise.id().to_owned(),
        service: promise.service().to_owned(),
        severity: severity.word().to_owned(),
        state: AlertState::Firing,
        started_at: now,
        resolved_at: None,
        summary,
        detail: detail.json(),
        acknowledged_by: None,
        acknowledged_at: None,
    }
}

/// An alert of a rule that begins.
pub(super) fn fired(tenant: &str, subject: &Subject<'_>, reading: &Reading, now: DateTime<Utc>) -> Alert {
    let severity = reading.rule.severity;
    let told = (summary(subject), &Detail::new(subject, reading));
    begun(tenant, subject, Track::of(severity).word(), severity, told, now)
}

/// Closes an alert.
pub(super) fn resolve(alert: &mut Alert, because: &str, now: DateTime<Utc>) {
    alert.state = AlertState::Resolved;
    alert.resolved_at = Some(now);
    let mut detail = Detail::of(alert);
    detail.resolved_because = Some(because.to_owned());
    alert.detail = detail.json();
}

/// Brings the figures of an open alert up to date. False if they are as they were: they change with the slices, once a
/// minute.
pub(super) fn refresh(alert: &mut Alert, subject: &Subject<'_>, reading: &Reading) -> bool {
    let before = Detail::of(alert);
    let detail = Detail {
        // What it began as stays, and so does why it got worse.
        track: before.track(alert).word().to_owned(),
        causes: before.causes.clone(),
        ..Detail::new(subject, reading)
    };
    if detail == before {
        return false;
    }
    alert.summary = summary(subject);
    alert.detail = detail.json();
    true
}

/// Makes an open alert louder.
pub(super) fn raise(alert: &mut Alert, severity: Severity, causes: Vec<Cause>) {
    alert.severity = severity.word().to_owned();
    alert.detail = Detail { causes, ..Detail::of(alert) }.json();
}

fn summary(subject: &Subject<'_>) -> String {
    let promise = subject.promise();
    format!("{}: {}", promise.display_name(), words::of_window(promise.window(), &subject.found))
}

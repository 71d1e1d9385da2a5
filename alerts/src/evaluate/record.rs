//! Transitions as rows: the alert's new state and one message for each receiver,
//! in one transaction.

use chrono::{DateTime, Utc};
use headroom_control::{Alert, AlertState, Control, NewDelivery};
use headroom_delivery::{Alert as Told, Impact, Notification, Reason};
use headroom_query::slo::{Assessment, Severity, Slo, words};
use headroom_routing::severity_of;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::machine::{self, Track};
use super::reading::Reading;
use crate::alert::told;
use crate::config::AlertsConfig;
use crate::error::Result;

/// The figures behind an alert, kept beside its sentence.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Detail {
    pub(crate) burn_long: Option<f64>,
    pub(crate) burn_short: Option<f64>,
    pub(crate) threshold: Option<f64>,
    /// Such as `1h & 5m`.
    pub(crate) windows: String,
    pub(crate) status: Option<f64>,
    pub(crate) budget_remaining: Option<f64>,
    pub(crate) exhausts_at: Option<DateTime<Utc>>,
    /// End of the slices the figures are from.
    pub(crate) measured_until: Option<DateTime<Utc>>,
    /// Why it ended.
    pub(crate) resolved_because: Option<String>,
    /// `page` or `ticket`.
    #[serde(default)]
    pub(crate) track: String,
    /// The address of what to do.
    #[serde(default)]
    pub(crate) runbook: Option<String>,
}

impl Detail {
    fn new(slo: &Slo, reading: &Reading, found: &Assessment) -> Self {
        let budget = found.budget.as_ref().ok();
        Self {
            burn_long: reading.long,
            burn_short: reading.short,
            threshold: Some(reading.rule.threshold),
            windows: format!("{} & {}", words::length(reading.rule.long), words::length(reading.rule.short)),
            status: budget.map(|b| b.status),
            budget_remaining: budget.map(|b| b.remaining),
            exhausts_at: budget.and_then(|b| b.exhausts_at),
            measured_until: found.watermark,
            resolved_because: None,
            track: Track::of(reading.rule.severity).word().to_owned(),
            runbook: slo.runbook.clone(),
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

    fn json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("invariant: the detail has only text keys")
    }
}

pub(super) struct Recorder<'a> {
    pub(super) control: &'a Control,
    pub(super) tenant: &'a str,
    pub(super) config: &'a AlertsConfig,
}

impl Recorder<'_> {
    /// Opens an alert. Its id follows from what it is about and the minute it began, so
    /// that a second evaluator of the same state does not open a second one.
    pub(super) fn fire(
        &self,
        slo: &Slo,
        reading: &Reading,
        found: &Assessment,
        watermark: i64,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let track = Track::of(reading.rule.severity).word();
        let about = format!("{}\n{}\n{track}\n{watermark}", self.tenant, slo.id);
        let alert = Alert {
            id: hex16(&about),
            tenant: self.tenant.to_owned(),
            slo: slo.id.clone(),
            service: slo.service.clone(),
            severity: reading.rule.severity.word().to_owned(),
            state: AlertState::Firing,
            started_at: now,
            resolved_at: None,
            summary: summary(slo, found),
            detail: Detail::new(slo, reading, found).json(),
            acknowledged_by: None,
            acknowledged_at: None,
        };
        self.transition(&alert, Reason::First, now)
    }

    /// Makes an open alert louder.
    pub(super) fn raise(
        &self,
        alert: &mut Alert,
        slo: &Slo,
        reading: &Reading,
        found: &Assessment,
        now: DateTime<Utc>,
    ) -> Result<()> {
        alert.severity = reading.rule.severity.word().to_owned();
        alert.summary = summary(slo, found);
        alert.detail = Detail::new(slo, reading, found).json();
        self.transition(alert, Reason::Raised, now)
    }

    /// Closes an alert.
    pub(super) fn resolve(&self, alert: &mut Alert, because: &str, now: DateTime<Utc>) -> Result<()> {
        alert.state = AlertState::Resolved;
        alert.resolved_at = Some(now);
        let mut detail = Detail::of(alert);
        detail.resolved_because = Some(because.to_owned());
        alert.detail = detail.json();
        self.transition(alert, Reason::AllResolved, now)
    }

    /// Brings the figures of an open alert up to date; nobody is told.
    pub(super) fn refresh(
        &self,
        alert: &Alert,
        slo: &Slo,
        readings: &[Reading],
        found: &Assessment,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let severity = Severity::from_word(&alert.severity);
        let Some(reading) = severity.and_then(|severity| machine::governing(severity, readings)) else {
            return Ok(());
        };
        let detail = Detail::new(slo, reading, found);
        // Figures change with the slices, once a minute; the rest of the time nothing is written.
        if detail == Detail::of(alert) {
            return Ok(());
        }
        let fresh = Alert { summary: summary(slo, found), detail: detail.json(), ..alert.clone() };
        self.control.upsert_alert(&fresh, now)?;
        Ok(())
    }

    fn transition(&self, alert: &Alert, reason: Reason, now: DateTime<Utc>) -> Result<()> {
        let what = match alert.state {
            AlertState::Firing => format!("firing-{}", alert.severity),
            AlertState::Resolved => "resolved".to_owned(),
        };
        let told = told(alert, self.config.external_url.as_ref());
        let deliveries: Vec<NewDelivery> = self
            .config
            .receivers()
            .map(|target| NewDelivery {
                channel: target.name.to_string(),
                dedup_key: format!("msg_{}_{what}_{}", alert.id, target.name),
                payload: json!(notification(&told, &target.name, reason, now)),
            })
            .collect();
        self.control.record_transition(alert, &deliveries, now)?;
        metrics::counter!("headroom_alert_transitions_total", "to" => what).increment(1);
        tracing::info!(alert = alert.id, slo = alert.slo, severity = alert.severity, state = %alert.state, "{}", alert.summary);
        Ok(())
    }
}

fn notification(told: &Told, receiver: &str, reason: Reason, now: DateTime<Utc>) -> Notification {
    let by = ["slo", "track"].map(|name| (name.to_owned(), told.labels[name].clone()));
    Notification {
        group_key: format!("{{}}:{{slo={:?}, track={:?}}}", by[0].1, by[1].1),
        receiver: receiver.to_owned(),
        reason,
        at: now,
        severity: severity_of(&told.labels),
        title: told.annotations["summary"].clone(),
        service: told.labels["service"].clone(),
        group_labels: by.into(),
        alerts: vec![told.clone()],
        truncated: 0,
        untold: false,
        acknowledged_by: None,
        impact: Impact::default(),
        changes: Vec::new(),
        differences: Vec::new(),
        traces: Vec::new(),
        runbook: told.annotations.get("runbook_url").and_then(|text| text.parse().ok()),
        chart: None,
        page: told.generator_url.clone(),
    }
}

fn summary(slo: &Slo, found: &Assessment) -> String {
    format!("{}: {}", slo.display_name, words::sentence(slo, found))
}

/// The first 16 hex digits of the SHA-256.
fn hex16(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

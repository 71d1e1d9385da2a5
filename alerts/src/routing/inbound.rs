//! Alerts that are no objective's, of another Alertmanager or of Headroom itself: they join the routes.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::{Alert, AlertState, Decision};
use headroom_delivery::{Alert as Told, Labels, Status};
use headroom_routing::severity_of;

use super::Routing;
use crate::alert::{Foreign, ended_in_silence, told};
use crate::error::Result;
use crate::undelivered;

impl Routing {
    /// Takes alerts of another Alertmanager; those of the same fingerprint are the same.
    pub fn take(&self, told_of: &[Told], now: DateTime<Utc>) -> Result<()> {
        self.join(told_of.iter().map(|alert| self.foreign(alert, Some(now), now)).collect(), now)
    }

    /// Takes alerts of Headroom about itself.
    pub(crate) fn take_own(&self, told_of: &[Told], now: DateTime<Utc>) -> Result<()> {
        self.join(told_of.iter().map(|alert| self.foreign(alert, None, now)).collect(), now)
    }

    /// Ends the alerts that another Alertmanager would have told of again by now: it is gone, or was cut off when they
    /// ended.
    pub fn end_silent(&self, now: DateTime<Utc>) -> Result<()> {
        let since = now - self.silent_after;
        let open = self.control.open_alerts(&self.tenant)?;
        let ended: Vec<Alert> = open.iter().filter_map(|alert| ended_in_silence(alert, since, now)).collect();
        if ended.is_empty() { Ok(()) } else { self.join(ended, now) }
    }

    fn join(&self, alerts: Vec<Alert>, now: DateTime<Utc>) -> Result<()> {
        self.decide(now, TimeDelta::zero(), |memory, silences| {
            for alert in &alerts {
                self.router.observe(&mut memory.state, &told(alert, self.external_url()), now);
            }
            (self.router.tick(&mut memory.state, silences, now), Decision { alerts, ..Decision::default() })
        })?;
        Ok(())
    }

    /// Tells of receivers that do not get their messages.
    pub fn undelivered(&self, now: DateTime<Utc>) -> Result<()> {
        let found = undelivered::look(&self.control, &self.tenant, now)?;
        if found.is_empty() { Ok(()) } else { self.take_own(&found, now) }
    }

    pub(super) fn foreign(&self, alert: &Told, heard_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Alert {
        let text = |labels: &Labels, names: &[&str]| {
            names.iter().find_map(|name| labels.get(*name)).cloned().unwrap_or_default()
        };
        let resolved = alert.status == Status::Resolved;
        Alert {
            // Not as one of ours: theirs could be the same by intent.
            id: format!("ext-{}", super::hex16(&alert.fingerprint)),
            tenant: self.tenant.to_string(),
            slo: String::new(),
            service: text(&alert.labels, &["service", "service_name", "job"]),
            severity: severity_of(&alert.labels).word().to_owned(),
            state: if resolved { AlertState::Resolved } else { AlertState::Firing },
            started_at: alert.starts_at,
            resolved_at: resolved.then(|| alert.ends_at.unwrap_or(now)),
            summary: match text(&alert.annotations, &["summary", "description", "message"]) {
                none if none.is_empty() => text(&alert.labels, &["alertname"]),
                summary => summary,
            },
            detail: Foreign::of(alert, heard_at).json(),
            acknowledged_by: None,
            acknowledged_at: None,
        }
    }
}

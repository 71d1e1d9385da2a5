//! Alerts that are no objective's, of another Alertmanager or of Headroom itself: they join the routes.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::{Alert, AlertState, Decision};
use headroom_delivery::{Alert as Told, Labels, Status};
use headroom_routing::severity_of;

use super::Routing;
use crate::alert::{Foreign, told};
use crate::error::Result;
use crate::undelivered;

impl Routing {
    /// Takes alerts as they are told; those of the same fingerprint are the same.
    pub fn take(&self, told_of: &[Told], now: DateTime<Utc>) -> Result<()> {
        let alerts: Vec<Alert> = told_of.iter().map(|alert| self.foreign(alert, now)).collect();
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
        if found.is_empty() { Ok(()) } else { self.take(&found, now) }
    }

    fn foreign(&self, alert: &Told, now: DateTime<Utc>) -> Alert {
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
            detail: Foreign::of(alert).json(),
            acknowledged_by: None,
            acknowledged_at: None,
        }
    }
}

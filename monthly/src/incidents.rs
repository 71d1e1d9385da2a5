//! Alerts that wake people, as incidents: when each was detected, taken and over.

use chrono::{DateTime, Utc};
use headroom_capacity::money::Figure;
use headroom_control::{Alert, Control};
use headroom_query::slo::Severity;
use serde::Serialize;
use utoipa::ToSchema;

use crate::month::Period;

/// Most alerts of a month that are looked at.
const MOST: usize = 20_000;

/// An alert that paged.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Incident {
    /// The alert.
    pub id: String,
    /// The objective, or the rule of another system.
    pub slo: String,
    /// The service.
    pub service: String,
    /// `major` or `critical`: how bad it got.
    pub severity: String,
    /// What happened, in plain words.
    pub summary: String,
    /// When the alert fired.
    pub detected_at: DateTime<Utc>,
    /// When somebody took it.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// Who.
    pub acknowledged_by: Option<String>,
    /// When it was over.
    pub resolved_at: Option<DateTime<Utc>>,
}

/// A mean over those incidents that have come so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Mean {
    /// Seconds.
    pub seconds: f64,
    /// Over how many incidents.
    pub of: usize,
    /// Of how many that there were.
    pub among: usize,
}

/// All alerts that began in the time of a report, the oldest first.
pub(crate) fn alerts(
    control: &Control,
    tenant: &str,
    period: &Period,
) -> headroom_control::Result<Vec<Alert>> {
    let mut alerts = control.alerts_between(tenant, Some(period.from), Some(period.until), MOST)?;
    alerts.reverse();
    Ok(alerts)
}

/// Those of them that wake somebody.
pub(crate) fn paged(alerts: Vec<Alert>) -> Vec<Incident> {
    let pages = |alert: &Alert| Severity::from_word(&alert.severity) >= Some(Severity::Major);
    alerts.into_iter().filter(pages).map(Incident::from).collect()
}

impl From<Alert> for Incident {
    fn from(alert: Alert) -> Self {
        Self {
            id: alert.id,
            slo: alert.slo,
            service: alert.service,
            severity: alert.severity,
            summary: alert.summary,
            detected_at: alert.started_at,
            acknowledged_at: alert.acknowledged_at,
            acknowledged_by: alert.acknowledged_by,
            resolved_at: alert.resolved_at,
        }
    }
}

/// The mean time from detection to acknowledgement, of those that were acknowledged.
pub(crate) fn mtta(incidents: &[Incident]) -> Figure<Mean> {
    mean(incidents, "acknowledged", |incident| incident.acknowledged_at)
}

/// The mean time from detection to the end, of those that are over.
pub(crate) fn mttr(incidents: &[Incident]) -> Figure<Mean> {
    mean(incidents, "resolved", |incident| incident.resolved_at)
}

fn mean(
    incidents: &[Incident],
    what: &str,
    end: impl Fn(&Incident) -> Option<DateTime<Utc>>,
) -> Figure<Mean> {
    let seconds: Vec<f64> = incidents
        .iter()
        .filter_map(|incident| Some((end(incident)? - incident.detected_at).num_milliseconds() as f64 / 1e3))
        .collect();
    match (incidents.len(), seconds.len()) {
        (0, _) => Figure::unavailable("there was no incident"),
        (among, 0) => Figure::unavailable(format!("none of {among} was {what}")),
        (among, of) => Figure::Known(Mean { seconds: seconds.iter().sum::<f64>() / of as f64, of, among }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An incident at noon that was taken and over after so many minutes.
    fn incident(taken: Option<i64>, over: Option<i64>) -> Incident {
        let noon: DateTime<Utc> = "2026-10-05T12:00:00Z".parse().expect("a moment");
        let after = |minutes: Option<i64>| minutes.map(|minutes| noon + chrono::TimeDelta::minutes(minutes));
        Incident {
            id: "a".to_owned(),
            slo: "orders".to_owned(),
            service: "order".to_owned(),
            severity: "critical".to_owned(),
            summary: String::new(),
            detected_at: noon,
            acknowledged_at: after(taken),
            acknowledged_by: taken.map(|_| "ada".to_owned()),
            resolved_at: after(over),
        }
    }

    #[test]
    fn means_are_over_those_that_have_come_so_far() {
        let all = [incident(Some(4), Some(30)), incident(Some(8), Some(90)), incident(None, None)];
        // (4 + 8) / 2 minutes and (30 + 90) / 2; the open one is in neither, and it is said.
        assert_eq!(mtta(&all), Figure::Known(Mean { seconds: 360.0, of: 2, among: 3 }));
        assert_eq!(mttr(&all), Figure::Known(Mean { seconds: 3_600.0, of: 2, among: 3 }));
        assert_eq!(mtta(&all[2..]), Figure::unavailable("none of 1 was acknowledged"));
        assert_eq!(mttr(&[]), Figure::unavailable("there was no incident"));
    }
}

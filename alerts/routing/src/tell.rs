//! From a group's decision to what its receivers are told.

use std::ops::Range;

use chrono::{DateTime, Utc};
use headroom_delivery::{Alert, Impact, Notification, Reason, Status};

use crate::config::Route;
use crate::severity::severity_of;
use crate::state::Group;

impl Group {
    /// One notification for each receiver of these steps who is not of an earlier one.
    pub(crate) fn tell(
        &self,
        key: &str,
        route: &Route,
        steps: Range<usize>,
        reason: Reason,
        alerts: &[Alert],
        now: DateTime<Utc>,
    ) -> Vec<Notification> {
        // A configuration may have lost steps since.
        let steps = steps.start.min(route.steps.len())..steps.end.min(route.steps.len());
        let mut receivers: Vec<&String> = Vec::new();
        for receiver in route.steps[steps.clone()].iter().flat_map(|step| &step.receivers) {
            let earlier = route.steps[..steps.start].iter().any(|step| step.receivers.contains(receiver));
            if !earlier && !receivers.contains(&receiver) {
                receivers.push(receiver);
            }
        }
        let worst = alerts.iter().max_by_key(|a| (a.status == Status::Firing, severity_of(&a.labels)));
        let Some(worst) = worst else { return Vec::new() };
        let label = |names: &[&str]| {
            names.iter().find_map(|name| worst.labels.get(*name)).cloned().unwrap_or_default()
        };
        let title = worst.annotations.get("summary").cloned().unwrap_or_else(|| label(&["alertname"]));
        let acknowledged_by =
            self.incident.as_ref().and_then(|incident| incident.acknowledged_by(now)).map(str::to_owned);
        receivers
            .into_iter()
            .map(|receiver| Notification {
                group_key: key.to_owned(),
                receiver: receiver.clone(),
                reason,
                at: now,
                severity: severity_of(&worst.labels),
                title: title.clone(),
                service: label(&["service", "service.name", "service_name", "job"]),
                group_labels: self.labels.clone(),
                alerts: alerts.to_vec(),
                truncated: 0,
                untold: false,
                acknowledged_by: acknowledged_by.clone(),
                impact: Impact::default(),
                dora: None,
                changes: Vec::new(),
                differences: Vec::new(),
                traces: Vec::new(),
                runbook: worst.annotations.get("runbook_url").and_then(|text| text.parse().ok()),
                chart: None,
                page: worst.generator_url.clone(),
            })
            .collect()
    }
}

//! What is remembered from one decision to the next.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use headroom_control::{Alert, ControlError, StoredSilence};
use headroom_delivery::{Alert as Told, Impact, Notification, Severity};
use headroom_routing::{Burn, Cause, Matchers, Silence, Situation, Standing, State, Window, severity_named};
use serde::{Deserialize, Serialize};

use super::Routing;
use crate::context::Context;
use crate::evaluate::Standings;

/// Everything, as it stands in the control file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    /// Groups, incidents, acknowledgements, flapping.
    pub(super) state: State,
    /// The open alerts of objectives.
    pub(super) watched: Watched,
    /// How the policies of objectives stand.
    #[serde(default)]
    pub(super) standings: Standings,
    /// What links to charts are signed with.
    #[serde(default)]
    pub(super) chart_key: Option<String>,
    /// The steps of error-budget policies that hold, as they are told.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) steps: BTreeMap<String, Told>,
}

/// What is remembered of open alerts, by id.
pub(crate) type Watched = BTreeMap<String, Watch>;

/// What is remembered of an open alert of an objective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Watch {
    /// The watermark since which its rules have been calm.
    pub(crate) calm_since: Option<i64>,
    /// The fastest rule that held while it was open.
    pub(crate) burn: Burn,
    /// Since when its service has been down, if it is.
    #[serde(default)]
    pub(crate) down_since: Option<DateTime<Utc>>,
    /// How bad it is, and since when.
    pub(crate) standing: Standing,
    /// Who is hit and what changed, as it was known last.
    #[serde(default)]
    pub(crate) context: Context,
}

impl Watch {
    /// An alert that has just begun, or of which nothing is remembered.
    pub(crate) fn new(alert: &Alert, burn: Burn) -> Self {
        let severity = severity_named(&alert.severity);
        let standing = Standing { severity: Some(severity), ..Standing::new(alert.started_at) };
        Self { calm_since: None, burn, down_since: None, standing, context: Context::default() }
    }

    /// Climbs the ladder. Returns the new severity with its causes if it is above `severity`: an open alert only gets
    /// worse.
    pub(crate) fn climb(
        &mut self,
        routing: &Routing,
        alert: &Alert,
        now: DateTime<Utc>,
    ) -> Option<(Severity, Vec<Cause>)> {
        let Impact { customers, transactions, .. } = &self.context.impact;
        let situation = Situation {
            burn: self.burn,
            acknowledged: alert.acknowledged_by.is_some(),
            customers: *customers,
            transactions: *transactions,
            value: self.context.value(),
            daily_value: self.context.daily_value,
            down_since: self.down_since.filter(|_| routing.is_critical(&alert.service)),
        };
        let before = severity_named(&alert.severity);
        let changed = self.standing.progress(routing.ladder(), &situation, now);
        let severity = self.standing.severity.filter(|severity| changed && *severity > before)?;
        Some((severity, self.standing.causes.clone()))
    }
}

impl Memory {
    pub(super) fn read(text: Option<String>) -> Result<Self, ControlError> {
        let Some(text) = text else { return Ok(Self::default()) };
        serde_json::from_str(&text)
            .map_err(|_| ControlError::Corrupt { column: "routing.state", value: text })
    }

    /// Says in a notification what is known of its alerts.
    pub(super) fn explain(&self, notification: &mut Notification) {
        let known = notification.alerts.iter().find_map(|alert| self.watched.get(&alert.fingerprint));
        if let Some(watch) = known {
            watch.context.clone().fill(notification);
        }
    }

    pub(super) fn written(&self) -> String {
        serde_json::to_string(self).expect("invariant: the memory has only text keys")
    }
}

/// What a person says of a silence; who says it, and why, stands beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Said {
    pub(crate) matchers: Matchers,
    pub(crate) window: Window,
}

/// A silence as it was kept.
pub(crate) fn silence(stored: StoredSilence) -> Result<Silence, ControlError> {
    let value = stored.silence.to_string();
    let Said { matchers, window } = serde_json::from_value(stored.silence)
        .map_err(|_| ControlError::Corrupt { column: "silences.silence", value })?;
    let StoredSilence { id, comment, created_by, .. } = stored;
    Ok(Silence { id, matchers, window, created_by, comment })
}

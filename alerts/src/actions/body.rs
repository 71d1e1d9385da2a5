//! The body of `/api/v1/actions`.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_actions::{Decision, Disabled, Signal};
use serde::Serialize;
use utoipa::ToSchema;

use super::Actions;
use crate::config::ActionConfig;
use crate::error::Result;

/// An action: its rules, whether it is on, and what was decided.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ActionBody {
    /// Its name.
    pub name: String,
    /// The alerts it is for.
    pub matchers: Vec<String>,
    /// What must hold, all of it.
    pub signals: Vec<Signal>,
    /// Whether it is only rehearsed.
    pub dry_run: bool,
    /// Seconds after a run before the next for the same service.
    pub cool_down_seconds: i64,
    /// Most runs within any hour.
    pub most_per_hour: u32,
    /// Seconds after a run until it is looked at whether it helped.
    pub verify_after_seconds: i64,
    /// Why it is off; null while it is on.
    pub disabled: Option<Disabled>,
    /// Runs within the last hour, rehearsals too.
    pub runs_last_hour: usize,
    /// The last decisions, the newest first. The audit trail has all of them.
    pub decisions: Vec<Decision>,
}

/// The body of `/api/v1/actions`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ActionList {
    /// In the order of the configuration.
    pub actions: Vec<ActionBody>,
}

impl Actions {
    /// All actions as they stand.
    pub fn list(&self, now: DateTime<Utc>) -> Result<ActionList> {
        let actions = self.actions.iter().map(|config| self.body(config, now));
        Ok(ActionList { actions: actions.collect::<Result<_>>()? })
    }

    pub(super) fn body(&self, config: &ActionConfig, now: DateTime<Utc>) -> Result<ActionBody> {
        let action = &config.action;
        let state = self.state(action)?;
        Ok(ActionBody {
            name: action.name.clone(),
            matchers: action.matchers.0.iter().map(ToString::to_string).collect(),
            signals: action.signals.iter().copied().collect(),
            dry_run: action.dry_run,
            cool_down_seconds: action.cool_down.num_seconds(),
            most_per_hour: action.most_per_hour,
            verify_after_seconds: action.verify_after.num_seconds(),
            disabled: state.disabled,
            runs_last_hour: state.runs.iter().filter(|run| now < run.at + TimeDelta::hours(1)).count(),
            decisions: state.decisions,
        })
    }
}

//! What is remembered of an action from one decision to the next.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Decisions that are kept for people to see; all of them are in the audit trail.
const KEPT: usize = 50;

/// What is remembered of an action.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Why it is off, if it is.
    pub disabled: Option<Disabled>,
    /// When it ran, as far back as it matters, the oldest first.
    pub runs: Vec<Run>,
    /// What was decided last about each open alert.
    pub verdicts: BTreeMap<String, Verdict>,
    /// The last decisions, the newest first.
    pub decisions: Vec<Decision>,
}

/// An action that is off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Disabled {
    /// Since when.
    pub at: DateTime<Utc>,
    /// By whom; `headroom` when a run did not help.
    pub by: String,
    /// Why.
    pub why: String,
}

/// A time at which an action ran, or would have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The alert it was for.
    pub alert: String,
    /// The service it was for.
    pub service: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether nothing was sent.
    pub dry: bool,
    /// How fast the budget burnt then.
    pub burn: Option<f64>,
    /// Whether it was seen since that it helped.
    pub helped: Option<bool>,
}

/// What is decided about an action and an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[schema(as = ActionVerdict)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is asked for.
    Done,
    /// It would have been asked for: a rehearsal.
    Dry,
    /// It is off.
    RefusedDisabled,
    /// The alert is silenced.
    RefusedSilenced,
    /// A signal that it needs is not there.
    RefusedSignals,
    /// It ran for this service shortly before.
    RefusedCoolDown,
    /// It ran too often within an hour.
    RefusedMostPerHour,
    /// A run was looked at afterwards: it helped.
    Helped,
    /// A run was looked at afterwards: it did not help, and the action is off.
    DidNotHelp,
}

impl Verdict {
    /// The word in the API, the audit trail and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Dry => "dry",
            Self::RefusedDisabled => "refused_disabled",
            Self::RefusedSilenced => "refused_silenced",
            Self::RefusedSignals => "refused_signals",
            Self::RefusedCoolDown => "refused_cool_down",
            Self::RefusedMostPerHour => "refused_most_per_hour",
            Self::Helped => "helped",
            Self::DidNotHelp => "did_not_help",
        }
    }

    /// Whether nothing more is to be decided about the alert.
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Dry)
    }
}

/// A decision with its reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    /// When.
    pub at: DateTime<Utc>,
    /// What was decided.
    pub verdict: Verdict,
    /// The alert it is about.
    pub alert: String,
    /// The alert's service.
    pub service: String,
    /// Why, in words.
    pub why: String,
    /// What each signal that was there says.
    pub signals: BTreeMap<String, String>,
}

impl State {
    /// Whether nothing more is to be decided about an alert.
    pub fn is_decided(&self, alert: &str) -> bool {
        self.verdicts.get(alert).is_some_and(|verdict| verdict.is_final())
    }

    /// Forgets alerts that are over, and runs that matter no more.
    pub fn forget(&mut self, is_open: impl Fn(&str) -> bool, keep: TimeDelta, now: DateTime<Utc>) {
        self.verdicts.retain(|alert, _| is_open(alert));
        self.runs.retain(|run| run.at + keep > now || (!run.dry && run.helped.is_none()));
    }

    /// Keeps a decision for people to see.
    pub(crate) fn note(&mut self, decision: &Decision) {
        self.decisions.insert(0, decision.clone());
        self.decisions.truncate(KEPT);
    }
}

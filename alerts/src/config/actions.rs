//! `[[alerts.actions]]` and `[[alerts.policies]]`: what follows from an alert, or from a budget that runs out.

use std::collections::{BTreeSet, HashSet};

use chrono::TimeDelta;
use headroom_actions::{Action, Signal};
use headroom_delivery::signing::SigningSecret;
use headroom_delivery::webhook::Webhook;
use headroom_delivery::{Secret, Target};
use headroom_routing::Matchers;
use serde::Deserialize;
use url::Url;

use super::AlertsConfig;
use super::target::{Name, TargetConfig};
use crate::error::{AlertsError, Result};

/// A remedy that a machine may be asked for.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Fields")]
pub struct ActionConfig {
    /// When it may run.
    pub action: Action,
    /// How long before now a deployment counts.
    pub deployed_within: TimeDelta,
    /// Who is asked.
    pub target: TargetConfig,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    name: Name,
    url: Secret<Url>,
    secrets: Vec<SigningSecret>,
    #[serde(default)]
    allow_private: bool,
    #[serde(default)]
    matchers: Matchers,
    #[serde(default = "burn_and_canary")]
    signals: BTreeSet<Signal>,
    #[serde(default = "hour")]
    deployed_within_seconds: u32,
    #[serde(default = "rehearsal")]
    dry_run: bool,
    #[serde(default = "half_an_hour")]
    cool_down_seconds: u32,
    #[serde(default = "twice")]
    most_per_hour: u32,
    #[serde(default = "quarter")]
    verify_after_seconds: u32,
}

fn burn_and_canary() -> BTreeSet<Signal> {
    [Signal::Burn, Signal::Canary].into()
}

fn rehearsal() -> bool {
    true
}

fn hour() -> u32 {
    3_600
}

fn half_an_hour() -> u32 {
    1_800
}

fn quarter() -> u32 {
    900
}

fn twice() -> u32 {
    2
}

impl TryFrom<Fields> for ActionConfig {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let seconds = |seconds: u32| TimeDelta::seconds(i64::from(seconds));
        let Fields { name, url, secrets, allow_private, .. } = fields;
        if secrets.is_empty() {
            return Err(format!(
                "action {name}: secrets is empty: whoever takes it must be able to tell that it is genuine"
            ));
        }
        let action = Action {
            name: name.to_string(),
            matchers: fields.matchers,
            signals: fields.signals,
            dry_run: fields.dry_run,
            cool_down: seconds(fields.cool_down_seconds),
            most_per_hour: fields.most_per_hour,
            verify_after: seconds(fields.verify_after_seconds),
        };
        action.check()?;
        let target = Target::Webhook(Webhook { url, secrets, envelope: false });
        target.check().map_err(|problem| format!("action {name}: {problem}"))?;
        let target = TargetConfig { name, allow_private, target };
        Ok(Self { action, deployed_within: seconds(fields.deployed_within_seconds), target })
    }
}

impl AlertsConfig {
    /// Checks that policies and actions have names of their own.
    pub(super) fn check_actions(&self) -> Result<()> {
        let refused = |problem: String, place| Err(AlertsError::Config { problem, place: Some(place) });
        let mut names = HashSet::new();
        for (n, policy) in self.policies.iter().enumerate() {
            if let Err(problem) = policy.check() {
                return refused(problem, ("policies", n));
            }
            if !names.insert(&policy.name) {
                return refused(
                    format!("two policies are called {:?}; names must differ", policy.name),
                    ("policies", n),
                );
            }
        }
        let mut names = HashSet::new();
        let twice = self.actions.iter().position(|action| !names.insert(&action.action.name));
        match twice {
            Some(n) => {
                let name = &self.actions[n].action.name;
                refused(format!("two actions are called {name:?}; names must differ"), ("actions", n))
            }
            None => Ok(()),
        }
    }
}

//! `[[alerts.actions]]` and `[[alerts.budget_policies]]`: what follows from an alert, or from a budget that runs out.

use std::collections::{BTreeSet, HashSet};

use chrono::TimeDelta;
use headroom_actions::{Action, Signal};
use headroom_delivery::signing::SigningSecret;
use headroom_delivery::webhook::Webhook;
use headroom_delivery::{Secret, Target};
use headroom_outbound::Networks;
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
    allow_networks: Networks,
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
        let Fields { name, url, secrets, allow_networks, .. } = fields;
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
        let target = TargetConfig { name, allow_networks, target };
        Ok(Self { action, deployed_within: seconds(fields.deployed_within_seconds), target })
    }
}

impl AlertsConfig {
    /// Checks that budget policies and actions have names of their own.
    pub(super) fn check_actions(&self) -> Result<()> {
        let refused = |problem: String, place| Err(AlertsError::Config { problem, place: Some(place) });
        let mut names = HashSet::new();
        for (n, policy) in self.budget_policies.iter().enumerate() {
            if let Err(problem) = policy.check() {
                return refused(problem, ("budget_policies", n));
            }
            if !names.insert(&policy.name) {
                return refused(
                    format!("two budget policies are called {:?}; names must differ", policy.name),
                    ("budget_policies", n),
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

#[cfg(test)]
mod tests {
    use super::*;

    const HOOK: &str =
        "url = 'https://deployer.example.com/'\nsecrets = ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']";

    fn action(name: &str, more: &str) -> String {
        format!("[[actions]]\nname = '{name}'\n{HOOK}\n{more}\n")
    }

    #[test]
    fn an_action_is_careful_unless_told_otherwise() {
        let config: AlertsConfig = toml::from_str(&action("rollback", "")).expect("an action");
        config.check().expect("it fits together");
        let ActionConfig { action, deployed_within, .. } = &config.actions[0];
        assert!(action.dry_run);
        assert_eq!(action.signals, burn_and_canary());
        assert_eq!(
            (action.most_per_hour, action.cool_down, *deployed_within),
            (2, TimeDelta::minutes(30), TimeDelta::hours(1))
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let refused = |text: &str| match toml::from_str::<AlertsConfig>(text) {
            Ok(config) => {
                let error = config.check().expect_err("it is refused");
                format!("{:?} {error}", error.place())
            }
            Err(error) => error.message().to_owned(),
        };
        let policy = "[[budget_policies]]\nname = 'p'\nsteps = [{name = 's', budget_at_most = 0, alert = 'a', ok = 'o'}]\n";
        for (text, says) in [
            (
                action("a", "") + &action("a", ""),
                "(\"actions\", 1)) alerts configuration: two actions are called \"a\"",
            ),
            (
                policy.repeat(2),
                "(\"budget_policies\", 1)) alerts configuration: two budget policies are called \"p\"",
            ),
            (
                "[[budget_policies]]\nname = 'p'\nsteps = []".to_owned(),
                "(\"budget_policies\", 0)) alerts configuration: policy \"p\" needs a name and at least one step",
            ),
            (action("a", "signals = ['burn']"), "at least one of canary and deploy"),
            (action("a", "signals = ['gut']"), "unknown variant `gut`"),
            (action("a", "dry = false"), "unknown field `dry`"),
            (action("a b", ""), "1 to 63 letters"),
            (action("a", "").replace("['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']", "[]"), "secrets is empty"),
        ] {
            assert!(refused(&text).contains(says), "{text}\n{}", refused(&text));
        }
    }
}

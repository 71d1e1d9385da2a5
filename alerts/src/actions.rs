//! Remedies: decided by rules, put on record, and asked for through the outbox.
//!
//! For each open alert that an action is for, [`evidence`] gathers what speaks for it; [`headroom_actions`] decides, by what
//! is remembered; and the decision, its row in the audit trail and the message are one transaction. A message that
//! has not arrived when it is looked whether the action helped is not sent any more.

mod body;
pub(crate) mod evidence;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use headroom_actions::{Action, Afterwards, Decision, Disabled, Run, Situation, State, Verdict};
use headroom_control::{Acting, Control, ControlError, Deed, Form, NewMessage};
use headroom_delivery::Alert as Told;
use serde_json::json;

use crate::config::{ActionConfig, AlertsConfig};
use crate::error::Result;
use crate::routing::hex16;
pub use body::{ActionBody, ActionList};
pub(crate) use evidence::{Evidence, Witness};

/// Who decides.
const ACTOR: &str = "headroom";

/// The actions of one tenant. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Actions {
    control: Control,
    tenant: Arc<str>,
    actions: Arc<[ActionConfig]>,
}

/// An open alert of an objective that an action is for.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) situation: Situation,
    pub(crate) told: Told,
    pub(crate) evidence: Evidence,
}

/// The name in the outbox of who is asked for an action; no receiver of alerts can be called so.
pub(crate) fn channel(action: &str) -> String {
    format!("action:{action}")
}

impl Actions {
    /// The actions by a configuration.
    pub fn new(config: &AlertsConfig, control: Control, tenant: &str) -> Self {
        Self { control, tenant: tenant.into(), actions: config.actions.as_slice().into() }
    }

    pub(crate) fn configured(&self) -> &[ActionConfig] {
        &self.actions
    }

    /// What is remembered of an action.
    pub(crate) fn state(&self, action: &Action) -> Result<State> {
        Ok(read(self.control.action(&self.tenant, &action.name)?)?)
    }

    /// Looks whether what ran has helped, by the open alerts and how fast their budgets burn, and decides about the cases.
    /// Returns how many messages were queued.
    pub(crate) fn decide(
        &self,
        action: &Action,
        cases: &[Case],
        open: &BTreeSet<&str>,
        burn_of: impl Fn(&str) -> Option<f64>,
        now: DateTime<Utc>,
    ) -> Result<usize> {
        let mut decided = Vec::new();
        let queued = self.control.act(&self.tenant, &action.name, now, |stored| {
            let before = read(stored)?;
            let mut state = before.clone();
            let afterwards = |run: &Run| {
                let is_open = open.contains(run.alert.as_str());
                if is_open { Afterwards::Open(burn_of(&run.alert)) } else { Afterwards::Over }
            };
            let mut messages = Vec::new();
            decided = action.verify(&mut state, afterwards, now);
            for case in cases {
                let Some(decision) = action.decide(&mut state, &case.situation, now) else { continue };
                if decision.verdict == Verdict::Done {
                    messages.push(self.message(action, case, &decision));
                }
                decided.push(decision);
            }
            state.forget(|alert| open.contains(alert), action.memory(), now);
            let deeds = decided.iter().map(|decision| deed(action, decision)).collect();
            let state = (state != before).then(|| written(&state));
            Ok(Acting { state, deeds, messages })
        })?;
        for Decision { verdict, why, alert, service, .. } in &decided {
            let labels = [("action", action.name.clone()), ("verdict", verdict.word().to_owned())];
            metrics::counter!("headroom_action_decisions_total", &labels).increment(1);
            tracing::info!(action = action.name, verdict = verdict.word(), alert, service, "{why}");
        }
        Ok(queued)
    }

    /// Turns an action on or off by hand, on record. What waits to be sent is taken back when it is turned off. Returns
    /// how it then stands; `None` without such an action.
    pub fn turn(
        &self,
        name: &str,
        on: bool,
        by: &str,
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<ActionBody>> {
        let Some(config) = self.actions.iter().find(|config| config.action.name == name) else {
            return Ok(None);
        };
        self.control.act(&self.tenant, name, now, |stored| {
            let mut state = read(stored)?;
            let (by, why) = (by.to_owned(), why.to_owned());
            let action = if on { "action.enable" } else { "action.disable" }.to_owned();
            let deed = Deed {
                actor: by.clone(),
                action,
                subject: name.to_owned(),
                reason: why.clone(),
                detail: json!({"was_disabled": state.disabled}),
            };
            state.disabled = (!on).then_some(Disabled { at: now, by, why });
            Ok(Acting { state: Some(written(&state)), deeds: vec![deed], messages: Vec::new() })
        })?;
        if !on {
            let since = now - config.action.verify_after;
            for waiting in self.control.queued(&format!("{}:", channel(name)), since)? {
                self.control.withdraw(waiting.id, "the action was turned off", now)?;
            }
        }
        Ok(Some(self.body(config, now)?))
    }

    fn message(&self, action: &Action, case: &Case, decision: &Decision) -> NewMessage {
        let Case { situation, told, evidence, .. } = case;
        let release = evidence.release.as_ref();
        let body = json!({
            "type": "action.run",
            "timestamp": decision.at,
            "data": {
                "action": action.name,
                "service": situation.service,
                "candidate": release.map(|release| &release.candidate),
                "baseline": release.map(|release| &release.baseline),
                "signals": decision.signals,
                "alert": {
                    "id": situation.alert,
                    "labels": told.labels,
                    "summary": told.annotations.get("summary"),
                    "starts_at": told.starts_at,
                    "url": told.generator_url,
                },
                "expires_at": decision.at + action.verify_after,
            },
        });
        NewMessage {
            group: format!("{}:{}", channel(&action.name), situation.service),
            channel: channel(&action.name),
            dedup_key: format!(
                "act_{}",
                hex16(&format!("{}\n{}\n{}", self.tenant, action.name, situation.alert))
            ),
            form: Form::Body,
            body: body.to_string(),
            due: decision.at,
        }
    }
}

fn deed(action: &Action, decision: &Decision) -> Deed {
    let Decision { verdict, alert, service, why, signals, .. } = decision;
    Deed {
        actor: ACTOR.to_owned(),
        action: format!("action.{}", verdict.word()),
        subject: action.name.clone(),
        reason: why.clone(),
        detail: json!({"alert": alert, "service": service, "signals": signals}),
    }
}

fn read(stored: Option<String>) -> Result<State, ControlError> {
    let Some(text) = stored else { return Ok(State::default()) };
    serde_json::from_str(&text).map_err(|_| ControlError::Corrupt { column: "actions.state", value: text })
}

fn written(state: &State) -> String {
    serde_json::to_string(state).expect("invariant: the state has only text keys")
}

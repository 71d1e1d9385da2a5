//! Error-budget policies: their steps begin and end as alerts that go the ordinary way.
//!
//! What holds is remembered with the groups; the beginning and the end of a step, the alert and its messages are written
//! in one transaction.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_actions::{BudgetPolicy, Effect, Step, Turn};
use headroom_control::{BudgetStep, Decision};
use headroom_delivery::{Alert as Told, Labels, Status};
use headroom_slo::{Promise, SloSet};
use serde::Serialize;
use utoipa::ToSchema;

use super::memory::Memory;
use super::{Routing, hex16};
use crate::alert::{named, page, told};
use crate::error::Result;
use crate::seen::Seen;

/// Times of an objective's steps in one answer.
const MOST: usize = 100;

/// A policy as it holds for an objective.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BudgetPolicyBody {
    /// Its name.
    pub policy: String,
    /// Its steps, as they are written.
    pub steps: Vec<BudgetStepBody>,
}

/// A step of a policy as it stands for an objective.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BudgetStepBody {
    /// Its name.
    pub step: String,
    /// When it begins, in words.
    pub when: String,
    /// What follows.
    pub effect: Effect,
    /// What is said when it begins.
    pub alert: String,
    /// What is said when it ends.
    pub ok: String,
    /// Since when it holds; null while it does not.
    pub since: Option<DateTime<Utc>>,
}

impl Routing {
    /// What was agreed about budgets.
    pub(crate) fn budget_policies(&self) -> &[BudgetPolicy] {
        &self.budget_policies
    }

    /// Whether any step holds.
    pub(crate) fn holds_steps(&self) -> Result<bool> {
        Ok(!Memory::read(self.control.routing(&self.tenant)?)?.steps.is_empty())
    }

    /// Begins and ends steps by what was seen. Returns how many messages were queued. What cannot be seen now stays; what
    /// is no more configured ends.
    pub(crate) fn follow(&self, set: &SloSet, seen: &Seen, now: DateTime<Utc>) -> Result<usize> {
        let mut holding = Vec::new();
        let queued = self.decide(now, TimeDelta::zero(), |memory, silences| {
            let mut orphans = memory.steps.clone();
            let mut turned = Vec::new();
            for promise in set.promises() {
                for (policy, step) in self.steps_of(set, &promise) {
                    let key = key(policy, step, &promise);
                    let open = orphans.remove(&key);
                    let figure = seen.figure(promise.id(), &step.when);
                    match (step.turn(open.is_some(), figure), open, figure) {
                        (Turn::Begin, _, Some(figure)) => {
                            let begun = self.begun(policy, step, &promise, figure, now);
                            memory.steps.insert(key, begun.clone());
                            turned.push(begun);
                        }
                        (Turn::End, Some(open), Some(figure)) => {
                            memory.steps.remove(&key);
                            turned.push(ended(
                                open,
                                &says(&step.ok, &promise, &step.when.figure(figure)),
                                now,
                            ));
                        }
                        _ => {}
                    }
                }
            }
            for (key, open) in orphans {
                memory.steps.remove(&key);
                turned.push(ended(
                    open,
                    "Over: the policy or the objective was taken out of the configuration",
                    now,
                ));
            }
            let alerts: Vec<_> = turned.iter().map(|turned| self.foreign(turned, None, now)).collect();
            for alert in &alerts {
                self.router.observe(&mut memory.state, &told(alert, self.external_url()), now);
            }
            let steps = turned.iter().map(|told| self.row(told)).collect();
            holding = memory.steps.values().filter_map(|told| told.labels.get("effect").cloned()).collect();
            (
                self.router.tick(&mut memory.state, silences, now),
                Decision { alerts, steps, ..Decision::default() },
            )
        })?;
        for effect in ["tell", "freeze"] {
            let holding = holding.iter().filter(|holds| *holds == effect).count();
            metrics::gauge!("headroom_budget_steps", "effect" => effect).set(holding as f64);
        }
        Ok(queued.len())
    }

    /// The budget policies of an objective with what holds of them, and what began and ended so far, the newest first.
    pub fn budget_policies_of(
        &self,
        set: &SloSet,
        promise: &Promise<'_>,
    ) -> Result<(Vec<BudgetPolicyBody>, Vec<BudgetStep>)> {
        let journey = self.control.budget_steps(&self.tenant, promise.id(), MOST)?;
        let since = |policy: &BudgetPolicy, step: &Step| {
            let own = |row: &&BudgetStep| {
                row.policy == policy.name && row.step == step.name && row.ended_at.is_none()
            };
            journey.iter().find(own).map(|row| row.begun_at)
        };
        let mut policies: Vec<BudgetPolicyBody> = Vec::new();
        for (policy, step) in self.steps_of(set, promise) {
            if policies.last().is_none_or(|last| last.policy != policy.name) {
                policies.push(BudgetPolicyBody { policy: policy.name.clone(), steps: Vec::new() });
            }
            let body = BudgetStepBody {
                step: step.name.clone(),
                when: step.when.words(),
                effect: step.effect,
                alert: step.alert.clone(),
                ok: step.ok.clone(),
                since: since(policy, step),
            };
            policies.last_mut().expect("invariant: one was pushed").steps.push(body);
        }
        Ok((policies, journey))
    }

    /// The steps that an objective's budget is held against; a part of a composite is held to it through the composite.
    fn steps_of<'a>(
        &'a self,
        set: &SloSet,
        promise: &Promise<'_>,
    ) -> impl Iterator<Item = (&'a BudgetPolicy, &'a Step)> + use<'a> {
        let labels = self.labels(promise);
        let by_itself = set.whole_of(promise.id()).is_none();
        let own = self.budget_policies.iter().filter(move |policy| by_itself && policy.matchers.fit(&labels));
        own.flat_map(|policy| policy.steps.iter().map(move |step| (policy, step)))
    }

    fn labels(&self, promise: &Promise<'_>) -> Labels {
        named(&[("service", promise.service()), ("slo", promise.id()), ("tenant", &self.tenant)])
    }

    fn begun(
        &self,
        policy: &BudgetPolicy,
        step: &Step,
        promise: &Promise<'_>,
        figure: f64,
        now: DateTime<Utc>,
    ) -> Told {
        let mut labels = self.labels(promise);
        let effect = match step.effect {
            Effect::Tell => "tell",
            Effect::Freeze => "freeze",
        };
        labels.extend(named(&[
            ("alertname", "ErrorBudgetPolicy"),
            ("effect", effect),
            ("policy", &policy.name),
            ("severity", step.severity.word()),
            ("step", &step.name),
        ]));
        let mut annotations = named(&[("summary", &says(&step.alert, promise, &step.when.figure(figure)))]);
        annotations.extend(promise.runbook().map(|runbook| ("runbook_url".to_owned(), runbook.to_owned())));
        Told {
            status: Status::Firing,
            labels,
            annotations,
            starts_at: now,
            ends_at: None,
            generator_url: self.external_url().and_then(|base| page(base, &["slos", promise.id()])),
            fingerprint: hex16(&format!(
                "{}\n{}\n{}",
                self.tenant,
                key(policy, step, promise),
                now.timestamp_micros()
            )),
        }
    }

    fn row(&self, told: &Told) -> BudgetStep {
        let label = |name: &str| told.labels.get(name).cloned().unwrap_or_default();
        let says = told.annotations.get("summary").cloned().unwrap_or_default();
        let over = told.status == Status::Resolved;
        BudgetStep {
            id: told.fingerprint.clone(),
            tenant: self.tenant.to_string(),
            slo: label("slo"),
            service: label("service"),
            policy: label("policy"),
            step: label("step"),
            freezes: label("effect") == "freeze",
            // An end leaves what was said at the beginning as it stands.
            began: if over { String::new() } else { says.clone() },
            begun_at: told.starts_at,
            ended: over.then_some(says),
            ended_at: told.ends_at,
        }
    }
}

fn ended(open: Told, says: &str, now: DateTime<Utc>) -> Told {
    let mut over = Told { status: Status::Resolved, ends_at: Some(now), ..open };
    over.annotations.insert("summary".to_owned(), says.to_owned());
    over
}

fn says(text: &str, promise: &Promise<'_>, figure: &str) -> String {
    format!("{}: {text} ({figure})", promise.display_name())
}

fn key(policy: &BudgetPolicy, step: &Step, promise: &Promise<'_>) -> String {
    [policy.name.as_str(), &step.name, promise.id()].join("\n")
}

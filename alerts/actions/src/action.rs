//! When a remedy may be tried, and whether it helped.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use headroom_routing::Matchers;
use headroom_slo::words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::state::{Decision, Disabled, Run, State, Verdict};

/// Who turns an action off that did not help.
const ITSELF: &str = "headroom";
/// A burn has got lower when it is this part of what it was, or less.
const LOWER: f64 = 0.8;
/// The hour of `most_per_hour`.
const HOUR: TimeDelta = TimeDelta::hours(1);

/// A remedy, and the rules under which it may be tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Its name.
    pub name: String,
    /// The alerts it is for.
    pub matchers: Matchers,
    /// What must hold, all of it: at least two.
    pub signals: BTreeSet<Signal>,
    /// Whether it is only rehearsed: everything is decided and written down, and nothing is sent.
    pub dry_run: bool,
    /// The pause after a run before the next for the same service.
    pub cool_down: TimeDelta,
    /// Most runs within any hour, of all services.
    pub most_per_hour: u32,
    /// How long after a run it is looked at whether it helped.
    pub verify_after: TimeDelta,
}

/// Something that speaks for a remedy. The kinds are seen in different ways: one alone may be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Signal {
    /// The budget of an objective burns: its alert is open.
    Burn,
    /// The new version is worse than the old one beside it, by the rank test of the gate.
    Canary,
    /// The service was deployed shortly before, and the new version fails more often than the old one did.
    Deploy,
}

impl Signal {
    /// The word in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Burn => "burn",
            Self::Canary => "canary",
            Self::Deploy => "deploy",
        }
    }
}

/// An open alert that an action is for, and what is known about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    /// The alert's id.
    pub alert: String,
    /// Its service.
    pub service: String,
    /// The signals that are there, each with what it says.
    pub signals: BTreeMap<Signal, String>,
    /// Whether people silenced the alert.
    pub silenced: bool,
    /// How fast the budget burns now.
    pub burn: Option<f64>,
}

/// How it is when a run is looked at afterwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Afterwards {
    /// The alert is over.
    Over,
    /// It is open, and the budget burns so fast, if that is known.
    Open(Option<f64>),
}

impl Action {
    /// Checks what the types cannot.
    ///
    /// # Errors
    /// What is wrong, and what is allowed.
    pub fn check(&self) -> Result<(), String> {
        let refused = |problem: &str| Err(format!("action {:?}: {problem}", self.name));
        if !self.signals.contains(&Signal::Burn) || self.signals.len() < 2 {
            return refused("signals must name burn and at least one of canary and deploy: one may be wrong");
        }
        if self.most_per_hour == 0 {
            return refused("most_per_hour must be at least 1; to turn it off, disable it or remove it");
        }
        if self.verify_after <= TimeDelta::zero() || self.cool_down < self.verify_after {
            return refused(
                "cool_down_seconds must be at least verify_after_seconds, and that at least 1: it is not run again before it is known whether it helped",
            );
        }
        Ok(())
    }

    /// Decides about an open alert. A decision is told once: `None` while it stays the same, and for an alert that it
    /// ran for.
    pub fn decide(&self, state: &mut State, situation: &Situation, now: DateTime<Utc>) -> Option<Decision> {
        let Situation { alert, service, signals, burn, .. } = situation;
        if state.is_decided(alert) {
            return None;
        }
        let (verdict, why) = self.judge(state, situation, now);
        if state.verdicts.insert(alert.clone(), verdict) == Some(verdict) {
            return None;
        }
        if verdict.is_final() {
            let (alert, service) = (alert.clone(), service.clone());
            state.runs.push(Run {
                alert,
                service,
                at: now,
                dry: verdict == Verdict::Dry,
                burn: *burn,
                helped: None,
            });
        }
        let signals = signals.iter().map(|(signal, says)| (signal.word().to_owned(), says.clone())).collect();
        let decision =
            Decision { at: now, verdict, alert: alert.clone(), service: service.clone(), why, signals };
        state.note(&decision);
        Some(decision)
    }

    fn judge(&self, state: &State, situation: &Situation, now: DateTime<Utc>) -> (Verdict, String) {
        if let Some(Disabled { by, why, .. }) = &state.disabled {
            return (Verdict::RefusedDisabled, format!("{by} turned it off: {why}"));
        }
        if situation.silenced {
            return (Verdict::RefusedSilenced, "the alert is silenced".to_owned());
        }
        let there = |signal: &&Signal| situation.signals.contains_key(*signal);
        let missing: Vec<&str> =
            self.signals.iter().filter(|signal| !there(signal)).map(|signal| signal.word()).collect();
        if self.signals.len() < 2 {
            return (Verdict::RefusedSignals, "it names fewer than two signals".to_owned());
        }
        if !missing.is_empty() {
            let needed: Vec<&str> = self.signals.iter().map(|signal| signal.word()).collect();
            let why =
                format!("it needs {}, and there is no {}", needed.join(" and "), missing.join(" and no "));
            return (Verdict::RefusedSignals, why);
        }
        let of_service = state.runs.iter().filter(|run| run.service == situation.service);
        if let Some(until) = of_service.map(|run| run.at + self.cool_down).max().filter(|until| now < *until)
        {
            let why =
                format!("it cools down for {} until {} UTC", situation.service, until.format("%H:%M:%S"));
            return (Verdict::RefusedCoolDown, why);
        }
        let lately = state.runs.iter().filter(|run| now < run.at + HOUR).count();
        if lately >= self.most_per_hour as usize {
            let why = format!("it ran {lately} times within the hour, and may {}", self.most_per_hour);
            return (Verdict::RefusedMostPerHour, why);
        }
        let says: Vec<&str> = self
            .signals
            .iter()
            .filter_map(|signal| situation.signals.get(signal))
            .map(String::as_str)
            .collect();
        let verdict = if self.dry_run { Verdict::Dry } else { Verdict::Done };
        (verdict, says.join("; "))
    }

    /// Looks at the runs whose time has come whether they helped: the alert is over, or its budget burns at the allowed
    /// rate or a fifth slower than before. If not, the action is turned off. Where no burn is known it is waited as long
    /// again, and that it helped must then be shown.
    pub fn verify(
        &self,
        state: &mut State,
        afterwards: impl Fn(&Run) -> Afterwards,
        now: DateTime<Utc>,
    ) -> Vec<Decision> {
        let mut decisions = Vec::new();
        for n in 0..state.runs.len() {
            let run = &state.runs[n];
            if run.dry || run.helped.is_some() || now < run.at + self.verify_after {
                continue;
            }
            let (helped, why) = match afterwards(run) {
                Afterwards::Over => (true, "the alert is over".to_owned()),
                Afterwards::Open(None) if now < run.at + self.verify_after * 2 => continue,
                Afterwards::Open(None) => {
                    (false, "the alert is open, and how fast the budget burns is not known".to_owned())
                }
                Afterwards::Open(Some(burn)) => {
                    let before = run.burn.map_or("an unknown rate".to_owned(), words::times);
                    let why =
                        format!("the budget burnt at {before} before and at {} after", words::times(burn));
                    (burn <= 1.0 || run.burn.is_some_and(|before| burn <= before * LOWER), why)
                }
            };
            let verdict = if helped { Verdict::Helped } else { Verdict::DidNotHelp };
            let (alert, service) = (run.alert.clone(), run.service.clone());
            let decision = Decision { at: now, verdict, alert, service, why, signals: BTreeMap::new() };
            state.runs[n].helped = Some(helped);
            if !helped && state.disabled.is_none() {
                let why = format!("a run for {} did not help: {}", decision.service, decision.why);
                state.disabled = Some(Disabled { at: now, by: ITSELF.to_owned(), why });
            }
            state.note(&decision);
            decisions.push(decision);
        }
        decisions
    }

    /// How long runs are to be remembered.
    pub fn memory(&self) -> TimeDelta {
        self.cool_down.max(HOUR)
    }
}

//! Alerts of OpenSLO's own policies, beside those of the rules.

use std::collections::BTreeMap;

use headroom_control::Alert;
use headroom_query::slo::words;
use headroom_routing::severity_named;
use headroom_slo::AlertPolicy;
use headroom_slo::policy::{Standing, State, Told};

use super::record::{self, Detail, OfPolicy};
use super::round::{Round, is_open};
use super::subject::Subject;

/// How policies stand, by `OBJECTIVE/POLICY`.
pub(crate) type Standings = BTreeMap<String, Standing>;

/// Tracks of a policy's two alerts.
const BREACH: &str = "policy";
const NO_DATA: &str = "no-data";

impl Round<'_> {
    /// Holds the burn of a promise against its policies.
    pub(super) fn policies(&mut self, subject: &Subject<'_>) {
        for policy in &subject.policies {
            let key = format!("{}/{}", subject.promise().id(), policy.name);
            let before = self.standings.get(&key).copied().unwrap_or_default();
            let burn = subject.burn(policy);
            let (after, told) = policy.step(before, burn, subject.watermark);
            self.standings.insert(key, after);
            match told {
                Some(Told::Breaching) => self.open(subject, policy, BREACH, burn),
                Some(Told::NoData) => self.open(subject, policy, NO_DATA, burn),
                // Nobody was told that it began; of its end they want to know.
                Some(Told::Resolved) if self.place(subject, policy, BREACH).is_none() => {
                    self.open(subject, policy, BREACH, burn);
                }
                Some(Told::Resolved) | None => {}
            }
            if after.state == State::Calm {
                self.close(subject, policy, BREACH, "its condition holds no longer");
            }
            if !after.blind {
                self.close(subject, policy, NO_DATA, "there is a burn rate again");
            }
        }
    }

    fn open(&mut self, subject: &Subject<'_>, policy: &AlertPolicy, track: &str, burn: Option<f64>) {
        let condition = &policy.condition;
        let window = words::length(condition.lookback);
        let name = subject.promise().display_name();
        let summary = match burn.filter(|_| track == BREACH) {
            Some(burn) => format!(
                "{name}: burning at {} over {window}; the policy {} is for a burn {} {}",
                words::times(burn),
                policy.name,
                condition.op.words(),
                words::times(condition.threshold)
            ),
            None => format!(
                "{name}: no burn rate over {window}, too little was seen; so says the policy {}",
                policy.name
            ),
        };
        let detail = Detail {
            burn_long: burn,
            threshold: Some(condition.threshold),
            long_seconds: Some(condition.lookback),
            windows: window,
            track: track.to_owned(),
            policy: Some(OfPolicy {
                name: policy.name.clone(),
                targets: policy.targets.iter().map(|target| target.name.clone()).collect(),
                ends_silently: !policy.when_resolved,
            }),
            ..Detail::of_subject(subject)
        };
        let what = format!("{track} {}", policy.name);
        let severity = severity_named(&condition.severity);
        self.push(record::begun(self.tenant(), subject, &what, severity, (summary, &detail), self.now));
    }

    fn close(&mut self, subject: &Subject<'_>, policy: &AlertPolicy, track: &str, because: &str) {
        if let Some(place) = self.place(subject, policy, track) {
            self.end(place, because);
        }
    }

    fn place(&self, subject: &Subject<'_>, policy: &AlertPolicy, track: &str) -> Option<usize> {
        let is_its = |alert: &Alert| {
            let detail = Detail::of(alert);
            alert.slo == subject.promise().id()
                && detail.track == track
                && detail.policy.is_some_and(|of| of.name == policy.name)
        };
        self.alerts.iter().position(|alert| is_open(alert) && is_its(alert))
    }
}

//! OpenSLO's own alerting: one burn rate over one window, held against a threshold.
//!
//! Beside Headroom's rules ([`crate::rules`]), which follow from the window and have two windows each,
//! an SLO may name policies. A condition that has held for `alertAfter` is breaching; it is resolved when
//! it holds no longer; and where too little was seen for a burn rate there is no data. A policy
//! says which of the three is told.

use serde::{Deserialize, Serialize};

use crate::spec::Op;

/// Which changes are told, and to whom.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertPolicy {
    /// Its name.
    pub name: String,
    /// Tells that the condition began to hold.
    pub when_breaching: bool,
    /// Tells that it holds no longer.
    pub when_resolved: bool,
    /// Tells that there is no burn rate.
    pub when_no_data: bool,
    /// The one condition.
    pub condition: AlertCondition,
    /// Those of its targets that are in the files.
    pub targets: Vec<NotificationTarget>,
}

/// A burn rate over a window, held against a threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertCondition {
    /// Its name.
    pub name: String,
    /// The severity in the words of the definition, such as `page` or `sev1`.
    pub severity: String,
    /// How the burn is compared; `gte` when nothing was written.
    pub op: Op,
    /// With what it is compared, in multiples of the allowed rate.
    pub threshold: f64,
    /// The window in seconds; a month counts as 30 days.
    pub lookback: i64,
    /// Seconds for which it must hold before it is breaching.
    pub after: i64,
}

/// Somebody to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationTarget {
    /// Its name.
    pub name: String,
    /// What it is, in the words of the definition, such as `slack` or `email`.
    pub target: String,
}

/// How a policy's condition stands; at first nothing holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What was known last.
    pub state: State,
    /// There is no burn rate now.
    pub blind: bool,
}

/// Whether a condition holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It does not.
    #[default]
    Calm,
    /// It has held since this watermark, not yet for long enough.
    Pending(i64),
    /// It has held for long enough.
    Breaching,
}

/// What is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The condition began to hold, long enough ago.
    Breaching,
    /// It holds no longer.
    Resolved,
    /// There is no burn rate any more.
    NoData,
}

impl AlertPolicy {
    /// How its condition stands after one more burn rate over its window, which ends at `watermark`, and
    /// what is to be told. While there is no burn rate the state stays; what was pending then begins anew.
    pub fn step(&self, before: Standing, burn: Option<f64>, watermark: i64) -> (Standing, Option<Told>) {
        let Some(burn) = burn else {
            let told = (!before.blind && self.when_no_data).then_some(Told::NoData);
            return (Standing { blind: true, ..before }, told);
        };
        let state = match before.state {
            _ if !self.condition.op.holds(burn, self.condition.threshold) => State::Calm,
            State::Breaching => State::Breaching,
            pending => {
                let since = match pending {
                    State::Pending(since) if !before.blind => since,
                    _ => watermark,
                };
                let long_enough = watermark - since >= self.condition.after;
                if long_enough { State::Breaching } else { State::Pending(since) }
            }
        };
        let told = match (before.state, state) {
            (State::Breaching, State::Calm) => self.when_resolved.then_some(Told::Resolved),
            (State::Calm | State::Pending(_), State::Breaching) => {
                self.when_breaching.then_some(Told::Breaching)
            }
            _ => None,
        };
        (Standing { state, blind: false }, told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(op: Op, after: i64) -> AlertPolicy {
        AlertPolicy {
            name: "p".to_owned(),
            when_breaching: true,
            when_resolved: true,
            when_no_data: false,
            condition: AlertCondition {
                name: "c".to_owned(),
                severity: "page".to_owned(),
                op,
                threshold: 2.0,
                lookback: 3_600,
                after,
            },
            targets: Vec::new(),
        }
    }

    #[test]
    fn it_breaches_after_a_while_and_resolves_at_once() {
        let told = |policy: &AlertPolicy, burns: &[Option<f64>]| {
            let mut standing = Standing::default();
            let steps = (0_i64..).zip(burns).filter_map(|(n, burn)| {
                let (now, told) = policy.step(standing, *burn, n * 150);
                standing = now;
                told.map(|told| (n, told))
            });
            steps.collect::<Vec<_>>()
        };
        let mut policy = policy(Op::Gte, 300);
        let bad = Some(3.0);
        let good = Some(1.0);
        assert_eq!(told(&policy, &[bad, good, bad, bad, good]), []);
        assert_eq!(told(&policy, &[bad, bad, bad, bad, good]), [(2, Told::Breaching), (4, Told::Resolved)]);
        // What is pending begins anew when nothing was known between; what is breaching stays so.
        assert_eq!(told(&policy, &[bad, bad, None, bad, bad, bad]), [(5, Told::Breaching)]);
        assert_eq!(
            told(&policy, &[bad, bad, bad, None, None, good]),
            [(2, Told::Breaching), (5, Told::Resolved)]
        );
        policy.when_no_data = true;
        policy.when_breaching = false;
        assert_eq!(
            told(&policy, &[bad, bad, bad, None, None, good]),
            [(3, Told::NoData), (5, Told::Resolved)]
        );
    }
}

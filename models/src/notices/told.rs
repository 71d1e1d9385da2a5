//! Which steps of a plan are told, and which of them are the same as one that was told before.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::Delivery;
use headroom_scaler::Step;

/// Share by which two numbers of replicas may differ and count as one: the autoscaler's own tolerance.
const TOLERANCE: f64 = 0.1;

/// A step as it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Told {
    pub(super) at: DateTime<Utc>,
    pub(super) from: u32,
    pub(super) to: u32,
}

impl Told {
    /// The step that a message is about, if it is one of the service's.
    pub(super) fn of(service: &str, message: &Delivery) -> Option<Self> {
        let data = &message.payload["data"];
        let replicas = |key: &str| u32::try_from(data[key].as_u64()?).ok();
        let at = data["at"].as_str()?.parse().ok()?;
        let told = Self { at, from: replicas("from_replicas")?, to: replicas("to_replicas")? };
        (data["service"] == service).then_some(told)
    }

    fn rises(&self) -> bool {
        self.from < self.to
    }
}

/// A step that is worth a message, from a number of replicas.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    pub(super) from: u32,
    pub(super) step: Step,
}

impl Change {
    fn told(&self) -> Told {
        Told { at: self.step.at, from: self.from, to: self.step.replicas }
    }

    /// Whether it is the step that was told before: in the same direction, not at another time, and no larger.
    pub(super) fn is(&self, before: &Told, moved: TimeDelta) -> bool {
        let this = self.told();
        let beyond = if this.rises() { this.to > before.to } else { this.to < before.to };
        this.rises() == before.rises()
            && (this.at - before.at).abs() <= moved
            && (alike(this.to, before.to) || !beyond)
    }
}

/// The number that receivers know of: the one told last, unless something else than what was told came to `running`.
pub(super) fn known(running: u32, told: Option<&Told>) -> u32 {
    told.map(|told| told.to).filter(|to| alike(*to, running)).unwrap_or(running)
}

/// The changes of a plan, from a number of replicas. Steps that lead on in the same direction within `moved` of a
/// change's first are part of it; steps to a number that is like the one before are none.
pub(super) fn changes(from: u32, steps: &[Step], moved: TimeDelta) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let mut level = from;
    for step in steps {
        if let Some(last) = changes.last_mut()
            && step.at - last.step.at <= moved
            && (last.from < level) == (level < step.replicas)
        {
            last.step.replicas = step.replicas;
        } else if !alike(level, step.replicas) {
            changes.push(Change { from: level, step: step.clone() });
        } else {
            continue;
        }
        level = step.replicas;
    }
    changes
}

fn alike(a: u32, b: u32) -> bool {
    f64::from(a.abs_diff(b)) <= f64::from(a.min(b)) * TOLERANCE
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-12-09T14:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    fn plan(steps: &[(i64, u32)]) -> Vec<Step> {
        let step = |(minute, replicas): &(i64, u32)| Step {
            at: at(*minute),
            replicas: *replicas,
            reason: String::new(),
        };
        steps.iter().map(step).collect()
    }

    #[test]
    fn a_ramp_is_one_change_and_a_trembling_number_none() {
        let told = |from: u32, steps: &[(i64, u32)]| {
            let found = changes(from, &plan(steps), TimeDelta::minutes(3));
            found
                .iter()
                .map(|c| (c.from, (c.step.at - at(0)).num_minutes(), c.step.replicas))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(3, &[(0, 3), (15, 6), (16, 9), (17, 12), (30, 3)]), [(3, 15, 12), (12, 30, 3)]);
        assert_eq!(
            told(3, &[(15, 6), (17, 9), (19, 12)]),
            [(3, 15, 9), (9, 19, 12)],
            "a long ramp is told as it goes on"
        );
        assert_eq!(told(40, &[(5, 41), (6, 39), (7, 42), (8, 40)]), []);
        assert_eq!(told(40, &[(5, 42), (9, 44), (13, 46)]), [(40, 13, 46)], "small steps add up");
        assert_eq!(told(12, &[(0, 13), (5, 12), (6, 4)]), [(12, 6, 4)]);
        assert_eq!(told(1, &[(0, 2), (1, 1)]), [(1, 0, 2), (2, 1, 1)], "a small pool feels every step");
    }

    #[test]
    fn a_step_is_the_same_until_it_grows_or_moves() {
        let before = Told { at: at(15), from: 3, to: 20 };
        let same = |from: u32, minute: i64, to: u32| {
            let step = plan(&[(minute, to)]).remove(0);
            Change { from, step }.is(&before, TimeDelta::minutes(3))
        };
        assert!(same(3, 15, 20) && same(4, 17, 21) && same(3, 12, 22), "a little later, earlier or larger");
        assert!(same(3, 15, 9), "smaller: what was told is enough");
        assert!(!same(3, 15, 23), "more than a tenth larger");
        assert!(!same(3, 19, 20) && !same(3, 11, 20), "at another time");
        assert!(!same(25, 15, 20), "a fall");
    }

    #[test]
    fn the_number_told_last_counts_while_it_is_about_right() {
        let told = Told { at: at(0), from: 3, to: 40 };
        assert_eq!(known(42, Some(&told)), 40);
        assert_eq!(known(60, Some(&told)), 60, "something else happened");
        assert_eq!(known(42, None), 42);
    }
}

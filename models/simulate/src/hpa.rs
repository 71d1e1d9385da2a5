//! The rules of the Kubernetes HorizontalPodAutoscaler, as its documentation and the `autoscaling/v2` API give them.
//!
//! Every sync each metric proposes a number of replicas; the largest proposal counts. A proposal within the
//! tolerance of what serves is no proposal to change. A smaller number than before must have been proposed for the
//! whole stabilisation window, and the policies of the behaviour bound how far one sync may go.

use std::collections::VecDeque;

/// What a scaling policy counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many replicas.
    Pods(u32),
    /// So many per cent of the replicas there were at the start of the period.
    Percent(u32),
}

/// One policy of a behaviour: at most `step` within `period_seconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How far.
    pub step: Step,
    /// Within how many seconds.
    pub period_seconds: u32,
}

/// Which of several policies holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Select {
    /// The one that allows most.
    Max,
    /// The one that allows least.
    Min,
    /// No scaling in this direction.
    Disabled,
}

/// `behavior.scaleUp` or `behavior.scaleDown`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Direction {
    /// The policies; none means no bound.
    pub limits: Vec<Limit>,
    /// Which of them holds.
    pub select: Select,
    /// Seconds for which a proposal must have stood.
    pub stabilisation_seconds: u32,
}

/// The autoscaler's settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Hpa {
    /// Seconds between two syncs.
    pub sync_seconds: u32,
    /// Age of a metric when a sync sees it, in seconds.
    pub metric_lag_seconds: u32,
    /// Relative distance from the target that is left alone.
    pub tolerance: f64,
    /// Utilisation of a replica that the metric is kept at.
    pub target_utilisation: f64,
    /// Never fewer replicas.
    pub min_replicas: u32,
    /// Never more replicas.
    pub max_replicas: u32,
    /// Scaling out.
    pub up: Direction,
    /// Scaling in.
    pub down: Direction,
}

impl Default for Hpa {
    /// Kubernetes' own defaults: 15 s sync, 10 % tolerance, scale-out by the larger of 100 % and 4 pods per 15 s,
    /// scale-in by 100 % per 15 s after 300 s; a metric lag of 30 s and a target of 70 %.
    fn default() -> Self {
        let within = |step| Limit { step, period_seconds: 15 };
        Self {
            sync_seconds: 15,
            metric_lag_seconds: 30,
            tolerance: 0.1,
            target_utilisation: 0.7,
            min_replicas: 1,
            max_replicas: 100,
            up: Direction {
                limits: vec![within(Step::Percent(100)), within(Step::Pods(4))],
                select: Select::Max,
                stabilisation_seconds: 0,
            },
            down: Direction {
                limits: vec![within(Step::Percent(100))],
                select: Select::Max,
                stabilisation_seconds: 300,
            },
        }
    }
}

impl Hpa {
    /// The behaviour that a planned step needs: up to elevenfold within one sync, so that a step is one step.
    #[must_use]
    pub fn with_steep_rises(mut self) -> Self {
        self.up.limits = vec![Limit { step: Step::Percent(1000), period_seconds: 15 }];
        self
    }
}

/// The autoscaler at work: what it proposed and did of late.
#[derive(Debug, Clone)]
pub(crate) struct Autoscaler<'a> {
    rules: &'a Hpa,
    proposed: VecDeque<(i64, u32)>,
    changes: VecDeque<(i64, i64)>,
}

impl<'a> Autoscaler<'a> {
    pub(crate) fn new(rules: &'a Hpa) -> Self {
        Self { rules, proposed: VecDeque::new(), changes: VecDeque::new() }
    }

    /// What one metric proposes: `wanted` replicas, of which `ready` serve and `current` are asked for.
    pub(crate) fn proposal(&self, wanted: f64, ready: u32, current: u32) -> u32 {
        let ratio = wanted / f64::from(ready.max(1));
        // The metric's division leaves dust on whole numbers.
        if (ratio - 1.0).abs() <= self.rules.tolerance { current } else { (wanted - 1e-9).ceil() as u32 }
    }

    /// The replicas after the sync at `now`, from the largest proposal.
    pub(crate) fn sync(&mut self, now: i64, proposal: u32, current: u32) -> u32 {
        let rules = self.rules;
        let (low, high) = (rules.min_replicas, rules.max_replicas.max(rules.min_replicas));
        self.proposed.push_back((now, proposal));
        let longest = i64::from(rules.up.stabilisation_seconds.max(rules.down.stabilisation_seconds));
        while self.proposed.front().is_some_and(|(at, _)| *at <= now - longest && *at < now) {
            self.proposed.pop_front();
        }
        let within = |seconds: u32| {
            let since = now - i64::from(seconds);
            self.proposed.iter().filter(move |(at, _)| *at > since || *at == now).map(|(_, n)| *n)
        };
        let most = within(rules.down.stabilisation_seconds).max().unwrap_or(proposal);
        let least = within(rules.up.stabilisation_seconds).min().unwrap_or(proposal);
        let steady = current.max(least).min(most);
        let bounded = if steady > current {
            steady.min(self.bound(&rules.up, now, current, true))
        } else {
            steady.max(self.bound(&rules.down, now, current, false))
        };
        let next = bounded.clamp(low, high);
        if next != current {
            self.changes.push_back((now, i64::from(next) - i64::from(current)));
        }
        next
    }

    /// The furthest that a direction's policies let the replicas go at `now`.
    fn bound(&mut self, direction: &Direction, now: i64, current: u32, up: bool) -> u32 {
        if direction.select == Select::Disabled {
            return current;
        }
        let longest =
            self.rules.up.limits.iter().chain(&self.rules.down.limits).map(|l| l.period_seconds).max();
        let forgotten = now - i64::from(longest.unwrap_or(0));
        while self.changes.front().is_some_and(|(at, _)| *at <= forgotten) {
            self.changes.pop_front();
        }
        let reached = direction.limits.iter().map(|limit| {
            let since = now - i64::from(limit.period_seconds);
            let moved: i64 = self.changes.iter().filter(|(at, _)| *at > since).map(|(_, by)| *by).sum();
            let start = (i64::from(current) - moved).max(0);
            let to = match (limit.step, up) {
                (Step::Pods(pods), true) => start + i64::from(pods),
                (Step::Pods(pods), false) => start - i64::from(pods),
                (Step::Percent(percent), true) => (start * (100 + i64::from(percent)) + 99) / 100,
                (Step::Percent(percent), false) => start * (100 - i64::from(percent.min(100))) / 100,
            };
            u32::try_from(to.max(0)).unwrap_or(u32::MAX)
        });
        if direction.limits.is_empty() {
            return if up { u32::MAX } else { 0 };
        }
        let furthest = if (direction.select == Select::Max) == up { reached.max() } else { reached.min() };
        let furthest = furthest.unwrap_or(current);
        if up { furthest.max(current) } else { furthest.min(current) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The replicas after each sync, `wanted` by a metric whose replicas all serve.
    fn course(rules: &Hpa, start: u32, wanted: &[f64]) -> Vec<u32> {
        let mut autoscaler = Autoscaler::new(rules);
        let mut current = start;
        let sync = |(index, wanted): (usize, &f64)| {
            let proposal = autoscaler.proposal(*wanted, current, current);
            current = autoscaler.sync(index as i64 * 15, proposal, current);
            current
        };
        wanted.iter().enumerate().map(sync).collect()
    }

    #[test]
    fn it_doubles_or_adds_four_and_waits_before_it_scales_in() {
        let hpa = Hpa::default();
        assert_eq!(course(&hpa, 1, &[50.0; 6]), [5, 10, 20, 40, 50, 50]);
        assert_eq!(course(&hpa.clone().with_steep_rises(), 5, &[50.0; 2]), [50, 50]);
        let mut fall = vec![50.0; 1];
        fall.extend([10.0; 24]);
        let replicas = course(&hpa, 50, &fall);
        assert_eq!((replicas[19], replicas[20]), (50, 10), "300 s after it was last wanted");
    }

    #[test]
    fn a_tenth_is_left_alone() {
        assert_eq!(course(&Hpa::default(), 20, &[21.9, 18.1, 22.1]), [20, 20, 23]);
    }

    #[test]
    fn policies_bound_a_period_in_both_directions() {
        let within = |step, period_seconds| Limit { step, period_seconds };
        let mut hpa = Hpa::default();
        hpa.up.limits = vec![within(Step::Pods(6), 30)];
        hpa.down = Direction {
            limits: vec![within(Step::Percent(50), 15)],
            select: Select::Max,
            stabilisation_seconds: 0,
        };
        assert_eq!(course(&hpa, 10, &[40.0; 5]), [16, 16, 22, 22, 28]);
        assert_eq!(course(&hpa, 40, &[1.0; 6]), [20, 10, 5, 2, 1, 1]);
        hpa.down.select = Select::Disabled;
        assert_eq!(course(&hpa, 40, &[1.0; 2]), [40, 40]);
        hpa.up.limits = vec![within(Step::Pods(2), 15), within(Step::Percent(100), 15)];
        hpa.up.select = Select::Min;
        assert_eq!(course(&hpa, 10, &[40.0; 2]), [12, 14]);
    }

    proptest! {
        #[test]
        fn it_stays_within_bounds_and_never_shrinks_before_its_window(
            wanted in prop::collection::vec(0.0..200.0_f64, 1..120),
            start in 2u32..80,
        ) {
            let hpa = Hpa { min_replicas: 2, max_replicas: 80, ..Hpa::default() };
            let replicas = course(&hpa, start, &wanted);
            for (at, now) in replicas.iter().enumerate() {
                prop_assert!((2..=80).contains(now));
                let before = if at == 0 { start } else { replicas[at - 1] };
                prop_assert!(*now <= (before * 2).max(before + 4));
                let recent = wanted[at.saturating_sub(19)..=at].iter().copied().fold(0.0, f64::max);
                prop_assert!(*now >= before || f64::from(*now) >= (recent / 1.1).min(80.0));
            }
        }
    }
}

//! Where the number of replicas comes from.

use chrono::{DateTime, Duration, Utc};

use crate::demand::Demand;

/// A way to scale.
pub enum Policy<'a> {
    /// The autoscaler alone.
    Reactive,
    /// The replicas of the peak at the target utilisation, always.
    Static,
    /// The autoscaler above a floor from the demand that is really to come: what a perfect forecast would give.
    Oracle,
    /// The autoscaler above floors from somebody who sees the past only.
    Predictive(&'a mut dyn Floors),
}

/// Planned floors, as they are known at each sync.
pub trait Floors {
    /// The fewest replicas to run from now on; nothing when there is no plan.
    fn floor(&mut self, seen: &Seen<'_>) -> Option<u32>;
}

/// What is known at one moment of a replay: the past, and nothing after it.
pub struct Seen<'a> {
    pub(crate) demand: &'a Demand,
    pub(crate) second: i64,
    pub(crate) asked: u32,
}

impl Seen<'_> {
    /// The moment.
    pub fn now(&self) -> DateTime<Utc> {
        self.demand.start() + Duration::seconds(self.second)
    }

    /// When the replay began.
    pub fn start(&self) -> DateTime<Utc> {
        self.demand.start()
    }

    /// Replicas that are asked for.
    pub fn replicas(&self) -> u32 {
        self.asked
    }

    /// Requests in each whole minute that is over, from the `first` minute of the replay on. Of a series of minutes
    /// these are its values.
    pub fn minutes(&self, first: usize) -> Vec<f64> {
        self.demand.minutes(first, self.second)
    }
}

/// A plan that was made before: steps, each in force from its instant until the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps(Vec<(DateTime<Utc>, u32)>);

impl Steps {
    /// The steps in any order.
    pub fn new(mut steps: Vec<(DateTime<Utc>, u32)>) -> Self {
        steps.sort_by_key(|(at, _)| *at);
        Self(steps)
    }
}

impl Floors for Steps {
    fn floor(&mut self, seen: &Seen<'_>) -> Option<u32> {
        let past = self.0.partition_point(|(at, _)| *at <= seen.now());
        Some(self.0[past.checked_sub(1)?].1)
    }
}

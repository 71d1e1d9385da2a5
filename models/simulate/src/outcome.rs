//! What a replay came to, in the measures of the field.
//!
//! Provisioning accuracy, wrong-provisioning timeshare, instability and elastic speed-up are those of N. Herbst,
//! "Methods and Benchmarks for Auto-Scaling Mechanisms in Elastic Cloud Environments" (2018), which the SPEC
//! research group adopted. The need at an instant is the fewest replicas that serve it at full utilisation.

use chrono::{DateTime, Duration, Utc};

use crate::demand::Demand;
use crate::run::{Cluster, whole};

/// The share of the need that must be ready at an event for it to count as hit.
const HIT: f64 = 0.95;
/// Seconds from an event's start over which its need is taken: its first minute.
const EVENT_SECONDS: i64 = 60;

/// A stretch in which capacity was short.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shortage {
    /// When it began.
    pub start: DateTime<Utc>,
    /// How many seconds it lasted.
    pub seconds: u32,
    /// Requests that found no capacity.
    pub unserved: f64,
}

/// One sync, for a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// The instant.
    pub ts: DateTime<Utc>,
    /// Requests a second.
    pub demand: f64,
    /// Requests a second that the ready replicas serve.
    pub capacity: f64,
    /// Replicas asked for.
    pub replicas: u32,
    /// The planned floor, where there was one.
    pub floor: Option<u32>,
}

/// What a replay came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Length of the replay in seconds.
    pub seconds: u32,
    /// Seconds in which the demand was above the capacity.
    pub under_provisioned_seconds: u32,
    /// The longest run of such seconds.
    pub longest_run_seconds: u32,
    /// Requests that found no capacity, over all requests; 0 when there were none.
    pub unserved_share: f64,
    /// Replicas asked for, over time, in replica-hours: what is paid.
    pub replica_hours: f64,
    /// Replica-hours above the need.
    pub over_provisioned_replica_hours: f64,
    /// Changes of the number of replicas, per hour.
    pub adaptations_per_hour: f64,
    /// Events within the replay.
    pub events: u32,
    /// Events at which at least 95 % of the first minute's need was ready when they began.
    pub events_hit: u32,
    /// Times the plan raised the replicas above what was asked for.
    pub pre_scales: u32,
    /// Those of them that were taken back without a demand that would have asked for more than there was before.
    pub false_pre_scales: u32,
    /// Herbst's under-provisioning accuracy: the missing share of the need, averaged over time.
    pub accuracy_under: f64,
    /// Herbst's over-provisioning accuracy: the surplus as a share of the need, averaged over time.
    pub accuracy_over: f64,
    /// Herbst's timeshare of under-provisioning.
    pub timeshare_under: f64,
    /// Herbst's timeshare of over-provisioning.
    pub timeshare_over: f64,
    /// Herbst's instability: share of the time in which need and supply move against each other.
    pub instability: f64,
    /// Where capacity was short, in the order of time.
    pub shortages: Vec<Shortage>,
    /// Every sync.
    pub samples: Vec<Sample>,
}

impl Outcome {
    /// Events hit over events; nothing when there were no events.
    pub fn event_hit_rate(&self) -> Option<f64> {
        (self.events > 0).then(|| f64::from(self.events_hit) / f64::from(self.events))
    }

    /// False pre-scales per week.
    pub fn false_pre_scales_per_week(&self) -> f64 {
        f64::from(self.false_pre_scales) * 604_800.0 / f64::from(self.seconds)
    }

    /// Replica-hours over those of another policy on the same demand.
    pub fn cost_ratio(&self, other: &Self) -> f64 {
        self.replica_hours / other.replica_hours
    }

    /// Herbst's elastic speed-up over another policy on the same demand: the geometric mean of how much better the
    /// four accuracy and timeshare measures are. Nothing when one of them is 0, which leaves a ratio without a
    /// value.
    pub fn elastic_speedup(&self, other: &Self) -> Option<f64> {
        let of = |o: &Self| [o.accuracy_under, o.accuracy_over, o.timeshare_under, o.timeshare_over];
        let product: f64 = of(other).iter().zip(of(self)).map(|(base, own)| base / own).product();
        (product.is_finite() && product > 0.0).then(|| product.powf(0.25))
    }
}

/// A raise by the plan that has not been needed yet.
struct PreScale {
    before: u32,
}

/// Adds up a replay.
pub(crate) struct Tally<'a> {
    demand: &'a Demand,
    cluster: &'a Cluster,
    /// Events as (second, need), the next one last.
    events: Vec<(i64, u32)>,
    outcome: Outcome,
    requests: f64,
    unserved: f64,
    adaptations: u32,
    short: Option<(i64, f64)>,
    pre_scale: Option<PreScale>,
    last: Option<(u32, u32)>,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(demand: &'a Demand, cluster: &'a Cluster, events: &[DateTime<Utc>]) -> Self {
        let seconds = demand.seconds();
        let mut events: Vec<(i64, u32)> = events
            .iter()
            .map(|at| (*at - demand.start()).num_seconds())
            .filter(|at| (0..i64::from(seconds)).contains(at))
            .map(|at| (at, cluster.needed(demand.peak(at, at + EVENT_SECONDS))))
            .collect();
        events.sort_unstable_by_key(|event| std::cmp::Reverse(*event));
        let outcome = Outcome {
            seconds,
            under_provisioned_seconds: 0,
            longest_run_seconds: 0,
            unserved_share: 0.0,
            replica_hours: 0.0,
            over_provisioned_replica_hours: 0.0,
            adaptations_per_hour: 0.0,
            events: events.len() as u32,
            events_hit: 0,
            pre_scales: 0,
            false_pre_scales: 0,
            accuracy_under: 0.0,
            accuracy_over: 0.0,
            timeshare_under: 0.0,
            timeshare_over: 0.0,
            instability: 0.0,
            shortages: Vec::new(),
            samples: Vec::new(),
        };
        Self {
            demand,
            cluster,
            events,
            outcome,
            requests: 0.0,
            unserved: 0.0,
            adaptations: 0,
            short: None,
            pre_scale: None,
            last: None,
        }
    }

    /// A sync: the floor, what the metric asks for, and the replicas asked for before and after.
    pub(crate) fn sync(&mut self, second: i64, floor: Option<u32>, reactive: u32, before: u32, after: u32) {
        self.adaptations += u32::from(before != after);
        let floor_above = floor.filter(|f| *f > reactive);
        match (&self.pre_scale, floor_above) {
            (None, Some(_)) if after > before && after > reactive => {
                self.outcome.pre_scales += 1;
                self.pre_scale = Some(PreScale { before });
            }
            (Some(_), None) => {
                self.outcome.false_pre_scales += 1;
                self.pre_scale = None;
            }
            _ => {}
        }
        self.outcome.samples.push(Sample {
            ts: self.instant(second),
            demand: self.demand.at(second),
            capacity: 0.0,
            replicas: after,
            floor,
        });
    }

    /// One second: the demand in it, the replicas that serve, and those asked for.
    pub(crate) fn second(&mut self, second: i64, demand: f64, ready: u32, asked: u32) {
        let capacity = f64::from(ready) * self.cluster.replica_per_second;
        let need = self.cluster.needed(demand);
        if let Some(sample) = self.outcome.samples.last_mut().filter(|s| s.capacity == 0.0) {
            sample.capacity = capacity;
        }
        // The demand came: it asks for more than there was. The metric sees it later, when the floor may be gone.
        let wanted = whole(self.cluster.wanted(demand));
        if self.pre_scale.as_ref().is_some_and(|raised| wanted > raised.before) {
            self.pre_scale = None;
        }
        while self.events.last().is_some_and(|(at, _)| *at <= second) {
            let Some((_, event_need)) = self.events.pop() else { break };
            self.outcome.events_hit += u32::from(f64::from(ready) >= HIT * f64::from(event_need));
        }
        self.requests += demand;
        let missing = demand - capacity;
        if missing > demand * 1e-9 {
            let (_, unserved) = self.short.get_or_insert((second, 0.0));
            *unserved += missing;
            self.unserved += missing;
            self.outcome.under_provisioned_seconds += 1;
        } else {
            self.end_shortage(second);
        }
        self.outcome.replica_hours += f64::from(asked) / 3600.0;
        self.outcome.over_provisioned_replica_hours += f64::from(asked.saturating_sub(need)) / 3600.0;
        let share = |part: u32| f64::from(part) / f64::from(need.max(1));
        self.outcome.accuracy_under += share(need.saturating_sub(ready));
        self.outcome.accuracy_over += share(ready.saturating_sub(need));
        self.outcome.timeshare_under += f64::from(u8::from(need > ready));
        self.outcome.timeshare_over += f64::from(u8::from(ready > need));
        if let Some((need_before, ready_before)) = self.last {
            let against =
                (need > need_before && ready < ready_before) || (need < need_before && ready > ready_before);
            self.outcome.instability += f64::from(u8::from(against));
        }
        self.last = Some((need, ready));
    }

    fn instant(&self, second: i64) -> DateTime<Utc> {
        self.demand.start() + Duration::seconds(second)
    }

    fn end_shortage(&mut self, second: i64) {
        if let Some((from, unserved)) = self.short.take() {
            let seconds = (second - from) as u32;
            self.outcome.longest_run_seconds = self.outcome.longest_run_seconds.max(seconds);
            self.outcome.shortages.push(Shortage { start: self.instant(from), seconds, unserved });
        }
    }

    pub(crate) fn finish(mut self) -> Outcome {
        self.end_shortage(i64::from(self.outcome.seconds));
        let seconds = f64::from(self.outcome.seconds);
        let mut outcome = self.outcome;
        outcome.unserved_share = if self.requests > 0.0 { self.unserved / self.requests } else { 0.0 };
        outcome.adaptations_per_hour = f64::from(self.adaptations) * 3600.0 / seconds;
        for measure in [
            &mut outcome.accuracy_under,
            &mut outcome.accuracy_over,
            &mut outcome.timeshare_under,
            &mut outcome.timeshare_over,
            &mut outcome.instability,
        ] {
            *measure /= seconds;
        }
        outcome
    }
}

//! The replay: one second after the other, a sync of the autoscaler every so many of them.

use chrono::{DateTime, Utc};

use crate::Refused;
use crate::demand::Demand;
use crate::fleet::{Fleet, Startup};
use crate::hpa::{Autoscaler, Hpa};
use crate::outcome::{Outcome, Tally};
use crate::policy::{Policy, Seen};

/// What the demand meets.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// The autoscaler's rules.
    pub hpa: Hpa,
    /// How replicas and nodes come up.
    pub startup: Startup,
    /// Requests a second that one replica serves at full utilisation.
    pub replica_per_second: f64,
}

impl Cluster {
    /// Replicas that demand (a second) asks for at the target utilisation, not rounded.
    pub(crate) fn wanted(&self, per_second: f64) -> f64 {
        per_second / (self.replica_per_second * self.hpa.target_utilisation)
    }

    /// The fewest replicas that serve a demand at all.
    pub(crate) fn needed(&self, per_second: f64) -> u32 {
        whole(per_second / self.replica_per_second)
    }

    /// Seconds from a sync's decision until its replicas serve.
    fn startup_seconds(&self) -> i64 {
        let nodes = self.startup.nodes.map_or(0, |n| n.start_seconds);
        i64::from(self.startup.replica_seconds) + i64::from(nodes)
    }

    fn check(&self) -> Result<(), Refused> {
        let above_zero = |value: f64| value.is_finite() && value > 0.0;
        let refuse = |sentence: &str| Err(Refused(sentence.to_owned()));
        if !above_zero(self.replica_per_second) {
            return refuse("the requests a second that one replica serves must be a number above 0");
        }
        if !above_zero(self.hpa.target_utilisation) || self.hpa.target_utilisation > 1.0 {
            return refuse("the target utilisation must lie above 0 and not above 1");
        }
        if !(0.0..1.0).contains(&self.hpa.tolerance) {
            return refuse("the tolerance must lie from 0 to below 1");
        }
        if self.hpa.sync_seconds == 0 {
            return refuse("the autoscaler's sync must be at least one second");
        }
        if self.hpa.min_replicas == 0 || self.hpa.min_replicas > self.hpa.max_replicas {
            return refuse("the least number of replicas must be at least 1 and not above the largest");
        }
        Ok(())
    }
}

/// A number of replicas that is at least `exact`; the dust of a division does not need another one.
pub(crate) fn whole(exact: f64) -> u32 {
    (exact - 1e-9).ceil().max(0.0) as u32
}

/// Replays a demand. `events` are the instants by which capacity is to be there; those outside the demand's time
/// are left aside.
///
/// A replay has no queues and no retries: what finds no capacity in its second is unserved. The metric is the
/// demand itself, so that it also tells what lies above the capacity.
///
/// # Errors
/// Settings without a meaning are refused in a sentence.
pub fn run(
    demand: &Demand,
    cluster: &Cluster,
    mut policy: Policy<'_>,
    events: &[DateTime<Utc>],
) -> Result<Outcome, Refused> {
    cluster.check()?;
    let seconds = i64::from(demand.seconds());
    let bounded = |n: u32| n.clamp(cluster.hpa.min_replicas, cluster.hpa.max_replicas);
    let peak = bounded(whole(cluster.wanted(demand.peak(0, seconds))));
    let start = match policy {
        Policy::Static => peak,
        _ => bounded(whole(cluster.wanted(demand.at(0)))),
    };
    let mut fleet = Fleet::serving(start, cluster.startup);
    let mut autoscaler = Autoscaler::new(&cluster.hpa);
    let mut tally = Tally::new(demand, cluster, events);
    for second in 0..seconds {
        fleet.advance(second);
        if second % i64::from(cluster.hpa.sync_seconds) == 0 {
            let (ready, asked) = (fleet.ready(), fleet.asked());
            let wanted = cluster.wanted(demand.at(second - i64::from(cluster.hpa.metric_lag_seconds)));
            let floor = match &mut policy {
                Policy::Reactive | Policy::Static => None,
                Policy::Oracle => {
                    let until = second + cluster.startup_seconds() + i64::from(cluster.hpa.sync_seconds);
                    Some(whole(cluster.wanted(demand.peak(second, until))))
                }
                Policy::Predictive(floors) => floors.floor(&Seen { demand, second, asked }),
            };
            if !matches!(policy, Policy::Static) {
                let reactive = autoscaler.proposal(wanted, ready, asked);
                let planned = floor.map_or(0, |f| autoscaler.proposal(f64::from(f), asked, asked));
                let next = autoscaler.sync(second, reactive.max(planned), asked);
                fleet.ask(second, next);
            }
            tally.sync(second, floor, whole(wanted), asked, fleet.asked());
        }
        tally.second(second, demand.at(second), fleet.ready(), fleet.asked());
    }
    Ok(tally.finish())
}

//! What a change at the door, or between two services, does to the demand on everything behind it.

use std::collections::BTreeMap;

use headroom_query::capacity::{CallGraph, Target};

use super::what_if::WhatIf;

/// Rounds after which a chain of calls is followed no further; a ring of calls has settled by then.
const ROUNDS: usize = 32;

/// Demand on each target relative to today, at the same growth of the platform.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Demand {
    times: BTreeMap<Target, f64>,
    /// For what no trace of the sample visits.
    whole: f64,
}

impl Demand {
    /// Demand under a change. What comes in is followed through each entry's own visits; what changes between
    /// two services is followed along their calls, as if all entries used a service alike.
    pub(crate) fn new(graph: &CallGraph, change: &WhatIf) -> Self {
        let market = 1.0 + change.new_market;
        let along = along(graph, change);
        let mut today: BTreeMap<&Target, f64> = BTreeMap::new();
        let mut then: BTreeMap<&Target, f64> = BTreeMap::new();
        for entry in &graph.entries {
            let times = change.traffic.get(&entry.operation).copied().unwrap_or(1.0);
            for (target, visits) in &entry.visits {
                *today.entry(target).or_default() += entry.traces as f64 * visits;
                *then.entry(target).or_default() += entry.traces as f64 * visits * times;
            }
        }
        let times = today.into_iter().filter(|(_, n)| *n > 0.0).map(|(target, n)| {
            let mix = then.get(target).copied().unwrap_or_default() / n;
            (target.clone(), mix * along.get(target).copied().unwrap_or(1.0) * market)
        });
        Self { times: times.collect(), whole: market }
    }

    /// Times how much is asked of a target.
    pub(crate) fn times(&self, target: &Target) -> f64 {
        self.times.get(target).copied().unwrap_or(self.whole)
    }
}

/// What changed calls do along the graph: each target's calls come from its callers, in the measured shares.
fn along(graph: &CallGraph, change: &WhatIf) -> BTreeMap<Target, f64> {
    if change.cache_hit_ratio.is_empty() && change.fan_out.is_empty() {
        return BTreeMap::new();
    }
    let mut from_inside: BTreeMap<&Target, f64> = BTreeMap::new();
    for edge in &graph.edges {
        *from_inside.entry(&edge.to).or_default() += edge.calls as f64;
    }
    let mut all: BTreeMap<&Target, f64> = from_inside.clone();
    for (target, visits) in
        graph.entries.iter().flat_map(|e| e.visits.iter().map(|(t, v)| (t, v * e.traces as f64)))
    {
        // What is visited more often than it is called from inside comes from outside.
        *all.entry(target).or_default() += visits;
    }
    for (target, calls) in &from_inside {
        if let Some(sum) = all.get_mut(*target) {
            *sum = (*sum - calls).max(*calls);
        }
    }
    let mut times: BTreeMap<Target, f64> = all.keys().map(|target| ((*target).clone(), 1.0)).collect();
    for _ in 0..ROUNDS {
        let mut next: BTreeMap<&Target, f64> = all
            .iter()
            .map(|(target, n)| (*target, n - from_inside.get(*target).copied().unwrap_or_default()))
            .collect();
        for edge in &graph.edges {
            let caller = times.get(&edge.from).copied().unwrap_or(1.0);
            *next.entry(&edge.to).or_default() +=
                edge.calls as f64 * caller * change.calls(edge.from.name(), edge.to.name());
        }
        times = next
            .into_iter()
            .map(|(target, n)| {
                let today = all.get(target).copied().unwrap_or_default();
                (target.clone(), if today > 0.0 { n / today } else { 1.0 })
            })
            .collect();
    }
    times
}

#[cfg(test)]
mod tests {
    use super::super::what_if::{HitRatio, Link};
    use super::*;
    use headroom_query::TimeRange;
    use headroom_query::capacity::{Edge, Entry};

    fn service(name: &str) -> Target {
        Target::service(name)
    }

    fn database() -> Target {
        Target::Database { service: "order".into(), name: "orders".into() }
    }

    /// Orders go gateway -> order -> database twice; quotes stay at the gateway. As many quotes as orders.
    fn graph() -> CallGraph {
        let entry = |operation: &str, visits: &[(Target, f64)]| Entry {
            service: "gateway".into(),
            operation: operation.into(),
            traces: 100,
            visits: visits.iter().cloned().collect(),
        };
        let edge = |from: &str, to: Target, calls| Edge { from: service(from), to, calls, per_call: None };
        let epoch = chrono::DateTime::UNIX_EPOCH;
        CallGraph {
            range: TimeRange { from: epoch, to: epoch },
            one_in: 1,
            spans: 1,
            entries: vec![
                entry(
                    "POST /orders",
                    &[(service("gateway"), 1.0), (service("order"), 1.0), (database(), 2.0)],
                ),
                entry("GET /quotes", &[(service("gateway"), 1.0)]),
            ],
            edges: vec![edge("gateway", service("order"), 100), edge("order", database(), 200)],
        }
    }

    #[test]
    fn more_orders_are_more_for_the_database_and_less_so_for_the_gateway() {
        let change = WhatIf { traffic: [("POST /orders".to_owned(), 3.0)].into(), ..WhatIf::default() };
        let demand = Demand::new(&graph(), &change);
        assert_eq!((demand.times(&service("gateway")), demand.times(&database())), (2.0, 3.0));
    }

    #[test]
    fn a_cache_spares_what_is_behind_it() {
        let cache = HitRatio { from: "gateway".into(), to: "order".into(), today: 0.0, then: 0.75 };
        let demand = Demand::new(&graph(), &WhatIf { cache_hit_ratio: vec![cache], ..WhatIf::default() });
        assert_eq!(demand.times(&service("gateway")), 1.0);
        assert_eq!((demand.times(&service("order")), demand.times(&database())), (0.25, 0.25));
    }

    #[test]
    fn fan_out_and_a_market_multiply() {
        let link = Link { from: "order".into(), to: "orders".into(), times: 2.0 };
        let change = WhatIf { fan_out: vec![link], new_market: 0.5, ..WhatIf::default() };
        let demand = Demand::new(&graph(), &change);
        assert_eq!((demand.times(&service("order")), demand.times(&database())), (1.5, 3.0));
        assert_eq!(demand.times(&service("unheard of")), 1.5);
    }
}

//! What a request from outside sets off in all: its own trace, and what its messages start.

use std::collections::BTreeMap;

use super::fold::{Root, Sample, Tally};
use super::{Entry, Target};

/// How many topics a chain of messages may have; a ring of topics ends there.
const DEEPEST: u32 = 8;

/// The entries: everything that no message started, with all visits that follow from it.
pub(super) fn entries(sample: Sample) -> Vec<Entry> {
    let mut sent: BTreeMap<&str, u64> = BTreeMap::new();
    for tally in sample.roots.values() {
        for (target, n) in &tally.visits {
            if let Target::Topic { name } = target {
                *sent.entry(name).or_default() += n;
            }
        }
    }
    let started = |root: &Root| root.topic.as_deref().is_some_and(|topic| sent.contains_key(topic));
    let mut entries: Vec<Entry> = sample
        .roots
        .iter()
        .filter(|(root, _)| !started(root))
        .map(|(root, tally)| {
            let mut visits = BTreeMap::new();
            follow(&sample.roots, &sent, tally, 1.0, DEEPEST, &mut visits);
            let (service, operation) = (root.service.clone(), root.operation.clone());
            Entry { service, operation, traces: tally.traces, visits }
        })
        .filter(|entry| entry.traces > 0)
        .collect();
    entries.sort_by(|a, b| (b.traces, &a.service, &a.operation).cmp(&(a.traces, &b.service, &b.operation)));
    entries
}

/// Adds what `weight` traces of a tally visit, and what their messages start.
fn follow(
    roots: &BTreeMap<Root, Tally>,
    sent: &BTreeMap<&str, u64>,
    tally: &Tally,
    weight: f64,
    depth: u32,
    visits: &mut BTreeMap<Target, f64>,
) {
    if tally.traces == 0 {
        return;
    }
    for (target, n) in &tally.visits {
        let times = weight * *n as f64 / tally.traces as f64;
        *visits.entry(target.clone()).or_default() += times;
        let Target::Topic { name } = target else { continue };
        let Some(all) = sent.get(name.as_str()).filter(|_| depth > 0) else { continue };
        for (_, consumer) in roots.iter().filter(|(root, _)| root.topic.as_ref() == Some(name)) {
            let share = consumer.traces as f64 / *all as f64;
            follow(roots, sent, consumer, times * share, depth - 1, visits);
        }
    }
}

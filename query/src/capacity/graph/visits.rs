//! What a request from outside sets off in all: its own trace, and what its messages start.

use std::collections::BTreeMap;

use super::fold::{Root, Sample, Tally};
use super::{Entry, MOST_ENTRIES, Target};

/// How many topics a chain of messages may have; a ring of topics ends there.
const DEEPEST: u32 = 8;

type Visits = BTreeMap<Target, f64>;

/// The entries: everything that no message started, with all visits that follow from it.
pub(super) fn entries(sample: &Sample) -> Vec<Entry> {
    let behind = behind(sample);
    let from_outside = |root: &Root| root.topic.as_ref().is_none_or(|topic| !behind.contains_key(topic));
    let mut entries: Vec<Entry> = sample
        .roots
        .iter()
        .filter(|(root, tally)| from_outside(root) && tally.traces > 0)
        .map(|(root, tally)| Entry {
            service: root.service.clone(),
            operation: root.operation.clone(),
            traces: tally.traces,
            visits: whole(tally, &behind),
        })
        .collect();
    entries.sort_by(|a, b| (b.traces, &a.service, &a.operation).cmp(&(a.traces, &b.service, &b.operation)));
    if entries.len() > MOST_ENTRIES {
        let rest = entries.split_off(MOST_ENTRIES - 1);
        entries.push(together(&rest));
    }
    entries
}

/// What one trace of a tally visits, and what its messages start.
fn whole(tally: &Tally, behind: &BTreeMap<String, Visits>) -> Visits {
    let mut visits = Visits::new();
    for (target, n) in &tally.visits {
        let times = *n as f64 / tally.traces.max(1) as f64;
        *visits.entry(target.clone()).or_default() += times;
        let Target::Topic { name } = target else { continue };
        for (further, each) in behind.get(name).into_iter().flatten() {
            *visits.entry(further.clone()).or_default() += times * each;
        }
    }
    visits
}

/// What one message of each topic starts, in traces of their own: a round for each topic of a chain.
fn behind(sample: &Sample) -> BTreeMap<String, Visits> {
    let mut sent: BTreeMap<&str, u64> = BTreeMap::new();
    for (target, n) in sample.roots.values().flat_map(|tally| &tally.visits) {
        if let Target::Topic { name } = target {
            *sent.entry(name).or_default() += n;
        }
    }
    let mut behind: BTreeMap<String, Visits> =
        sent.keys().map(|topic| ((*topic).to_owned(), Visits::new())).collect();
    for _ in 0..DEEPEST {
        let mut next: BTreeMap<String, Visits> =
            sent.keys().map(|topic| ((*topic).to_owned(), Visits::new())).collect();
        for (root, tally) in &sample.roots {
            let Some((topic, all)) =
                root.topic.as_ref().and_then(|topic| Some((topic, *sent.get(topic.as_str())?)))
            else {
                continue;
            };
            let share = tally.traces as f64 / all as f64;
            for (target, n) in whole(tally, &behind) {
                *next.entry(topic.clone()).or_default().entry(target).or_default() += share * n;
            }
        }
        behind = next;
    }
    behind
}

/// The rarest kinds of request as one.
fn together(rest: &[Entry]) -> Entry {
    let traces: u64 = rest.iter().map(|entry| entry.traces).sum();
    let mut visits = Visits::new();
    for entry in rest {
        for (target, n) in &entry.visits {
            *visits.entry(target.clone()).or_default() += n * entry.traces as f64 / traces.max(1) as f64;
        }
    }
    Entry {
        service: String::new(),
        operation: format!("{} rarer kinds of request", rest.len()),
        traces,
        visits,
    }
}

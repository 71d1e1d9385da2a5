//! Spans of a sample into counts: who was visited how often for which kind of request.

use std::collections::{BTreeMap, HashMap};

use super::{Edge, SpanRow, Target};

/// What starts a trace, or a part of one whose beginning is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Root {
    pub(super) service: String,
    pub(super) operation: String,
    /// The topic, where a message started it.
    pub(super) topic: Option<String>,
}

/// What the traces of one root did, all together.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Tally {
    pub(super) traces: u64,
    pub(super) visits: BTreeMap<Target, u64>,
}

/// Counts over a sample.
#[derive(Debug, Default)]
pub(super) struct Sample {
    pub(super) roots: BTreeMap<Root, Tally>,
    calls: BTreeMap<(Target, Target), u64>,
    received: BTreeMap<Target, u64>,
}

impl Sample {
    pub(super) fn edges(&self) -> Vec<Edge> {
        let edge = |((from, to), calls): (&(Target, Target), &u64)| Edge {
            from: from.clone(),
            to: to.clone(),
            calls: *calls,
            per_call: self.received.get(from).map(|received| *calls as f64 / *received as f64),
        };
        self.calls.iter().map(edge).collect()
    }
}

pub(super) fn fold(rows: &[SpanRow]) -> Sample {
    let index: HashMap<(&str, &str), usize> =
        rows.iter().enumerate().map(|(i, row)| ((row.trace_id.as_str(), row.span_id.as_str()), i)).collect();
    let parent: Vec<Option<usize>> = rows
        .iter()
        .enumerate()
        .map(|(i, row)| {
            index.get(&(row.trace_id.as_str(), row.parent_span_id.as_str())).copied().filter(|p| *p != i)
        })
        .collect();
    // Spans that somebody else's span answers: their target is that service, not a host.
    let mut answered = vec![false; rows.len()];
    for (row, parent) in rows.iter().zip(&parent) {
        if let (true, Some(p)) = (receives(row), *parent) {
            answered[p] = true;
        }
    }
    let roots = roots(&parent);
    let mut sample = Sample::default();
    for (i, row) in rows.iter().enumerate() {
        let root = root(&rows[roots[i]]);
        let own = Target::service(&row.service);
        let (visited, caller) = if receives(row) {
            let topic = |row: &SpanRow| Target::Topic { name: row.topic.clone() };
            let caller = match parent[i].map(|p| &rows[p]) {
                Some(parent) if parent.kind == "producer" && !parent.topic.is_empty() => Some(topic(parent)),
                Some(parent) if parent.service != row.service => Some(Target::service(&parent.service)),
                None if root.topic.is_some() => Some(topic(row)),
                _ => None,
            };
            (Some(own), caller)
        } else {
            // What a service answers is that service's visit; a message is a visit of its topic in any case.
            let target = target(row).filter(|target| !answered[i] || matches!(target, Target::Topic { .. }));
            (target, Some(own))
        };
        let tally = sample.roots.entry(root).or_default();
        tally.traces += u64::from(roots[i] == i);
        let Some(visited) = visited else { continue };
        *tally.visits.entry(visited.clone()).or_default() += 1;
        if receives(row) || matches!(visited, Target::Topic { .. }) {
            *sample.received.entry(visited.clone()).or_default() += 1;
        }
        if let Some(caller) = caller {
            *sample.calls.entry((caller, visited)).or_default() += 1;
        }
    }
    sample
}

fn receives(row: &SpanRow) -> bool {
    crate::rates::RECEIVED.contains(&row.kind.as_str())
}

fn root(row: &SpanRow) -> Root {
    let topic = (row.kind == "consumer" && !row.topic.is_empty()).then(|| row.topic.clone());
    Root { service: row.service.clone(), operation: row.operation.clone(), topic }
}

/// Whom a span of the service itself goes to, unless another service answers it.
fn target(row: &SpanRow) -> Option<Target> {
    let service = || row.service.clone();
    let first = |names: [&String; 2]| names.into_iter().find(|name| !name.is_empty()).cloned();
    match row.kind.as_str() {
        "producer" if !row.topic.is_empty() => Some(Target::Topic { name: row.topic.clone() }),
        "client" => {
            if let Some(system) = first([&row.system, &row.system_before]) {
                let name = first([&row.database, &row.database_before]).unwrap_or(system);
                return Some(Target::Database { service: service(), name });
            }
            let host = (!row.host.is_empty()).then(|| row.host.clone())?;
            Some(Target::Upstream { service: service(), host })
        }
        _ => None,
    }
}

/// The root above each span. A ring of parents, which no sane client sends, is its own root where it is entered.
fn roots(parent: &[Option<usize>]) -> Vec<usize> {
    let mut roots: Vec<Option<usize>> = vec![None; parent.len()];
    for start in 0..parent.len() {
        let (mut at, mut path) = (start, Vec::new());
        let found = loop {
            if let Some(known) = roots[at] {
                break known;
            }
            // Marked at once, so that a ring ends at the span where it was entered.
            roots[at] = Some(start);
            path.push(at);
            match parent[at] {
                Some(next) => at = next,
                None => break at,
            }
        };
        for i in path {
            roots[i] = Some(found);
        }
    }
    roots.into_iter().enumerate().map(|(i, root)| root.unwrap_or(i)).collect()
}

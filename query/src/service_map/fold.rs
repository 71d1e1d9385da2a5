//! Sampled spans of callers and callees into edges. Pure: in whatever order they come.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{MapNodeKind, MapPoint};
use crate::latency::Tally;

/// A client or producer span.
#[derive(Debug, Clone, PartialEq, clickhouse::Row, serde::Deserialize)]
pub(super) struct Caller {
    /// Hash of its trace's and its own id.
    pub(super) link: u64,
    pub(super) service: String,
    pub(super) kind: String,
    pub(super) failed: u8,
    pub(super) b: i16,
    pub(super) peer: String,
    pub(super) host: String,
    pub(super) database: String,
    pub(super) system: String,
    pub(super) topic: String,
}

/// A server or consumer span.
#[derive(Debug, Clone, PartialEq, clickhouse::Row, serde::Deserialize)]
pub(super) struct Callee {
    /// Hash of its trace's and its parent's id.
    pub(super) link: u64,
    /// Hash of its trace's and its own id.
    pub(super) id: u64,
    /// Whether it has no parent.
    pub(super) root: u8,
    pub(super) service: String,
    pub(super) kind: String,
    pub(super) failed: u8,
    pub(super) b: i16,
    pub(super) topic: String,
    /// Whether it began where callers were looked at too, so that its own should be among them.
    pub(super) within: u8,
}

/// Which spans of a service stand for an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Client and producer spans.
    Calls,
    /// Consumer spans.
    Consumes,
}

/// Calls of an edge.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct EdgeTally {
    pub(super) tally: Tally,
    pub(super) answered: u64,
}

/// What a sample says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Drawn {
    pub(super) edges: BTreeMap<(MapPoint, MapPoint), EdgeTally>,
    /// Spans of each service that were sampled.
    pub(super) sampled: BTreeMap<(String, Role), u64>,
    /// Calls that nothing says the target of.
    pub(super) unresolved: u64,
    /// Requests that have a caller.
    pub(super) requests: u64,
    /// Of those, the ones whose caller's span was not found.
    pub(super) without_caller: u64,
}

impl Drawn {
    /// Calls in the sample.
    pub(super) fn calls(&self) -> u64 {
        self.sampled.iter().filter(|((_, role), _)| *role == Role::Calls).map(|(_, n)| n).sum()
    }

    fn add(&mut self, from: MapPoint, to: MapPoint, failed: u8, b: i16, answered: bool) {
        let edge = self.edges.entry((from, to)).or_default();
        edge.tally.add(b, 1, failed.into());
        edge.answered += u64::from(answered);
    }
}

/// Which service answers at an address.
#[derive(Debug, Default)]
struct Addresses<'a> {
    votes: BTreeMap<&'a str, BTreeMap<&'a str, u64>>,
}

impl<'a> Addresses<'a> {
    fn vote(&mut self, host: &'a str, service: &'a str) {
        if !host.is_empty() {
            *self.votes.entry(host).or_default().entry(service).or_default() += 1;
        }
    }

    fn service(&self, host: &str) -> Option<&'a str> {
        let votes = self.votes.get(host)?;
        votes.iter().max_by_key(|(_, votes)| **votes).map(|(service, _)| *service)
    }
}

fn point(kind: MapNodeKind, name: &str) -> MapPoint {
    MapPoint { kind, name: name.to_owned() }
}

/// Edges from the spans of both sides. `services` are those that send spans.
pub(super) fn fold(callers: &[Caller], callees: &[Callee], services: &BTreeSet<&str>) -> Drawn {
    let answers: HashMap<u64, &Callee> =
        callees.iter().filter(|callee| callee.root == 0).map(|callee| (callee.link, callee)).collect();
    let mut addresses = Addresses::default();
    for caller in callers {
        if let Some(callee) = answers.get(&caller.link) {
            addresses.vote(&caller.host, &callee.service);
        }
    }
    let mut drawn = Drawn::default();
    for caller in callers {
        *drawn.sampled.entry((caller.service.clone(), Role::Calls)).or_default() += 1;
        let answer = answers.get(&caller.link).copied();
        let Some(target) = target(caller, answer, &addresses, services) else {
            drawn.unresolved += 1;
            continue;
        };
        let from = point(MapNodeKind::Service, &caller.service);
        drawn.add(from, target, caller.failed, caller.b, answer.is_some());
    }
    let by_link: HashMap<u64, &Caller> = callers.iter().map(|caller| (caller.link, caller)).collect();
    for callee in callees.iter().filter(|callee| callee.within == 1) {
        let caller = by_link.get(&callee.link).copied().filter(|_| callee.root == 0);
        if callee.root == 0 {
            drawn.requests += 1;
            drawn.without_caller += u64::from(caller.is_none());
        }
        if callee.kind != "consumer" {
            continue;
        }
        *drawn.sampled.entry((callee.service.clone(), Role::Consumes)).or_default() += 1;
        let topics = [Some(&callee.topic), caller.map(|caller| &caller.topic)];
        if let Some(topic) = topics.into_iter().flatten().find(|topic| !topic.is_empty()) {
            let (from, to) = (point(MapNodeKind::Topic, topic), point(MapNodeKind::Service, &callee.service));
            drawn.add(from, to, callee.failed, callee.b, caller.is_some());
        }
    }
    drawn
}

/// Where a call went: a message to its topic; any other call to who answered it, or would have.
fn target(
    caller: &Caller,
    answer: Option<&Callee>,
    addresses: &Addresses<'_>,
    services: &BTreeSet<&str>,
) -> Option<MapPoint> {
    if caller.kind == "producer" && !caller.topic.is_empty() {
        return Some(point(MapNodeKind::Topic, &caller.topic));
    }
    if let Some(callee) = answer {
        return Some(point(MapNodeKind::Service, &callee.service));
    }
    if !caller.system.is_empty() {
        let name = if caller.database.is_empty() { &caller.system } else { &caller.database };
        return Some(point(MapNodeKind::Database, name));
    }
    if let Some(service) = addresses.service(&caller.host) {
        return Some(point(MapNodeKind::Service, service));
    }
    let name = [&caller.peer, &caller.host].into_iter().find(|name| !name.is_empty())?;
    let kind = if services.contains(name.as_str()) { MapNodeKind::Service } else { MapNodeKind::Upstream };
    Some(point(kind, name))
}

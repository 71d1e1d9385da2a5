//! Who calls whom, how often, how slowly, and how much of it fails.
//!
//! A call is the caller's span (client or producer): it has the duration and the error that the caller saw, and stands in
//! the store whether or not the callee's span does. Whom it went to is looked up among stored spans, by the id of their
//! parent, when the map is asked for: the two may come minutes apart, from different nodes, in any order. A call whose
//! callee's span is missing goes to the service that answered others to the same address; what sends no spans at all
//! is a node by its attributes (database, host, topic).
//!
//! Services' own figures are of the rollup and exact. Edges are of a sample of whole traces ([`crate::sample`]), scaled to
//! the calls that the rollup counted for their caller (for messages: their consumer), with bounds. Four queries.

mod fold;
mod read;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use headroom_store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Result;
use crate::latency::{QuantileValue, Tally};
use crate::proportion::{Share, Z95};
use crate::range::TimeRange;
use crate::sample::Sampled;
use fold::{Drawn, Role};

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MapNodeKind {
    /// A service that sends spans of its own: `service.name`.
    Service,
    /// A database or cache: `db.namespace`, or the database system where there is none.
    Database,
    /// Somebody who sends no spans: `peer.service`, or `server.address`.
    Upstream,
    /// A topic or queue: `messaging.destination.name`.
    Topic,
}

/// A node by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct MapPoint {
    /// What it is.
    pub kind: MapNodeKind,
    /// What it is called.
    pub name: String,
}

/// A node with its figures.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MapNode {
    /// What it is.
    pub kind: MapNodeKind,
    /// What it is called.
    pub name: String,
    /// What it received: of a service exactly, of anything else the sum of its edges.
    pub calls: u64,
    /// Of those, failed ones.
    pub errors: u64,
    /// `errors / calls`; null without calls.
    pub error_rate: Option<f64>,
    /// Mean over the range.
    pub calls_per_second: f64,
    /// Median, p95 and p99: of a service its own, with the edges of their buckets; of anything else as in [`MapEdge`].
    pub quantiles: Vec<QuantileValue>,
}

/// Calls from one node to another.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MapEdge {
    /// The caller.
    pub from: MapPoint,
    /// What it calls.
    pub to: MapPoint,
    /// Calls in the range.
    pub calls: u64,
    /// At least so many, with 95 % confidence.
    pub calls_low: u64,
    /// At most so many.
    pub calls_high: u64,
    /// Mean over the range.
    pub calls_per_second: f64,
    /// Of the calls, those that failed as the caller saw it.
    pub errors: u64,
    /// Share of failed calls.
    pub error_rate: f64,
    /// Median, p95 and p99 as the caller saw them (of a topic's messages: of their processing), each with the edges that
    /// hold it with 95 % confidence; left out where too few calls were read to have such edges.
    pub quantiles: Vec<QuantileValue>,
    /// Calls in the sample.
    pub sampled: u64,
    /// Of those, the ones whose callee's span was found by its parent's id; the others by address.
    pub answered: u64,
}

/// Body of `GET /api/v1/service-map`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ServiceMap {
    /// What was asked for, widened to whole rows of the rollup.
    pub range: TimeRange,
    /// By kind and name.
    pub nodes: Vec<MapNode>,
    /// By caller and callee.
    pub edges: Vec<MapEdge>,
    /// The sample that edges are of.
    pub sample: Sampled,
    /// Share of sampled calls of which nothing says where they went.
    pub unresolved: f64,
    /// Share of sampled requests whose caller's span is not stored.
    pub without_caller: f64,
    /// The rollup that nodes are of.
    pub source: String,
    /// Why there is no map, when there is none.
    pub unavailable: Option<String>,
}

/// The map of a range; of one service only its neighbours.
pub async fn map(store: &Store, tenant: &str, range: TimeRange, service: Option<&str>) -> Result<ServiceMap> {
    let read = read::read(store, tenant, range).await?;
    let seconds = read.range.seconds();
    let near = |point: &MapPoint| {
        service.is_none_or(|name| point.kind == MapNodeKind::Service && point.name == name)
    };
    let drawn = &read.drawn;
    let edges = drawn.edges.iter().filter(|((from, to), _)| near(from) || near(to));
    let edges: Vec<MapEdge> =
        edges.map(|((from, to), edge)| edge_of(from, to, edge, drawn, &read.received, seconds)).collect();
    let named: BTreeSet<&MapPoint> = edges.iter().flat_map(|edge| [&edge.from, &edge.to]).collect();
    let shown = |name: &String| {
        let point = MapPoint { kind: MapNodeKind::Service, name: name.clone() };
        service.is_none() || near(&point) || named.contains(&point)
    };
    let mut nodes: Vec<MapNode> = read
        .services
        .iter()
        .filter(|(name, _)| shown(name))
        .map(|(name, tally)| MapNode {
            kind: MapNodeKind::Service,
            name: name.clone(),
            calls: tally.calls(),
            errors: tally.errors,
            error_rate: tally.error_rate(),
            calls_per_second: tally.calls() as f64 / seconds,
            quantiles: tally.quantiles(),
        })
        .collect();
    nodes.extend(others(&named, &edges, drawn, seconds));
    nodes.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    let part = |of: u64, all: u64| Share { of, all }.value();
    Ok(ServiceMap {
        range: read.range,
        unavailable: nodes.is_empty().then(|| "no spans were measured in this range".to_owned()),
        nodes,
        edges,
        sample: read.sample,
        unresolved: part(drawn.unresolved, drawn.calls()),
        without_caller: part(drawn.without_caller, drawn.requests),
        source: read.source.to_owned(),
    })
}

fn edge_of(
    from: &MapPoint,
    to: &MapPoint,
    edge: &fold::EdgeTally,
    drawn: &Drawn,
    received: &BTreeMap<(String, Role), u64>,
    seconds: f64,
) -> MapEdge {
    // A message is counted where it is processed, every other call where it is made.
    let counted = match from.kind {
        MapNodeKind::Topic => (to.name.clone(), Role::Consumes),
        _ => (from.name.clone(), Role::Calls),
    };
    let sampled = edge.tally.calls();
    let share = Share { of: sampled, all: drawn.sampled.get(&counted).copied().unwrap_or(sampled) };
    let all = received.get(&counted).copied().unwrap_or(share.all);
    let (low, high) = if share.all < all { share.interval(Z95) } else { (share.value(), share.value()) };
    let calls = share.value() * all as f64;
    let error_rate = edge.tally.error_rate().unwrap_or(0.0);
    MapEdge {
        from: from.clone(),
        to: to.clone(),
        calls: calls.round() as u64,
        calls_low: (low * all as f64).round() as u64,
        calls_high: (high * all as f64).round() as u64,
        calls_per_second: calls / seconds,
        errors: (calls * error_rate).round() as u64,
        error_rate,
        quantiles: if share.all < all { edge.tally.quantiles_of_sample() } else { edge.tally.quantiles() },
        sampled,
        answered: edge.answered,
    }
}

/// Nodes that send no spans: what their edges say of them.
fn others(named: &BTreeSet<&MapPoint>, edges: &[MapEdge], drawn: &Drawn, seconds: f64) -> Vec<MapNode> {
    let silent = named.iter().filter(|point| point.kind != MapNodeKind::Service);
    let node = |point: &&MapPoint| {
        let into = edges.iter().filter(|edge| edge.to == **point);
        let (calls, errors) =
            into.fold((0, 0), |(calls, errors), edge| (calls + edge.calls, errors + edge.errors));
        let mut tally = Tally::default();
        let seen = drawn.edges.iter().filter(|((_, to), _)| to == *point);
        seen.for_each(|(_, edge)| tally.merge(&edge.tally));
        MapNode {
            kind: point.kind,
            name: point.name.clone(),
            calls,
            errors,
            error_rate: tally.error_rate(),
            calls_per_second: calls as f64 / seconds,
            quantiles: tally.quantiles_of_sample(),
        }
    };
    silent.map(node).collect()
}

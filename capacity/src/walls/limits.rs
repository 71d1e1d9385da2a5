//! Limits that others set: rates of upstreams, quotas, partitions.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use headroom_query::capacity::{ResourceKind, Target};

use super::body::{Evidence, NoWall, Resource, WallKind};
use super::config::{CapacityConfig, Limit};
use super::evaluate::{Fitted, Share};
use super::knee::Knee;
use super::law::UseLaw;
use super::laws::busy;
use super::platform::Platform;
use super::shared;

/// A rate's knee: arrivals are uneven, and beyond this share of a limit they meet it every now and then.
pub(super) const RATE_SHARE: f64 = 0.8;

/// The wall of a configured limit beside the walls that are `fitted`; none for a pool's size, which is the capacity of
/// a measured resource.
pub(super) fn wall(
    platform: &Platform,
    config: &CapacityConfig,
    limit: &Limit,
    fitted: &[Fitted],
) -> Option<Result<Fitted, NoWall>> {
    match limit {
        Limit::Connections { service, pool, .. } => {
            let known = platform.resources.iter().any(|series| {
                series.resource.kind == ResourceKind::Connections && series.resource.service == *service
            });
            let resource =
                Resource { service: service.clone(), kind: WallKind::Connections, name: pool.clone() };
            let why = "no metric says how many connections are in use".to_owned();
            (!known).then_some(Err(NoWall { resource, why }))
        }
        Limit::Rate { name, service, upstream, per_second } => Some(match (service, upstream) {
            (None, Some(host)) => quota(platform, name, host, *per_second),
            (service, upstream) => {
                let service = service.as_deref().unwrap_or_default();
                rate(platform, name, service, upstream.as_deref(), *per_second)
            }
        }),
        Limit::Database { name, most } => {
            let pools = shared::pools_of(fitted, name);
            let callers = callers(platform, |to| match to {
                Target::Database { service, name: called } if called == name => Some(service),
                _ => None,
            });
            let known = (WallKind::Database, name.as_str());
            Some(shared::wall(platform, &pools, &callers, known, (*most, "connections")))
        }
        Limit::Partitions { topic, service, partitions } => {
            Some(partitions_of(platform, config, topic, service, f64::from(*partitions)))
        }
    }
}

fn rate(
    platform: &Platform,
    name: &str,
    service: &str,
    upstream: Option<&str>,
    per_second: f64,
) -> Result<Fitted, NoWall> {
    let resource = Resource { service: service.to_owned(), kind: WallKind::Rate, name: name.to_owned() };
    let (_, peak) = busy(platform, &resource)?;
    let mut samples = Vec::new();
    let (target, per_request, source) = match upstream {
        None => (Target::service(service), 1.0, "span_minute"),
        Some(host) => {
            let target = Target::Upstream { service: service.to_owned(), host: host.to_owned() };
            let edge = platform.graph.edges.iter().find(|edge| edge.to == target);
            let Some(calls) = edge.and_then(|edge| edge.per_call) else {
                let why = format!(
                    "no call from {service} to {host} is in the sample of traces; the host is what client spans name as server.address"
                );
                return Err(NoWall { resource, why });
            };
            // A count wobbles by its root.
            let wobble = 1.96 / (edge.map_or(1, |edge| edge.calls.max(1)) as f64).sqrt();
            samples = vec![(0.0, calls * (1.0 - wobble).max(0.0)), (0.0, calls * (1.0 + wobble))];
            (target, calls, "spans")
        }
    };
    Ok(Fitted {
        shares: Share::whole(service, target, &peak),
        peak,
        replicas: None,
        capacity: per_second,
        servers: 1.0,
        unit: "calls/s",
        knee: Knee::Share(RATE_SHARE),
        knee_today: OnceLock::new(),
        idle: 0.0,
        per_request,
        samples,
        evidence: Evidence {
            method: "calls for each request, counted in a sample of traces, against the configured rate"
                .to_owned(),
            source: source.to_owned(),
            points: usize::try_from(platform.graph.spans).unwrap_or(usize::MAX),
            r_squared: None,
            idle: None,
            per_request: Some(per_request),
            seen: per_request * peak.per_second / per_second,
            doubts: Vec::new(),
        },
        resource,
    })
}

/// A rate that all callers of an upstream share.
fn quota(platform: &Platform, name: &str, host: &str, per_second: f64) -> Result<Fitted, NoWall> {
    let callers = callers(platform, |to| match to {
        Target::Upstream { service, host: called } if called == host => Some(service),
        _ => None,
    });
    let each: Vec<Fitted> = callers
        .iter()
        .filter_map(|service| rate(platform, name, service, Some(host), per_second).ok())
        .collect();
    let members: Vec<&Fitted> = each.iter().collect();
    shared::wall(platform, &members, &callers, (WallKind::Rate, name), (per_second, "calls/s"))
}

/// The services behind those calls that are asked for.
fn callers(platform: &Platform, of: impl Fn(&Target) -> Option<&String>) -> BTreeSet<&str> {
    platform.graph.edges.iter().filter_map(|edge| of(&edge.to)).map(String::as_str).collect()
}

fn partitions_of(
    platform: &Platform,
    config: &CapacityConfig,
    topic: &str,
    service: &str,
    partitions: f64,
) -> Result<Fitted, NoWall> {
    let resource =
        Resource { service: service.to_owned(), kind: WallKind::Partitions, name: topic.to_owned() };
    let (traffic, peak) = busy(platform, &resource)?;
    let width = traffic.step_seconds;
    let points: Vec<_> =
        traffic.steps.iter().map(|step| (step.rate(width), step.concurrency(width))).collect();
    let law = UseLaw::fit(&points).map_err(|why| NoWall { resource: resource.clone(), why })?;
    Ok(Fitted {
        shares: Share::whole(service, Target::Topic { name: topic.to_owned() }, &peak),
        peak,
        replicas: None,
        capacity: partitions,
        servers: 1.0,
        unit: "partitions",
        knee: Knee::Stretch(config.stretch),
        knee_today: OnceLock::new(),
        idle: law.idle,
        per_request: law.per_request,
        evidence: Evidence {
            method: "Little's law: messages under way at once, of which each partition has one".to_owned(),
            source: "span_minute".to_owned(),
            points: law.points,
            r_squared: Some(law.r_squared),
            idle: Some(law.idle),
            per_request: Some(law.per_request),
            seen: (law.idle + law.per_request * peak.per_second) / partitions,
            doubts: vec![format!(
                "counts all that {service} receives; messages are taken to be spread evenly"
            )],
        },
        samples: law.samples,
        resource,
    })
}

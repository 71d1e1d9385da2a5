//! What a service does one request at a time, found from how its own time grows with requests.

use std::sync::OnceLock;

use headroom_query::capacity::{ResourceKind, ServiceTraffic, Step, Target};

use super::body::{Evidence, NoWall, Resource, WallKind};
use super::config::CapacityConfig;
use super::evaluate::{Fitted, Share};
use super::knee::Knee;
use super::platform::{Platform, peak};
use crate::curve::fit::Grade;
use crate::curve::latency::{LatencyFit, LatencyOptions, Minute, fit};

/// Points that the law of residence is fitted to: more cost time and add little.
const MOST_POINTS: usize = 512;

/// A service's traffic as minutes of its own time: what it waits for others is left out, or a slow database would
/// be taken for a lock. Neighbouring steps are put together where there are more than [`MOST_POINTS`].
pub(crate) fn own_minutes(traffic: &ServiceTraffic) -> Vec<Minute> {
    minutes(traffic, |step| step.busy_ns.saturating_sub(step.away_ns))
}

/// A service's traffic as minutes of the whole duration.
pub(crate) fn whole_minutes(traffic: &ServiceTraffic) -> Vec<Minute> {
    minutes(traffic, |step| step.busy_ns)
}

fn minutes(traffic: &ServiceTraffic, spent_ns: impl Fn(&Step) -> u64) -> Vec<Minute> {
    let together = traffic.steps.len().div_ceil(MOST_POINTS).max(1);
    traffic
        .steps
        .chunks(together)
        .filter_map(|steps| {
            let calls: u64 = steps.iter().map(|step| step.calls).sum();
            let spent: u64 = steps.iter().map(&spent_ns).sum();
            let seconds = (steps.len() as i64 * traffic.step_seconds) as f64;
            (calls > 0).then(|| Minute {
                arrival_rate: calls as f64 / seconds,
                response: spent as f64 / 1e9 / calls as f64,
                requests: calls,
            })
        })
        .collect()
}

/// How a service's section is fitted: with the unevenness that the configuration gives it.
pub(crate) fn section_options(config: &CapacityConfig, service: &str) -> LatencyOptions {
    let cv2 = config.services.get(service).and_then(|shape| shape.section_cv2).unwrap_or(1.0);
    LatencyOptions { service_cv2: cv2, ..LatencyOptions::default() }
}

/// The wall of a service's serialised section, or why none is seen.
pub(super) fn wall(
    platform: &Platform,
    config: &CapacityConfig,
    traffic: &ServiceTraffic,
) -> Result<Fitted, NoWall> {
    let service = traffic.service.clone();
    let resource = Resource { service: service.clone(), kind: WallKind::Contention, name: String::new() };
    let none = |why: String| NoWall { resource: resource.clone(), why };
    let peak = peak(traffic).ok_or_else(|| none("it received no requests".to_owned()))?;
    let found = fit(&own_minutes(traffic), &section_options(config, &service))
        .map_err(|error| none(error.to_string()))?;
    let (Some(section), Some(interval)) = (found.residence, found.capacity_interval) else {
        return Err(none(found.reasons.join("; ")));
    };
    let seconds = section.service();
    Ok(Fitted {
        shares: Share::whole(&service, Target::service(&service), &peak),
        peak,
        replicas: None,
        capacity: 1.0,
        servers: 1.0,
        unit: "at a time",
        knee: Knee::Stretch(config.stretch),
        knee_today: OnceLock::new(),
        idle: 0.0,
        per_request: seconds,
        samples: interval.into_iter().rev().map(|capacity| (0.0, 1.0 / capacity)).collect(),
        evidence: evidence(&found, seconds, peak.per_second, others(platform, traffic)),
        resource,
    })
}

fn evidence(found: &LatencyFit, seconds: f64, peak: f64, mut doubts: Vec<String>) -> Evidence {
    if found.verdict == Grade::Weak {
        doubts.extend(found.reasons.iter().cloned());
    }
    Evidence {
        method: "law of residence: own time grows as behind one queue (Pollaczek and Khinchine)".to_owned(),
        source: "span_minute".to_owned(),
        points: found.minutes.count - found.minutes.left_out,
        r_squared: None,
        idle: None,
        per_request: Some(seconds),
        seen: peak * seconds,
        doubts,
    }
}

/// Steps that may have more time away than busy: calls side by side count each for itself.
const SIDE_BY_SIDE: f64 = 0.05;
/// Use of a pool or processor from which waiting for it shows in a service's own time.
const WAITS: f64 = 0.5;

/// What else may make a service's own time grow, or hide its growth.
fn others(platform: &Platform, traffic: &ServiceTraffic) -> Vec<String> {
    let mut doubts = Vec::new();
    let side_by_side = traffic.steps.iter().filter(|step| step.away_ns > step.busy_ns).count();
    if side_by_side as f64 > SIDE_BY_SIDE * traffic.steps.len() as f64 {
        doubts.push("it calls others side by side, so that its own time is told too low".to_owned());
    }
    let full =
        platform.resources.iter().filter(|series| series.resource.service == traffic.service).any(|series| {
            let queued = matches!(series.resource.kind, ResourceKind::Connections | ResourceKind::Cpu);
            queued
                && series
                    .points
                    .iter()
                    .any(|point| point.capacity.is_some_and(|all| point.used > WAITS * all))
        });
    if full {
        doubts.push("waiting for its connections or processors counts into its own time".to_owned());
    }
    doubts
}

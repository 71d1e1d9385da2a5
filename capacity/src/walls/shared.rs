//! One resource that several services draw on: a database's connections, a quota that all callers share.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use headroom_query::capacity::{ServiceTraffic, Step, Target};

use super::body::{Evidence, NoWall, Resource, WallKind};
use super::evaluate::{Fitted, Share};
use super::knee::Knee;
use super::limits::RATE_SHARE;
use super::platform::{Peak, Platform, peak, peak_window};
use super::words::percent;

/// The wall of what `members` use together, each fitted for itself.
///
/// A service's use grows with its own requests, and the resource is fullest when the sum is, which need not be when
/// any of them is busiest. The wall stands under the name of the service that uses most. `callers` are all that are
/// seen to use it: of whom no use is known the wall is nearer than it is told, which is said.
pub(super) fn wall(
    platform: &Platform,
    members: &[&Fitted],
    callers: &BTreeSet<&str>,
    (kind, name): (WallKind, &str),
    (capacity, unit): (f64, &'static str),
) -> Result<Fitted, NoWall> {
    let resource = |service: &str| Resource { service: service.to_owned(), kind, name: name.to_owned() };
    let none = || {
        let why = if callers.is_empty() {
            "no service is seen that uses it".to_owned()
        } else {
            format!("how much of it {} use is not known", joined(callers.iter().copied()))
        };
        NoWall { resource: resource(""), why }
    };
    let at = fullest(platform, members).ok_or_else(none)?;
    let mut shares: Vec<Share> = Vec::new();
    for member in members {
        let (service, target) = (&member.resource.service, member.target());
        let per_second = platform.service(service).map_or(0.0, |traffic| rate_at(traffic, at));
        let used = member.per_request * per_second;
        // Two pools of one service get the same requests.
        match shares.iter_mut().find(|share| share.service == *service && share.target == *target) {
            Some(share) => share.of_use += used,
            None => shares.push(Share {
                service: service.clone(),
                target: target.clone(),
                per_second,
                of_use: used,
            }),
        }
    }
    let used: f64 = shares.iter().map(|share| share.of_use).sum();
    if used <= 0.0 {
        return Err(none());
    }
    shares.iter_mut().for_each(|share| share.of_use /= used);
    shares.sort_by(|a, b| b.of_use.total_cmp(&a.of_use));
    let per_second: f64 = shares.iter().map(|share| share.per_second).sum();
    let idle: f64 = members.iter().map(|member| member.idle).sum();
    let told = shares.iter().map(|share| format!("{} {}", share.service, percent(share.of_use)));
    let told: Vec<String> = told.collect();
    Ok(Fitted {
        resource: resource(&shares[0].service),
        peak: Peak { per_second, at },
        replicas: None,
        capacity,
        servers: 1.0,
        unit,
        // What is full refuses, and does not let wait.
        knee: Knee::Share(RATE_SHARE),
        knee_today: OnceLock::new(),
        idle,
        per_request: used / per_second,
        samples: samples(members, &shares, per_second),
        evidence: Evidence {
            method: format!(
                "the sum of what services use at the time when that is most: {}",
                told.join(", ")
            ),
            source: members[0].evidence.source.clone(),
            points: members.iter().map(|member| member.evidence.points).sum(),
            r_squared: None,
            idle: Some(idle),
            per_request: Some(used / per_second),
            seen: (idle + used) / capacity,
            doubts: doubts(members, callers),
        },
        shares,
    })
}

/// The members' doubts, and who uses it without being one of them.
fn doubts(members: &[&Fitted], callers: &BTreeSet<&str>) -> Vec<String> {
    let mut doubts: Vec<String> = members
        .iter()
        .flat_map(|member| member.evidence.doubts.iter().map(move |doubt| (&member.resource.service, doubt)))
        .map(|(service, doubt)| format!("{service}: {doubt}"))
        .collect();
    let known = |caller: &&&str| members.iter().any(|member| member.resource.service == **caller);
    let unknown: Vec<&str> = callers.iter().filter(|caller| !known(caller)).copied().collect();
    if !unknown.is_empty() {
        doubts.push(format!(
            "how much of it {} use is not known, so that it is fuller than is told",
            joined(unknown.into_iter())
        ));
    }
    doubts
}

fn joined<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// When the members together use most.
fn fullest(platform: &Platform, members: &[&Fitted]) -> Option<DateTime<Utc>> {
    let heaviest = members.iter().map(|member| member.per_request).fold(0.0, f64::max);
    let mut steps: BTreeMap<DateTime<Utc>, f64> = BTreeMap::new();
    let mut step_seconds = 60;
    for member in members {
        let traffic = platform.service(&member.resource.service)?;
        step_seconds = traffic.step_seconds;
        for step in &traffic.steps {
            // In requests of the heaviest sort, so that light ones count for what they use.
            *steps.entry(step.ts).or_default() += step.calls as f64 * member.per_request / heaviest;
        }
    }
    let step = |(ts, calls): (DateTime<Utc>, f64)| Step {
        ts,
        calls: calls.round() as u64,
        errors: 0,
        busy_ns: 0,
        away_ns: 0,
    };
    let sum =
        ServiceTraffic { service: String::new(), step_seconds, steps: steps.into_iter().map(step).collect() };
    peak(&sum).map(|peak| peak.at)
}

/// Requests a second of a service in the window of a peak that began then.
fn rate_at(traffic: &ServiceTraffic, at: DateTime<Utc>) -> f64 {
    let window = peak_window(traffic.step_seconds);
    let within = |step: &&Step| (0..window).contains(&(step.ts - at).num_seconds());
    traffic.steps.iter().filter(within).map(|step| step.calls).sum::<u64>() as f64 / window as f64
}

/// What else the sum might be: the n-th sample of each member makes one of the sum.
fn samples(members: &[&Fitted], shares: &[Share], per_second: f64) -> Vec<(f64, f64)> {
    let rate = |member: &Fitted| {
        let share = shares.iter().find(|share| share.service == member.resource.service);
        share.map_or(0.0, |share| share.per_second)
    };
    let count = members.iter().map(|member| member.samples.len()).max().unwrap_or_default();
    (0..count)
        .map(|at| {
            let (idle, used) = members.iter().fold((0.0, 0.0), |(idle, used), member| {
                let sample = member.samples.get(at % member.samples.len().max(1));
                let (more, each) = sample.copied().unwrap_or((member.idle, member.per_request));
                (idle + more, used + each * rate(member))
            });
            (idle, used / per_second)
        })
        .collect()
}

/// The members of a database: the pools of all services that point at it.
pub(super) fn pools_of<'a>(fitted: &'a [Fitted], database: &str) -> Vec<&'a Fitted> {
    fitted
        .iter()
        .filter(|fitted| fitted.resource.kind == WallKind::Connections)
        .filter(|fitted| matches!(fitted.target(), Target::Database { name, .. } if name == database))
        .collect()
}

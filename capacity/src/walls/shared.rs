//! One resource that several services draw on: a database's connections, a quota that all callers share.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use headroom_query::capacity::{ServiceTraffic, Step, Target};

use super::body::{Evidence, NoWall, Resource, WallKind};
use super::evaluate::{Fitted, Knee, Share, percent};
use super::limits::RATE_SHARE;
use super::platform::{Peak, Platform, peak, peak_window};

/// The wall of what `members` use together, each fitted for itself.
///
/// A service's use grows with its own requests, and the resource is fullest when the sum is, which need not be when
/// any of them is busiest. The wall stands under the name of the service that uses most.
pub(super) fn wall(
    platform: &Platform,
    members: &[&Fitted],
    (kind, name): (WallKind, &str),
    (capacity, unit): (f64, &'static str),
) -> Result<Fitted, NoWall> {
    let resource = |service: &str| Resource { service: service.to_owned(), kind, name: name.to_owned() };
    let none = || NoWall { resource: resource("all"), why: "no service is seen that uses it".to_owned() };
    let at = fullest(platform, members).ok_or_else(none)?;
    let mut shares: Vec<(f64, Share)> = members
        .iter()
        .filter_map(|member| {
            let per_second = rate_at(platform.service(&member.resource.service)?, at);
            let share = Share {
                service: member.resource.service.clone(),
                target: member.target().clone(),
                per_second,
                of_use: 0.0,
            };
            Some((member.per_request * per_second, share))
        })
        .collect();
    let used: f64 = shares.iter().map(|(used, _)| used).sum();
    if used <= 0.0 {
        return Err(none());
    }
    for (part, share) in &mut shares {
        share.of_use = *part / used;
    }
    shares.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let shares: Vec<Share> = shares.into_iter().map(|(_, share)| share).collect();
    let per_second: f64 = shares.iter().map(|share| share.per_second).sum();
    let idle: f64 = members.iter().map(|member| member.idle).sum();
    let told: Vec<String> =
        shares.iter().map(|share| format!("{} {}", share.service, percent(share.of_use))).collect();
    let mut doubts: Vec<String> =
        members.iter().flat_map(|member| member.evidence.doubts.iter().cloned()).collect();
    doubts.dedup();
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
            doubts,
        },
        shares,
    })
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

/// What else the sum might be: the members' samples are independent, so that the n-th of each make one of it.
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

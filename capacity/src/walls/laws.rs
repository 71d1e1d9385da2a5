//! From what was measured to laws: one for each resource that has a limit.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_query::capacity::resources::UsePoint;
use headroom_query::capacity::{ResourceKind, ResourceSeries, ServiceTraffic, Target};

use super::body::{Evidence, NoWall, Resource, WallKind};
use super::config::{CapacityConfig, Limit, ServiceShape};
use super::evaluate::{Fitted, Laws, Share};
use super::knee::Knee;
use super::law::UseLaw;
use super::platform::{Peak, Platform, peak};
use super::{contention, limits};

impl Laws {
    /// Fits what was measured.
    pub fn fit(platform: &Platform, config: &CapacityConfig) -> Self {
        let mut laws = Self { fitted: Vec::new(), without: Vec::new() };
        for series in &platform.resources {
            if series.resource.kind != ResourceKind::Queue {
                laws.take(resource(platform, config, series));
            }
        }
        for found in each(&platform.services, |traffic| contention::wall(platform, config, traffic)) {
            laws.take(found);
        }
        for limit in &config.limits {
            if let Some(found) = limits::wall(platform, config, limit, &laws.fitted) {
                laws.take(found);
            }
        }
        laws
    }

    fn take(&mut self, found: Result<Fitted, NoWall>) {
        match found {
            Ok(fitted) => self.fitted.push(fitted),
            Err(none) => self.without.push(none),
        }
    }
}

/// `work` on each service, spread over the processors: a fit draws a thousand resamples.
fn each<T: Send>(services: &[ServiceTraffic], work: impl Fn(&ServiceTraffic) -> T + Sync) -> Vec<T> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let share = services.len().div_ceil(workers).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = services
            .chunks(share)
            .map(|part| scope.spawn(|| part.iter().map(&work).collect::<Vec<T>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().expect("invariant: a fit does not panic")).collect()
    })
}

/// A service and its peak, or that it had no requests.
pub(super) fn busy<'a>(
    platform: &'a Platform,
    resource: &Resource,
) -> Result<(&'a ServiceTraffic, Peak), NoWall> {
    let traffic = platform.service(&resource.service);
    traffic.and_then(|traffic| Some((traffic, peak(traffic)?))).ok_or_else(|| NoWall {
        resource: resource.clone(),
        why: format!("{} received no requests in this range", resource.service),
    })
}

/// Half an hour around the peak: the capacity that met it, whatever a scaler did before and after.
const AROUND: TimeDelta = TimeDelta::minutes(30);

fn resource(platform: &Platform, config: &CapacityConfig, series: &ResourceSeries) -> Result<Fitted, NoWall> {
    let (service, name) = (&series.resource.service, &series.resource.name);
    let kind = match series.resource.kind {
        ResourceKind::Cpu => WallKind::Cpu,
        ResourceKind::Memory => WallKind::Memory,
        ResourceKind::EventLoop => WallKind::EventLoop,
        ResourceKind::Connections | ResourceKind::Queue => WallKind::Connections,
    };
    let resource = Resource { service: service.clone(), kind, name: name.clone() };
    let none = |why: String| NoWall { resource: resource.clone(), why };
    let (traffic, peak) = busy(platform, &resource)?;
    let shape = config.services.get(service).copied().unwrap_or_default();
    let instances = around(series, &peak, |point| Some(f64::from(point.instances))).unwrap_or(1.0).max(1.0);
    let (capacity, of_instances) = capacity(config, series, shape, &peak, instances).map_err(&none)?;
    // Instances come and go: what one of them uses is laid against the requests that one of them gets.
    let law = UseLaw::fit(&joined(traffic, series)).map_err(none)?;
    let knee = match kind {
        WallKind::Connections => Knee::Waiting(config.wait_probability),
        WallKind::Memory => Knee::Share(config.memory_share),
        _ => Knee::Stretch(config.stretch),
    };
    let servers = match kind {
        WallKind::Cpu if series.unit == "instance" => shape.cores.unwrap_or(1.0),
        WallKind::Cpu | WallKind::Connections => capacity / instances,
        _ => 1.0,
    };
    let idle = law.idle * instances;
    Ok(Fitted {
        shares: Share::whole(service, target(platform, &resource), &peak),
        peak,
        replicas: of_instances.then_some(instances),
        capacity,
        servers,
        unit: unit(&series.unit),
        knee,
        knee_today: OnceLock::new(),
        idle,
        per_request: law.per_request,
        evidence: Evidence {
            method: "utilisation law: use grows in a straight line with requests".to_owned(),
            source: series.metric.clone(),
            points: law.points,
            r_squared: Some(law.r_squared),
            idle: Some(idle),
            per_request: Some(law.per_request),
            seen: (idle + law.per_request * peak.per_second) / capacity,
            doubts: doubts(&law),
        },
        samples: law.samples.into_iter().map(|(idle, each)| (idle * instances, each)).collect(),
        resource,
    })
}

/// The median of a figure around the peak.
fn around(series: &ResourceSeries, peak: &Peak, figure: impl Fn(&UsePoint) -> Option<f64>) -> Option<f64> {
    let near = series.points.iter().filter(|point| (point.ts - peak.at).abs() <= AROUND);
    let mut figures: Vec<f64> = near.filter_map(figure).collect();
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

/// Whose demand a resource follows: a pool that of its database, where it is plain which one that is.
fn target(platform: &Platform, resource: &Resource) -> Target {
    let own = Target::service(&resource.service);
    if resource.kind != WallKind::Connections {
        return own;
    }
    let databases: Vec<&Target> = platform
        .graph
        .edges
        .iter()
        .filter(|edge| edge.from == own && matches!(edge.to, Target::Database { .. }))
        .map(|edge| &edge.to)
        .collect();
    let named = databases.iter().find(|target| target.name() == resource.name);
    match (named, &databases[..]) {
        (Some(named), _) => (*named).clone(),
        (None, [only]) => (*only).clone(),
        _ => own,
    }
}

fn doubts(law: &UseLaw) -> Vec<String> {
    let mut doubts = Vec::new();
    if law.r_squared < 0.5 {
        doubts.push(format!("requests explain only {:.0} % of its ups and downs", law.r_squared * 100.0));
    }
    doubts
}

fn unit(name: &str) -> &'static str {
    match name {
        "core" => "cores",
        "byte" => "bytes",
        "connection" => "connections",
        _ => "instances",
    }
}

/// What there was of a resource around the peak, and whether each instance brings its share of it: what the metrics
/// say does, and what the configuration gives an instance.
fn capacity(
    config: &CapacityConfig,
    series: &ResourceSeries,
    shape: ServiceShape,
    peak: &Peak,
    instances: f64,
) -> Result<(f64, bool), String> {
    let (service, name) = (&series.resource.service, &series.resource.name);
    if let Some(capacity) = around(series, peak, |point| point.capacity).or(series.capacity) {
        return Ok((capacity, true));
    }
    let configured = match series.resource.kind {
        ResourceKind::Cpu => shape.cores.map(|cores| (cores * instances, true)),
        ResourceKind::Memory => shape.memory_mib.map(|mib| (mib * 1_048_576.0 * instances, true)),
        ResourceKind::Connections => config.limits.iter().find_map(|limit| match limit {
            Limit::Connections { service: of, pool, most }
                if of == service && (pool == name || pool.is_empty()) =>
            {
                Some((*most, false))
            }
            _ => None,
        }),
        ResourceKind::EventLoop | ResourceKind::Queue => None,
    };
    configured.filter(|(capacity, _)| *capacity > 0.0).ok_or_else(|| {
        let set = match series.resource.kind {
            ResourceKind::Cpu => format!("capacity.services.{service}.cores"),
            ResourceKind::Memory => format!("capacity.services.{service}.memory_mib"),
            _ => "a limit of kind `connections` under [[capacity.limits]]".to_owned(),
        };
        format!("no metric says how much there is; set {set}")
    })
}

/// Requests a second and use in the same steps, of one instance in the mean.
fn joined(traffic: &ServiceTraffic, series: &ResourceSeries) -> Vec<(f64, f64)> {
    let used: BTreeMap<DateTime<Utc>, &UsePoint> =
        series.points.iter().map(|point| (point.ts, point)).collect();
    let steps = traffic.steps.iter();
    steps
        .filter_map(|step| {
            let point = used.get(&step.ts)?;
            let instances = f64::from(point.instances.max(1));
            Some((step.rate(traffic.step_seconds) / instances, point.used / instances))
        })
        .collect()
}

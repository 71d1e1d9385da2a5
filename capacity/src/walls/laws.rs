//! From what was measured to laws: one for each resource that has a limit.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use headroom_query::capacity::{ResourceKind, ResourceSeries, ServiceTraffic, Target};

use super::body::{Evidence, NoWall, Resource, WallKind};
use super::config::{CapacityConfig, Limit, ServiceShape};
use super::evaluate::{Fitted, Knee, Laws};
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
            if let Some(found) = limits::wall(platform, limit) {
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
    let capacity = capacity(config, series, shape).map_err(&none)?;
    let law = UseLaw::fit(&joined(traffic, series)).map_err(none)?;
    let knee = match kind {
        WallKind::Connections => Knee::Waiting(config.wait_probability),
        WallKind::Memory => Knee::Share(config.memory_share),
        _ => Knee::Stretch(config.stretch),
    };
    let per_instance = if series.unit == "instance" { shape.cores.unwrap_or(1.0) } else { 1.0 };
    let target = Target::Service { name: service.clone() };
    let seen = (law.idle + law.per_request * peak.per_second) / capacity;
    Ok(Fitted {
        target,
        peak,
        replicas: Some(f64::from(series.instances)).filter(|n| *n > 0.0),
        capacity,
        servers: per_instance,
        unit: unit(&series.unit),
        knee,
        idle: law.idle,
        per_request: law.per_request,
        evidence: Evidence {
            method: "utilisation law: use grows in a straight line with requests".to_owned(),
            source: series.metric.clone(),
            points: law.points,
            r_squared: Some(law.r_squared),
            idle: Some(law.idle),
            per_request: Some(law.per_request),
            seen,
            doubts: doubts(&law),
        },
        samples: law.samples,
        resource,
    })
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

/// What there is of a resource: what the metrics say, or the configuration.
fn capacity(config: &CapacityConfig, series: &ResourceSeries, shape: ServiceShape) -> Result<f64, String> {
    let (service, name) = (&series.resource.service, &series.resource.name);
    if let Some(capacity) = series.capacity {
        return Ok(capacity);
    }
    let instances = f64::from(series.instances);
    let configured = match series.resource.kind {
        ResourceKind::Cpu => shape.cores.map(|cores| cores * instances),
        ResourceKind::Memory => shape.memory_mib.map(|mib| mib * 1_048_576.0 * instances),
        ResourceKind::Connections => config.limits.iter().find_map(|limit| match limit {
            Limit::Connections { service: of, pool, most }
                if of == service && (pool == name || pool.is_empty()) =>
            {
                Some(*most)
            }
            _ => None,
        }),
        ResourceKind::EventLoop | ResourceKind::Queue => None,
    };
    configured.filter(|capacity| *capacity > 0.0).ok_or_else(|| {
        let set = match series.resource.kind {
            ResourceKind::Cpu => format!("capacity.services.{service}.cores"),
            ResourceKind::Memory => format!("capacity.services.{service}.memory_mib"),
            _ => "a limit of kind `connections` under [[capacity.limits]]".to_owned(),
        };
        format!("no metric says how much there is; set {set}")
    })
}

/// Requests a second and use in the same steps, weighted by the requests.
fn joined(traffic: &ServiceTraffic, series: &ResourceSeries) -> Vec<(f64, f64, f64)> {
    let used: BTreeMap<DateTime<Utc>, f64> =
        series.points.iter().map(|point| (point.ts, point.used)).collect();
    let steps = traffic.steps.iter();
    steps
        .filter_map(|step| {
            let rate = step.rate(traffic.step_seconds);
            used.get(&step.ts).filter(|used| used.is_finite() && **used >= 0.0).map(|used| (rate, *used, 1.0))
        })
        .collect()
}

//! The capacity curve of one service, operation or version.

use chrono::{DateTime, Utc};
use headroom_query::TimeRange;
use headroom_query::capacity::resources::UsePoint;
use headroom_query::capacity::{ResourceKind, ResourceSeries, Scope, ServiceTraffic};
use headroom_query::latency::Buckets;
use headroom_query::slo::SloSet;
use headroom_query::slo::spec::{Indicator, Latency};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::curve::fit::{CurveFit, FitOptions, LoadModel, fit};
use crate::curve::knee::Knee;
use crate::curve::latency::{self, LatencyFit, LatencyOptions};
use crate::curve::points::Point;
use crate::curve::queue;
use crate::money::Figure;
use crate::walls::{CapacityConfig, own_minutes, section_options, whole_minutes};

/// Body of `GET /api/v1/capacity/services/{service}/curve`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ServiceCurve {
    /// `service.name`
    pub service: String,
    /// Only this operation.
    pub operation: Option<String>,
    /// Only this version.
    pub version: Option<String>,
    /// What was looked at.
    pub range: TimeRange,
    /// Width of a point.
    pub step_seconds: i64,
    /// In time order; steps without requests are left out.
    pub points: Vec<CurvePoint>,
    /// Throughput against concurrency. Live traffic is seldom pushed far enough: the verdict says so.
    pub usl: CurveFit,
    /// Own time against rate: what is done one request at a time.
    pub residence: Figure<LatencyFit>,
    /// Where the latency that was promised is reached.
    pub latency_knee: Figure<LatencyKnee>,
    /// Processors and pools as queues with servers; those of the whole service, so none for a part of it.
    pub pools: Vec<PoolHeadroom>,
    /// What its resources held; none for a part of it.
    pub resources: Vec<ResourceSeries>,
}

/// One step of a service.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct CurvePoint {
    /// Start of the step.
    pub ts: DateTime<Utc>,
    /// Requests a second that came.
    pub rate: f64,
    /// Requests a second that succeeded.
    pub throughput: f64,
    /// Requests under way in the mean (Little's law).
    pub concurrency: f64,
    /// Mean duration.
    pub mean_ms: Option<f64>,
    /// Of that, in the service itself; not known for one operation.
    pub own_ms: Option<f64>,
    /// 99th percentile; not known for one version.
    pub p99_ms: Option<f64>,
    /// Requests that failed.
    pub errors: u64,
}

/// Where a latency is reached.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LatencyKnee {
    /// Who promised it: the objective's name, or the configuration's key.
    pub promised_by: String,
    /// The promise, in milliseconds.
    pub target_ms: f64,
    /// The percentile that is to stay below it.
    pub percentile: f64,
    /// Where it is reached.
    pub knee: Knee,
}

/// The pool of one instance as a queue with servers (M/M/c).
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PoolHeadroom {
    /// `cpu`, `connections` or `event_loop`.
    pub kind: ResourceKind,
    /// The pool's name.
    pub name: String,
    /// How many serve at once.
    pub servers: u32,
    /// In use in an instance at the busiest step, in the mean.
    pub offered: f64,
    /// `offered / servers`
    pub utilisation: f64,
    /// Share of requests that wait then (Erlang C).
    pub wait_probability: Figure<f64>,
    /// The utilisation up to which no more than the configured share waits.
    pub target_utilisation: Figure<f64>,
    /// How many times the busiest step's use that is.
    pub headroom: Figure<f64>,
}

/// What a curve is made of.
pub(crate) struct Parts {
    pub(crate) scope: Scope,
    pub(crate) range: TimeRange,
    pub(crate) traffic: ServiceTraffic,
    pub(crate) latency: BTreeMap<DateTime<Utc>, Buckets>,
    pub(crate) resources: Vec<ResourceSeries>,
}

impl Parts {
    pub(crate) fn curve(self, config: &CapacityConfig, slos: &SloSet) -> ServiceCurve {
        let step_seconds = self.traffic.step_seconds;
        let whole = self.scope.operation.is_none();
        let points: Vec<CurvePoint> = self.traffic.steps.iter().map(|step| self.point(step, whole)).collect();
        let loads: Vec<Point> =
            points.iter().map(|p| Point { load: p.concurrency, throughput: p.throughput }).collect();
        let usl = fit(&loads, &FitOptions { load_model: LoadModel::Open, ..FitOptions::default() });
        let cores = config.services.get(&self.traffic.service).and_then(|shape| shape.cores);
        let options = section_options(config, &self.traffic.service);
        let residence = if whole {
            latency::fit(&own_minutes(&self.traffic), &options).map_err(|error| error.to_string())
        } else {
            Err("what one operation waits for is recorded under the operations that it calls".to_owned())
        };
        let pools = self.resources.iter().filter_map(|series| pool(series, cores, config)).collect();
        ServiceCurve {
            latency_knee: self.knee(&options, config, slos).into(),
            service: self.traffic.service,
            operation: self.scope.operation,
            version: self.scope.version,
            range: self.range,
            step_seconds,
            points,
            usl,
            residence: residence.into(),
            pools,
            resources: self.resources,
        }
    }

    fn point(&self, step: &headroom_query::capacity::Step, whole: bool) -> CurvePoint {
        let width = self.traffic.step_seconds;
        let p99 = self.latency.get(&step.ts).and_then(|buckets| buckets.quantile(0.99));
        CurvePoint {
            ts: step.ts,
            rate: step.rate(width),
            throughput: step.calls.saturating_sub(step.errors) as f64 / width as f64,
            concurrency: step.concurrency(width),
            mean_ms: step.mean_seconds().map(|s| s * 1e3),
            own_ms: step.own_seconds().filter(|_| whole).map(|s| s * 1e3),
            p99_ms: p99.map(|estimate| estimate.value_ns / 1e6),
            errors: step.errors,
        }
    }

    /// The law of residence of the whole duration, stretched to the percentile that was promised.
    fn knee(
        &self,
        options: &LatencyOptions,
        config: &CapacityConfig,
        slos: &SloSet,
    ) -> Result<LatencyKnee, String> {
        let service = &self.traffic.service;
        let (promised_by, target_ms, percentile) = promise(service, config, slos).ok_or_else(|| {
            format!("no objective promises a latency of {service}, and capacity.services.{service}.latency_ms is not set")
        })?;
        let minutes = whole_minutes(&self.traffic);
        let found = latency::fit(&minutes, options).map_err(|error| error.to_string())?;
        let residence = found.residence.ok_or_else(|| found.reasons.join("; "))?;
        let mut all = Buckets::default();
        self.latency.values().for_each(|buckets| all.merge(buckets));
        let calls: u64 = minutes.iter().map(|m| m.requests).sum();
        let mean = minutes.iter().map(|m| m.response * m.requests as f64).sum::<f64>() / calls.max(1) as f64;
        let measured =
            all.quantile(percentile).ok_or("no durations are stored for this range")?.value_ns / 1e9;
        let idle = measured * residence.idle() / mean;
        let knee = residence.knee_of_percentile(idle, target_ms / 1e3).map_err(|error| error.to_string())?;
        Ok(LatencyKnee { promised_by, target_ms, percentile, knee })
    }
}

/// Who promises a latency of a service: the configuration, or the first objective on requests below a duration.
fn promise(service: &str, config: &CapacityConfig, slos: &SloSet) -> Option<(String, f64, f64)> {
    if let Some(ms) = config.services.get(service).and_then(|shape| shape.latency_ms) {
        return Some((format!("capacity.services.{service}.latency_ms"), ms, 0.99));
    }
    slos.slos.iter().find_map(|slo| {
        let Ok(Indicator::Spans { scope, part, inverted: false, .. }) = &slo.indicator else { return None };
        let Some(Latency::Below(ns)) = part.latency else { return None };
        (scope.service == service && scope.operation.is_none())
            .then(|| (slo.id.clone(), ns as f64 / 1e6, slo.target.clamp(0.5, 0.9999)))
    })
}

/// A pool of one instance: each has its own.
fn pool(series: &ResourceSeries, cores: Option<f64>, config: &CapacityConfig) -> Option<PoolHeadroom> {
    if matches!(series.resource.kind, ResourceKind::Memory | ResourceKind::Queue) {
        return None;
    }
    let each = if series.unit == "instance" { cores.unwrap_or(1.0) } else { 1.0 };
    let of_one = |point: &UsePoint, figure: f64| figure * each / f64::from(point.instances.max(1));
    let busiest = series.points.iter().max_by(|a, b| of_one(a, a.used).total_cmp(&of_one(b, b.used)))?;
    let servers = of_one(busiest, busiest.capacity.or(series.capacity)?).floor();
    let servers = (1.0..=f64::from(queue::MOST_SERVERS)).contains(&servers).then_some(servers as u32)?;
    let offered = of_one(busiest, busiest.used);
    let told = |found: Result<f64, queue::QueueError>| Figure::from(found.map_err(|error| error.to_string()));
    let headroom = match queue::largest_offered(servers, config.wait_probability) {
        Ok(largest) if offered > 0.0 => Figure::Known(largest / offered),
        Ok(_) => Figure::unavailable("nothing was in use"),
        Err(error) => Figure::unavailable(error.to_string()),
    };
    Some(PoolHeadroom {
        kind: series.resource.kind,
        name: series.resource.name.clone(),
        servers,
        offered,
        utilisation: offered / f64::from(servers),
        wait_probability: told(queue::wait_probability(servers, offered)),
        target_utilisation: told(queue::target_utilisation(servers, config.wait_probability)),
        headroom,
    })
}

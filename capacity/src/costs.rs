//! Measured usage joined with bills or prices: costs, and what could be saved.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use headroom_query::TimeRange;
use headroom_query::capacity::{ResourceKind, ResourceSeries, usage};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use crate::curve::queue;
use crate::error::{CapacityError, Result};
use crate::money::commitment::{CommitmentAdvice, CommitmentOffer, HourlyUse, commitment};
use crate::money::prices::Term;
use crate::money::rightsize::{
    Quantiles, RightsizeSettings, Rightsizing, UtilisationPoint, UtilisationSeries, rightsize,
};
use crate::money::{Charges, CostReport, Figure, PriceTable, Usage, costs, from_prices, quantise};
use crate::walls::CapacityConfig;

const GIB: f64 = 1_073_741_824.0;

/// Body of `GET /api/v1/capacity/costs`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Costs {
    /// What it costs, by service; or why that is not known.
    pub costs: Figure<CostReport>,
    /// Capacity that is not needed, by service. Needs a price table.
    pub rightsizing: Vec<Rightsizing>,
    /// What to commit to, by service with a price. Needs a price table.
    pub commitments: Vec<ServiceCommitment>,
}

/// What to commit to for a service.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ServiceCommitment {
    /// The service.
    pub service: String,
    /// For how long.
    pub term: Term,
    /// The advice, or why there is none.
    pub advice: Figure<CommitmentAdvice>,
}

impl Costs {
    /// Costs and advice in plain words for a terminal.
    pub fn text(&self) -> String {
        let mut text = match &self.costs {
            Figure::Known(report) => report.text(),
            Figure::Unavailable { why } => format!("costs are not known: {why}\n"),
        };
        for advice in &self.rightsizing {
            text += &format!("\n{}", advice.text());
        }
        for commitment in &self.commitments {
            let told = match &commitment.advice {
                Figure::Known(advice) => advice.text(),
                Figure::Unavailable { why } => why.clone(),
            };
            text += &format!("\ncommitment for {} ({}): {told}", commitment.service, commitment.term);
        }
        text
    }
}

/// Where costs come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CostFiles {
    /// FOCUS bills.
    pub bills: Vec<PathBuf>,
    /// Price table.
    pub prices: Option<PathBuf>,
}

impl CostFiles {
    /// The files of a configuration.
    pub fn of(config: &CapacityConfig) -> Self {
        Self { bills: config.bills.clone(), prices: config.prices.clone() }
    }

    /// The price table, if there is one.
    pub(crate) fn prices(&self) -> Result<Option<PriceTable>> {
        let Some(path) = &self.prices else { return Ok(None) };
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        let table =
            PriceTable::from_toml(&text).map_err(|error| CapacityError::Money(named(path, &error)))?;
        Ok(Some(table))
    }

    fn charges(&self) -> Result<Charges> {
        let mut all = Charges::default();
        for path in &self.bills {
            let file = std::fs::File::open(path).map_err(|error| unreadable(path, &error))?;
            let charges = Charges::read(file, &path.display().to_string());
            let charges = charges.map_err(|error| CapacityError::Money(error.to_string()))?;
            all.append(charges).map_err(|error| CapacityError::Money(error.to_string()))?;
        }
        Ok(all)
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> CapacityError {
    CapacityError::Money(format!("{} cannot be read: {error}", path.display()))
}

fn named(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

/// What was counted and measured.
pub(crate) struct Counted {
    pub(crate) range: TimeRange,
    pub(crate) days: BTreeMap<(String, DateTime<Utc>), usage::ServiceDay>,
    /// Different customers of each service in all of the range.
    pub(crate) customers: BTreeMap<String, u64>,
    pub(crate) resources: Vec<ResourceSeries>,
    pub(crate) step_seconds: i64,
}

/// Costs of what was used.
///
/// # Errors
/// A bill or price table that cannot be read, with file, line and column.
pub(crate) fn of(config: &CapacityConfig, files: &CostFiles, counted: &Counted) -> Result<Costs> {
    let Counted { resources, step_seconds, .. } = counted;
    let prices = files.prices()?;
    let usage = usage_of(counted, prices.as_ref());
    let report = if !files.bills.is_empty() {
        Figure::Known(costs(&files.charges()?, &usage, &config.attribution))
    } else if let Some(prices) = &prices {
        Figure::Known(from_prices(prices, &usage))
    } else {
        Figure::unavailable("no bill and no price table is configured: set capacity.bills or capacity.prices")
    };
    let Some(prices) = prices else {
        return Ok(Costs { costs: report, rightsizing: Vec::new(), commitments: Vec::new() });
    };
    let mut rightsizing = Vec::new();
    let mut commitments = Vec::new();
    for (service, priced) in &prices.services {
        let Some(cpu) = resource(resources, service, ResourceKind::Cpu) else { continue };
        let vcpu = prices.classes.get(&priced.class).and_then(|class| f64::try_from(class.vcpu).ok());
        let series = utilisation(
            service,
            cpu,
            resource(resources, service, ResourceKind::Memory),
            vcpu,
            *step_seconds,
        );
        let settings = RightsizeSettings {
            class: priced.class.clone(),
            replicas_min: priced.replicas_min.max(1),
            memory_margin: 0.2,
            peak_demand: None,
        };
        let target = |replicas: u32| {
            queue::target_utilisation(replicas, config.wait_probability).unwrap_or(config.wait_probability)
        };
        rightsizing.push(rightsize(&series, &settings, &prices, target));
        commitments.extend(committed(service, &priced.class, cpu, &prices));
    }
    Ok(Costs { costs: report, rightsizing, commitments })
}

fn resource<'a>(all: &'a [ResourceSeries], service: &str, kind: ResourceKind) -> Option<&'a ResourceSeries> {
    all.iter().find(|series| series.resource.service == service && series.resource.kind == kind)
}

/// Hours of a figure over a day, of the steps that report: a gap in the telemetry is no use.
fn hours(
    series: &ResourceSeries,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    each: impl Fn(&headroom_query::capacity::resources::UsePoint) -> f64,
    step_seconds: i64,
) -> Option<Decimal> {
    let points = series.points.iter().filter(|point| from <= point.ts && point.ts < to);
    let (mut sum, mut any) = (0.0, false);
    for point in points {
        sum += each(point) * step_seconds as f64 / 3_600.0;
        any = true;
    }
    any.then(|| quantise(sum)).flatten()
}

fn usage_of(counted: &Counted, prices: Option<&PriceTable>) -> Vec<Usage> {
    let Counted { range, days, customers, resources, step_seconds } = counted;
    let step_seconds = *step_seconds;
    let whole = customers.iter().filter(|(_, n)| **n > 0).map(|(service, n)| {
        let mut usage = Usage::of(service, range.from, range.to);
        usage.customers = Some(*n);
        usage
    });
    let daily = days.iter().map(|((service, day), counted)| {
        let (from, to) = ((*day).max(range.from), (*day + TimeDelta::days(1)).min(range.to));
        let mut usage = Usage::of(service, from, to);
        usage.transactions = Some(counted.transactions);
        usage.customers = Some(counted.customers).filter(|n| *n > 0);
        let class = prices.and_then(|prices| prices.classes.get(&prices.services.get(service)?.class));
        if let Some(cpu) = resource(resources, service, ResourceKind::Cpu) {
            usage.replica_hours = hours(cpu, from, to, |point| f64::from(point.instances), step_seconds);
            let cores = if cpu.unit == "instance" {
                class.and_then(|c| f64::try_from(c.vcpu).ok())
            } else {
                Some(1.0)
            };
            usage.cpu_core_hours_used =
                cores.and_then(|cores| hours(cpu, from, to, |point| point.used * cores, step_seconds));
        }
        if let Some(memory) = resource(resources, service, ResourceKind::Memory).filter(|m| m.unit == "byte")
        {
            usage.memory_gib_hours_used = hours(memory, from, to, |point| point.used / GIB, step_seconds);
        }
        usage
    });
    whole.chain(daily).collect()
}

/// Use per replica. The rollup keeps the mean and the largest instance of each step: the largest stands for all
/// upper quantiles, so that an advice errs on the safe side.
fn utilisation(
    service: &str,
    cpu: &ResourceSeries,
    memory: Option<&ResourceSeries>,
    vcpu: Option<f64>,
    step_seconds: i64,
) -> UtilisationSeries {
    let cores = if cpu.unit == "instance" { vcpu.unwrap_or(1.0) } else { 1.0 };
    let held: BTreeMap<DateTime<Utc>, (f64, f64)> = memory
        .filter(|memory| memory.unit == "byte")
        .map(|memory| {
            let each = |p: &headroom_query::capacity::resources::UsePoint| {
                (p.used / f64::from(p.instances.max(1)) / GIB, p.most / GIB)
            };
            memory.points.iter().map(|point| (point.ts, each(point))).collect()
        })
        .unwrap_or_default();
    let spread = |mean: f64, most: f64| Quantiles { p50: mean, p95: most, p99: most, max: most };
    let points = cpu
        .points
        .iter()
        .map(|point| {
            let (mean, most) = held.get(&point.ts).copied().unwrap_or_default();
            UtilisationPoint {
                at: point.ts,
                replicas: point.instances,
                cpu: spread(point.used / f64::from(point.instances.max(1)) * cores, point.most * cores),
                memory: spread(mean, most),
                demand: None,
            }
        })
        .collect();
    UtilisationSeries {
        service: service.to_owned(),
        step_seconds: u32::try_from(step_seconds).unwrap_or(3_600),
        points,
    }
}

/// What to commit to, for each term that the class is offered at.
fn committed(
    service: &str,
    class: &str,
    cpu: &ResourceSeries,
    prices: &PriceTable,
) -> Vec<ServiceCommitment> {
    let Some((on_demand, offers)) =
        prices.per_hour(class).zip(prices.classes.get(class).map(|c| &c.commitments))
    else {
        return Vec::new();
    };
    let mut by_hour: BTreeMap<DateTime<Utc>, (f64, f64)> = BTreeMap::new();
    for point in &cpu.points {
        let hour =
            by_hour.entry(point.ts.duration_trunc(TimeDelta::hours(1)).unwrap_or(point.ts)).or_default();
        hour.0 += f64::from(point.instances);
        hour.1 += 1.0;
    }
    let hourly: Vec<HourlyUse> = by_hour
        .into_iter()
        .filter_map(|(at, (sum, n))| quantise(sum / n).map(|units| HourlyUse { at, units }))
        .collect();
    offers
        .iter()
        .map(|(term, discount)| {
            let offer = CommitmentOffer {
                term: *term,
                on_demand: on_demand.clone(),
                discount: *discount,
                whole_units: true,
            };
            let advice =
                commitment(&hourly, &offer).unwrap_or_else(|error| Figure::unavailable(error.to_string()));
            ServiceCommitment { service: service.to_owned(), term: *term, advice }
        })
        .collect()
}

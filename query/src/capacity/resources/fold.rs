//! Points of instances into series of services.

use std::collections::BTreeMap;

use chrono::DateTime;

use super::signals::{Part, SIGNALS, USE_TIME};
use super::{CounterRow, HistogramRow, NumberRow, Resource, ResourceKind, ResourceSeries, UsePoint};

/// What one metric says of one resource: instance -> step -> value.
type Instances = BTreeMap<String, BTreeMap<i64, f64>>;

/// Modes in which a processor does nothing for the service.
const IDLE: [&str; 3] = ["idle", "iowait", "steal"];

/// Service, metric, instance, and state or pool: what makes one counter.
type Of<'a> = (&'a str, &'a str, &'a str, &'a str);

/// What is said of one resource.
#[derive(Debug, Default)]
struct Said {
    /// By the metric's place in [`SIGNALS`].
    metrics: BTreeMap<usize, Instances>,
    /// Connections in use by how long they were held, by place in [`USE_TIME`].
    held: BTreeMap<usize, Instances>,
}

pub(super) fn fold(
    numbers: &[NumberRow],
    counters: &[CounterRow],
    histograms: &[HistogramRow],
    step_seconds: i64,
) -> Vec<ResourceSeries> {
    let mut resources: BTreeMap<Resource, Said> = BTreeMap::new();
    // What is no measurement says nothing.
    for row in numbers.iter().filter(|row| row.mean.is_finite() && row.mean >= 0.0) {
        let Some(place) = place(&row.name) else { continue };
        let signal = &SIGNALS[place];
        let wanted =
            signal.part != Part::UsedState || matches!(first([&row.state, &row.state_before]), "used" | "");
        if !wanted || IDLE.contains(&row.mode.as_str()) {
            continue;
        }
        let pool = first([&row.pool, &row.pool_before, &row.pool_of_micrometer]);
        let said = resources.entry(resource(&row.service, signal.kind, pool)).or_default();
        let instance = first([&row.instance, &row.pod, &row.container, &row.host]);
        // User and system time, or several sets of attributes, are parts of one figure.
        *value(&mut said.metrics, place, instance, row.at) += row.mean;
    }
    count(counters, step_seconds, &mut resources);
    hold(histograms, step_seconds, &mut resources);
    let all = resources.into_iter().filter_map(|(resource, said)| series(resource, &said));
    all.filter(|series| !series.points.is_empty()).collect()
}

fn place(name: &str) -> Option<usize> {
    SIGNALS.iter().position(|signal| signal.name == name)
}

fn value<'a>(
    metrics: &'a mut BTreeMap<usize, Instances>,
    place: usize,
    instance: &str,
    at: i64,
) -> &'a mut f64 {
    metrics.entry(place).or_default().entry(instance.to_owned()).or_default().entry(at).or_default()
}

fn resource(service: &str, kind: ResourceKind, pool: &str) -> Resource {
    // Only connections come in several pools; a `pool` of something else is none of this resource's.
    let name = if kind == ResourceKind::Connections { pool.to_owned() } else { String::new() };
    Resource { service: service.to_owned(), kind, name }
}

fn first<const N: usize>(texts: [&String; N]) -> &str {
    texts.into_iter().find(|text| !text.is_empty()).map_or("", String::as_str)
}

/// The growth of counters a second, by instance: their states (user, system) are counters of their own.
fn count(rows: &[CounterRow], step_seconds: i64, resources: &mut BTreeMap<Resource, Said>) {
    let mut before: BTreeMap<Of<'_>, (i64, f64, i64)> = BTreeMap::new();
    for row in rows
        .iter()
        .filter(|row| row.most.is_finite() && row.total.is_finite() && !IDLE.contains(&row.mode.as_str()))
    {
        let Some(place) = place(&row.name) else { continue };
        let instance = first([&row.instance, &row.pod, &row.container, &row.host]);
        let grown = if row.temporality == "delta" {
            Some(row.total / step_seconds as f64)
        } else {
            let state = first([&row.mode, &row.state_before]);
            let last =
                before.insert((&row.service, &row.name, instance, state), (row.at, row.most, row.started));
            last.filter(|(at, most, started)| *started == row.started && row.most >= *most && row.at > *at)
                .map(|(at, most, _)| (row.most - most) / ((row.at - at) as f64 / 1e9))
        };
        let Some(grown) = grown.filter(|grown| *grown >= 0.0) else { continue };
        let said = resources.entry(resource(&row.service, SIGNALS[place].kind, "")).or_default();
        *value(&mut said.metrics, place, instance, row.at) += grown;
    }
}

/// Connections in use in the mean, from how long they were held: seconds held per second.
fn hold(rows: &[HistogramRow], step_seconds: i64, resources: &mut BTreeMap<Resource, Said>) {
    let mut before: BTreeMap<Of<'_>, (i64, f64)> = BTreeMap::new();
    for row in rows {
        let Some(place) = USE_TIME.iter().position(|(name, _)| *name == row.name) else { continue };
        let per_second = USE_TIME[place].1;
        let pool = first([&row.pool, &row.pool_before]);
        let instance = first([&row.instance, &row.pod, &row.container, &row.host]);
        let used = if row.temporality == "delta" {
            row.total.map(|total| total / per_second / step_seconds as f64)
        } else {
            let Some(most) = row.most else { continue };
            let last = before.insert((&row.service, &row.name, instance, pool), (row.at, most));
            last.filter(|(at, sum)| most >= *sum && row.at > *at)
                .map(|(at, sum)| (most - sum) / per_second / ((row.at - at) as f64 / 1e9))
        };
        let Some(used) = used.filter(|used| used.is_finite() && *used >= 0.0) else { continue };
        let said = resources.entry(resource(&row.service, ResourceKind::Connections, pool)).or_default();
        *value(&mut said.held, place, instance, row.at) += used;
    }
}

fn series(resource: Resource, said: &Said) -> Option<ResourceSeries> {
    let part = |wanted: &[Part]| {
        let mut found = said.metrics.iter().map(|(place, instances)| (&SIGNALS[*place], instances));
        found.find(|(signal, _)| wanted.contains(&signal.part))
    };
    let (metric, instances, share) = if let Some((place, instances)) = said.held.first_key_value() {
        (USE_TIME[*place].0, instances, false)
    } else {
        let (signal, instances) = part(&[Part::Share, Part::Used, Part::UsedState, Part::Counter])?;
        (signal.name, instances, signal.part == Part::Share)
    };
    let waiting = part(&[Part::Waiting]).map(|(_, instances)| sums(instances));
    let most = part(&[Part::Most]).map(|(_, instances)| sums(instances));
    let points: Vec<UsePoint> = sums(instances)
        .into_iter()
        .map(|(at, sum)| UsePoint {
            ts: DateTime::from_timestamp_nanos(at),
            used: sum.all,
            most: sum.most,
            instances: sum.instances,
            capacity: if share {
                Some(f64::from(sum.instances))
            } else {
                most.as_ref().and_then(|most| most.get(&at)).map(|sum| sum.all).filter(|n| *n > 0.0)
            },
            waiting: waiting.as_ref().and_then(|w| w.get(&at)).map(|sum| sum.all),
        })
        .collect();
    let unit = match resource.kind {
        ResourceKind::Connections => "connection",
        ResourceKind::Queue => "message",
        _ if share => "instance",
        ResourceKind::Memory => "byte",
        ResourceKind::Cpu | ResourceKind::EventLoop => "core",
    };
    Some(ResourceSeries {
        metric: metric.to_owned(),
        unit: unit.to_owned(),
        instances: points.last().map_or(0, |point| point.instances),
        capacity: points.iter().rev().find_map(|point| point.capacity),
        points,
        resource,
    })
}

/// What instances add up to in one step.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    all: f64,
    most: f64,
    instances: u32,
}

/// Sums over the instances, per step.
fn sums(instances: &Instances) -> BTreeMap<i64, Sum> {
    let mut sums: BTreeMap<i64, Sum> = BTreeMap::new();
    for (at, value) in instances.values().flatten() {
        let sum = sums.entry(*at).or_default();
        sum.all += value;
        sum.most = sum.most.max(*value);
        sum.instances += 1;
    }
    sums
}

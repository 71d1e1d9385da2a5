//! Points of instances into series of services.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;

use super::signals::{Part, SIGNALS, Signal, USE_TIME};
use super::{HistogramRow, NumberRow, Resource, ResourceKind, ResourceSeries, UsePoint};

/// What one metric says of one resource: instance -> step -> value.
type Instances = BTreeMap<String, BTreeMap<i64, f64>>;

/// A metric's place in [`SIGNALS`] and what it says.
type Metrics = BTreeMap<usize, Instances>;

pub(super) fn fold(
    numbers: &[NumberRow],
    histograms: &[HistogramRow],
    step_seconds: i64,
) -> Vec<ResourceSeries> {
    let mut resources: BTreeMap<Resource, Metrics> = BTreeMap::new();
    let mut counters: BTreeMap<(Resource, usize, String), Vec<(i64, f64, i64)>> = BTreeMap::new();
    for row in numbers {
        let Some((place, signal)) = SIGNALS.iter().enumerate().find(|(_, s)| s.name == row.name) else {
            continue;
        };
        if signal.part == Part::UsedState && first([&row.state, &row.state_before]) != "used" {
            continue;
        }
        let resource = resource(
            &row.service,
            signal.kind,
            first([&row.pool, &row.pool_before, &row.pool_of_micrometer]),
        );
        if signal.part == Part::Counter {
            // One counter per state (user, system) and instance.
            let state = first([&row.state, &row.state_before]);
            let of = (resource, place, format!("{}\u{0}{state}", row.instance));
            counters.entry(of).or_default().push((row.at, row.most, row.started));
        } else {
            let value = add(resources.entry(resource).or_default(), place, &row.instance, row.at);
            *value += row.mean;
        }
    }
    for ((resource, place, of), mut points) in counters {
        points.sort_unstable_by_key(|(at, _, _)| *at);
        let instance = of.split('\u{0}').next().unwrap_or_default().to_owned();
        let metrics = resources.entry(resource).or_default();
        for pair in points.windows(2) {
            let [(before, low, started), (at, high, start)] = pair else { continue };
            if high >= low && start == started && at > before {
                *add(metrics, place, &instance, *at) += (high - low) / ((at - before) as f64 / 1e9);
            }
        }
    }
    let held = held(histograms, step_seconds);
    let mut all: Vec<ResourceSeries> =
        resources.into_iter().filter_map(|(resource, metrics)| series(resource, &metrics, &held)).collect();
    all.retain(|series| !series.points.is_empty());
    all
}

fn add<'a>(metrics: &'a mut Metrics, place: usize, instance: &str, at: i64) -> &'a mut f64 {
    metrics.entry(place).or_default().entry(instance.to_owned()).or_default().entry(at).or_default()
}

fn resource(service: &str, kind: ResourceKind, pool: &str) -> Resource {
    // Only connections come in several pools; a `pool` of something else is none of this resource's.
    let name = if kind == ResourceKind::Connections { pool.to_owned() } else { String::new() };
    Resource { service: service.to_owned(), kind, name }
}

fn first<'a, const N: usize>(texts: [&'a String; N]) -> &'a str {
    texts.into_iter().find(|text| !text.is_empty()).map_or("", String::as_str)
}

fn series(
    resource: Resource,
    metrics: &Metrics,
    held: &BTreeMap<Resource, (&'static str, Instances)>,
) -> Option<ResourceSeries> {
    let part = |wanted: &[Part]| {
        let mut found = metrics.iter().map(|(place, instances)| (&SIGNALS[*place], instances));
        found.find(|(signal, _)| wanted.contains(&signal.part))
    };
    let exact = held.get(&resource);
    let (used, share) = match (exact, part(&[Part::Share, Part::Used, Part::UsedState, Part::Counter])) {
        (Some((name, instances)), _) => ((*name, instances), false),
        (None, Some((Signal { name, part, .. }, instances))) => ((*name, instances), *part == Part::Share),
        (None, None) => return None,
    };
    let (metric, instances) = used;
    let waiting = part(&[Part::Waiting]).map(|(_, instances)| sums(instances));
    let points: Vec<UsePoint> = sums(instances)
        .into_iter()
        .map(|(at, sum)| UsePoint {
            ts: DateTime::from_timestamp_nanos(at),
            used: sum.all,
            most: sum.most,
            instances: sum.instances,
            waiting: waiting.as_ref().and_then(|w| w.get(&at)).map(|sum| sum.all),
        })
        .collect();
    let reporting = points.last().map_or(0, |point| point.instances);
    let most =
        part(&[Part::Most]).and_then(|(_, limits)| sums(limits).last_key_value().map(|(_, sum)| sum.all));
    let capacity = if share { Some(f64::from(reporting)) } else { most.filter(|n| *n > 0.0) };
    let unit = match resource.kind {
        ResourceKind::Connections => "connection",
        ResourceKind::Queue => "message",
        _ if share => "instance",
        ResourceKind::Memory => "byte",
        ResourceKind::Cpu | ResourceKind::EventLoop => "core",
    };
    let unit = unit.to_owned();
    Some(ResourceSeries { metric: metric.to_owned(), unit, instances: reporting, capacity, points, resource })
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

/// Connections in use in the mean, from how long they were held: seconds held per second.
fn held(rows: &[HistogramRow], step_seconds: i64) -> BTreeMap<Resource, (&'static str, Instances)> {
    let mut found: BTreeMap<Resource, (&'static str, Instances)> = BTreeMap::new();
    let mut before: BTreeMap<(&str, &str, &str), (i64, f64)> = BTreeMap::new();
    let seen: BTreeSet<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    // Both names at once are one library that reports twice.
    let Some((name, per_second)) = USE_TIME.iter().find(|(name, _)| seen.contains(name)) else {
        return found;
    };
    for row in rows.iter().filter(|row| row.name == *name) {
        let pool = first([&row.pool, &row.pool_before]);
        let seconds = if row.temporality == "delta" {
            row.total.map(|total| total / per_second / step_seconds as f64)
        } else {
            let Some(most) = row.most else { continue };
            let last = before.insert((&row.service, &row.instance, pool), (row.at, most));
            last.filter(|(at, sum)| most >= *sum && row.at > *at)
                .map(|(at, sum)| (most - sum) / per_second / ((row.at - at) as f64 / 1e9))
        };
        let Some(used) = seconds else { continue };
        let resource = resource(&row.service, ResourceKind::Connections, pool);
        let instances = &mut found.entry(resource).or_insert_with(|| (*name, Instances::new())).1;
        *instances.entry(row.instance.clone()).or_default().entry(row.at).or_default() += used;
    }
    found
}

//! What walls cost: fitting the laws of a platform, and asking what if.
//!
//! ```sh
//! cargo bench -p headroom-capacity --bench walls_bench
//! ```
//!
//! A week in steps of five minutes for each service, with processors, memory and one pool. CPU seconds of the
//! process, from `/proc/self/stat`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_capacity::walls::{CapacityConfig, Laws, Platform, WhatIf, trend};
use headroom_query::TimeRange;
use headroom_query::capacity::resources::UsePoint;
use headroom_query::capacity::{
    CallGraph, Edge, Entry, Resource, ResourceKind, ResourceSeries, ServiceTraffic, Step, Target,
};

const STEPS: i64 = 2_016;

fn main() {
    println!(
        "{:>8} {:>12} {:>14} {:>14} {:>8}",
        "services", "fit, CPU-s", "walls, CPU-ms", "what-if, ms", "walls"
    );
    for services in [10, 100, 1_000] {
        let platform = platform(services);
        let config = CapacityConfig::default();
        let (laws, fit) = measured(|| Laws::fit(&platform, &config));
        let (walls, told) = measured(|| laws.walls(&platform, &WhatIf::default()));
        let change = WhatIf { new_market: 0.5, ..WhatIf::default() };
        let begun = Instant::now();
        let after = laws.walls(&platform, &change);
        let what_if = begun.elapsed().as_secs_f64() * 1e3;
        assert_eq!(after.walls.len(), walls.walls.len());
        println!("{services:>8} {fit:>12.2} {:>14.1} {what_if:>14.1} {:>8}", told * 1e3, walls.walls.len());
    }
}

/// A result, and the CPU seconds of this process that it took.
fn measured<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let before = cpu_seconds();
    let result = work();
    (result, cpu_seconds() - before)
}

fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = [fields[11], fields[12]].into_iter().map(|n| n.parse::<u64>().unwrap()).sum();
    ticks as f64 / 100.0
}

fn start() -> DateTime<Utc> {
    "2026-11-02T00:00:00Z".parse().unwrap()
}

/// Requests of a step: days that rise and fall, and a little chance.
fn calls(service: i64, i: i64) -> u64 {
    let day = (i as f64 / 288.0 * std::f64::consts::TAU).sin();
    let chance = ((i * 7_919 + service * 104_729) % 1_009) as f64 / 1_009.0;
    (30_000.0 * (1.2 + day) * (0.95 + 0.1 * chance)) as u64 + 100
}

fn name(service: i64) -> String {
    format!("service-{service}")
}

fn traffic(service: i64) -> ServiceTraffic {
    let step = |i: i64| {
        let calls = calls(service, i);
        let own = 0.004 / (1.0 - calls as f64 / 300.0 * 0.002);
        Step {
            ts: start() + TimeDelta::minutes(5 * i),
            calls,
            errors: 0,
            busy_ns: (calls as f64 * own * 1e9) as u64,
            away_ns: 0,
        }
    };
    ServiceTraffic { service: name(service), step_seconds: 300, steps: (0..STEPS).map(step).collect() }
}

fn resource(service: i64, kind: ResourceKind, capacity: f64, each: f64) -> ResourceSeries {
    let point = |i: i64| {
        let used = each * calls(service, i) as f64 / 300.0;
        UsePoint {
            ts: start() + TimeDelta::minutes(5 * i),
            used,
            most: used / 3.0,
            instances: 4,
            capacity: Some(capacity),
            waiting: None,
        }
    };
    ResourceSeries {
        resource: Resource { service: name(service), kind, name: String::new() },
        metric: "made up".to_owned(),
        unit: "instance".to_owned(),
        instances: 4,
        capacity: Some(capacity),
        points: (0..STEPS).map(point).collect(),
    }
}

/// Services in a row: each calls the next.
fn platform(services: i64) -> Platform {
    let range = TimeRange { from: start(), to: start() + TimeDelta::days(7) };
    let target = |service: i64| Target::service(&name(service));
    let entry = Entry {
        service: name(0),
        operation: "POST /".to_owned(),
        traces: 1_000,
        visits: (0..services).map(|service| (target(service), 1.0)).collect(),
    };
    let edges = (1..services).map(|service| Edge {
        from: target(service - 1),
        to: target(service),
        calls: 1_000,
        per_call: Some(1.0),
    });
    Platform {
        range,
        made_at: range.to,
        services: (0..services).map(traffic).collect(),
        resources: (0..services)
            .flat_map(|service| {
                [
                    resource(service, ResourceKind::Cpu, 4.0, 0.01),
                    resource(service, ResourceKind::Memory, 4e9, 1e6),
                    resource(service, ResourceKind::Connections, 40.0, 0.05),
                ]
            })
            .collect(),
        graph: CallGraph { range, one_in: 1, spans: 1, entries: vec![entry], edges: edges.collect() },
        trend: trend(&[]),
        ahead: Vec::new(),
    }
}

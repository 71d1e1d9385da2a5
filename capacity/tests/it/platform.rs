//! A platform whose walls are known, seen at less than 40 % of them, and pushed until it breaks.

use chrono::{TimeDelta, Utc};
use headroom_capacity::walls::{CapacityConfig, Strength, Wall, Walls, WhatIf};
use headroom_query::capacity::{Scope, graph};
use headroom_query::slo::SloSet;
use headroom_sample_data::limits::Mix;
use headroom_sample_data::{Limits, Push, SampleConfig, breaks};
use headroom_store::testing;

use crate::support::{TENANT, answers, climbing, fill};

/// A share that the prediction may be off.
const OFF: f64 = 0.1;

/// How often each wall is predicted, with other chance each time; `HEADROOM_WALL_RUNS=10` shows how it spreads.
fn runs() -> u64 {
    std::env::var("HEADROOM_WALL_RUNS").ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}

/// Traces a second at which the limited resource is full, by its size alone.
fn known_wall(limits: &str) -> f64 {
    let base = climbing("", 0.0, 0.0, 60, Utc::now());
    let wall = &Limits::parse("limits.toml", limits).unwrap().walls(&Mix::of_ramp(&base, 60))[0];
    wall.rate.unwrap()
}

/// Requests a second that the service is asked for where the platform breaks when it is pushed.
///
/// In requests and not in times of the peak: which five minutes were the busiest, and how busy, is chance, and the
/// same chance on both sides.
fn breaking_point(config: &SampleConfig, wall: f64, service: &str) -> f64 {
    let (base, from, to) = (0.3 * wall, 0.85 * wall, 1.15 * wall);
    let push = Push { base, from, to, stages: 7.try_into().unwrap(), minutes: 6 };
    let stages = push.run(config);
    let (mut calls, mut traces) = (0, 0.0);
    for stage in &stages {
        let of = stage.services.iter().find(|(of, _)| of.name() == service);
        calls += of.map_or(0, |(_, served)| served.calls);
        // The first minute of each is left out.
        traces += stage.rate * 60.0 * f64::from(push.minutes - 1);
    }
    breaks(&stages).expect("it breaks").rate() * calls as f64 / traces
}

/// The walls from so many minutes of traffic at 10 to 40 % of the known one, and the requests a second of the service
/// where it breaks.
async fn predicted(limits: &str, minutes: u64, run: u64, service: &str) -> (Walls, f64) {
    let wall = known_wall(limits);
    let store = testing::store().await;
    // Steps that are not over for a minute yet are not looked at.
    let config = climbing(limits, 0.1 * wall, 0.4 * wall, minutes, Utc::now() - TimeDelta::minutes(2));
    // The same run has the same chance on every day.
    let seed = (run ^ config.start().timestamp() as u64).rotate_right(32);
    let config = SampleConfig { seed, ..config };
    let range = fill(&store, config.clone()).await;
    let walls =
        answers(&store, CapacityConfig::default()).walls(TENANT, range, &WhatIf::default()).await.unwrap();
    (walls, breaking_point(&config, wall, service))
}

/// Predicts a wall again and again, and gives the last walls.
async fn within_ten_percent(limits: &str, minutes: u64, id: &str) -> Walls {
    let mut last = None;
    for run in 1..=runs() {
        let service = id.split('/').next().unwrap();
        let (walls, truth) = predicted(limits, minutes, run, service).await;
        let wall = find(&walls, id);
        let limit = &wall.limit;
        let off = limit.per_second / truth - 1.0;
        // The interval in the same unit.
        let each = limit.per_second / limit.factor;
        eprintln!(
            "{id}, run {run}: limit told at {:.2}/s ({:.2} to {:.2}), breaks at {truth:.2}/s, off by {:+.1} %",
            limit.per_second,
            limit.low * each,
            limit.high * each,
            off * 100.0
        );
        assert!(wall.evidence.seen <= 0.45, "only traffic far below the wall was seen: {wall:?}");
        assert!(runs() > 1 || off.abs() < OFF, "{id}\n{}", walls.text());
        last = Some(walls);
    }
    last.unwrap()
}

fn find<'a>(walls: &'a Walls, id: &str) -> &'a Wall {
    walls.walls.iter().find(|wall| wall.id == id).unwrap_or_else(|| panic!("no {id}: {}", walls.text()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_of_known_size_is_the_first_wall_where_it_breaks() {
    let limits = "pool.order = { size = 4, hold_ms = 400, timeout_ms = 10000 }";
    let walls = within_ten_percent(limits, 45, "order/connections/orders").await;
    let wall = find(&walls, "order/connections/orders");
    assert_eq!((wall.today.capacity, wall.strength), (4.0, Strength::Good), "{}", walls.text());
    let twice = wall.moves.iter().find(|m| m.change.contains("4 -> 8 connections")).unwrap();
    assert!(twice.to.unwrap() > 2.0 * twice.from, "a larger pool may also run hotter: {twice:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contention_is_found_from_spans_alone() {
    // A lock that is short beside the rest of a request: latency then holds until it is nearly full, and the push
    // breaks where the lock does.
    within_ten_percent("lock.order = { hold_ms = 8, timeout_ms = 1600 }", 25, "order/contention").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processors_of_known_size_are_a_wall() {
    within_ten_percent(
        "cpu.gateway = { replicas = 2, cores = 2, work_ms = 300, timeout_ms = 7500 }",
        45,
        "gateway/cpu",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_call_graph_follows_messages_and_finds_databases() {
    let store = testing::store().await;
    let range = fill(&store, climbing("", 5.0, 10.0, 20, Utc::now())).await;
    let graph = graph::read(&store, TENANT, range).await.unwrap();
    let entry = graph.entries.iter().find(|entry| entry.operation == "POST /v1/orders").unwrap();
    let visits = |name: &str| {
        let found =
            entry.visits.iter().find(|(target, _)| format!("{target:?}").contains(&format!("{name:?}")));
        found.map_or(0.0, |(_, n)| *n)
    };
    assert!((visits("order") - 1.0).abs() < 0.2, "{entry:?}");
    assert!(visits("risk") > 0.5 && visits("orders") > 0.5, "{entry:?}");
    assert!(visits("execution") > 0.3, "what its message starts: {entry:?}");
    let curve = answers(&store, CapacityConfig::default());
    let scope = Scope { service: Some("order".into()), ..Scope::default() };
    let curve = curve.curve(TENANT, range, &scope, &SloSet::default()).await.unwrap();
    assert!(curve.points.len() >= 15 && curve.points.iter().all(|p| p.p99_ms.unwrap() > p.mean_ms.unwrap()));
    let nobody = Scope { service: Some("nobody".into()), ..Scope::default() };
    let refused =
        answers(&store, CapacityConfig::default()).curve(TENANT, range, &nobody, &SloSet::default()).await;
    assert!(refused.unwrap_err().to_string().starts_with("no such requests to nobody from "));
    let other = graph::read(&store, "other", range).await.unwrap();
    assert!(other.entries.is_empty() && other.edges.is_empty());
}

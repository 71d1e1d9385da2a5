#![allow(clippy::unwrap_used)]

use chrono::{DateTime, TimeDelta, Utc};
use headroom_query::TimeRange;
use headroom_query::capacity::resources::UsePoint;
use headroom_query::capacity::{
    CallGraph, Edge, Entry, Resource as Measured, ResourceKind, ResourceSeries, ServiceTraffic, Step, Target,
};
use proptest::prelude::*;

use super::*;

fn start() -> DateTime<Utc> {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn service(name: &str) -> Target {
    Target::service(name)
}

/// Two hours in which requests climb from 10 to 40 a second; each spends 20 ms.
fn traffic(name: &str) -> ServiceTraffic {
    let step = |i: i64| Step {
        ts: start() + TimeDelta::minutes(i),
        calls: (600 + i * 15) as u64,
        errors: 0,
        busy_ns: (600 + i * 15) as u64 * 20_000_000,
        away_ns: 0,
    };
    ServiceTraffic { service: name.into(), step_seconds: 60, steps: (0..120).map(step).collect() }
}

fn series(
    of: &str,
    kind: ResourceKind,
    unit: &str,
    capacity: Option<f64>,
    used: impl Fn(f64) -> f64,
) -> ResourceSeries {
    let points = traffic(of)
        .steps
        .iter()
        .map(|step| UsePoint {
            ts: step.ts,
            used: used(step.rate(60)),
            most: 0.0,
            instances: 2,
            capacity,
            waiting: None,
        })
        .collect();
    ResourceSeries {
        resource: Measured { service: of.into(), kind, name: String::new() },
        metric: "made up".into(),
        unit: unit.into(),
        instances: 2,
        capacity,
        points,
    }
}

/// `order` holds a connection for 50 ms (20 of them: 400/s) and 20 ms of processor time on two instances (100/s);
/// each of its requests calls a bank twice.
pub(crate) fn platform() -> Platform {
    let bank = Target::Upstream { service: "order".into(), host: "bank".into() };
    let entry = Entry {
        service: "order".into(),
        operation: "POST /orders".into(),
        traces: 100,
        visits: [(service("order"), 1.0), (bank.clone(), 2.0)].into(),
    };
    let range = TimeRange { from: start(), to: start() + TimeDelta::hours(2) };
    Platform {
        range,
        made_at: range.to,
        services: vec![traffic("order")],
        resources: vec![
            series("order", ResourceKind::Connections, "connection", Some(20.0), |rate| 0.05 * rate),
            series("order", ResourceKind::Cpu, "instance", Some(2.0), |rate| 0.1 + 0.019 * rate),
            series("order", ResourceKind::Memory, "byte", Some(4e9), |_| 1e9),
        ],
        graph: CallGraph {
            range,
            one_in: 1,
            spans: 500,
            entries: vec![entry],
            edges: vec![Edge { from: service("order"), to: bank, calls: 200, per_call: Some(2.0) }],
        },
        trend: trend(&[]),
        ahead: Vec::new(),
    }
}

fn config() -> CapacityConfig {
    let quota = Limit::Rate {
        name: "bank quota".into(),
        service: Some("order".into()),
        upstream: Some("bank".into()),
        per_second: 200.0,
    };
    CapacityConfig { limits: vec![quota], ..CapacityConfig::default() }
}

fn walls(change: &WhatIf) -> Walls {
    let platform = platform();
    Laws::fit(&platform, &config()).walls(&platform, change)
}

fn find<'a>(walls: &'a Walls, id: &str) -> &'a Wall {
    walls.walls.iter().find(|wall| wall.id == id).unwrap_or_else(|| panic!("no {id} in {walls:#?}"))
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-3 * b.abs()
}

/// The share of a queue with so many servers that is in use where callers give up.
fn breaks(servers: f64) -> f64 {
    1.0 - 100_f64.ln() / (100.0 * servers)
}

/// Connections of one instance.
const POOL: f64 = 10.0;

/// The busiest five minutes: the mean of the last five steps.
const PEAK: f64 = (600.0 + 15.0 * 117.0) / 60.0;

#[test]
fn each_resource_is_full_where_its_law_says() {
    let found = walls(&WhatIf::default());
    let ids: Vec<_> = found.walls.iter().map(|wall| wall.id.as_str()).collect();
    assert_eq!(ids, ["order/cpu", "order/rate/bank quota", "order/connections"]);
    let cpu = find(&found, "order/cpu");
    assert!(near(cpu.limit.factor, (2.0 * breaks(1.0) - 0.1) / 0.019 / PEAK), "{cpu:?}");
    assert!(near(cpu.knee.utilisation, 0.5), "each instance has one core");
    let pool = find(&found, "order/connections");
    let most = 400.0 * breaks(POOL);
    assert!(near(pool.limit.per_second, most) && near(pool.limit.factor, most / PEAK), "{pool:?}");
    assert!(pool.knee.factor < pool.limit.factor);
    let quota = find(&found, "order/rate/bank quota");
    assert!(near(quota.limit.factor, 100.0 / PEAK) && near(quota.knee.factor, 80.0 / PEAK));
    for wall in &found.walls {
        assert!(wall.knee.low <= wall.knee.factor && wall.knee.factor <= wall.knee.high);
        assert_eq!(wall.when.why, "0 whole days of history; growth is told from 28 on");
    }
    let memory = &found.without[0];
    assert_eq!(
        (memory.resource.id().as_str(), memory.why.as_str()),
        ("order/memory", "use does not grow with requests")
    );
}

#[test]
fn stages_name_what_is_met_on_the_way() {
    let found = walls(&WhatIf::default());
    let told: Vec<_> = found.stages.iter().map(|stage| stage.sentence.as_str()).collect();
    insta::assert_debug_snapshot!(told, @r#"
    [
        "at 2x one wall is met: the processors of order at 1.2x",
        "at 5x 2 walls are met: the processors of order at 1.2x, what bank quota allows order at 2.0x",
        "at 10x 3 walls are met: the processors of order at 1.2x, what bank quota allows order at 2.0x, the connections of order at 6.1x",
    ]
    "#);
}

#[test]
fn a_change_moves_its_wall_and_no_other() {
    let before = walls(&WhatIf::default());
    let change = WhatIf { pool_size: [("order".to_owned(), 40.0)].into(), ..WhatIf::default() };
    let after = walls(&change);
    assert!(near(find(&after, "order/connections").limit.per_second, 800.0 * breaks(2.0 * POOL)));
    assert!(
        find(&after, "order/connections").knee.utilisation
            > find(&before, "order/connections").knee.utilisation
    );
    assert_eq!(find(&after, "order/cpu").limit, find(&before, "order/cpu").limit);

    let change = WhatIf { replicas: [("order".to_owned(), 4.0)].into(), ..WhatIf::default() };
    let cpu = find(&walls(&change), "order/cpu").limit.factor;
    assert!(near(cpu, (4.0 * breaks(1.0) - 0.2) / 0.019 / PEAK), "{cpu}");

    let market = walls(&WhatIf { new_market: 1.0, ..WhatIf::default() });
    for wall in &before.walls {
        let then = find(&market, &wall.id);
        assert!(
            near(then.limit.factor * 2.0, wall.limit.factor)
                && near(then.limit.per_second, wall.limit.per_second)
        );
    }
}

/// `order` and `report` hold connections of the database `orders`: the former 50 ms a request as its traffic rises,
/// the latter 100 ms a request as its traffic falls.
pub(crate) fn sharing() -> Platform {
    let mut platform = platform();
    let rising = platform.services[0].clone();
    let steps = rising.steps.iter().zip(rising.steps.iter().rev());
    let falling = steps.map(|(step, mirrored)| Step { ts: step.ts, ..*mirrored }).collect();
    platform.services.push(ServiceTraffic { service: "report".into(), steps: falling, ..rising });
    let mut pool = series("order", ResourceKind::Connections, "connection", Some(40.0), |_| 0.0);
    pool.resource.service = "report".into();
    for (point, step) in pool.points.iter_mut().zip(&platform.services[1].steps) {
        point.used = 0.1 * step.rate(60);
    }
    platform.resources.push(pool);
    for of in ["order", "report"] {
        let to = Target::Database { service: of.into(), name: "orders".into() };
        platform.graph.edges.push(Edge { from: service(of), to, calls: 100, per_call: Some(1.0) });
    }
    let database = Target::Database { service: "report".into(), name: "orders".into() };
    let visits = [(service("report"), 1.0), (database, 1.0)].into();
    let entry = Entry { service: "report".into(), operation: "GET /report".into(), traces: 100, visits };
    platform.graph.entries.push(entry);
    platform
}

pub(crate) fn laws_of(platform: &Platform, most: f64) -> Laws {
    let limits = vec![Limit::Database { name: "orders".into(), most }];
    Laws::fit(platform, &CapacityConfig { limits, ..CapacityConfig::default() })
}

#[test]
fn a_database_that_services_share_is_one_wall() {
    let platform = sharing();
    let most = 10.0;
    let laws = laws_of(&platform, most);
    let wall = |change: &WhatIf| find(&laws.walls(&platform, change), "report/database/orders").clone();
    let found = wall(&WhatIf::default());
    // Report falls from 39.75 to 10 requests a second while order rises: together they use most at the beginning.
    let (order, report) = ((600.0 + 15.0 * 2.0) / 60.0, PEAK);
    let used = 0.05 * order + 0.1 * report;
    assert_eq!(found.peak.at, start(), "when the sum is largest, and not when order is");
    assert!(near(found.today.used, used) && near(found.peak.per_second, order + report), "{found:?}");
    assert!(near(found.limit.factor, most / used) && near(found.knee.factor, 0.8 * most / used), "{found:?}");
    assert!(found.limit.low <= found.limit.factor && found.limit.factor <= found.limit.high);
    assert!(found.sentence.ends_with("; shared by report 88 %, order 12 %"), "{}", found.sentence);

    let more = wall(&WhatIf { traffic: [("GET /report".to_owned(), 2.0)].into(), ..WhatIf::default() });
    assert!(near(more.today.used, used + 0.1 * report), "only report's part grows: {more:?}");
    let less = wall(&WhatIf { work: [("order".to_owned(), 0.5)].into(), ..WhatIf::default() });
    assert!(near(less.today.used, used - 0.025 * order), "{less:?}");
    // A third service uses it too, and no metric says how much: the wall is nearer than is told.
    let mut more = platform.clone();
    let to = Target::Database { service: "audit".into(), name: "orders".into() };
    more.graph.edges.push(Edge { from: service("audit"), to, calls: 9, per_call: Some(1.0) });
    let unknown = laws_of(&more, most).walls(&more, &WhatIf::default());
    let unknown = find(&unknown, "report/database/orders");
    assert_eq!(unknown.strength, Strength::Weak);
    insta::assert_snapshot!(unknown.evidence.doubts.join("\n"), @"how much of it audit use is not known, so that it is fuller than is told");
    let larger = &found.moves.iter().find(|m| m.change == "orders: 10 -> 20 connections").unwrap();
    assert!(near(larger.to.unwrap(), 2.0 * found.knee.factor), "{larger:?}");
    let walls = laws.walls(&platform, &larger.what_if);
    assert!(walls.ignored.is_empty(), "{:?}", walls.ignored);
}

#[test]
fn a_quota_that_services_share_is_one_wall() {
    let mut platform = sharing();
    let bank = Target::Upstream { service: "report".into(), host: "bank".into() };
    platform.graph.edges.push(Edge { from: service("report"), to: bank, calls: 100, per_call: Some(1.0) });
    let quota = |upstream: &str| Limit::Rate {
        name: "bank quota".into(),
        service: None,
        upstream: Some(upstream.into()),
        per_second: 200.0,
    };
    let limits = vec![quota("bank"), quota("nobody")];
    let laws = Laws::fit(&platform, &CapacityConfig { limits, ..CapacityConfig::default() });
    let walls = laws.walls(&platform, &WhatIf::default());
    // Order calls twice for each request and report once: most is asked when order is busiest.
    let asked = 2.0 * PEAK + (600.0 + 15.0 * 2.0) / 60.0;
    assert!(near(find(&walls, "order/rate/bank quota").limit.factor, 200.0 / asked));
    let nobody = walls.without.iter().find(|n| n.resource.kind == WallKind::Rate).unwrap();
    assert_eq!(nobody.why, "no service is seen that uses it");
    assert_eq!(nobody.resource.id(), "rate/bank quota");
}

#[test]
fn limits_without_meaning_are_refused() {
    let refused = |limit: &str| {
        let config: CapacityConfig = toml::from_str(&format!("limits = [{{ {limit} }}]")).unwrap();
        config.validate().map_err(|(setting, wrong)| format!("{setting} {wrong}")).unwrap_err()
    };
    insta::assert_snapshot!(refused("kind = 'rate', name = 'bank', per_second = 5"), @"limits[0] a rate needs the service that is limited, the upstream that limits, or both");
    insta::assert_snapshot!(refused("kind = 'rate', name = '', upstream = 'bank', per_second = 5"), @"limits[0].name must not be empty");
    insta::assert_snapshot!(refused("kind = 'database', name = '', most = 5"), @"limits[0].name must not be empty");
    insta::assert_snapshot!(refused("kind = 'database', name = 'orders', most = 0"), @"limits[0] the limit must be above 0");
}

#[test]
fn moves_say_how_far_and_what_is_first_then() {
    let found = walls(&WhatIf::default());
    let cpu = find(&found, "order/cpu");
    let told: Vec<_> = cpu
        .moves
        .iter()
        .map(|m| {
            format!(
                "{}: {:.2} -> {:.2}, then {:?}",
                m.change,
                m.from,
                m.to.unwrap(),
                m.then_first.as_ref().unwrap().0
            )
        })
        .collect();
    insta::assert_debug_snapshot!(told, @r#"
    [
        "right-size order: instances twice as large: 1.21 -> 3.66, then \"order/rate/bank quota\"",
        "replicas of order: 2 -> 4: 1.21 -> 2.41, then \"order/rate/bank quota\"",
        "order: less work in each request, a quarter off: 1.21 -> 1.61, then \"order/cpu\"",
    ]
    "#);
    for wall in &found.walls {
        for m in &wall.moves {
            let then = walls(&m.what_if);
            assert!(near(find(&then, &wall.id).knee.factor, m.to.unwrap()), "{m:?}");
            assert_eq!(then.walls[0].id, m.then_first.as_ref().unwrap().0);
        }
    }
}

#[test]
fn a_forecast_that_reaches_a_wall_names_its_event() {
    let mut platform = platform();
    let noon = start() + TimeDelta::days(3);
    platform.ahead = vec![Ahead {
        service: "order".into(),
        points: vec![(noon - TimeDelta::hours(1), 30.0), (noon, 90.0)],
        peak: None,
        events: vec![("FOMC".into(), noon, noon + TimeDelta::hours(2))],
    }];
    let found = Laws::fit(&platform, &config()).walls(&platform, &WhatIf::default());
    let cpu = find(&found, "order/cpu");
    assert_eq!((cpu.when.forecast, cpu.when.event.as_deref()), (Some(noon), Some("FOMC")));
    assert!(
        cpu.sentence.ends_with("; the forecast reaches it on 2026-11-23 10:00 UTC (FOMC)"),
        "{}",
        cpu.sentence
    );
    assert_eq!(find(&found, "order/connections").when.forecast, None);
}

#[test]
fn changes_without_meaning_are_refused() {
    let wrong = |change: &str| serde_json::from_str::<WhatIf>(change).unwrap().validate().unwrap_err();
    insta::assert_snapshot!(wrong(r#"{"replicas":{"order":0}}"#), @"replicas.order is 0; give a number above 0 and up to 1e9");
    insta::assert_snapshot!(wrong(r#"{"cache_hit_ratio":[{"from":"a","to":"b","then":1.5}]}"#), @"cache_hit_ratio from a to b: shares are from 0 to 1, and today's is below 1");
    assert!(serde_json::from_str::<WhatIf>(r#"{"cheese":1}"#).is_err());
}

proptest! {
    #[test]
    fn more_demand_never_moves_a_wall_away(orders in 0.5..20.0_f64, market in 0.0..3.0_f64) {
        let base = walls(&WhatIf::default());
        let more = walls(&WhatIf {
            traffic: [("POST /orders".to_owned(), orders)].into(),
            new_market: market,
            ..WhatIf::default()
        });
        for wall in &base.walls {
            let then = find(&more, &wall.id);
            prop_assert!(near(then.limit.factor * orders * (1.0 + market), wall.limit.factor));
            prop_assert!(then.knee.factor <= then.limit.factor);
        }
    }
}

#[test]
fn instances_that_come_and_go_make_no_wall_of_their_own() {
    // As many instances as requests need, each with a flat gigabyte: the sum rises with requests.
    let mut platform = platform();
    let scaled = |rate: f64| (rate / 10.0).ceil();
    let memory = platform.resources.iter_mut().find(|s| s.resource.kind == ResourceKind::Memory).unwrap();
    for (point, step) in memory.points.iter_mut().zip(&traffic("order").steps) {
        let instances = scaled(step.rate(60));
        (point.used, point.instances, point.capacity) =
            (1e9 * instances, instances as u32, Some(2e9 * instances));
    }
    let found = Laws::fit(&platform, &config()).walls(&platform, &WhatIf::default());
    assert!(found.walls.iter().all(|wall| wall.resource.kind != WallKind::Memory), "{}", found.text());
}

#[test]
fn capacity_is_that_of_the_peak_and_not_of_the_night() {
    let mut platform = platform();
    let cpu = platform.resources.iter_mut().find(|s| s.resource.kind == ResourceKind::Cpu).unwrap();
    let last = cpu.points.len() - 1;
    (cpu.points[last].instances, cpu.points[last].capacity, cpu.points[last].used) = (1, Some(1.0), 0.4);
    cpu.capacity = Some(1.0);
    let found = Laws::fit(&platform, &config()).walls(&platform, &WhatIf::default());
    assert_eq!(find(&found, "order/cpu").today.capacity, 2.0);
}

#[test]
fn a_cache_before_the_database_moves_its_pool() {
    let mut platform = platform();
    let database = Target::Database { service: "order".into(), name: "orders".into() };
    platform.graph.entries[0].visits.insert(database.clone(), 3.0);
    platform.graph.edges.push(Edge { from: service("order"), to: database, calls: 300, per_call: Some(3.0) });
    let laws = Laws::fit(&platform, &config());
    let before = laws.walls(&platform, &WhatIf::default());
    let cache = HitRatio { from: "order".into(), to: "orders".into(), today: 0.0, then: 0.5 };
    let after = laws.walls(&platform, &WhatIf { cache_hit_ratio: vec![cache], ..WhatIf::default() });
    let pool = |walls: &Walls| find(walls, "order/connections").limit;
    assert!(near(pool(&after).factor, 2.0 * pool(&before).factor));
    assert!(
        near(pool(&after).per_second, 2.0 * pool(&before).per_second),
        "requests of the service, twice as many"
    );
    assert_eq!(find(&after, "order/cpu").limit, find(&before, "order/cpu").limit);
    let moves = &find(&before, "order/connections").moves;
    assert!(
        moves.iter().any(|m| m.change == "a cache that answers half of what order asks orders"),
        "{moves:?}"
    );
}

#[test]
fn names_that_nothing_has_are_told() {
    let change = r#"{"replicas":{"ordr":9,"order":3},"traffic":{"POST /ordres":2},"fan_out":[{"from":"order","to":"bnak","times":2}],"limit":{"bank quota":500}}"#;
    let found = walls(&serde_json::from_str(change).unwrap());
    assert_eq!(found.ignored, ["replicas.ordr", "traffic.POST /ordres", "fan_out from order to bnak"]);
}

#[test]
fn a_wall_that_is_met_already_says_so() {
    let mut platform = platform();
    for point in &mut platform.resources[0].points {
        point.capacity = Some(1.5);
    }
    let found = Laws::fit(&platform, &config()).walls(&platform, &WhatIf::default());
    let pool = find(&found, "order/connections");
    assert!(pool.knee.factor < 1.0);
    assert_eq!(
        (pool.when.date, pool.when.why.as_str()),
        (Some(platform.range.to.date_naive()), "it is met at today's peak")
    );
}

//! Latency's questions at scale: what each takes on a day of so many spans, and how that grows.
//!
//! `cargo bench -p headroom-query --bench latency_bench [-- MILLIONS...]` (default 10) fills a store with a day of twenty
//! services of six or seven operations, three pairs of version and region at once; traces of five spans with a dozen
//! attributes; one request in fifty fails. Then it asks. CPU is of this process and of the engine (or of the server whose process id
//! `HEADROOM_BENCH_PID` tells, with `HEADROOM_TEST_CLICKHOUSE`).
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

#[path = "measure/mod.rs"]
mod measure;

use std::time::Instant;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use headroom_query::bubbleup::{self, Names, Selection};
use headroom_query::compare::{self, CompareQuery, Side};
use headroom_query::latency::{self, LatencyQuery};
use headroom_query::red::{self, Dimension, RedQuery};
use headroom_query::{TimeRange, service_map, services};
use headroom_store::{Store, literal, schema, testing};
use measure::{ask, cpu_seconds};

const TENANT: &str = "acme";
/// The service that every trace begins in: two spans of five are its own.
const BUSY: &str = "gateway";
/// Spans of one insert.
const BLOCK: u64 = 1_000_000;

fn main() {
    let mut millions: Vec<u64> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    if millions.is_empty() {
        millions.push(10);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for size in millions {
        runtime.block_on(run(size * 1_000_000));
    }
}

async fn run(spans: u64) {
    let store = testing::store().await;
    let day = (Utc::now() - TimeDelta::hours(26)).duration_trunc(TimeDelta::hours(1)).unwrap();
    let (begin, cpu) = (Instant::now(), cpu_seconds());
    fill(&store, day, spans).await;
    println!("## {spans} spans\n\n| what | figure |\n|---|---|");
    println!("| filling | {:.0} s, {:.0} CPU-s |", begin.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    for table in [schema::SPANS, schema::LATENCY_BUCKETS_1M, schema::LATENCY_BUCKETS_1H] {
        let sql = format!("SELECT count() FROM {}", store.table(table));
        println!("| rows of {table} | {} |", store.rows::<u64>(&sql).await.unwrap()[0]);
    }
    println!("\n| question | p50 ms | p95 ms | CPU-ms |\n|---|---|---|---|");
    questions(&store, TimeRange::new(day, day + TimeDelta::hours(24)).unwrap()).await;
    println!();
}

async fn questions(store: &Store, day: TimeRange) {
    let hour = TimeRange::new(day.from + TimeDelta::hours(16), day.from + TimeDelta::hours(17)).unwrap();
    let of_day = LatencyQuery { step: Some(TimeDelta::minutes(12)), ..LatencyQuery::new(BUSY, day) };
    ask("percentiles and their series, a day", async || {
        assert!(latency::percentiles(store, TENANT, &of_day).await.unwrap().count > 0);
    })
    .await;
    ask("heat-map, a day", async || {
        assert!(latency::heatmap(store, TENANT, &of_day, 120).await.unwrap().max > 0);
    })
    .await;
    let side = |range, version: Option<&str>| Side { range, version: version.map(str::to_owned) };
    let half = |from| TimeRange { from, to: from + TimeDelta::hours(12) };
    for (what, baseline, candidate) in [
        ("two versions compared, a day", side(day, Some("1.0")), side(day, Some("1.1"))),
        (
            "two half days compared",
            side(half(day.from), None),
            side(half(day.from + TimeDelta::hours(12)), None),
        ),
    ] {
        let query =
            CompareQuery { service: BUSY.to_owned(), operation: None, kind: None, baseline, candidate };
        ask(what, async || {
            assert!(compare::compare(store, TENANT, &query).await.unwrap().distance.is_some());
        })
        .await;
    }
    for (what, range) in [("an hour", hour), ("a day", day)] {
        let failed = Selection::failed(BUSY, range);
        let slow = Selection { errors: false, low_ns: Some(30_000_000), ..failed.clone() };
        for (which, selection) in [("failed", failed), ("slow", slow)] {
            ask(&format!("BubbleUp of {which} requests, {what}"), async || {
                let found = bubbleup::differences(store, TENANT, &selection, Names::Shown, Utc::now()).await;
                assert!(!found.unwrap().differences.is_empty());
            })
            .await;
        }
    }
    for (by, service) in [
        ("service", None),
        ("operation", Some(BUSY)),
        ("version", Some(BUSY)),
        ("region", Some(BUSY)),
        ("region", None),
        ("tenant", Some(BUSY)),
    ] {
        let query = RedQuery {
            by: Dimension::parse(by).unwrap(),
            service: service.map(str::to_owned),
            operation: None,
            version: None,
            region: None,
            range: day,
            step: TimeDelta::minutes(12),
            limit: 10,
        };
        let of = if service.is_some() { "one service" } else { "all services" };
        ask(&format!("rate, errors, duration by {by} of {of}, a day"), async || {
            assert!(!red::red(store, TENANT, &query, Names::Shown).await.unwrap().groups.is_empty());
        })
        .await;
    }
    for (what, range) in [("an hour", hour), ("a day", day)] {
        ask(&format!("service map, {what}"), async || {
            assert!(!service_map::map(store, TENANT, range, None).await.unwrap().edges.is_empty());
        })
        .await;
        ask(&format!("error groups, {what}"), async || {
            let found = services::errors(store, TENANT, BUSY, range, Names::Shown).await.unwrap();
            assert!(!found.errors.is_empty());
        })
        .await;
    }
}

/// The spans, and the rollups that are sums of them.
async fn fill(store: &Store, day: DateTime<Utc>, spans: u64) {
    for first in (0..spans).step_by(BLOCK as usize) {
        store.execute(&insert(store, day, spans, first)).await.unwrap();
    }
    let latency = [schema::LATENCY_BUCKETS_1M, schema::LATENCY_BUCKETS_1H, schema::SPAN_MINUTE];
    for rollup in schema::rollups().into_iter().filter(|rollup| latency.contains(&rollup.table)) {
        let columns = schema::columns_of(rollup.table).join(", ");
        let select = rollup.select.replace("{source}", &store.table(rollup.source));
        let table = store.table(rollup.table);
        let sql = format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM ({select})");
        store.execute(&sql).await.unwrap();
    }
}

/// Spans `first` and following. A trace: a request to the gateway, its call of one of nineteen services, that service's
/// own span, its database call and its message.
fn insert(store: &Store, day: DateTime<Utc>, spans: u64, first: u64) -> String {
    let columns = "tenant, service, operation, kind, status, status_message, ts, duration_ns, trace_id, span_id, \
        parent_span_id, version, region, customer_id, resource, attributes, events_ts, events_name, events_attributes";
    let start = literal::ts(day);
    let step_ns = 86_400_000_000_000 / (spans / 5);
    let count = BLOCK.min(spans - first);
    format!(
        "INSERT INTO {table} ({columns}) \
        WITH intDiv(number, 5) AS t, number % 5 AS j, cityHash64(t) AS h, \
          concat('svc-', toString(1 + h % 19)) AS peer, if(j < 2, '{BUSY}', peer) AS svc, \
          concat('op', toString(bitShiftRight(h, 8) % 5)) AS op, bitShiftRight(h, 16) % 50 = 0 AS failed, \
          bitShiftRight(h, 24) % 3 AS pod, if(number < {spans} / 2 OR pod = 0, '1.0', '1.1') AS ver, \
          ['eu-west-1', 'us-east-1'][1 + pod % 2] AS zone, toString(bitShiftRight(h, 30) % 100000) AS customer, \
          {start} + toIntervalNanosecond(t * {step_ns} + j * 150000) AS start, \
          concat('order ', toString(h % 100000), ' not found') AS said, failed AND j < 3 AS fails \
        SELECT '{TENANT}', svc, multiIf(j = 1, 'POST', j = 3, 'SELECT orders', j = 4, 'send orders', op), \
          ['server', 'client', 'server', 'client', 'producer'][j + 1], if(fails, 'error', 'ok'), if(fails, said, ''), \
          start, toUInt64(exp(15 + randNormal(0, 0.8)) * if(failed OR ver = '1.1' AND pod = 1, 4, 1) / (1 + j)), \
          sipHash128(t), reinterpretAsFixedString(cityHash64(number)), \
          if(j = 0, toFixedString('', 8), reinterpretAsFixedString(cityHash64(if(j < 3, number - 1, number - j + 2)))), \
          ver, zone, customer, \
          map('service.name', svc, 'service.version', ver, 'service.instance.id', concat(svc, '-', toString(pod)), \
            'host.name', concat('ip-10-0-', toString(pod)), 'k8s.pod.name', concat(svc, '-', toString(pod)), \
            'cloud.region', zone, 'cloud.provider', 'aws', 'deployment.environment.name', 'production', \
            'telemetry.sdk.language', 'rust'), \
          mapFilter((k, v) -> v != '', map('http.request.method', if(j < 3, 'POST', ''), 'http.route', if(j < 3, op, ''), \
            'http.response.status_code', multiIf(j > 2, '', failed, '404', '200'), \
            'server.address', if(j = 1, concat(peer, '.internal'), ''), 'db.system.name', if(j = 3, 'postgresql', ''), \
            'db.namespace', if(j = 3, 'orders', ''), 'messaging.destination.name', if(j = 4, 'orders', ''), \
            'order.id', concat('ord-', toString(h)), 'customer.id', customer, \
            'tenant.id', concat('broker-', toString(bitShiftRight(h, 40) % 12)), \
            'venue', ['XNYS', 'XNAS', 'XLON', 'XETR'][1 + bitShiftRight(h, 44) % 4], \
            'thread.name', concat('worker-', toString(bitShiftRight(h, 48) % 16)), \
            'order.type', ['limit', 'market'][1 + bitShiftRight(h, 52) % 2])), \
          if(fails, [start], []), if(fails, ['exception'], []), \
          if(fails, [map('exception.type', 'OrderNotFound', 'exception.message', said)], []) \
        FROM numbers({first}, {count}) SETTINGS max_insert_threads = 1",
        table = store.table(schema::SPANS),
    )
}

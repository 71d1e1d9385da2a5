//! Latency's questions at scale: what each takes on a day of so many spans, and how that grows.
//!
//! `cargo bench -p headroom-query --bench latency_bench [-- MILLIONS...]` (default 10) fills a store with a day of twenty
//! services of six or seven operations, three pairs of version and region at once; traces of five spans with a dozen
//! attributes; one request in fifty fails. Then it asks. CPU is of this process and of the engine (or of the server whose process id
//! `HEADROOM_BENCH_PID` tells, with `HEADROOM_TEST_CLICKHOUSE`).
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

#[path = "measure/mod.rs"]
mod measure;
#[path = "spans/mod.rs"]
mod spans;

use std::time::Instant;

use chrono::{DurationRound, TimeDelta, Utc};
use headroom_query::bubbleup::{self, Names, Selection};
use headroom_query::compare::{self, CompareQuery, Side};
use headroom_query::latency::{self, LatencyQuery};
use headroom_query::red::{self, Dimension, RedQuery};
use headroom_query::{TimeRange, service_map, services};
use headroom_store::{Store, schema, testing};
use measure::{ask, at_sizes, cpu_seconds};
use spans::{BUSY, TENANT, fill};

fn main() {
    at_sizes(run);
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
            step: TimeDelta::hours(1),
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

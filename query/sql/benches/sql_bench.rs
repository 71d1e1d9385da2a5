//! What analysts' questions cost: through the door, and the same question written for ClickHouse by hand.
//!
//! `cargo bench -p headroom-sql --bench sql_bench [-- MILLIONS]` (default 1) fills a store with a day of spans and asks each
//! question both ways in turn. The ratio is what the door adds: planning, Arrow, sums that do not overflow. CPU is of this
//! process and of the engine (or of the server whose process id `HEADROOM_BENCH_PID` tells, with
//! `HEADROOM_TEST_CLICKHOUSE`).
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

#[path = "../../benches/measure/mod.rs"]
mod measure;
#[path = "../../benches/spans/mod.rs"]
mod spans;

use chrono::{DurationRound, TimeDelta, Utc};
use headroom_sql::{Principal, SqlConfig, SqlDoor};
use headroom_store::{literal, testing};
use measure::{ask, cpu_seconds};
use spans::{BUSY, TENANT, fill};

/// Spans that were sent twice are one, as in the view.
const ONCE: &str = "LIMIT 1 BY trace_id, span_id, service, operation, ts";

/// A question, and the same by hand; `{spans}` and the like stand for tables, `{day}` for the day's condition.
const QUESTIONS: [[&str; 3]; 8] = [
    [
        "spans of the day",
        "SELECT count(*) FROM spans WHERE {day}",
        "SELECT count() FROM (SELECT 1 FROM {spans} WHERE {ts} {once})",
    ],
    [
        "failed requests of a service by the hour",
        "SELECT date_trunc('hour', ts) AS hour, count(*) FROM spans WHERE {day} AND service = 'gateway' AND status = 'error' GROUP BY hour",
        "SELECT toStartOfHour(ts) AS hour, count() FROM (SELECT ts, status FROM {spans} WHERE {ts} AND service = 'gateway' {once}) WHERE status = 'error' GROUP BY hour",
    ],
    [
        "operations of a service, mean and worst",
        "SELECT operation, count(*), avg(duration_ns), max(duration_ns) FROM spans WHERE {day} AND service = 'gateway' GROUP BY operation",
        "SELECT operation, count(), avg(duration_ns), max(duration_ns) FROM (SELECT operation, duration_ns FROM {spans} WHERE {ts} AND service = 'gateway' {once}) GROUP BY operation",
    ],
    [
        "the slowest spans of a service",
        "SELECT ts, operation, duration_ns, trace_id FROM spans WHERE {day} AND service = 'svc-3' ORDER BY duration_ns DESC LIMIT 20",
        "SELECT ts, operation, duration_ns, lower(hex(trace_id)) FROM (SELECT ts, operation, duration_ns, trace_id FROM {spans} WHERE {ts} AND service = 'svc-3' {once}) ORDER BY duration_ns DESC LIMIT 20",
    ],
    [
        "customers of a service",
        "SELECT count(DISTINCT customer_id) FROM spans WHERE {day} AND service = 'gateway'",
        "SELECT uniqExact(customer_id) FROM (SELECT customer_id FROM {spans} WHERE {ts} AND service = 'gateway' {once}) WHERE customer_id != ''",
    ],
    [
        "calls and errors of all services by the hour",
        "SELECT service, date_trunc('hour', minute) AS hour, sum(calls), sum(errors) FROM services WHERE {day_minute} GROUP BY service, hour",
        "SELECT service, toStartOfHour(m) AS hour, sum(calls), sum(errors) FROM {span_minute} WHERE {m} AND kind IN ('server', 'consumer') GROUP BY service, hour",
    ],
    [
        "latency buckets of a service",
        "SELECT bucket, sum(spans) FROM latency_buckets WHERE {day_minute} AND service = 'gateway' GROUP BY bucket",
        "SELECT b, sum(n) FROM {latency_buckets_1m} WHERE {m} AND service = 'gateway' GROUP BY b",
    ],
    [
        "requests by an attribute",
        "SELECT attr(attributes, 'venue') AS venue, count(*) FROM spans WHERE {day} AND service = 'svc-3' GROUP BY venue",
        "SELECT attributes['venue'] AS venue, count() FROM (SELECT attributes FROM {spans} WHERE {ts} AND service = 'svc-3' {once}) GROUP BY venue",
    ],
];

fn main() {
    let millions: u64 = std::env::args().skip(1).find_map(|text| text.parse().ok()).unwrap_or(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(run(millions * 1_000_000));
}

async fn run(spans: u64) {
    let store = testing::store().await;
    let day = (Utc::now() - TimeDelta::hours(26)).duration_trunc(TimeDelta::hours(1)).unwrap();
    let end = day + TimeDelta::hours(24);
    let cpu = cpu_seconds();
    fill(&store, day, spans).await;
    println!(
        "## {spans} spans, filled with {:.0} CPU-s; the busiest service is {BUSY}\n",
        cpu_seconds() - cpu
    );
    println!("| question | p50 ms | p95 ms | CPU-ms |\n|---|---|---|---|");
    let door = SqlDoor::new(store.clone(), SqlConfig::default()).unwrap();
    let by = Principal { name: "ada".to_owned(), role: "analyst".to_owned(), tenant: TENANT.to_owned() };
    let asked = |column: &str| {
        let [from, to] = [day, end].map(|at| at.format("%Y-%m-%dT%H:%M:%SZ"));
        format!("{column} >= '{from}' AND {column} < '{to}'")
    };
    let own = |column: &str| {
        let [from, to] = [day, end].map(literal::ts);
        format!("tenant = '{TENANT}' AND {column} >= {from} AND {column} < {to}")
    };
    for [what, question, by_hand] in QUESTIONS {
        let question = question.replace("{day}", &asked("ts")).replace("{day_minute}", &asked("minute"));
        let by_hand = ["spans", "span_minute", "latency_buckets_1m"]
            .into_iter()
            .fold(by_hand.to_owned(), |sql, name| sql.replace(&format!("{{{name}}}"), &store.table(name)))
            .replace("{once}", ONCE)
            .replace("{ts}", &own("ts"))
            .replace("{m}", &own("m"));
        ask(what, async || {
            assert!(door.query_json(&by, &question, None).await.unwrap().row_count > 0, "{question}");
        })
        .await;
        ask("the same by hand", async || {
            let answer =
                store.client().query_raw(&by_hand).fetch_bytes("TabSeparated").unwrap().collect().await;
            assert!(!answer.unwrap().is_empty(), "{by_hand}");
        })
        .await;
    }
}

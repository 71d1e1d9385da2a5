//! What analysts' questions cost: through the door, the same question written for ClickHouse by hand, and the same rows as
//! Parquet asked by DataFusion and by DuckDB.
//!
//! `cargo bench -p headroom-sql --bench sql_bench [-- MILLIONS ..]` (default 10) fills a store with a day of spans and asks
//! each question all ways in turn. The ratio of the first two is what the door adds: planning, Arrow, sums that do not
//! overflow. CPU is of this process and of the engine (or of the server whose process id `HEADROOM_BENCH_PID` tells, with
//! `HEADROOM_TEST_CLICKHOUSE`), and of DuckDB. That is asked where `python3` (or `HEADROOM_BENCH_PYTHON`) has the module
//! `duckdb`, and left out with a word where it has not.
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

#[path = "../../benches/measure/mod.rs"]
mod measure;
mod parquet;
mod questions;
#[path = "../../benches/spans/mod.rs"]
mod spans;

use std::fs::File;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use headroom_sql::{Principal, SqlConfig, SqlDoor};
use headroom_store::{literal, testing};
use measure::{ask, at_sizes, cpu_seconds};
use parquet::{Duck, Fusion};
use questions::{QUESTIONS, Question};
use spans::{BUSY, TENANT, fill};

/// Spans that were sent twice are one, as in the view.
const ONCE: &str = "LIMIT 1 BY trace_id, span_id, service, operation, ts";
/// Portions in which the rows are written as Parquet.
const PORTION: TimeDelta = TimeDelta::hours(2);

fn main() {
    at_sizes(run);
}

async fn run(spans: u64) {
    let store = testing::store().await;
    let day = (Utc::now() - TimeDelta::hours(26)).duration_trunc(TimeDelta::hours(1)).unwrap();
    let end = day + TimeDelta::hours(24);
    let cpu = cpu_seconds();
    fill(&store, day, spans).await;
    let filled = cpu_seconds() - cpu;
    let door = SqlDoor::new(store.clone(), SqlConfig { deadline_s: 600, ..SqlConfig::default() }).unwrap();
    let by = Principal { name: "ada".to_owned(), role: "analyst".to_owned(), tenant: TENANT.to_owned() };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spans.parquet");
    write(&door, &by, day, end, &file).await;
    let bytes = std::fs::metadata(&file).unwrap().len();
    println!(
        "## {spans} spans, filled with {filled:.0} CPU-s; the busiest service is {BUSY}; {} MB as Parquet\n",
        bytes >> 20
    );
    let fusion = Fusion::open(&file).await;
    let mut duck = Duck::open(&file);
    if duck.is_none() {
        println!("DuckDB is not asked: python3 has no module duckdb (`pip install duckdb`).\n");
    }
    println!("| question | p50 ms | p95 ms | CPU-ms |\n|---|---|---|---|");
    let asked = |column: &str| {
        let [from, to] = [day, end].map(|at| at.format("%Y-%m-%dT%H:%M:%SZ"));
        format!("{column} >= '{from}' AND {column} < '{to}'")
    };
    let own = |column: &str| {
        let [from, to] = [day, end].map(literal::ts);
        format!("tenant = '{TENANT}' AND {column} >= {from} AND {column} < {to}")
    };
    let mut ratios = Vec::new();
    for Question { what, door: question, by_hand, parquet } in QUESTIONS {
        let question = question.replace("{day}", &asked("ts")).replace("{day_minute}", &asked("minute"));
        let by_hand = ["spans", "span_minute", "latency_buckets_1m"]
            .into_iter()
            .fold(by_hand.to_owned(), |sql, name| sql.replace(&format!("{{{name}}}"), &store.table(name)))
            .replace("{once}", ONCE)
            .replace("{ts}", &own("ts"))
            .replace("{m}", &own("m"));
        let through = ask(what, async || {
            assert!(door.query_json(&by, &question, None).await.unwrap().row_count > 0, "{question}");
        })
        .await;
        let hand = ask("by hand", async || {
            let answer =
                store.client().query_raw(&by_hand).fetch_bytes("TabSeparated").unwrap().collect().await;
            assert!(!answer.unwrap().is_empty(), "{by_hand}");
        })
        .await;
        ratios.push(format!("{:.2}", through / hand));
        let Some(parquet) = parquet else { continue };
        let parquet = parquet.replace("{day}", &asked("ts"));
        ask("DataFusion, Parquet", async || fusion.ask(&parquet).await).await;
        if let Some(duck) = &mut duck {
            ask("DuckDB, Parquet", async || duck.ask(&parquet)).await;
        }
    }
    println!("\nRatios of the medians, door to by hand: {}\n", ratios.join(", "));
}

/// The rows of the view as one file, in the order of time by portions.
async fn write(
    door: &SqlDoor,
    by: &Principal,
    day: DateTime<Utc>,
    end: DateTime<Utc>,
    file: &std::path::Path,
) {
    let mut writer = None;
    let mut from = day;
    while from < end {
        let to = from + PORTION;
        let sql =
            format!("SELECT * FROM spans WHERE ts >= '{}' AND ts < '{}'", from.to_rfc3339(), to.to_rfc3339());
        let mut answer = door.export(by, &sql).await.unwrap();
        let writer =
            writer.get_or_insert_with(|| parquet::writer(File::create(file).unwrap(), answer.schema.clone()));
        while let Some(batch) = answer.next().await.unwrap() {
            writer.write(&batch).unwrap();
        }
        from = to;
    }
    writer.unwrap().close().unwrap();
}

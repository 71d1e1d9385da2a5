//! The whole program, measured: what a fortnight of telemetry costs to take in and to keep, and how long
//! the pages' questions take on it.
//!
//! `cargo bench --bench whole [-- DAYS]` starts a demo, lets the sample platform fill in DAYS (default 14),
//! and prints tables in Markdown. CPU seconds are those of all processes: the program (which also runs the
//! sample platform's sender) and the engine.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub, reason = "a benchmark stops at the first surprise")]

#[path = "../tests/it/program.rs"]
mod program;

use program::{Demo, children};
use std::time::Instant;

/// Requests per question.
const TIMES: usize = 40;

fn main() {
    let days = std::env::args().skip(1).find(|a| a.parse::<u32>().is_ok()).unwrap_or_else(|| "14".to_owned());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure(&days));
}

async fn measure(days: &str) {
    let started = Instant::now();
    let demo = Demo::start(&["--backfill", &format!("{days}d")]);
    let wall = started.elapsed().as_secs_f64();
    let engine = children(demo.pid())[0];
    let (program, store) = (cpu_seconds(demo.pid()), cpu_seconds(engine));
    let count = async |table: &str| {
        clickhouse(&demo, &format!("SELECT count() FROM headroom.{table}")).await.parse::<f64>().unwrap()
    };
    let (spans, logs) = (count("spans").await, count("logs").await);
    let points = count("metric_gauge").await
        + count("metric_sum").await
        + count("metric_histogram").await
        + count("metric_exp_histogram").await;

    println!("## Taking in {days} days\n");
    println!("| what | figure |\n|---|---|");
    println!("| spans, log records, metric points | {spans:.0}, {logs:.0}, {points:.0} |");
    println!("| start to ready, wall | {wall:.1} s |");
    println!("| CPU of the program, sample platform included | {program:.1} s |");
    println!("| CPU of the engine, merges included | {store:.1} s |");
    println!(
        "| both, per million spans with their logs and points | {:.1} CPU-s |",
        (program + store) / spans * 1e6
    );

    println!("\n## Keeping it\n\n| table | rows | bytes a row |\n|---|---|---|");
    let kept = "SELECT table, sum(rows), round(sum(bytes_on_disk) / sum(rows), 1) FROM system.parts \
        WHERE active AND database = 'headroom' GROUP BY table HAVING sum(rows) > 1000 ORDER BY sum(bytes_on_disk) DESC";
    for line in clickhouse(&demo, kept).await.lines() {
        println!("| {} |", line.replace('\t', " | "));
    }

    println!("\n## Questions\n\n| question | p50 ms | p95 ms | bytes |\n|---|---|---|---|");
    let (_, portfolios) = demo.api("admin", "/api/v1/portfolios").await;
    let portfolio = portfolios["portfolios"][0]["id"].as_str().unwrap_or_default().to_owned();
    let customer = portfolios["portfolios"][0]["customer_id"].as_str().unwrap_or_default().to_owned();
    let (_, traces) = demo.api("admin", "/api/v1/traces?from=now-24h&limit=1").await;
    let trace = traces["traces"][0]["trace_id"].as_str().unwrap_or_default().to_owned();
    for path in [
        "/api/v1/overview".to_owned(),
        "/api/v1/services?from=now-24h".to_owned(),
        "/api/v1/latency?service=gateway&from=now-1h".to_owned(),
        "/api/v1/latency?service=gateway&from=now-24h".to_owned(),
        "/api/v1/latency?service=gateway&from=now-14d".to_owned(),
        "/api/v1/latency/heatmap?service=gateway&from=now-24h".to_owned(),
        format!("/api/v1/traces/{trace}"),
        "/api/v1/traces?from=now-24h&status=error".to_owned(),
        format!("/api/v1/lookup?q={customer}"),
        format!("/api/v1/portfolios/{portfolio}"),
        "/api/v1/slos".to_owned(),
        "/api/v1/forecasts?service=gateway".to_owned(),
        "/api/v1/plan?service=gateway".to_owned(),
    ] {
        ask(&demo, &path).await;
    }
}

async fn ask(demo: &Demo, path: &str) {
    let client = reqwest::Client::new();
    let (url, token) = (format!("{}{path}", demo.get("/web")), demo.get("/credentials/admin/token"));
    let mut milliseconds = Vec::with_capacity(TIMES);
    let mut bytes = 0;
    for _ in 0..TIMES {
        let started = Instant::now();
        let answer = client.get(&url).bearer_auth(&token).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        bytes = answer.bytes().await.unwrap().len();
        milliseconds.push(started.elapsed().as_secs_f64() * 1e3);
    }
    milliseconds.sort_by(f64::total_cmp);
    let at = |q: usize| milliseconds[(TIMES - 1) * q / 100];
    let shown =
        path.split('/').map(|part| if part.len() == 32 && !part.contains('?') { "{trace_id}" } else { part });
    let shown = shown.collect::<Vec<_>>().join("/");
    println!("| `{shown}` | {:.1} | {:.1} | {bytes} |", at(50), at(95));
}

async fn clickhouse(demo: &Demo, sql: &str) -> String {
    let answer = reqwest::Client::new()
        .post(demo.get("/clickhouse"))
        .body(format!("{sql} FORMAT TabSeparated"))
        .send()
        .await
        .unwrap();
    answer.text().await.unwrap().trim().to_owned()
}

/// User and system time of a process, from `/proc`.
fn cpu_seconds(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / 100.0 // USER_HZ is 100 on Linux
}

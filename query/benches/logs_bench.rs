//! Log search at scale: what a question takes on a day of so many lines, and how that grows.
//!
//! `cargo bench -p headroom-query --bench logs_bench [-- MILLIONS...]` (default 10) fills a store with a day of lines of ten
//! services, five kinds of texts with ids and numbers in them, one in ten a warning and one in ten an error. Then it
//! asks. CPU is of this process and of the engine (or of the server whose process id `HEADROOM_BENCH_PID` tells, with
//! `HEADROOM_TEST_CLICKHOUSE`).
#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

#[path = "measure/mod.rs"]
mod measure;

use std::time::Instant;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use headroom_query::TimeRange;
use headroom_query::logs::{LogSearch, Search, search};
use headroom_store::{Store, schema, testing};
use measure::{ask, at_sizes, cpu_seconds};

const TENANT: &str = "acme";
const AT_ONCE: u64 = 500_000;

fn main() {
    at_sizes(run);
}

async fn run(lines: u64) {
    let store = testing::store().await;
    let day = (Utc::now() - TimeDelta::hours(26)).duration_trunc(TimeDelta::hours(1)).unwrap();
    let (begin, cpu) = (Instant::now(), cpu_seconds());
    for first in (0..lines).step_by(AT_ONCE as usize) {
        fill(&store, day, first, AT_ONCE.min(lines - first), lines).await;
    }
    let table = store.table(schema::LOGS);
    println!("## {lines} lines\n\n| what | figure |\n|---|---|");
    println!("| filling | {:.0} s, {:.0} CPU-s |", begin.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let stored = format!("SELECT count() FROM {table}");
    println!("| lines | {} |", store.rows::<u64>(&stored).await.unwrap()[0]);
    println!("\n| question | p50 ms | p95 ms | CPU-ms |\n|---|---|---|---|");
    let whole = TimeRange::new(day, day + TimeDelta::hours(24)).unwrap();
    for (what, text, fits) in [
        ("everything", "", 1..=lines),
        ("a word of one line in five", "timed out", lines / 8..=lines / 4),
        ("a word of one line in fifteen", "xetr", lines / 25..=lines / 10),
        ("a text of one line in five", "\"timed out\"", lines / 8..=lines / 4),
        ("a word of one line", "needle77", 1..=1),
        ("a word of no line", "nothingofthekind", 0..=0),
        ("part of a word", "needl*", 1..=1),
        ("errors of a service", "service:trading level:error", lines / 200..=lines / 50),
        ("an attribute", "thread.name:worker-3 timed", lines / 200..=lines / 40),
    ] {
        let asked =
            LogSearch { range: whole, search: Search::parse(text).unwrap(), before: None, limit: 100 };
        ask(what, async || {
            let found = search(&store, TENANT, &asked).await.unwrap();
            let volume = found.volume.unwrap();
            assert!(
                volume.counted_from > whole.from || fits.contains(&volume.total),
                "{what}: {}",
                volume.total
            );
        })
        .await;
    }
    println!();
}

/// Lines made by the store itself, evenly over the day; line 7,777 says `needle77` alone.
async fn fill(store: &Store, day: DateTime<Utc>, first: u64, count: u64, of: u64) {
    let texts = [
        "'order ord-', lower(hex(rand64(4))), ' accepted at venue ', ['XNYS', 'XLON', 'XETR'][rand(5) % 3 + 1], ' quantity ', toString(rand(6) % 1000)",
        "'payment pay-', lower(hex(rand64(4))), ' sent to bank, reference ', toString(rand(6)), ' amount ', toString(rand(7) % 100000 / 100)",
        "'GET /api/v1/portfolios/', toString(rand(6) % 100000), ' 200 in ', toString(rand(7) % 900), ' ms'",
        "'connection to upstream timed out after 5000 ms host 10.0.', toString(rand(6) % 256), '.', toString(rand(7) % 256)",
        "'cache miss for key quotes:', ['AAPL', 'MSFT', 'VOD', 'SAP', 'BMW'][rand(5) % 5 + 1], ':', toString(rand(6) % 1000000)",
    ];
    let texts = texts.map(|parts| format!("concat({parts})")).join(", ");
    let sql = format!(
        "INSERT INTO {} (tenant, service, severity, severity_text, ts, body, trace_id, span_id, attributes) SELECT '{TENANT}', \
         ['trading', 'payments', 'wallets', 'portfolio', 'kyc', 'gateway', 'ledger', 'pricing', 'risk', 'notify'][rand(1) % 10 + 1], \
         [9, 9, 9, 9, 9, 9, 9, 9, 13, 17][rand(2) % 10 + 1] AS level, multiIf(level = 9, 'INFO', level = 13, 'WARN', 'ERROR'), \
         fromUnixTimestamp64Nano({} + toInt64(number) * intDiv(86400000000000, {of}), 'UTC'), \
         if(number = 7777, 'needle77', [{texts}][rand(9) % 5 + 1]), reinterpretAsFixedString(toUInt128(rand64(10))), \
         reinterpretAsFixedString(rand64(11)), map('order.id', concat('ord-', toString(rand(12) % 1000000)), 'thread.name', concat('worker-', toString(rand(13) % 16))) \
         FROM numbers({first}, {count})",
        store.table(schema::LOGS),
        day.timestamp_nanos_opt().unwrap()
    );
    store.execute(&sql).await.unwrap();
}

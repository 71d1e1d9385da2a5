//! From a client's request to rows in the store: what a million spans cost, all processes together.
//!
//! `cargo bench -p headroom-ingest --bench stored_bench [-- SPANS]` starts an ingester (a process of its own,
//! with fsync before each acknowledgement, deduplication and rollups, on the embedded engine), sends it
//! bodies of 1,000 spans of 417 bytes with ten attributes as fast as it takes them, waits until everything is
//! stored and the processes have come to rest, and prints the load's report, the check that each span is
//! stored once, and the bytes a span takes. With `HEADROOM_TEST_CLICKHOUSE` (an address) the spans go to that
//! server; `HEADROOM_BENCH_PID` names its process, so that its CPU time counts too. With `HEADROOM_BENCH_ROTEL`
//! (the path of that program) the same bodies go through it into the same server afterwards, and the ratio
//! of the two is printed. `--rate N` sends N spans a second instead of as fast as possible: for memory.

#![allow(missing_docs)]

mod peer;
#[path = "../receiver/mod.rs"]
mod receiver;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use headroom_ingest::IngestConfig;
use headroom_load::{ClickHouse, Ledger, Options, RunReport, VerifyOptions, run, verify};
use headroom_store::testing;

/// The program's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The argument of the process that receives.
const RECEIVE: &str = "receive";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == RECEIVE) {
        return runtime.block_on(receive());
    }
    let rate = arguments.iter().position(|argument| argument == "--rate");
    let rate =
        rate.and_then(|at| arguments.get(at + 1)).map(|rate| rate.parse().expect("--rate takes a number"));
    let spans = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(3_000_000);
    runtime.block_on(send(spans, rate));
}

/// CPU seconds that the watched processes used for a million spans: all, and without what the server
/// uses when nobody asks anything of it (`idle` CPU seconds a second).
#[derive(Debug, Clone, Copy)]
struct Cost {
    all: f64,
    net: f64,
}

impl Cost {
    fn of(report: &RunReport, idle: f64) -> Self {
        let seconds: f64 = report.processes.iter().filter_map(|process| process.cpu_seconds).sum();
        let resting = idle * report.watched_seconds.unwrap_or_default();
        let millions = report.records_acknowledged as f64 / 1e6;
        Self { all: seconds / millions, net: (seconds - resting) / millions }
    }
}

/// CPU seconds a second of a process that has nothing to do.
async fn idle(pid: u32) -> f64 {
    let used = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process runs");
        let after_name = stat.rsplit(')').next().expect("a stat line").split_whitespace();
        after_name.skip(11).take(2).map(|ticks| ticks.parse::<f64>().expect("ticks")).sum::<f64>() / 100.0
    };
    let (before, begin) = (used(), Instant::now());
    tokio::time::sleep(Duration::from_secs(20)).await;
    (used() - before) / begin.elapsed().as_secs_f64()
}

/// Receives until standard input ends; prints where, and where the store is.
async fn receive() {
    let store = testing::store().await;
    let dir = tempfile::tempdir().expect("a folder for the log");
    let ingest = receiver::start(dir.path(), &store, IngestConfig::default()).await;
    let place = store.config();
    let mut url: url::Url = place.url.parse().expect("the store's address");
    url.set_username(&place.user)
        .and_then(|()| url.set_password(Some(&place.password)))
        .expect("an http address");
    println!("{} {url} {}", ingest.http_addr(), place.database);
    std::io::stdout().flush().expect("the parent reads");
    tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new()))
        .await
        .expect("waiting")
        .ok();
    let sql = "SELECT sum(bytes_on_disk) / sum(rows) FROM system.parts WHERE active AND table = 'spans' AND database = currentDatabase()";
    let bytes = store.rows::<f64>(sql).await.expect("the store answers");
    println!("bytes of a span on disk: {:.1}", bytes[0]);
    let sql = "SELECT concat(table, ': ', toString(sum(rows)), ' rows in ', toString(count()), ' parts') FROM system.parts \
        WHERE active AND database = currentDatabase() GROUP BY table ORDER BY sum(rows) DESC";
    println!("{}", store.rows::<String>(sql).await.expect("the store answers").join("; "));
    ingest.drain().await;
}

async fn send(spans: u64, rate: Option<f64>) {
    let own = std::env::current_exe().expect("own path");
    let mut receiver = Command::new(own)
        .arg(RECEIVE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the receiver starts");
    let mut lines = BufReader::new(receiver.stdout.take().expect("piped")).lines();
    let first = lines.next().expect("the receiver prints its address").expect("it is text");
    let [otlp, store, database] = first.split(' ').collect::<Vec<_>>()[..] else { panic!("{first}") };
    let folder = tempfile::tempdir().expect("a folder for the ledger");
    let ledger = folder.path().join("ledger.jsonl");
    let mut options = Options::new(format!("http://{otlp}").parse().expect("an address"));
    options.total = Some(spans);
    options.rate = rate;
    options.watch = vec![receiver.id()];
    options.watch_children = true;
    let server = std::env::var("HEADROOM_BENCH_PID").ok().and_then(|pid| pid.parse::<u32>().ok());
    options.watch.extend(server);
    let resting = match server {
        Some(server) => idle(server).await,
        None => 0.0,
    };
    println!("the server at rest: {resting:.3} CPU-s a second, which the second figures leave out");
    options.ledger = Some(ledger.clone());
    let report = run(&options, |_| {}).await.expect("the load runs");
    println!("{report}");
    let clickhouse = ClickHouse::new(store, database);
    let entries = Ledger::read(&ledger).expect("the ledger is whole");
    let checked = verify(&entries, &clickhouse.expect("a client"), &VerifyOptions::default()).await;
    println!("{}", checked.expect("the store answers"));
    drop(receiver.stdin.take());
    for line in lines {
        println!("{}", line.expect("text"));
    }
    receiver.wait().expect("the receiver ends");
    let own = Cost::of(&report, resting);
    println!(
        "headroom: {:.2} CPU-s per million spans, all processes; {:.2} without the server at rest",
        own.all, own.net
    );
    if let (Ok(rotel), Ok(url)) =
        (std::env::var("HEADROOM_BENCH_ROTEL"), std::env::var("HEADROOM_TEST_CLICKHOUSE"))
    {
        let peer = Cost::of(&peer::measure(&rotel, &url, server, options).await, resting);
        println!(
            "rotel with ClickHouse: {:.2} and {:.2}: {:.2} and {:.2} times as many",
            peer.all,
            peer.net,
            peer.all / own.all,
            peer.net / own.net
        );
    }
}

//! Two hundred million business events' worth of duplicates, and what is stored of them.
//!
//! `cargo bench -p headroom-ingest --bench duplicates_bench [-- EVENTS]` sends a few thousand different
//! requests of 1,000 events each again and again, over several connections and in changing order, as senders
//! do whose answers are lost, until EVENTS (200,000,000) have been sent. Then it counts the rows of `events`
//! and the different ids: each event is there once, or the program ends with an error.

#![allow(missing_docs)]

mod receiver;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use headroom_ingest::IngestConfig;
use headroom_load::{Mix, Options, bodies};
use headroom_store::testing;

/// The program's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RECORDS: u64 = 1_000;
const DIFFERENT: u64 = 2_000;
const CONNECTIONS: u64 = 8;

#[tokio::main]
async fn main() {
    let events =
        std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(200_000_000_u64);
    let store = testing::store().await;
    let dir = tempfile::tempdir().expect("a folder for the log");
    let config = IngestConfig { retry_window: Duration::from_hours(2), ..IngestConfig::default() };
    let ingest = receiver::start(dir.path(), &store, config).await;
    let url = format!("http://{}/v1/logs", ingest.http_addr());
    let mut options = Options::new(url.parse().expect("an address"));
    options.mix = Mix { traces: 0, logs: 0, events: 1, metrics: 0 };
    let now = chrono::Utc::now().timestamp_nanos_opt().expect("a time before 2262") as u64;
    let requests: Arc<Vec<_>> =
        Arc::new(bodies(&options, DIFFERENT as u32, now).into_iter().map(bytes::Bytes::from).collect());
    let (next, begin) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let total = events / RECORDS;
    let senders: Vec<_> = (0..CONNECTIONS)
        .map(|sender| {
            let (requests, next, url) = (requests.clone(), next.clone(), url.clone());
            tokio::spawn(async move {
                let client = reqwest::Client::builder().pool_max_idle_per_host(1).build().expect("a client");
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= total {
                        return;
                    }
                    // Each round in another order, so that equal requests also meet under way.
                    let at = (n + n / DIFFERENT * 7 + sender % 2) % DIFFERENT;
                    let request = client.post(&url).header("content-type", "application/x-protobuf");
                    let answer = request.body(requests[at as usize].clone()).send().await.expect("an answer");
                    assert_eq!(answer.status(), 200);
                }
            })
        })
        .collect();
    let mut seconds = tokio::time::interval(Duration::from_secs(30));
    seconds.tick().await;
    let all = futures::future::join_all(senders);
    tokio::pin!(all);
    loop {
        tokio::select! {
            ended = &mut all => {
                ended.into_iter().for_each(|one| one.expect("a sender does not panic"));
                break;
            }
            _ = seconds.tick() => {
                let sent = next.load(Ordering::Relaxed) * RECORDS;
                println!("{sent} events sent after {:.0} s", begin.elapsed().as_secs_f64());
            }
        }
    }
    let elapsed = begin.elapsed().as_secs_f64();
    while ingest.status().backlog_bytes > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let sql = format!("SELECT count(), uniqExact(event_id) FROM {}", store.table("events"));
    let (rows, different) = store.rows::<(u64, u64)>(&sql).await.expect("the store answers")[0];
    println!("{} events sent in {elapsed:.0} s, {rows} rows, {different} different", total * RECORDS);
    let expected = DIFFERENT.min(total) * RECORDS;
    assert_eq!((rows, different), (expected, expected), "each event is stored once");
    ingest.drain().await;
}

//! Everything that can go wrong, under load: what was acknowledged is stored once.
//!
//! Four clients send traces, logs, business events and metrics the whole time, over both
//! transports, and try again as SDKs do. An ingester that is a process of its own receives
//! them, with a small log on a small disk, and writes to an embedded engine through a
//! proxy. Meanwhile every [`faults::Fault`] happens at a random moment, in random order, in
//! rounds until the time is over. At the end the clients' ledgers are held against the rows in the
//! store, and the rollups against the spans.
//!
//! `HEADROOM_SOAK_SECONDS` is how long (30; a round is finished in any case),
//! `HEADROOM_SOAK_SEED` repeats the order and the lengths of an earlier run, and
//! `HEADROOM_SOAK_RATE` is the records a second of all clients together.

mod clients;
mod disk;
mod faults;
mod process;
mod tail;
mod verdict;

use std::str::FromStr;
use std::time::Duration;

use headroom_ingest::IngestConfig;
use headroom_store::engine::Supervisor;
use headroom_store::schema::{Form, Retention};
use headroom_store::{StoreConfig, migrate, testing};

use crate::proxy::{Behaviour, Proxy};
use crate::support::free_ports;
use clients::Clients;
use disk::Disk;
use faults::Platform;
use process::Receiver;

/// Not a test of its own: the ingester's process.
#[test]
fn child() {
    process::child();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_fault_under_load() {
    let seconds = setting("HEADROOM_SOAK_SECONDS").unwrap_or(30);
    let seed = setting("HEADROOM_SOAK_SEED").unwrap_or_else(rand::random);
    let rate = setting("HEADROOM_SOAK_RATE").unwrap_or(2_000.0);
    println!("HEADROOM_SOAK_SECONDS={seconds} HEADROOM_SOAK_SEED={seed} HEADROOM_SOAK_RATE={rate}");

    let folder = tempfile::tempdir().unwrap();
    let mut engine = testing::engine_config(&folder.path().join("engine"));
    engine.ephemeral = false;
    let engine = Supervisor::start(engine).await.unwrap();
    let store = testing::store_of(&engine.store_config("soak"));
    let migrator = migrate::Migrator::new(&store, Form::Embedded, Retention::default());
    migrator.run(|_, _, _| {}).await.unwrap();

    let disk = Disk::new();
    let proxy = Proxy::start(engine.url().trim_start_matches("http://"), seed, Behaviour::Pass).await;
    // Shorter than the engine stands still: an insert is tried again while the first is under way.
    let through = StoreConfig { url: proxy.url(), insert_timeout_s: 3, ..store.config().clone() };
    let mut receiver = Receiver::new(ingest_config(&disk), through);
    receiver.start();

    let clients = Clients::start(receiver.addresses(), rate, folder.path());
    let mut platform = Platform::new(receiver, engine, proxy, disk, seed);
    let misbehave = move || {
        platform.misbehave(Duration::from_secs(seconds));
        platform
    };
    let mut platform = tokio::task::spawn_blocking(misbehave).await.unwrap();
    // From here on nothing goes wrong on purpose: whoever does not get through is stuck.
    let sent = clients.stop(|| tokio::task::block_in_place(|| platform.tell_status())).await;
    platform.say("everything is acknowledged");
    let Platform { receiver, engine, proxy, disk, .. } = platform;
    let status = tokio::task::spawn_blocking(move || receiver.finish()).await.unwrap();
    println!("           and in the store");

    let (requests, answers) = proxy.cuts();
    println!("inserts cut in the middle: {requests}, behind them before the answer: {answers}");
    assert_eq!(status["dead_slices"], 0, "{status}");
    let dead: Vec<_> = std::fs::read_dir(disk.path().join("dead")).unwrap().collect();
    assert!(dead.is_empty(), "nothing is put aside: {dead:?}");
    verdict::check_store(&store, &sent).await;
    verdict::check_clients(&sent);
    drop(store);
    engine.stop().await;
}

/// A small log on the small disk, and everything remembered and accepted while the clock is hours wrong.
fn ingest_config(disk: &Disk) -> IngestConfig {
    let [grpc, http] = free_ports().map(|port| ([127, 0, 0, 1], port).into());
    IngestConfig {
        grpc_listen: grpc,
        http_listen: http,
        data_dir: disk.path(),
        max_log_bytes: 4 << 20,
        slice_max_age: Duration::from_millis(100),
        accept_future: Duration::from_hours(12),
        retry_window: Duration::from_hours(24),
        ..IngestConfig::default()
    }
}

/// A setting from the environment.
fn setting<T: FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().ok().unwrap_or_else(|| panic!("{name}={text} is no number")))
}

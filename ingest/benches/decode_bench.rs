//! How fast spans are decoded, and how long durability takes.
//!
//! `cargo bench -p headroom-ingest` prints spans per core-second for each step from the bytes
//! of requests to the bytes of inserts, and the time from a request to its place on disk,
//! with many requests at once. Nothing is asserted: read the figures next to the machine.

#![allow(missing_docs)]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use headroom_ingest::Signal;
use headroom_ingest::decode::{Census, Received, Tables, Window, walk};
use headroom_ingest::log::{Data, Log, LogOptions};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;

/// The program's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SPANS: u64 = 1_000;
/// Requests in a slice.
const REQUESTS: u64 = 100;
/// Now, for the store forgets what is old.
static RECEIVED: LazyLock<u64> =
    LazyLock::new(|| chrono::Utc::now().timestamp_nanos_opt().expect("a time before 2262") as u64);
const WINDOW: Window = Window { not_before: 0, not_after: i64::MAX };

/// CPU seconds of this thread.
fn cpu_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the clock exists on Linux, and `time` is valid for writing.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(failed, 0, "the thread's clock cannot be read");
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Runs `step` for about two CPU seconds and prints how many spans and bytes a core does in one.
fn measure(name: &str, bytes: usize, mut step: impl FnMut()) {
    step();
    let (begin, mut rounds) = (cpu_seconds(), 0_u64);
    while cpu_seconds() - begin < 2.0 {
        step();
        rounds += 1;
    }
    let seconds = cpu_seconds() - begin;
    let rate = (rounds * SPANS * REQUESTS) as f64 / seconds;
    let megabytes = (rounds * bytes as u64) as f64 / seconds / 1e6;
    println!("{name:<44} {rate:>12.0} spans, {megabytes:>6.0} MB per core-second");
}

/// Decodes the requests of a slice onto columns, as a worker of the pipeline does.
fn decode(tables: &mut Tables, slice: &[Vec<u8>]) {
    tables.clear();
    let received =
        Received { tenant: "acme", signal: Signal::Traces, received_ns: *RECEIVED as i64, window: WINDOW };
    for request in slice {
        tables.add(received, request).expect("the request is well-formed");
    }
}

fn main() {
    let options = headroom_load::Options::new("http://127.0.0.1:4318".parse().expect("an address"));
    let slice = headroom_load::bodies(&options, REQUESTS as u32, *RECEIVED);
    let bytes: usize = slice.iter().map(Vec::len).sum();
    println!(
        "{REQUESTS} requests of {SPANS} spans take {bytes} bytes ({} a span)",
        bytes as u64 / (SPANS * REQUESTS)
    );
    measure("check (what a client waits for)", bytes, || {
        let mut census = Census::default();
        for request in &slice {
            walk(Signal::Traces, request, WINDOW, 0, &mut census).expect("the request is well-formed");
        }
        assert_eq!(census.accepted, SPANS * REQUESTS);
    });
    let mut tables = Tables::default();
    measure("decode to columns, count the roll-ups", bytes, || decode(&mut tables, &slice));
    let mut out = Vec::new();
    measure("the same, sorted and encoded for the store", bytes, || {
        decode(&mut tables, &slice);
        for (_, block) in tables.blocks() {
            out.clear();
            block.encode_into(&mut out);
        }
    });
    measure("prost decode, for comparison", bytes, || {
        for request in &slice {
            drop(ExportTraceServiceRequest::decode(&request[..]).expect("the request is well-formed"));
        }
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    for clients in [1, 8, 64] {
        runtime.block_on(durable(Arc::new(slice[0].clone()), clients));
    }
}

/// Time from a request to its place on disk, with `clients` at once.
async fn durable(bytes: Arc<Vec<u8>>, clients: usize) {
    let dir = tempfile::tempdir().expect("a folder for the log");
    let options = LogOptions {
        dir: dir.path().to_owned(),
        max_bytes: 8 << 30,
        segment_bytes: 64 << 20,
        slice_max_rows: 100_000,
        slice_max_bytes: 16 << 20,
        slice_max_age: Duration::from_millis(300),
        slices_in_flight: usize::MAX,
        retry_window: Duration::ZERO,
        clock: Arc::new(headroom_store::SystemClock),
    };
    let (log, slices) = Log::open(&options).expect("the log opens");
    let log = Arc::new(log);
    let begin = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (log, bytes) = (log.clone(), bytes.clone());
            tokio::spawn(async move {
                let mut times = Vec::new();
                while begin.elapsed() < Duration::from_secs(3) {
                    let data = Data {
                        tenant: "acme",
                        signal: Signal::Traces,
                        rows: SPANS as u32,
                        received_ns: *RECEIVED as i64,
                        window: WINDOW,
                        payload: &bytes,
                    };
                    let start = Instant::now();
                    log.append(&data).await.expect("the disk takes it");
                    times.push(start.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.expect("no client panics"));
        while let Ok(slice) = slices.try_recv() {
            log.commit(slice, false);
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |q: f64| times[((times.len() - 1) as f64 * q) as usize].as_secs_f64() * 1e3;
    let rate = (times.len() as u64 * SPANS) as f64 / seconds;
    println!(
        "durable, {clients:>2} clients: {rate:>12.0} spans per second, p50 {:.2} ms, p99 {:.2} ms",
        at(0.5),
        at(0.99)
    );
}

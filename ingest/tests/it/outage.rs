//! The store is away for longer than the log can hold: real SDKs and a forwarder lose nothing.
//!
//! SDKs of three languages send all the time, directly and through a forwarder. The store stops
//! answering, the small log fills up, and every sender is refused for a part of the time, with 429 or
//! RESOURCE_EXHAUSTED and a time to come back. They are set up as docs/senders.md tells users to. In the end
//! the store has each span and log record that an SDK was given, once.

mod programs;
mod rust;
#[path = "../../../tests/sdk/tools.rs"]
mod tools;

use std::sync::Arc;
use std::time::{Duration, Instant};

use headroom_ingest::{AuthRefusal, Authenticator, Ingest, IngestConfig, IngestStatus};
use headroom_store::{Store, StoreConfig, SystemClock};

use crate::proxy::{Behaviour, Proxy};
use crate::support::{config, store};
use programs::{Program, Rotel};
use rust::Rust;

/// How long the store is away at least.
const OUTAGE: Duration = Duration::from_secs(15);

/// How long a step may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// The token is the tenant: each sender has one of its own.
struct Names;

impl Authenticator for Names {
    fn tenant(&self, bearer: Option<&str>) -> Result<String, AuthRefusal> {
        bearer.map(str::to_owned).ok_or(AuthRefusal::Missing)
    }
}

enum Sender {
    Program(Program),
    Rust(Rust),
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sdks_and_a_forwarder_outlast_a_store_that_is_away() {
    let store = store().await;
    let place = store.config().url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let proxy = Proxy::start(&place, 1, Behaviour::Pass).await;
    let through = Store::connect(&StoreConfig { url: proxy.url(), ..store.config().clone() }).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let small = IngestConfig { max_log_bytes: 512 * 1024, ..config(dir.path()) };
    let ingest = Ingest::start(small, through, Arc::new(Names), Arc::new(SystemClock)).await.unwrap();
    let (grpc, http) = (format!("http://{}", ingest.grpc_addr()), format!("http://{}", ingest.http_addr()));

    let (senders, forwarders) = start(&grpc, &http);
    let names: Vec<_> = senders.iter().map(|(name, _)| *name).collect();
    wait("every sender's records are stored", async || {
        let stored = stored(&store).await;
        names.iter().all(|name| stored.iter().any(|one| one.0 == *name && one.1 > 0 && one.3 > 0))
    })
    .await;

    let away = Instant::now();
    proxy.set(Behaviour::Refuse);
    wait("every sender is refused", async || names.iter().all(|name| refusals(&ingest.status(), name) > 0))
        .await;
    println!("every sender was refused {:.1} s after the store had gone", away.elapsed().as_secs_f64());
    tokio::time::sleep(OUTAGE.saturating_sub(away.elapsed())).await;
    proxy.set(Behaviour::Pass);
    wait("requests are taken again", async || ingest.status().accepting).await;
    println!("requests are taken again {:.1} s after", away.elapsed().as_secs_f64());
    tokio::time::sleep(Duration::from_secs(3)).await;

    let finish = || senders.into_iter().map(finish).collect::<Vec<_>>();
    let given = tokio::task::block_in_place(finish);
    let all = async || {
        let stored = stored(&store).await;
        let complete = |(name, given): &(&str, u64)| {
            stored.iter().any(|one| one.0 == *name && one.2 >= *given && one.4 >= *given)
        };
        given.iter().all(complete)
    };
    // A forwarder may still hold some. What is lost never comes: the figures below tell.
    let begun = Instant::now();
    while !all().await && begun.elapsed() < Duration::from_secs(30) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(forwarders);
    let (stored, status) = (stored(&store).await, ingest.status());
    let mut faults = Vec::new();
    for (name, given) in given {
        let (_, span_rows, spans, log_rows, logs) = stored.iter().find(|one| one.0 == name).unwrap();
        let refused = refusals(&status, name);
        println!(
            "{name}: refused {refused} times; given {given} spans and as many log records, \
             stored {spans} and {logs}, twice {} and {}",
            span_rows - spans,
            log_rows - logs
        );
        if [span_rows, spans, log_rows, logs] != [&given; 4] {
            faults.push(name);
        }
    }
    assert!(faults.is_empty(), "not stored exactly once: {faults:?}");
    ingest.drain().await;
}

/// Starts every sender that is installed, and the forwarders between.
fn start(grpc: &str, http: &str) -> (Vec<(&'static str, Sender)>, Vec<Rotel>) {
    let mut senders = vec![("rust-grpc", Sender::Rust(Rust::start(grpc, "rust-grpc")))];
    let mut add = |name, program: Option<Program>| match program {
        Some(program) => senders.push((name, Sender::Program(program))),
        None => eprintln!("SKIPPED: {name}; `make test-tools` installs it"),
    };
    add("python-grpc", Program::python("grpc", grpc, "python-grpc"));
    add("python-http-protobuf", Program::python("http-protobuf", http, "python-http-protobuf"));
    add("python-http-json", Program::python("http-json", http, "python-http-json"));
    add("node-http-protobuf", Program::node("http-protobuf", http, "node-http-protobuf"));
    add("node-http-json", Program::node("http-json", http, "node-http-json"));
    let rotel_grpc = Rotel::start("grpc", grpc, "node-rotel-grpc");
    let rotel_http = Rotel::start("http", http, "rust-rotel-http");
    // The exporter for gRPC of the Node SDK never tries again: it needs somebody who does.
    let node = rotel_grpc.as_ref().and_then(|rotel| Program::node("grpc", &rotel.url(), "rotel"));
    add("node-rotel-grpc", node);
    match &rotel_http {
        Some(rotel) => {
            senders.push(("rust-rotel-http", Sender::Rust(Rust::start(&rotel.url(), "rotel"))));
        }
        None => eprintln!("SKIPPED: rotel; `make test-tools` installs it"),
    }
    (senders, rotel_grpc.into_iter().chain(rotel_http).collect())
}

fn finish((name, sender): (&'static str, Sender)) -> (&'static str, u64) {
    let given = match sender {
        Sender::Program(program) => program.finish(),
        Sender::Rust(rust) => rust.finish(),
    };
    (name, given)
}

/// How often a tenant was refused because the log was full.
fn refusals(status: &IngestStatus, tenant: &str) -> u64 {
    let of = status.tenants.iter().find(|one| one.tenant == tenant);
    of.map_or(0, |one| one.refused.iter().filter(|why| why.reason == "log_full").map(|why| why.count).sum())
}

/// Of each tenant: rows of spans, distinct spans, rows of log records, distinct log records.
async fn stored(store: &Store) -> Vec<(String, u64, u64, u64, u64)> {
    let sql = format!(
        "SELECT tenant, sum(span_rows), sum(spans), sum(log_rows), sum(logs) FROM (
            SELECT tenant, count() AS span_rows, uniqExact(span_id) AS spans, 0 AS log_rows, 0 AS logs FROM {} GROUP BY tenant
            UNION ALL SELECT tenant, 0, 0, count(), uniqExact(body) FROM {} GROUP BY tenant
         ) GROUP BY tenant",
        store.table("spans"),
        store.table("logs")
    );
    store.rows(&sql).await.unwrap()
}

async fn wait(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !done().await {
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

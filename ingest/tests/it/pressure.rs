//! When the store or the disk does not keep up.

use std::time::Duration;

use headroom_ingest::IngestConfig;
use headroom_store::engine::Supervisor;
use headroom_store::testing::engine_config;
use headroom_store::{StoreConfig, testing};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use prost::Message as _;

use crate::proxy::{Behaviour, Proxy};
use crate::support::{config, count, no_store, spans, spans_and_ids, start, store};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_log_refuses_with_a_time_to_come_back_and_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let small = |dir: &std::path::Path| IngestConfig { max_log_bytes: 256 * 1024, ..config(dir) };
    let r = start(small(dir.path()), &no_store()).await;
    let body = |n| spans(n * 100, n * 100 + 100);
    let mut taken = 0;
    let refused = loop {
        let sent = body(taken).encode_to_vec();
        let response = r.post("/v1/traces", "application/x-protobuf", sent).send().await.unwrap();
        if response.status() != 200 {
            break response;
        }
        taken += 1;
        assert!(taken < 100);
    };
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "5");
    assert!(!r.ingest.status().accepting);
    let address = format!("http://{}", r.ingest.grpc_addr());
    let mut client = TraceServiceClient::connect(address).await.unwrap();
    let mut request = tonic::Request::new(body(taken));
    request.metadata_mut().insert("authorization", "Bearer acme-token".parse().unwrap());
    let refused = client.export(request).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::ResourceExhausted);
    assert!(String::from_utf8_lossy(refused.details()).contains("google.rpc.RetryInfo"));
    drop(r);
    // With a store it recovers, and has kept what it took.
    let store = store().await;
    let r = start(small(dir.path()), &store).await;
    r.settled().await;
    assert_eq!(spans_and_ids(&store).await, (taken * 100, taken * 100));
    for n in taken..taken + 20 {
        r.send(&body(n)).await;
        r.settled().await;
    }
    assert!(r.ingest.status().log_bytes < 256 * 1024);
    r.ingest.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_comes_late_gets_everything_once() {
    let dir = tempfile::tempdir().unwrap();
    // A port that will be the engine's only later: a store on a proxy that refuses until then.
    let base = store().await;
    let real = base.config().clone();
    let target = real.url.trim_start_matches("http://").trim_end_matches('/');
    let late = Proxy::start(target, 0, Behaviour::Refuse).await;
    let gated = StoreConfig { url: late.url(), ..real.clone() };
    let gated = headroom_store::Store::connect(&gated).unwrap();
    let r = start(config(dir.path()), &gated).await;
    for n in 0..10 {
        r.send(&spans(n * 10, n * 10 + 10)).await;
    }
    tokio::time::sleep(Duration::from_millis(400)).await;
    let status = r.ingest.status();
    assert!(status.accepting && status.backlog_bytes > 0 && status.last_error.is_some());
    assert!(status.oldest.is_some());
    late.set(Behaviour::Pass);
    r.settled().await;
    assert_eq!(spans_and_ids(&base).await, (100, 100));
    r.ingest.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_killed_loses_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut engine = engine_config(&data.path().join("engine"));
    engine.ephemeral = false;
    let engine = Supervisor::start(engine).await.unwrap();
    let store = testing::store_of(&engine.store_config("killed"));
    headroom_store::migrate::Migrator::new(
        &store,
        headroom_store::schema::Form::Embedded,
        headroom_store::schema::Retention::default(),
    )
    .run(|_, _, _| {})
    .await
    .unwrap();
    let r = start(config(&data.path().join("log")), &store).await;
    for n in 0..30 {
        r.send(&spans(n * 10, n * 10 + 10)).await;
        if n == 15 {
            let pid = engine.pid().unwrap().to_string();
            assert!(std::process::Command::new("kill").args(["-9", &pid]).status().unwrap().success());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    r.settled().await;
    assert_eq!(spans_and_ids(&store).await, (300, 300));
    r.ingest.drain().await;
    drop(store);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_store_refuses_for_good_is_put_aside() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let table = store.table("spans");
    store.execute(&format!("ALTER TABLE {table} ADD CONSTRAINT never CHECK duration_ns = 1")).await.unwrap();
    let r = start(config(dir.path()), &store).await;
    r.send(&spans(0, 5)).await;
    r.settled().await;
    let status = r.ingest.status();
    assert_eq!(status.dead_slices, 1);
    assert!(status.last_error.unwrap().message.contains("code 469"), "violated constraint");
    let sql = format!("SELECT tenant, reason FROM {}", store.table("rejected"));
    let rows = store.rows::<(String, String)>(&sql).await.unwrap();
    assert_eq!(rows, [("acme".to_owned(), "store_refused".to_owned())]);
    let dead: Vec<_> = std::fs::read_dir(dir.path().join("dead")).unwrap().collect();
    assert_eq!(dead.len(), 1);
    // The way is free for what comes after.
    store.execute(&format!("ALTER TABLE {table} DROP CONSTRAINT never")).await.unwrap();
    r.send(&spans(5, 6)).await;
    r.settled().await;
    assert_eq!(spans_and_ids(&store).await, (1, 1));
    r.ingest.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_must_mend_is_waited_for() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let (table, aside) = (store.table("metric_gauge"), store.table("aside"));
    store.execute(&format!("RENAME TABLE {table} TO {aside}")).await.unwrap();
    let r = start(config(dir.path()), &store).await;
    let body = crate::points::metrics().encode_to_vec();
    assert_eq!(r.post("/v1/metrics", "application/x-protobuf", body).send().await.unwrap().status(), 200);
    while r.ingest.status().last_error.is_none() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(r.ingest.status().last_error.unwrap().message.contains("code 60"));
    assert!(r.ingest.status().backlog_bytes > 0);
    store.execute(&format!("RENAME TABLE {aside} TO {table}")).await.unwrap();
    r.settled().await;
    assert_eq!(count(&store, "metric_gauge").await, 2);
    assert_eq!(r.ingest.status().dead_slices, 0);
    r.ingest.drain().await;
}

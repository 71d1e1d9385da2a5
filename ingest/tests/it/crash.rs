//! Killed at the worst moments: everything acknowledged is stored once.

use std::sync::Arc;
use std::time::Duration;

use crate::support::{config, no_store, spans, spans_and_ids, start, store};

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_the_acknowledgement_and_the_insert() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let r = start(config(dir.path()), &no_store()).await;
    for n in 0..20 {
        r.send(&spans(n * 10, n * 10 + 10)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    drop(r);
    let r = start(config(dir.path()), &store).await;
    r.send(&spans(200, 210)).await;
    r.settled().await;
    assert_eq!(spans_and_ids(&store).await, (210, 210));
    r.ingest.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_the_insert_and_the_commit_mark() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let copy = tempfile::tempdir().unwrap();
    let r = start(config(dir.path()), &no_store()).await;
    for n in 0..10 {
        r.send(&spans(n * 10, n * 10 + 10)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    drop(r);
    // The log as it was before any mark: slices are cut, nothing is committed.
    copy_log(dir.path(), copy.path());
    let r = start(config(dir.path()), &store).await;
    r.settled().await;
    assert_eq!(spans_and_ids(&store).await, (100, 100));
    drop(r);
    // All of it again, as if no mark had been written. The ledger knows, and without the
    // ledger the tokens do.
    for table in ["ingest_ledger", "nothing"] {
        if table == "ingest_ledger" {
            store.execute(&format!("TRUNCATE TABLE {}", store.table(table))).await.unwrap();
        }
        let dir = tempfile::tempdir().unwrap();
        copy_log(copy.path(), dir.path());
        let r = start(config(dir.path()), &store).await;
        r.settled().await;
        assert_eq!(spans_and_ids(&store).await, (100, 100));
        let rollup = format!("SELECT sum(calls) FROM {}", store.table("span_minute"));
        assert_eq!(store.rows::<u64>(&rollup).await.unwrap(), [100], "rollups count once too");
        r.ingest.drain().await;
    }
}

fn copy_log(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to.join("log")).unwrap();
    for entry in std::fs::read_dir(from.join("log")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join("log").join(path.file_name().unwrap())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_under_load() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let mut sent = 0;
    for round in 0..5_u64 {
        let r = Arc::new(start(config(dir.path()), &store).await);
        let sends: Vec<_> = (0..8)
            .map(|n| {
                let (r, from) = (r.clone(), sent + n * 25);
                tokio::spawn(async move { r.send(&spans(from, from + 25)).await })
            })
            .collect();
        for send in sends {
            send.await.unwrap();
        }
        sent += 200;
        tokio::time::sleep(Duration::from_millis(30 * round)).await;
        drop(r);
    }
    let r = start(config(dir.path()), &store).await;
    r.settled().await;
    assert_eq!(spans_and_ids(&store).await, (sent, sent));
    r.ingest.drain().await;
    // After an orderly stop nothing is left.
    let r = start(config(dir.path()), &no_store()).await;
    assert_eq!(r.ingest.status().backlog_slices, 0);
}

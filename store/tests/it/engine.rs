//! The embedded engine: settings, folders, crashes. These need the engine whatever
//! `HEADROOM_TEST_CLICKHOUSE` says.

use std::collections::HashSet;
use std::time::Duration;

use headroom_store::engine::Supervisor;
use headroom_store::migrate::Migrator;
use headroom_store::schema::{Form, Retention};
use headroom_store::{Store, StoreConfig, testing};

use crate::{blocks, spans};

/// Whether the engine's own tests are left out, which is said aloud.
fn skipped() -> bool {
    let skip = testing::server_url().is_some();
    if skip {
        eprintln!("SKIPPED: a test of the embedded engine, because HEADROOM_TEST_CLICKHOUSE is set");
    }
    skip
}

/// A migrated store on an engine of the test's own.
async fn own_engine(data: &std::path::Path) -> (Supervisor, Store) {
    let mut config = testing::engine_config(data);
    config.ephemeral = false;
    let engine = Supervisor::start(config).await.unwrap();
    let store = Store::connect(&engine.store_config("headroom")).unwrap();
    migrate(&store).await;
    (engine, store)
}

async fn migrate(store: &Store) {
    Migrator::new(store, Form::Embedded, Retention::default()).run(|_, _, _| {}).await.unwrap();
}

#[tokio::test]
async fn settings_and_databases_do_not_leak() {
    if skipped() {
        return;
    }
    let store = testing::store().await;
    let ask = |store: &Store| {
        let client = store.client().clone();
        async move {
            client
                .query("SELECT toUInt64(getSetting('max_threads')), currentDatabase()")
                .fetch_one::<(u64, String)>()
                .await
                .unwrap()
        }
    };
    let plain = ask(&store).await;
    assert_eq!(plain.1, store.database());
    // More rounds than connections, so that each of them has seen the setting.
    for _ in 0..20 {
        let threads = store
            .client()
            .query("SELECT toUInt64(getSetting('max_threads'))")
            .with_setting("max_threads", "7")
            .fetch_one::<u64>()
            .await
            .unwrap();
        assert_eq!(threads, 7);
        let bad = store
            .client()
            .query("SELECT 1")
            .with_setting("max_threads", "9")
            .with_setting("no_such_setting", "1")
            .fetch_one::<u8>()
            .await;
        assert!(bad.unwrap_err().to_string().contains("UNKNOWN_SETTING"));
        assert_eq!(ask(&store).await, plain);
    }
    for sql in ["SET max_threads = 3", "USE system"] {
        assert!(store.execute(sql).await.unwrap_err().to_string().contains("no session"), "{sql}");
    }
}

#[tokio::test]
async fn parameters_strangers_and_writes_by_readers_are_refused() {
    if skipped() {
        return;
    }
    let store = testing::store().await;
    let error =
        store.client().query_raw("SELECT {x:UInt8}").param("x", 1).fetch_one::<u8>().await.unwrap_err();
    assert!(!error.to_string().is_empty());
    let stranger = StoreConfig { password: "guess".to_owned(), ..store.config().clone() };
    let error = Store::connect(&stranger).unwrap().ping().await.unwrap_err();
    assert_eq!(error.code(), Some(516), "{error}");
    let write = store
        .client()
        .query(&format!("DROP TABLE {}", store.table("spans")))
        .with_setting("readonly", "2")
        .execute()
        .await;
    assert!(write.unwrap_err().to_string().contains("READONLY"));
    assert!(store.rows::<u64>("SELECT count() FROM spans").await.is_ok());
}

#[tokio::test]
async fn large_answers_stream_and_errors_in_the_middle_are_errors() {
    if skipped() {
        return;
    }
    let store = testing::store().await;
    let rows = store.rows::<u64>("SELECT number FROM numbers(3000000)").await.unwrap();
    assert_eq!(rows.len(), 3_000_000);
    assert!(rows.iter().enumerate().all(|(at, row)| at as u64 == *row));
    let failing = |at: u64, block: u64| {
        format!(
            "SELECT number + throwIf(number = {at}) FROM numbers(3000000) SETTINGS max_threads = 1, max_block_size = {block}"
        )
    };
    let error = store.rows::<u64>(&failing(350, 100)).await.unwrap_err();
    assert_eq!(error.code(), Some(395), "{error}");
    // Of a long answer the client may read the failure's text in two pieces, and then knows
    // only that the connection broke: an error all the same.
    for block in [10_000, 65_409] {
        let error = store.rows::<u64>(&failing(2_900_000, block)).await.unwrap_err();
        assert!(error.code().is_none_or(|code| code == 395), "{error}");
    }
    // A reader that leaves early leaves the connections usable.
    for _ in 0..10 {
        let mut cursor = store.client().query("SELECT number FROM numbers(30000000)").fetch::<u64>().unwrap();
        assert_eq!(cursor.next().await.unwrap(), Some(0));
    }
    for _ in 0..20 {
        assert_eq!(store.rows::<u8>("SELECT 5").await.unwrap(), [5]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_run_side_by_side() {
    if skipped() {
        return;
    }
    let store = testing::store().await;
    let tasks: Vec<_> = (0..64u64)
        .map(|n| {
            let store = Store::clone(&store);
            tokio::spawn(async move {
                let sql = format!("SELECT sum(number) + {n} FROM numbers(100000)");
                store.rows::<u64>(&sql).await.unwrap() == [4_999_950_000 + n]
            })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
}

#[tokio::test]
async fn a_folder_has_one_engine() {
    if skipped() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let config = testing::engine_config(&dir.path().join("data"));
    let first = Supervisor::start(config.clone()).await.unwrap();
    let error = Supervisor::start(config).await.unwrap_err();
    assert!(error.to_string().contains("another engine already uses"), "{error}");
    first.stop().await;
    assert!(!dir.path().join("data").exists(), "an ephemeral folder is removed");
}

#[tokio::test]
async fn tokens_are_remembered_over_a_restart() {
    if skipped() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let block = spans::block(1, &[1_000, 2_000], 1);
    let (engine, store) = own_engine(dir.path()).await;
    store.insert_block("spans", &block, "before").await.unwrap();
    engine.stop().await;
    let (engine, store) = own_engine(dir.path()).await;
    store.insert_block("spans", &block, "before").await.unwrap();
    assert_eq!(blocks::count(&store).await, 2);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_rows_are_there_once_after_kills() {
    if skipped() {
        return;
    }
    const SLICES: u64 = 40;
    const ROWS: u64 = 500;
    let dir = tempfile::tempdir().unwrap();
    let (engine, store) = own_engine(dir.path()).await;
    let done = std::sync::atomic::AtomicU64::new(0);
    let insert = async {
        let (mut acknowledged, mut failures) = (HashSet::new(), 0u32);
        for slice in 0..SLICES {
            let durations: Vec<_> = (0..ROWS).map(|n| n * 1_000).collect();
            let block = spans::block(slice * ROWS, &durations, 1_000_000);
            loop {
                match store.insert_block("spans", &block, &format!("slice-{slice}")).await {
                    Ok(()) => break,
                    Err(error) => {
                        assert!(error.is_transient(), "{error}");
                        failures += 1;
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            }
            acknowledged.insert(slice);
            done.store(slice, std::sync::atomic::Ordering::SeqCst);
        }
        (acknowledged, failures)
    };
    let kill = async {
        for round in 1..=3u64 {
            while done.load(std::sync::atomic::Ordering::SeqCst) < round * SLICES / 4 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            let pid = engine.pid().unwrap();
            // SAFETY: sends a signal to the engine that this test started.
            unsafe { libc::kill(pid as i32, libc::SIGKILL) };
            while engine.pid() == Some(pid) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    };
    let ((acknowledged, failures), ()) = tokio::join!(insert, kill);
    eprintln!("3 kills, {failures} inserts were repeated, {} restarts", engine.restarts());
    assert_eq!(acknowledged.len() as u64, SLICES);
    assert!(engine.restarts() >= 3);
    let rows = SLICES * ROWS;
    assert_eq!(blocks::count(&store).await, rows);
    let sql = format!("SELECT uniqExact(span_id) FROM {}", store.table("spans"));
    assert_eq!(store.rows::<u64>(&sql).await.unwrap(), [rows]);
    engine.stop().await;
}

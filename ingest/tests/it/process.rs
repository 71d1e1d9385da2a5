//! A process of its own, ended with SIGKILL while it receives.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use prost::Message as _;

use crate::support::{config, spans, spans_and_ids, start, store};

/// Not a test of its own: the process that [`killed_while_it_receives`] starts and kills.
#[test]
fn child() {
    let Ok(settings) = std::env::var("HEADROOM_INGEST_CHILD") else { return };
    let (dir, store) = settings.split_once('\n').unwrap();
    let store = headroom_store::Store::connect(&serde_json::from_str(store).unwrap()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let r = start(config(dir.as_ref()), &store).await;
        println!("listening {}", r.ingest.http_addr());
        std::future::pending::<()>().await;
    });
}

/// Starts the child and reads where it listens.
fn spawn(settings: &str) -> (Child, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "process::child", "--nocapture", "--test-threads=1"])
        .env("HEADROOM_INGEST_CHILD", settings)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.map_while(Result::ok).find_map(|l| Some(l.split_once("listening ")?.1.to_owned()));
    (child, address.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_receives() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let config_json = serde_json::json!({
        "url": store.config().url, "user": store.config().user,
        "password": store.config().password, "database": store.config().database,
    });
    let settings = format!("{}\n{config_json}", dir.path().display());
    let client = reqwest::Client::new();
    let mut next = 0_u64;
    let mut acknowledged = Vec::new();
    let mut unanswered = None;
    for round in 0..4_u64 {
        let (mut child, address) = spawn(&settings);
        let killer = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(150 + 90 * round)).await;
            child.kill().unwrap();
            child.wait().unwrap();
        });
        // Each batch has ids of its own, and is sent again when its answer was lost.
        loop {
            let from = unanswered.take().unwrap_or(next);
            next = next.max(from + 20);
            let request = client
                .post(format!("http://{address}/v1/traces"))
                .bearer_auth("acme-token")
                .header("content-type", "application/x-protobuf")
                .body(spans(from, from + 20).encode_to_vec());
            let Ok(response) = request.send().await else {
                unanswered = Some(from);
                break;
            };
            assert_eq!(response.status(), 200);
            acknowledged.push(from);
        }
        killer.await.unwrap();
    }
    assert!(!acknowledged.is_empty());
    let r = start(config(dir.path()), &store).await;
    r.settled().await;
    let (rows, ids) = spans_and_ids(&store).await;
    assert_eq!(rows, ids, "nothing is stored twice");
    let sql = format!("SELECT DISTINCT reinterpretAsUInt64(reverse(span_id)) FROM {}", store.table("spans"));
    let stored: std::collections::HashSet<u64> = store.rows::<u64>(&sql).await.unwrap().into_iter().collect();
    for from in acknowledged {
        for n in from..from + 20 {
            assert!(stored.contains(&(n + 1)), "span {n} was acknowledged and is not stored");
        }
    }
    r.ingest.drain().await;
}

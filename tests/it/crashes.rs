//! `kill -9` in the middle of a load: every acknowledged span is there once.

use crate::load::Load;
use crate::program::{Demo, children, signal};
use std::io::Write as _;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killing_the_engine_under_load_loses_and_doubles_nothing() {
    let demo = Demo::start(&["--no-sample"]);
    let load = Load::start(&demo, "engine-crash");
    load.grow(2_000).await;
    for _ in 0..3 {
        let engines = children(demo.pid());
        assert_eq!(engines.len(), 1, "one engine runs under the demo: {engines:?}");
        signal(engines[0], "KILL");
        // Spans are acknowledged while the engine is away: the log takes them.
        load.grow(1_000).await;
        wait_for_another_engine(&demo, engines[0]).await;
        load.grow(1_000).await;
    }
    load.settle(&demo).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killing_the_program_under_load_loses_and_doubles_nothing() {
    let mut demo = Demo::start(&["--no-sample"]);
    let load = Load::start(&demo, "program-crash");
    for _ in 0..3 {
        load.grow(1_500).await;
        demo.kill_and_restart();
    }
    load.grow(500).await;
    load.settle(&demo).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sigterm_drains_and_the_next_start_finds_clean_data() {
    let demo = Demo::start(&["--no-sample"]);
    let load = Load::start(&demo, "drain");
    load.grow(1_000).await;
    let folder = demo.folder().to_owned();
    load.settle(&demo).await;
    let engines = children(demo.pid());
    assert!(folder.join("demo.json").exists());
    assert!(demo.terminate().success(), "SIGTERM is an ordinary end");
    for engine in engines {
        assert!(
            !std::path::Path::new(&format!("/proc/{engine}")).exists(),
            "the engine outlived the program"
        );
    }
}

/// The alert and its message are on disk when it is taken; a program that dies while it sends sends again, under the same
/// id.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killing_the_program_between_an_alert_and_its_message_loses_nothing() {
    let mut demo = Demo::start(&["--no-sample"]);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = std::fs::File::options().append(true).open(demo.folder().join("headroom.toml")).unwrap();
    writeln!(
        config,
        "\n[[alerts.targets]]\nname = \"ops\"\nkind = \"webhook\"\nurl = \"http://{}/\"\nallow_networks = [\"127.0.0.1\"]",
        listener.local_addr().unwrap()
    )
    .unwrap();
    demo.kill_and_restart();

    let alert = serde_json::json!({"version": "4", "alerts": [{
        "status": "firing", "labels": {"alertname": "DiskFull", "severity": "critical"},
        "annotations": {"summary": "The disk is full"}, "startsAt": "2026-03-02T03:06:00Z",
    }]});
    let url = format!("{}/api/v1/alertmanager/webhook", demo.get("/web"));
    let token = demo.get("/credentials/ingest/token");
    let taken = reqwest::Client::new().post(url).bearer_auth(token).json(&alert).send().await.unwrap();
    assert_eq!(taken.status(), 200);

    // The receiver has the message and has not answered yet when the program dies.
    let (mut first, _) = listener.accept().await.unwrap();
    let before = request(&mut first).await;
    demo.kill_and_restart();
    let (mut second, _) = listener.accept().await.unwrap();
    let after = request(&mut second).await;
    second.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    let id = |request: &str| {
        request.lines().find_map(|line| line.strip_prefix("webhook-id: ")).unwrap().trim().to_owned()
    };
    assert_eq!(id(&before), id(&after), "one id for all attempts");
    assert!(after.contains("The disk is full"), "{after}");
    let mut delivered = serde_json::Value::Null;
    for _ in 0..100 {
        delivered = demo.api("sre", "/api/v1/deliveries?state=delivered").await.1;
        if !delivered["deliveries"].as_array().unwrap().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(delivered["deliveries"][0]["dedup_key"], id(&after).as_str(), "{delivered}");
}

/// Reads a request to the end of its body.
async fn request(stream: &mut tokio::net::TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        stream.read_buf(&mut read).await.unwrap();
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return text;
        }
    }
}

async fn wait_for_another_engine(demo: &Demo, old: u32) {
    for _ in 0..600 {
        if children(demo.pid()).iter().any(|pid| *pid != old) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the engine was not restarted within a minute");
}

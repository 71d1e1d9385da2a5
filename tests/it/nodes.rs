//! Two nodes with the role `alerts` on one PostgreSQL and one store: one leads, and when it is killed the other goes on.

use crate::load::span;
use crate::program::{HEADROOM, free_ports, headroom, root, said, signal};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as Outcome;
use prost::Message as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long anything may take on a busy machine, a message's lease of a minute included.
pub(crate) const PATIENCE: Duration = Duration::from_mins(3);

pub(crate) const SLO: &str = "apiVersion: openslo/v1
kind: SLO
metadata: {name: orders}
spec:
  service: order
  budgetingMethod: Occurrences
  timeWindow: [{duration: 30d, isRolling: true}]
  indicator:
    metadata: {name: orders-answered}
    spec:
      ratioMetric:
        counter: true
        good: {metricSource: {type: headroom, spec: {operation: POST /orders, kind: server, status: not_error}}}
        total: {metricSource: {type: headroom, spec: {operation: POST /orders, kind: server}}}
  objectives: [{target: 0.99}]
";

/// A process that ends with the test.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A receiver of webhooks that keeps what it got, in order.
#[derive(Clone, Default)]
struct Receiver {
    got: Arc<Mutex<Vec<(String, Value)>>>,
    silent: Arc<AtomicBool>,
}

impl Receiver {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", post(Self::take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}/")
    }

    async fn take(State(receiver): State<Self>, headers: HeaderMap, Json(body): Json<Value>) -> StatusCode {
        let id = headers["webhook-id"].to_str().unwrap().to_owned();
        receiver.got.lock().unwrap().push((id, body));
        if receiver.silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        StatusCode::NO_CONTENT
    }

    /// What came, as (alert, status) in the order of coming, each message once, and how many came again.
    fn told(&self) -> (Vec<(String, String)>, usize) {
        let got = self.got.lock().unwrap();
        let mut seen: Vec<&String> = Vec::new();
        let mut told = Vec::new();
        for (id, body) in got.iter() {
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            for alert in body["alerts"].as_array().unwrap() {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                told.push((text(&alert["labels"]["alertname"]), text(&alert["status"])));
            }
        }
        (told, got.len() - seen.len())
    }

    async fn wait_for(&self, alert: &str, status: &str) -> Duration {
        let started = Instant::now();
        while !self.told().0.iter().any(|(name, state)| name == alert && state == status) {
            assert!(started.elapsed() < PATIENCE, "no {status} of {alert} in {:?}", self.told());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        started.elapsed()
    }
}

pub(crate) struct Node {
    process: Process,
    pub(crate) web: String,
    otlp: String,
    log: PathBuf,
}

impl Node {
    pub(crate) fn start(folder: &Path, config: &str) -> Self {
        let ports = free_ports();
        std::fs::create_dir_all(folder).unwrap();
        let doors = format!(
            "data_dir = \"data\"\ntenant = \"main\"\n[web]\nlisten = \"127.0.0.1:{}\"\n[sql]\nlisten = \"127.0.0.1:{}\"\nflight_listen = \"off\"\n\
             [ingest]\ngrpc_listen = \"127.0.0.1:{}\"\nhttp_listen = \"127.0.0.1:{}\"\n",
            ports,
            ports + 1,
            ports + 2,
            ports + 3
        );
        std::fs::write(folder.join("headroom.toml"), doors + config).unwrap();
        let log = folder.join("log.txt");
        let child = Command::new(HEADROOM)
            .args(["serve", "--role", "ingest,web,alerts"])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let at = |port: u16| format!("http://127.0.0.1:{port}");
        Self { process: Process(child), web: at(ports), otlp: at(ports + 3), log }
    }

    pub(crate) async fn ready(&mut self) {
        let started = Instant::now();
        while !reqwest::get(format!("{}/readyz", self.web)).await.is_ok_and(|answer| answer.status() == 200) {
            assert!(self.process.0.try_wait().unwrap().is_none(), "{}", self.log());
            assert!(started.elapsed() < PATIENCE, "{}", self.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// A metric's value; 0 while there is none.
    async fn metric(&self, name: &str) -> f64 {
        let text = reqwest::get(format!("{}/metrics", self.web)).await.unwrap().text().await.unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        value.unwrap_or_default()
    }

    async fn leads(&self) -> bool {
        self.metric("headroom_leader{role=\"alerts\"}").await > 0.0
    }

    async fn post_alert(&self, token: &str, name: &str, status: &str) {
        let alert = json!({"version": "4", "alerts": [{
            "status": status, "labels": {"alertname": name, "severity": "critical"},
            "annotations": {"summary": "something"}, "startsAt": "2026-03-02T03:06:00Z",
            "endsAt": if status == "resolved" { "2026-03-02T04:00:00Z" } else { "0001-01-01T00:00:00Z" },
        }]});
        let url = format!("{}/api/v1/alertmanager/webhook", self.web);
        let taken = reqwest::Client::new().post(url).bearer_auth(token).json(&alert).send().await.unwrap();
        assert_eq!(taken.status(), 200);
    }

    /// Requests of the last hour, so many in each minute, of which so many failed.
    pub(crate) async fn post_spans(&self, token: &str, each: u64, failed: u64, first: u64) {
        let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap();
        let spans = (0..60).flat_map(|minute| {
            (0..each).map(move |n| {
                let start = now - (minute * 60 + 1) * 1_000_000_000;
                let outcome = if n < failed { Outcome::Error } else { Outcome::Ok };
                let status = opentelemetry_proto::tonic::trace::v1::Status {
                    code: outcome as i32,
                    message: String::new(),
                };
                Span {
                    name: "POST /orders".to_owned(),
                    start_time_unix_nano: start,
                    end_time_unix_nano: start + 1_000_000,
                    status: Some(status),
                    ..span(first + minute * each + n)
                }
            })
        });
        let body = crate::load::export("order", spans.collect()).encode_to_vec();
        let sent = reqwest::Client::new()
            .post(format!("{}/v1/traces", self.otlp))
            .bearer_auth(token)
            .header("content-type", "application/x-protobuf")
            .body(body)
            .send()
            .await
            .unwrap();
        assert!(sent.status().is_success(), "{}", sent.text().await.unwrap());
    }
}

/// When the test fails: what waits and what is remembered, and what the nodes said.
struct Witness {
    url: String,
    logs: Vec<PathBuf>,
}

impl Drop for Witness {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for table in ["outbox", "alerts", "routing", "leaders"] {
            let rows = format!("SELECT to_jsonb(t) FROM {table} t");
            let shown = Command::new("psql").args([&self.url, "-AtXc", &rows]).output().unwrap();
            eprintln!("--- {table} ---\n{}", String::from_utf8_lossy(&shown.stdout));
        }
        for log in &self.logs {
            eprintln!("--- {} ---\n{}", log.display(), std::fs::read_to_string(log).unwrap_or_default());
        }
    }
}

/// A PostgreSQL server that goes with the test; none if this machine has none.
fn postgres(folder: &Path) -> Option<String> {
    let started = Command::new(root().join("deploy/throwaway-postgres"))
        .arg("start")
        .arg(folder)
        .arg(std::process::id().to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&started.stderr);
    if started.status.code() == Some(3) {
        eprintln!("SKIPPED: {said}");
        return None;
    }
    assert!(started.status.success(), "{said}");
    Some(String::from_utf8(started.stdout).unwrap().trim().to_owned())
}

/// The store: the server that tests shall use, or an engine of its own.
fn store(folder: &Path) -> (Option<Process>, String) {
    if let Ok(url) = std::env::var("HEADROOM_TEST_CLICKHOUSE") {
        return (None, format!("[store]\nurl = \"{url}\"\ndatabase = \"nodes_{}\"\n", std::process::id()));
    }
    let listen = format!("127.0.0.1:{}", free_ports());
    let engine = Command::new(HEADROOM)
        .args(["engine", "--listen", &listen, "--ephemeral", "--data"])
        .arg(folder.join("engine"))
        .env("HEADROOM_ENGINE_TOKEN", "secret")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let section = format!("[store]\nurl = \"http://{listen}\"\nuser = \"headroom\"\npassword = \"secret\"\n");
    (Some(Process(engine)), section)
}

#[test]
fn a_control_file_is_moved_to_postgresql_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let server = std::env::temp_dir().join(format!("headroom-moved-{}", std::process::id()));
    let Some(url) = postgres(&server) else { return };
    let run = |config: &str, arguments: &[&str]| {
        std::fs::write(folder.path().join("headroom.toml"), config).unwrap();
        let output = headroom(arguments, folder.path());
        (output.status.code(), String::from_utf8(output.stdout.clone()).unwrap(), said(&output))
    };
    let (file, shared) = ("", format!("[control]\nurl = \"{url}\"\n"));
    let (code, _, error) = run(file, &["token", "create", "--role", "ingest", "--name", "gateway"]);
    assert_eq!(code, Some(0), "{error}");
    let (code, _, error) = run(file, &["control", "copy"]);
    assert!(code == Some(1) && error.contains("set control.url to a PostgreSQL database"), "{error}");
    let (_, text, _) = run(&shared, &["token", "list"]);
    assert_eq!(text.trim(), "", "another state");
    let (code, text, error) = run(&shared, &["control", "copy"]);
    assert!(code == Some(0) && text.contains("the audit chain holds there: 1 rows"), "{text} {error}");
    let (_, text, _) = run(&shared, &["token", "list"]);
    assert!(text.starts_with("gateway "), "{text}");
    let (code, _, error) = run(&shared, &["control", "copy"]);
    assert!(code == Some(1) && error.contains("has rows already: copy into an empty database"), "{error}");

    let (_, text, _) = run(&shared, &["check"]);
    assert!(
        text.contains("control    postgres headroom@127.0.0.1:") && text.contains("in plain text"),
        "{text}"
    );
    let away = "[control]\nurl = \"postgres://headroom@127.0.0.1:1/x\"\npassword = \"s3cret\"\n";
    let (code, _, error) = run(away, &["token", "list"]);
    assert!(
        code == Some(1) && error.contains("check that the server runs and that control.url names it"),
        "{error}"
    );
    let (code, _, error) = run("[control]\nurl = \"postgres://a:s3cret@b/c\"\n", &["check"]);
    assert!(code == Some(1) && error.contains("put it into control.password"), "{error}");
    assert!(!error.contains("s3cret"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn when_the_leader_is_killed_the_other_node_goes_on_and_each_transition_is_told_once_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let server = std::env::temp_dir().join(format!("headroom-nodes-{}", std::process::id()));
    let Some(url) = postgres(&server) else { return };
    let (_engine, store) = store(folder.path());
    let receiver = Receiver::default();
    let hook = receiver.start().await;
    std::fs::write(folder.path().join("orders.yaml"), SLO).unwrap();
    let config = format!(
        "{store}[control]\nurl = \"{url}\"\n[alerts]\ninterval_seconds = 1\nrebuild_seconds = 2\n\
         slo_files = [\"{}\"]\n[[alerts.targets]]\nname = \"ops\"\nkind = \"webhook\"\nurl = \"{hook}\"\nallow_networks = [\"127.0.0.1\"]\n",
        folder.path().join("orders.yaml").display()
    );
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    let _witness = Witness { url: url.clone(), logs: vec![one.join("log.txt"), other.join("log.txt")] };
    let mut leader = Node::start(&one, &config);
    leader.ready().await;
    let mut heir = Node::start(&other, &config);
    heir.ready().await;
    assert!(leader.leads().await && !heir.leads().await, "the first leads");
    let made = headroom(&["token", "create", "--role", "admin", "--name", "test"], &other);
    assert!(made.status.success(), "{}", said(&made));
    let token = String::from_utf8(made.stdout).unwrap().trim().to_owned();

    // One alert of an objective, measured by the leader though the other node took the spans; one from outside.
    heir.post_spans(&token, 40, 20, 1).await;
    heir.post_alert(&token, "First", "firing").await;
    receiver.wait_for("First", "firing").await;
    receiver.wait_for("SloBurn", "firing").await;
    assert!(
        heir.metric("headroom_alert_evaluations_total{outcome=\"ok\"}").await < 1.0,
        "only the leader evaluates"
    );

    // The leader dies with both alerts open, and while it sends a message that the receiver has not answered.
    receiver.silent.store(true, Ordering::SeqCst);
    heir.post_alert(&token, "Second", "firing").await;
    receiver.wait_for("Second", "firing").await;
    signal(leader.process.0.id(), "KILL");
    let killed = Instant::now();
    receiver.silent.store(false, Ordering::SeqCst);
    heir.post_alert(&token, "Second", "resolved").await;
    heir.post_alert(&token, "Third", "firing").await;
    receiver.wait_for("Third", "firing").await;
    let took = killed.elapsed();
    eprintln!("the other node told of the next alert {took:.1?} after the leader was killed");
    assert!(took < Duration::from_secs(15), "{took:?}");
    assert!(heir.leads().await);

    // What was open ends as if nothing had happened.
    heir.post_spans(&token, 2_000, 0, 1_000_000).await;
    heir.post_alert(&token, "First", "resolved").await;
    heir.post_alert(&token, "Third", "resolved").await;
    for alert in ["First", "Second", "Third", "SloBurn"] {
        let more = receiver.wait_for(alert, "resolved").await;
        eprintln!("{alert} resolved after {more:.1?} more");
    }
    let (told, again) = receiver.told();
    let mut each: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (alert, status) in told {
        each.entry(alert).or_default().push(status);
    }
    for alert in ["First", "Second", "Third", "SloBurn"] {
        assert_eq!(each[alert], ["firing", "resolved"], "{alert} in {each:?}");
    }
    assert_eq!(again, 1, "what was not answered came again, under its id");

    // A node that ends leaves the lead at once, and one that comes back takes it.
    let mut back = Node::start(&one, &config);
    back.ready().await;
    assert!(!back.leads().await);
    signal(heir.process.0.id(), "TERM");
    let started = Instant::now();
    while !back.leads().await {
        assert!(started.elapsed() < PATIENCE, "{}", back.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

//! The same show with a client on grpcio, whose messages come from the compiled proto file.

#[path = "../../../../tests/sdk/tools.rs"]
mod tools;

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use prost::Message as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{sleep, timeout};

use crate::keda::{PATIENCE, Scaler, policy};
use crate::planner::{Planner, State, minutes};

/// The client's process.
struct Client {
    to: ChildStdin,
    from: Lines<BufReader<ChildStdout>>,
    _process: Child,
    _files: TempDir,
}

impl Client {
    fn start(python: &Path, address: &str) -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let files = tempfile::tempdir().unwrap();
        let compiled = files.path().join("externalscaler.bin");
        let set = protox::compile(["externalscaler.proto"], [here.join("proto")]).unwrap();
        std::fs::write(&compiled, set.encode_to_vec()).unwrap();
        let metadata = json!({ "service": "gateway", "activationReplicas": "20" }).to_string();
        let mut process = Command::new(python)
            .arg(here.join("tests/keda_client.py"))
            .arg(compiled)
            .args([address, &metadata])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (to, from) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { to, from: BufReader::new(from).lines(), _process: process, _files: files }
    }

    async fn says(&mut self, command: &str) -> Value {
        self.to.write_all(format!("{command}\n").as_bytes()).await.unwrap();
        let line = timeout(PATIENCE, self.from.next_line()).await.expect("an answer").unwrap();
        serde_json::from_str(&line.expect("the client lives")).unwrap()
    }

    /// Polls until the connection is there again.
    async fn polls(&mut self) -> Value {
        let polled = async {
            loop {
                let answer = self.says("poll").await;
                if answer["code"] != "UNAVAILABLE" {
                    return answer;
                }
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(PATIENCE, polled).await.expect("the connection is there again")
    }
}

#[tokio::test]
async fn a_python_client_through_open_poll_stream_restart_and_outage() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(python) = tools::python(&root, "requirements") else {
        eprintln!("SKIPPED: no Python with grpcio; `make test-tools` installs it");
        return;
    };
    let planner = Planner::new();
    let scaler = Scaler::start("127.0.0.1:0", planner.desk(policy())).await;
    let address = scaler.address.to_string();
    let mut keda = Client::start(&python, &address);
    let spec = json!(["headroom-replicas-gateway", 1, 1.0]);

    assert_eq!(keda.says("spec").await, spec);
    assert_eq!(keda.says("first StreamMetricSpec").await, spec);
    assert_eq!(keda.says("first StreamIsActive").await, json!(false));
    assert_eq!(keda.says("poll").await, json!([12, 12.0, false]));
    planner.pass(minutes(112));
    assert_eq!(keda.says("next StreamIsActive").await, json!(true));
    assert_eq!(keda.says("poll").await, json!([31, 31.0, true]));

    scaler.stop().await;
    assert_eq!(keda.says("next StreamIsActive").await, json!("ended"));
    assert_eq!(keda.says("next StreamMetricSpec").await, json!("ended"));
    assert_eq!(keda.says("poll").await["code"], "UNAVAILABLE");
    let scaler = Scaler::start(&address, planner.desk(policy())).await;
    assert_eq!(keda.polls().await, json!([31, 31.0, true]));
    assert_eq!(keda.says("first StreamIsActive").await, json!(true));

    planner.set(State::Down);
    planner.pass(minutes(128));
    assert_eq!(keda.says("next StreamIsActive").await, json!(false));
    assert_eq!(keda.says("poll").await, json!([14, 14.0, false]));
    planner.pass(minutes(24 * 60));
    assert_eq!(keda.says("next StreamIsActive").await, json!(true));
    assert_eq!(keda.says("poll").await, json!([20, 20.0, true]));
    assert_eq!(keda.says("spec").await, spec);
    scaler.stop().await;
}

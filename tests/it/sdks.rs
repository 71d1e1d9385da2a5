//! Real OpenTelemetry SDKs: what they send is at the API, at SQL's door and in the look-up.

use crate::load::number;
use crate::program::{Demo, root};
use crate::tools::python;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// A machine busy with other things gets this long. How fresh it was is printed; two seconds is the promise
/// on a machine that is not.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn python_and_node_sdks_over_grpc_http_protobuf_and_http_json() {
    let demo = Demo::start(&["--no-sample"]);
    let mut sent = 0;
    for protocol in ["grpc", "http-protobuf", "http-json"] {
        let endpoint = demo.get(if protocol == "grpc" { "/otlp_grpc" } else { "/otlp_http" });
        let token = demo.get("/credentials/ingest/token");
        let list = if protocol == "http-json" { "requirements-json" } else { "requirements" };
        match python(root(), list) {
            Some(python) => {
                let mark = format!("py-{protocol}");
                let mut command = Command::new(python);
                command
                    .arg(root().join("tests/sdk/python/send.py"))
                    .args([protocol, &endpoint, &token, &mark]);
                check(&demo, command, &mark).await;
                sent += 1;
            }
            None => eprintln!("SKIPPED: no Python OpenTelemetry SDK; `make test-tools` installs it"),
        }
        let node = root().join("tests/sdk/node");
        if node.join("node_modules").exists() {
            let mark = format!("node-{protocol}");
            let mut command = Command::new("node");
            command.arg(node.join("send.mjs")).args([protocol, &endpoint, &token, &mark]);
            check(&demo, command, &mark).await;
            sent += 1;
        } else {
            eprintln!("SKIPPED: no Node OpenTelemetry SDK; `make test-tools` installs it");
        }
    }
    if sent == 6 {
        // The metric names differ per run: all six counters arrived.
        let rows = demo
            .sql("SELECT count(DISTINCT name) FROM metrics WHERE name LIKE 'orders_%' AND value = 3")
            .await;
        assert_eq!(number(&rows[0][0]), 6, "{rows}");
    }
    match python(root(), "requirements-sql") {
        Some(python) => {
            let sql = "SELECT count(*) FROM spans WHERE service LIKE 'sdk-%'";
            assert_eq!(adbc(&demo, &python, sql), psql(&demo, sql), "both doors give one answer");
        }
        None => eprintln!("SKIPPED: no Python with ADBC; `make test-tools` installs it"),
    }
}

async fn check(demo: &Demo, mut command: Command, mark: &str) {
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let returned = Instant::now();
    assert!(output.status.success(), "{mark}: {}", String::from_utf8_lossy(&output.stderr));
    let trace_id = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    assert_eq!(trace_id.len(), 32, "{mark} printed {trace_id:?}");

    let trace = loop {
        let (status, body) = demo.api("sre", &format!("/api/v1/traces/{trace_id}")).await;
        if status == 200 && body["spans"].as_array().is_some_and(|spans| spans.len() == 2) {
            break body;
        }
        assert!(
            returned.elapsed() < PATIENCE,
            "{mark}: the trace is not at the API after {PATIENCE:?}: {status} {body}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    println!("{mark}: at the API {} ms after the SDK returned", returned.elapsed().as_millis());
    let root = &trace["spans"][0];
    assert_eq!(root["operation"], "POST /orders");
    assert_eq!(root["service"], format!("sdk-{mark}"));
    assert_eq!(root["attributes"]["retry"], true, "booleans stay booleans: {root}");
    assert_eq!(root["attributes"]["shares"], 7, "integers stay integers: {root}");
    assert_eq!(trace["spans"][1]["parent_span_id"], root["span_id"]);

    let counts = [
        format!("SELECT count(*) FROM spans WHERE trace_id = '{trace_id}'"),
        format!("SELECT count(*) FROM logs WHERE service = 'sdk-{mark}' AND trace_id = '{trace_id}'"),
        format!(
            "SELECT count(*) FROM events WHERE order_id = 'ord-{mark}' AND name = 'order.placed' AND quantity = 7 AND price = 10.25"
        ),
    ];
    for (sql, expected) in counts.iter().zip(["2", "1", "1"]) {
        loop {
            let found = psql(demo, sql);
            if found == expected {
                break;
            }
            assert!(returned.elapsed() < PATIENCE, "{mark}: {sql} gives {found:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    let (_, found) = demo.api("agent", &format!("/api/v1/lookup?q=ord-{mark}")).await;
    assert_eq!(found["journey"][0]["event"], "order.placed", "{found}");
}

/// One value through the real psql.
fn psql(demo: &Demo, sql: &str) -> String {
    let output = Command::new("psql")
        .args([&demo.get("/postgres"), "-AtX", "-c", sql])
        .output()
        .expect("psql is installed: `make test-tools`");
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// One value through ADBC, by user and password.
fn adbc(demo: &Demo, python: &Path, sql: &str) -> String {
    const ASK: &str = "
import sys, adbc_driver_flightsql.dbapi as flightsql
address, user, password, sql = sys.argv[1:]
login = {'username': user, 'password': password}
with flightsql.connect(address, login, autocommit=True) as connection, connection.cursor() as cursor:
    cursor.execute(sql)
    print(cursor.fetchone()[0])
";
    let [user, password] = ["user", "password"].map(|what| demo.get(&format!("/credentials/analyst/{what}")));
    let address = demo.get("/flight_sql");
    let output = Command::new(python).args(["-c", ASK, &address, &user, &password, sql]).output().unwrap();
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

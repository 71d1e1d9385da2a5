//! A real Prometheus scrapes us and a real Alertmanager takes our alerts; what Prometheus alerts of comes back to us.

use crate::nodes::{Node, PATIENCE, Process, SLO};
use crate::program::{free_ports, headroom, said};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Starts a server whose log goes into the folder.
fn start(program: &str, folder: &Path, arguments: &[String]) -> Process {
    let log = std::fs::File::create(folder.join(format!("{program}.log"))).unwrap();
    let child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    Process(child)
}

/// Asks until the answer is as wanted.
async fn wait(what: &str, url: &str, token: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let (started, client) = (Instant::now(), reqwest::Client::new());
    let mut last = Value::Null;
    while started.elapsed() < 2 * PATIENCE {
        if let Ok(answer) = client.get(url).bearer_auth(token).send().await {
            last = answer.json().await.unwrap_or_default();
            if wanted(&last) {
                return last;
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("{what}: {last}");
}

fn alert<'a>(alerts: &'a Value, name: &str) -> Option<&'a Value> {
    alerts.as_array()?.iter().find(|alert| alert["labels"]["alertname"] == name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn prometheus_scrapes_us_and_alertmanager_takes_our_alerts_and_gives_us_theirs() {
    for program in ["prometheus", "prometheus-alertmanager"] {
        if Command::new(program).arg("--version").output().is_err() {
            eprintln!("SKIPPED: {program} is not installed; make test-tools does it");
            return;
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let (prometheus, alertmanager) = (free_ports(), free_ports());
    let (prometheus_url, alertmanager_url) =
        (format!("http://127.0.0.1:{prometheus}"), format!("http://127.0.0.1:{alertmanager}"));
    std::fs::write(folder.path().join("orders.yaml"), SLO).unwrap();
    // Ours go to Alertmanager; what it sends us is not sent back.
    let config = format!(
        "[alerts]\nexternal_url = \"https://headroom.example.com\"\ninterval_seconds = 1\nrebuild_seconds = 2\nslo_files = [\"{}\"]\n\
         [[alerts.targets]]\nname = \"am\"\nkind = \"alertmanager\"\nurl = \"{alertmanager_url}\"\nallow_networks = [\"127.0.0.1\"]\n\
         [[alerts.routes]]\nname = \"ours\"\nmatchers = [\"alertname=SloBurn\"]\ngroup_wait_seconds = 0\ngroup_interval_seconds = 1\n\
         steps = [{{receivers = [\"am\"]}}]\n",
        folder.path().join("orders.yaml").display()
    );
    let home = folder.path().join("node");
    let mut node = Node::start(&home, &config);
    node.ready().await;
    let made = headroom(&["token", "create", "--role", "admin", "--name", "test"], &home);
    assert!(made.status.success(), "{}", said(&made));
    let token = String::from_utf8(made.stdout).unwrap().trim().to_owned();

    let routes = json!({
        "route": {"receiver": "nobody", "routes": [{"receiver": "headroom", "matchers": ["origin=prometheus"],
            "group_wait": "0s", "group_interval": "1s"}]},
        "receivers": [{"name": "nobody"}, {"name": "headroom", "webhook_configs": [{
            "url": format!("{}/api/v1/alertmanager/webhook", node.web),
            "http_config": {"authorization": {"credentials": token}}}]}],
    });
    // JSON is YAML.
    std::fs::write(folder.path().join("alertmanager.yml"), routes.to_string()).unwrap();
    let rules = json!({"groups": [{"name": "g", "interval": "1s", "rules": [{
        "alert": "OrdersBurn", "expr": "headroom_slo_budget_remaining{slo=\"orders\"} < 0",
        "labels": {"severity": "critical", "origin": "prometheus"},
        "annotations": {"summary": "Prometheus sees the budget of {{ $labels.slo }} spent"}}]}]});
    std::fs::write(folder.path().join("rules.yml"), rules.to_string()).unwrap();
    let scrape = json!({
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [format!("127.0.0.1:{alertmanager}")]}]}]},
        "scrape_configs": [{"job_name": "headroom", "static_configs": [{"targets": [node.web.trim_start_matches("http://")]}]}],
    });
    std::fs::write(folder.path().join("prometheus.yml"), scrape.to_string()).unwrap();
    let listen = |port: u16| format!("--web.listen-address=127.0.0.1:{port}");
    let _alertmanager = start(
        "prometheus-alertmanager",
        folder.path(),
        &[
            "--config.file=alertmanager.yml".into(),
            "--storage.path=am".into(),
            "--cluster.listen-address=".into(),
            listen(alertmanager),
        ],
    );
    let _prometheus = start(
        "prometheus",
        folder.path(),
        &["--config.file=prometheus.yml".into(), "--storage.tsdb.path=tsdb".into(), listen(prometheus)],
    );

    // Prometheus finds us up, and nothing to complain of in what we expose.
    let query = |text: &str| format!("{prometheus_url}/api/v1/query?query={text}");
    let result = |answer: &Value| answer["data"]["result"][0]["value"][1].as_str().map(str::to_owned);
    wait("up", &query("up"), "", |answer| result(answer).as_deref() == Some("1")).await;

    // Half of the orders of the last hour failed: the alert reaches Alertmanager as one of its own.
    node.post_spans(&token, 40, 20, 1).await;
    let active = format!("{alertmanager_url}/api/v2/alerts?active=true");
    let taken = wait("our alert", &active, "", |answer| alert(answer, "SloBurn").is_some()).await;
    let ours = alert(&taken, "SloBurn").unwrap();
    assert_eq!(
        [
            &ours["labels"]["slo"],
            &ours["labels"]["service"],
            &ours["labels"]["severity"],
            &ours["status"]["state"]
        ],
        ["orders", "order", "critical", "active"],
        "{ours}"
    );
    assert!(ours["annotations"]["summary"].as_str().unwrap().contains("too fast"), "{ours}");
    let left = wait("the budget", &query("headroom_slo_budget_remaining"), "", |answer| {
        result(answer).and_then(|left| left.parse::<f64>().ok()).is_some_and(|left| left < 0.0)
    })
    .await;
    assert_eq!(left["data"]["result"][0]["metric"]["slo"], "orders");

    // The picture that the message links to is there for who has the link, and for nobody else.
    let queued: Value = reqwest::Client::new()
        .get(format!("{}/api/v1/deliveries", node.web))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let link = queued["deliveries"][0]["payload"]["chart"].as_str().unwrap();
    let link = link.replace("https://headroom.example.com", &node.web);
    let picture = reqwest::get(&link).await.unwrap();
    assert_eq!(
        (picture.status().as_u16(), &picture.headers()["content-type"]),
        (200, &"image/png".parse().unwrap())
    );
    let picture = picture.bytes().await.unwrap();
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 5_000, "{} bytes", picture.len());
    if let Ok(folder) = std::env::var("HEADROOM_TEST_PICTURES") {
        std::fs::write(Path::new(&folder).join("alert.png"), &picture).unwrap();
    }
    for forged in [link.replace("signature=", "signature=0"), link.replace("tenant=main", "tenant=other")] {
        assert_eq!(reqwest::get(&forged).await.unwrap().status(), 404, "{forged}");
    }

    // A rule of Prometheus fires on our metric, and Alertmanager tells us.
    let alerts = format!("{}/api/v1/alerts", node.web);
    let inbound = wait("their alert", &alerts, &token, |answer| {
        answer["alerts"]
            .as_array()
            .is_some_and(|all| all.iter().any(|alert| alert["slo"] == "" && alert["state"] == "firing"))
    })
    .await;
    let theirs = inbound["alerts"].as_array().unwrap().iter().find(|alert| alert["slo"] == "").unwrap();
    assert_eq!(theirs["summary"], "Prometheus sees the budget of orders spent");

    // Orders succeed again: after three calm minutes it ends here and there.
    node.post_spans(&token, 2_000, 0, 1_000_000).await;
    wait("the end", &active, "", |answer| alert(answer, "SloBurn").is_none()).await;

    let exposed = reqwest::get(format!("{}/metrics", node.web)).await.unwrap().text().await.unwrap();
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut promtool.stdin.take().unwrap(), exposed.as_bytes()).unwrap();
    let checked = promtool.wait_with_output().unwrap();
    assert!(checked.status.success(), "{}", said(&checked));
}

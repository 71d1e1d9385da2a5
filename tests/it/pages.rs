//! The pages in a real browser, on a demo with a little history.

use crate::issuer::{CLIENT, Issuer};
use crate::load::number;
use crate::program::{Demo, free_ports, root};
use chrono::{DurationRound as _, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_works_in_chromium_on_live_data() {
    let Some(ui) = built() else { return };
    // Four days: on a Monday, too, a session of each exchange lies in them, with what customers ask about.
    let demo = Demo::start(&["--backfill", "4d", "--backfill-rate", "4"]);
    nobody_sees_personal_data_by_default(&demo).await;
    sql_tells_what_the_pages_tell(&demo).await;
    browse(ui, &demo, "e2e", &[]).await;
}

/// From the button to the provider's page and back, where the provider is another site.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_signs_in_at_a_provider_in_chromium() {
    let Some(ui) = built() else { return };
    let issuer = Issuer::start().await;
    let table = format!(
        "{{issuer = \"{}\", client_id = \"{CLIENT}\", button = \"Sign in at work\", roles = {{ops = \"sre\"}}, \
         allow_networks = [\"127.0.0.0/8\"]}}",
        issuer.url()
    );
    let ports = free_ports();
    let at = format!("http://localhost:{ports}");
    let settings =
        [("HEADROOM__AUTH__OIDC", table.as_str()), ("HEADROOM__ALERTS__EXTERNAL_URL", at.as_str())];
    let demo = Demo::start_at(ports, &["--no-sample"], &settings);
    browse(ui, &demo, "e2e:provider", &[("HEADROOM_AT", &at), ("PROVIDER", &issuer.url())]).await;
    let (_, trail) = demo.api("admin", "/api/v1/audit?limit=50").await;
    let rows = trail["rows"].as_array().unwrap();
    let told =
        |action: &str, who: &str| rows.iter().any(|row| row["action"] == action && row["subject"] == who);
    assert!(told("login", "ada@example.com") && told("login.refused", "eve@example.com"), "{trail}");
}

/// The pages, if they are built.
fn built() -> Option<PathBuf> {
    let ui = root().join("dashboards/ui");
    if ui.join("node_modules").exists() && ui.join("dist/index.html").exists() {
        return Some(ui);
    }
    eprintln!("SKIPPED: the pages are not built; `make ui` builds them");
    None
}

/// Runs browser tests on a demo.
async fn browse(ui: PathBuf, demo: &Demo, tests: &'static str, environment: &[(&'static str, &str)]) {
    let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let description = demo.folder().join("demo.json");
    let output = tokio::task::spawn_blocking(move || {
        Command::new("npm")
            .args(["run", "--silent", tests])
            .current_dir(ui)
            .env("HEADROOM_DEMO_JSON", description)
            .envs(environment)
            .output()
            .unwrap()
    })
    .await
    .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    assert!(output.status.success(), "{}\n{}", faults(&text), String::from_utf8_lossy(&output.stderr));
}

/// What went wrong of a run in the Test Anything Protocol: each failed test with what is told of it. The whole is printed
/// before, but its end is what is read first.
fn faults(tap: &str) -> String {
    let mut told = Vec::new();
    let mut failed = false;
    for line in tap.lines() {
        let text = line.trim_start();
        failed = text.starts_with("not ok") || failed && !text.starts_with("ok ") && !text.starts_with("# ");
        if failed {
            told.push(line);
        }
    }
    told.join("\n")
}

#[test]
fn of_a_run_only_what_failed_is_told_again() {
    let tap = "ok 1 - a\n  ---\n  ...\nnot ok 2 - b\n  ---\n  error: no\n  ...\n# Subtest: c\nok 3 - c\n";
    assert_eq!(faults(tap), "not ok 2 - b\n  ---\n  error: no\n  ...");
}

/// Names and addresses are stored, and come out masked or not at all.
async fn nobody_sees_personal_data_by_default(demo: &Demo) {
    let counted = async |sql: &str| number(&demo.sql(sql).await[0][0]);
    assert!(
        counted("SELECT count(*) FROM events WHERE name = 'customer.registered'").await > 100,
        "customers registered"
    );
    for leak in [
        "SELECT count(*) FROM events WHERE attributes LIKE '%@%'",
        "SELECT count(*) FROM logs WHERE attributes LIKE '%@%'",
        "SELECT count(*) FROM events WHERE attr(attributes, 'customer.email') IS NOT NULL",
        "SELECT count(*) FROM events WHERE attr(attributes, 'customer.name') >= 'A'",
        "SELECT count(*) FROM key_index WHERE value LIKE '%@%'",
    ] {
        assert_eq!(counted(leak).await, 0, "{leak}");
    }
    let rows = demo.sql("SELECT customer_id FROM events WHERE name = 'customer.registered' LIMIT 1").await;
    let customer = rows[0][0].as_str().unwrap().to_owned();
    let (_, found) = demo.api("agent", &format!("/api/v1/lookup?q={customer}")).await;
    let masked = found["customer"]["email_masked"].as_str().unwrap();
    assert!(masked.contains("***@"), "{found}");

    // In the clear: with a reason, by those who may, and only with a row in the audit trail.
    let client = reqwest::Client::new();
    let reveal = |role: &str, reason: &str| {
        client
            .post(format!("{}/api/v1/lookup/reveal", demo.get("/web")))
            .bearer_auth(demo.get(&format!("/credentials/{role}/token")))
            .json(&serde_json::json!({"customer_id": customer, "reason": reason}))
            .send()
    };
    assert_eq!(reveal("agent", "no").await.unwrap().status(), 400, "a reason is needed");
    assert_eq!(reveal("sre", "customer called about an order").await.unwrap().status(), 403);
    let clear: serde_json::Value =
        reveal("agent", "customer called about an order").await.unwrap().json().await.unwrap();
    assert!(
        clear["email"].as_str().unwrap().contains('@') && !clear["email"].as_str().unwrap().contains("***"),
        "{clear}"
    );
    let (_, audit) = demo.api("admin", "/api/v1/audit").await;
    assert_eq!(audit["intact"], true);
    let row = &audit["rows"][0];
    assert_eq!(
        (row["action"].as_str(), row["subject"].as_str()),
        (Some("customer.reveal"), Some(customer.as_str())),
        "{audit}"
    );
}

/// The service map and latencies in SQL are those of the API.
async fn calls_in_sql(demo: &Demo) {
    let hour = Utc::now().duration_trunc(TimeDelta::hours(1)).unwrap() - TimeDelta::hours(2);
    let (from, to) = (hour.to_rfc3339_opts(SecondsFormat::Secs, true), hour + TimeDelta::hours(1));
    let range = format!("from={from}&to={}", to.to_rfc3339_opts(SecondsFormat::Secs, true));
    let (_, map) = demo.api("analyst", &format!("/api/v1/service-map?{range}")).await;
    let of_hour =
        "SELECT caller, callee, requests, errors, p95_ns, p95_high_ns FROM service_map WHERE hour = ";
    let told =
        demo.sql(&format!("{of_hour} '{from}' ORDER BY caller_kind, caller, callee_kind, callee")).await;
    let float = |value: &Value| value.as_f64();
    let mut shown: Vec<&Value> = map["edges"].as_array().unwrap().iter().collect();
    let kind = |edge: &Value, side: &str| (edge[side]["kind"].to_string(), edge[side]["name"].to_string());
    shown.sort_by_key(|edge| (kind(edge, "from"), kind(edge, "to")));
    let told = told.as_array().unwrap();
    assert!(shown.len() > 5 && told.len() == shown.len(), "{} edges, {} rows", shown.len(), told.len());
    for (row, edge) in told.iter().zip(shown) {
        let p95 = edge["quantiles"].as_array().unwrap().iter().find(|one| one["q"] == 0.95);
        let names = (&row[0], &row[1], number(&row[2]), number(&row[3]));
        let (calls, errors) = (number(&edge["calls"]), number(&edge["errors"]));
        assert_eq!(names, (&edge["from"]["name"], &edge["to"]["name"], calls, errors));
        let bounds = p95.map(|one| (float(&one["value_ns"]), float(&one["high_ns"]))).unwrap_or_default();
        assert_eq!((float(&row[4]), float(&row[5])), bounds, "{edge}");
    }
    let asked = "SELECT sum(requests), sum(errors) FROM latency WHERE service = 'gateway' AND minute >= ";
    let told = demo.sql(&format!("{asked} '{from}' AND minute < '{}'", to.to_rfc3339())).await;
    let (_, services) = demo.api("analyst", &format!("/api/v1/services?{range}")).await;
    let all = services["services"].as_array().unwrap();
    let gateway = all.iter().find(|row| row["service"] == "gateway").unwrap();
    let counted = (number(&gateway["calls"]), number(&gateway["errors"]));
    assert_eq!((number(&told[0][0]), number(&told[0][1])), counted, "{gateway}");
}

/// Objectives, walls and deployments in SQL are those of the API.
async fn sql_tells_what_the_pages_tell(demo: &Demo) {
    let (_, slos) = demo.api("analyst", "/api/v1/slos").await;
    let told = demo.sql("SELECT slo, target, objective FROM slos ORDER BY slo").await;
    let mut shown: Vec<Value> = slos["slos"].as_array().unwrap().clone();
    shown.sort_by_key(|slo| slo["name"].as_str().unwrap().to_owned());
    let shown: Vec<Value> =
        shown.iter().map(|slo| json!([slo["name"], slo["target"], slo["objective"]])).collect();
    assert_eq!(told.as_array().unwrap(), &shown, "objectives");
    assert!(!shown.is_empty());

    let (_, walls) = demo.api("analyst", "/api/v1/capacity/walls").await;
    let nearest = demo.sql("SELECT id FROM walls ORDER BY knee_factor, id").await;
    let mut ids: Vec<&str> = nearest.as_array().unwrap().iter().map(|row| row[0].as_str().unwrap()).collect();
    let mut shown: Vec<&str> =
        walls["walls"].as_array().unwrap().iter().map(|wall| wall["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    shown.sort_unstable();
    assert_eq!(ids, shown, "walls");
    assert!(!shown.is_empty());

    calls_in_sql(demo).await;
    let deployed = demo.sql("SELECT count(*) FROM deployments WHERE ts >= now() - INTERVAL '5 days'").await;
    let told = demo.sql("SELECT count(DISTINCT (service || attr(attributes, 'service.version'))) FROM events WHERE name = 'deployment.finished'").await;
    assert!(number(&deployed[0][0]) >= number(&told[0][0]), "{deployed} of {told}");
}

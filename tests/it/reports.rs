//! Monthly reports as people take them: from a running node, by the command line, and from a node that is stopped.

use crate::program::{Demo, headroom, said};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn every_report_comes_from_a_running_demo_in_every_form() {
    let demo = Demo::start(&["--backfill", "1d", "--backfill-rate", "6"]);
    let month = chrono::Utc::now().format("%Y-%m").to_string();
    let (web, token) = (demo.get("/web"), demo.get("/credentials/admin/token"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let run = tokio::task::spawn_blocking(move || {
        let server = ["--month", &month, "--server", &web, "--token", &token];
        let ask = |words: &[&str]| headroom(&[words, server.as_slice()].concat(), &path);
        for kind in ["uptime", "slo", "audit", "soc2"] {
            for (ending, magic) in [("html", "<!doctype html>"), ("pdf", "%PDF-")] {
                let file = format!("{kind}.{ending}");
                let output = ask(&["report", kind, "--out", &file]);
                assert!(output.status.success(), "{}", said(&output));
                let bytes = std::fs::read(path.join(&file)).unwrap();
                assert!(bytes.starts_with(magic.as_bytes()), "{file}");
            }
            let output = ask(&["report", kind, "--output", "json"]);
            let body: Value =
                serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
            assert_eq!((&body["month"], &body["zone"]), (&month.as_str().into(), &"UTC".into()), "{kind}");
        }
        let page = ask(&["report", "uptime", "--zone", "Asia/Tokyo"]);
        assert!(
            String::from_utf8_lossy(&page.stdout).contains("Days are those of Asia/Tokyo"),
            "{}",
            said(&page)
        );
        for (wrong, why) in [
            (&["report", "uptime", "--zone", "Atlantis"][..], "no time zone"),
            (&["report", "downtime"][..], "there is no report"),
            (&["report", "uptime", "--out", "a.docx"][..], ".pdf"),
        ] {
            let refused = ask(wrong);
            assert!(!refused.status.success() && said(&refused).contains(why), "{}", said(&refused));
        }
    });
    run.await.unwrap();

    let (_, uptime) = demo
        .api(
            "lead",
            &format!("/api/v1/reports/uptime?format=json&month={}", chrono::Utc::now().format("%Y-%m")),
        )
        .await;
    let orders =
        uptime["objectives"].as_array().unwrap().iter().find(|one| one["name"] == "order-placement").unwrap();
    assert!(orders["month"]["seen_minutes"].as_f64().unwrap() > 600.0, "a day was filled in: {orders}");
    assert!(orders["gaps"][0]["before_measuring"].as_bool().unwrap(), "the days before are named: {orders}");
    let (_, refused) = demo.api("admin", "/api/v1/reports/uptime?month=2026-13").await;
    assert!(refused["error"]["message"].as_str().unwrap().contains("is no month"), "{refused}");
}

/// The trail of a stopped node: its rows, its checkpoint and its key.
#[test]
fn a_stopped_node_reports_from_its_own_store() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("headroom.toml"), "data_dir = \"data\"\n").unwrap();
    let made = headroom(&["token", "create", "--role", "ingest", "--name", "t"], folder.path());
    assert!(made.status.success(), "{}", said(&made));
    assert!(headroom(&["audit", "checkpoint"], folder.path()).status.success());
    assert!(headroom(&["migrate"], folder.path()).status.success());
    let month = chrono::Utc::now().format("%Y-%m").to_string();
    let output = headroom(&["report", "audit", "--month", &month, "--output", "json"], folder.path());
    let body: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    assert_eq!(body["sorts"]["access"], 1, "{body}");
    assert_eq!(body["integrity"]["head"]["rows"], 1);
    assert_eq!(body["integrity"]["checkpoints"][0]["verified"], true);
}

//! Capacity from the command line and over HTTP.

use crate::program::{Demo, headroom, root, said};
use serde_json::Value;

fn fit(points: &str) -> (Option<i32>, Value) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("points.csv"), points).unwrap();
    let output = headroom(&["capacity", "fit", "points.csv", "--output", "json"], folder.path());
    (
        output.status.code(),
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output))),
    )
}

#[test]
fn a_published_curve_is_fitted_from_a_file() {
    // SPEC SDM91, in the R package usl of S. Moeding.
    let points =
        "load,throughput\n1,64.9\n18,995.9\n36,1652.4\n72,1853.2\n108,1828.9\n144,1775.0\n216,1702.2\n";
    let (code, found) = fit(points);
    let near = |key: &str, value: f64, least: f64| {
        let got = found[key].as_f64().unwrap();
        assert!((got - value).abs() < least, "{key}: {got}");
    };
    near("alpha", 0.027_728_5, 1e-6);
    near("beta", 0.000_104_4, 1e-7);
    near("gamma", 89.995_2, 1e-3);
    near("limit", 3245.589, 0.1);
    assert!((found["peak"]["load"].as_f64().unwrap() - 96.519_56).abs() < 1e-3, "{found}");
    assert_eq!(code, Some(0), "{found}");
    assert!(matches!(found["verdict"].as_str().unwrap(), "good" | "weak"), "{found}");
}

#[test]
fn what_cannot_be_fitted_says_why_and_what_cannot_be_read_says_where() {
    let (code, found) = fit("load,throughput\n1,10\n2,20\n3,30\n");
    assert_eq!((code, &found["verdict"], &found["alpha"]), (Some(1), &Value::from("refused"), &Value::Null));
    assert!(!found["reasons"].as_array().unwrap().is_empty());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("points.csv"), "load,throughput\n1,10\n2,ten\n").unwrap();
    let output = headroom(&["capacity", "fit", "points.csv"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    let said = said(&output);
    assert!(said.contains("points.csv:3") && said.contains("ten"), "{said}");
}

#[test]
fn results_of_load_generators_are_read_as_they_were_written() {
    let data = root().join("capacity/tests/data/load_test");
    for (file, tool) in [
        ("k6.json", "k6"),
        ("vegeta-report-100.json", "vegeta"),
        ("wrk2.txt", "wrk2"),
        ("jmeter.xml", "jmeter"),
    ] {
        let output = headroom(&["capacity", "load-test", file, "--output", "json"], &data);
        let found: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        assert_eq!(found["test"]["tool"], tool, "{file}");
        assert!(found["test"]["total"]["requests"].as_u64().unwrap() > 0, "{file}");
    }
    let steps = ["50", "100", "150", "180", "220"].map(|rate| format!("vegeta-report-{rate}.json"));
    let mut words = vec!["capacity", "load-test"];
    words.extend(steps.iter().map(String::as_str));
    words.extend(["--fit", "--output", "json"]);
    let output = headroom(&words, &data);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    assert_eq!(found["test"]["steps"].as_array().unwrap().len(), 5);
    assert!(found["fit"]["verdict"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn walls_and_the_assessment_come_from_a_running_demo() {
    let demo = Demo::start(&["--backfill", "1d", "--backfill-rate", "6"]);
    let (status, walls) = demo.api("sre", "/api/v1/capacity/walls?from=now-1d").await;
    assert_eq!(status, 200, "{walls}");
    let looked_at = walls["walls"].as_array().unwrap().len() + walls["without"].as_array().unwrap().len();
    assert!(looked_at >= 12, "each service at least: {walls}");
    let (status, curve) = demo.api("analyst", "/api/v1/capacity/services/gateway/curve?from=now-1d").await;
    assert_eq!(status, 200, "{curve}");
    assert!(curve["points"].as_array().unwrap().len() > 100);
    let (status, refused) = demo.api("sre", "/api/v1/capacity/services/nobody/curve").await;
    assert_eq!(status, 404, "{refused}");

    let (web, token) = (demo.get("/web"), demo.get("/credentials/sre/token"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let run = tokio::task::spawn_blocking(move || {
        let server = ["--server", web.as_str(), "--token", token.as_str(), "--from", "now-1d"];
        let ask = |words: &[&str]| headroom(&[words, server.as_slice()].concat(), &path);
        for (name, magic) in [("report.html", "<!doctype html>"), ("report.pdf", "%PDF-")] {
            let output = ask(&["assess", "--out", name]);
            assert!(output.status.success(), "{}", said(&output));
            let bytes = std::fs::read(path.join(name)).unwrap();
            let head = String::from_utf8_lossy(&bytes[..20]).to_lowercase();
            assert!(head.starts_with(&magic.to_lowercase()), "{name} begins with {head}");
        }
        let wrong = ask(&["assess", "--out", "report.docx"]);
        assert!(!wrong.status.success());
        assert!(said(&wrong).contains(".html") && said(&wrong).contains(".pdf"), "{}", said(&wrong));
        std::fs::write(path.join("change.json"), r#"{"new_market": 1.0}"#).unwrap();
        let output = ask(&["capacity", "walls", "--change", "change.json"]);
        assert!(output.status.success(), "{}", said(&output));
        assert!(String::from_utf8_lossy(&output.stdout).starts_with("walls from "));
        std::fs::write(path.join("change.json"), r#"{"cheese": 1.0}"#).unwrap();
        let output = ask(&["capacity", "walls", "--change", "change.json"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("cheese"), "{}", said(&output));
    });
    run.await.unwrap();
}

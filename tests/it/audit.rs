//! The audit trail as an auditor meets it: verified beside a node and without one, tampered with, proved.

use crate::program::{Demo, headroom};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;

fn shown(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A folder with a configuration, a trail of seven rows, and checkpoints over three and over seven in a file.
fn trail() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = "data_dir = \"data\"\n[audit]\ncheckpoints = \"kept\"\n";
    std::fs::write(folder.path().join("headroom.toml"), config).unwrap();
    std::fs::create_dir(folder.path().join("kept")).unwrap();
    for n in 0..7 {
        let name = format!("t{n}");
        let made = headroom(&["token", "create", "--role", "ingest", "--name", &name], folder.path());
        assert!(made.status.success(), "{}", said(&made));
        if n == 2 || n == 6 {
            let signed = headroom(&["audit", "checkpoint"], folder.path());
            assert!(said(&signed).starts_with("headroom/main\n"), "{}", said(&signed));
        }
    }
    folder
}

/// Changes the trail behind the program's back.
fn tamper(folder: &Path, sql: &str) {
    let file = rusqlite::Connection::open(folder.join("data/control.db")).unwrap();
    file.execute_batch("DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;").unwrap();
    file.execute_batch(sql).unwrap();
}

#[test]
fn one_changed_row_is_found_and_located() {
    let folder = trail();
    let verify = ["audit", "verify", "--checkpoints", "kept", "--output", "json"];
    let held = headroom(&verify, folder.path());
    assert_eq!(held.status.code(), Some(0), "{}", said(&held));
    let held = &shown(&held)["holds"];
    assert_eq!((&held["rows"], &held["checkpoints"], &held["signed"]), (&7.into(), &2.into(), &7.into()));

    tamper(folder.path(), "UPDATE audit SET subject = 't9' WHERE seq = 5");
    let broken = headroom(&verify, folder.path());
    assert_eq!(broken.status.code(), Some(1), "{}", said(&broken));
    let broken = &shown(&broken)["broken"];
    assert_eq!(broken["row"], 5, "{broken}");
    let what = broken["what"].as_str().unwrap();
    assert!(
        what.starts_with("it was changed: its content does not give its hash; it still held at"),
        "{what}"
    );
    let refused = headroom(&["token", "create", "--role", "ingest", "--name", "late"], folder.path());
    assert!(refused.status.success());
    let refused = headroom(&["audit", "checkpoint"], folder.path());
    assert!(said(&refused).contains("the audit trail is broken at row 7"), "{}", said(&refused));
    let doctor = headroom(&["doctor", "--output", "json"], folder.path());
    assert!(said(&doctor).contains("broken at row 5"), "{}", said(&doctor));
}

#[test]
fn a_cut_end_shows_against_the_checkpoints_kept_outside() {
    let folder = trail();
    tamper(
        folder.path(),
        "DROP TRIGGER audit_checkpoints_no_delete; DELETE FROM audit WHERE seq > 5; DELETE FROM audit_checkpoints WHERE size > 5",
    );
    let inside = headroom(&["audit", "verify"], folder.path());
    assert_eq!(inside.status.code(), Some(0), "{}", said(&inside));
    let outside = headroom(&["audit", "verify", "--checkpoints", "kept"], folder.path());
    assert_eq!(outside.status.code(), Some(1));
    assert!(
        said(&outside).contains("row 6: the rows 6 to 7 were cut off: the checkpoint of"),
        "{}",
        said(&outside)
    );
}

#[test]
fn an_auditor_verifies_what_was_exported_without_the_store() {
    let folder = trail();
    let run = |arguments: &[&str]| headroom(arguments, folder.path());
    let key = said(&run(&["audit", "key"])).trim().to_owned();
    assert!(key.starts_with("headroom/main+"), "{key}");
    assert!(run(&["audit", "export", "--out", "rows.ndjson"]).status.success());
    let proof = run(&["audit", "prove", "2"]);
    std::fs::write(folder.path().join("proof.json"), &proof.stdout).unwrap();
    let since = run(&["audit", "prove", "--since", "3"]);
    std::fs::write(folder.path().join("since.json"), &since.stdout).unwrap();
    std::fs::remove_dir_all(folder.path().join("data")).unwrap();
    std::fs::remove_file(folder.path().join("headroom.toml")).unwrap();

    let file = ["audit", "verify", "--file", "rows.ndjson", "--checkpoints", "kept", "--key", &key];
    let held = run(&file);
    assert_eq!(held.status.code(), Some(0), "{}", said(&held));
    assert!(said(&held).contains("7 rows") && said(&held).contains("2 checkpoints agree"), "{}", said(&held));
    for (proof, expected) in [("proof.json", "row 2 is in the checkpoint of"), ("since.json", "begins with")]
    {
        let proved = run(&["audit", "verify", "--proof", proof, "--key", &key]);
        assert!(proved.status.success() && said(&proved).contains(expected), "{}", said(&proved));
    }

    let rows = std::fs::read_to_string(folder.path().join("rows.ndjson")).unwrap();
    let lines: Vec<_> = rows.lines().collect();
    let forged = [
        (rows.replace("\"subject\":\"t3\"", "\"subject\":\"t8\""), "row 4: it was changed"),
        ([&lines[..2], &lines[3..]].concat().join("\n"), "row 3: it was removed"),
        (lines[..6].join("\n"), "row 7: it was cut off"),
        ([&lines[..4], &lines[3..]].concat().join("\n"), "row 4: it was inserted"),
        ([&lines[..4], &["{}"]].concat().join("\n"), "rows.ndjson:5: missing field"),
    ];
    for (text, expected) in forged {
        std::fs::write(folder.path().join("rows.ndjson"), text).unwrap();
        let found = run(&file);
        assert_eq!(found.status.code(), Some(1), "{expected}");
        assert!(said(&found).contains(expected), "{expected}: {}", said(&found));
    }
    let proof = std::fs::read_to_string(folder.path().join("proof.json")).unwrap();
    std::fs::write(folder.path().join("proof.json"), proof.replace("\"t1\"", "\"t2\"")).unwrap();
    let found = run(&["audit", "verify", "--proof", "proof.json", "--key", &key]);
    assert!(found.status.code() == Some(1) && said(&found).contains("row 2"), "{}", said(&found));
    let other = "headroom/main+00000000+AAAA";
    assert_eq!(run(&["audit", "verify", "--proof", "proof.json", "--key", other]).status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_signs_its_trail_and_shows_it_in_pages() {
    let demo = Demo::start(&["--no-sample"]);
    let client = reqwest::Client::new();
    let silences = format!("{}/api/v1/silences", demo.get("/web"));
    for n in 0..5 {
        let silence = json!({"matchers": [format!("service=\"s{n}\"")], "comment": "tape change",
            "window": {"once": {"from": "2026-01-03T22:00:00Z", "until": "2099-01-03T22:00:00Z"}}});
        let token = demo.get("/credentials/sre/token");
        assert_eq!(
            client.post(&silences).bearer_auth(token).json(&silence).send().await.unwrap().status(),
            201
        );
    }
    let (status, first) = demo.api("admin", "/api/v1/audit?action=silence.&limit=2").await;
    assert_eq!((status, &first["intact"]), (200, &true.into()), "{first}");
    assert_eq!(first["rows"].as_array().unwrap().len(), 2);
    let next = first["next"].as_i64().unwrap();
    let (_, rest) = demo.api("admin", &format!("/api/v1/audit?action=silence.&before={next}")).await;
    assert_eq!((rest["rows"].as_array().unwrap().len(), &rest["next"]), (3, &Value::Null), "{rest}");
    let actor = rest["rows"][0]["actor"].as_str().unwrap();
    let (_, of_others) = demo.api("admin", "/api/v1/audit?action=silence.&actor=nobody").await;
    assert_eq!(of_others["rows"], json!([]), "{actor}");
    let (_, before) =
        demo.api("admin", "/api/v1/audit?to=2020-01-02T00:00:00Z&from=2020-01-01T00:00:00Z").await;
    assert_eq!(before["rows"], json!([]));
    assert_eq!(demo.api("admin", "/api/v1/audit?colour=red").await.0, 400);

    // Beside the running node, and after it has signed at its end.
    let config = demo.folder().join("headroom.toml").display().to_string();
    let folder = tempfile::tempdir().unwrap();
    let beside = headroom(&["audit", "verify", "-c", &config], folder.path());
    assert_eq!(beside.status.code(), Some(0), "{}", said(&beside));
    let data = demo.stop();
    let verified = headroom(&["audit", "verify", "-c", &config, "--output", "json"], folder.path());
    let held = &shown(&verified)["holds"];
    assert!(held["rows"].as_i64().unwrap() >= 5 && held["signed"] == held["rows"], "{held}");
    drop(data);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_erased_with_a_signed_proof() {
    let demo = Demo::start(&["--no-sample"]);
    let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let who = [text("customer.id", "cus-9"), text("customer.email", "eve@example.com")];
    let event = json!({"eventName": "customer.registered", "attributes": who,
        "timeUnixNano": chrono::Utc::now().timestamp_nanos_opt().unwrap().to_string()});
    let logs = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [event]}]}]});
    let url = format!("{}/v1/logs", demo.get("/otlp_http"));
    let token = demo.get("/credentials/ingest/token");
    let sent = reqwest::Client::new().post(url).bearer_auth(token).json(&logs).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    let config = demo.folder().join("headroom.toml").display().to_string();
    let data = demo.stop();

    let folder = tempfile::tempdir().unwrap();
    let erase = |more: &[&str]| {
        let mut arguments =
            vec!["erase", "-c", &config, "--customer", "cus-9", "--reason", "request of 28 November"];
        arguments.extend(["--output", "json"]);
        arguments.extend(more);
        headroom(&arguments, folder.path())
    };
    let dry = erase(&["--dry-run"]);
    assert_eq!(dry.status.code(), Some(0), "{}", said(&dry));
    let tables = |output: &Output| {
        let rows = shown(output)["tables"].clone();
        let tables = rows.as_array().unwrap().iter();
        tables
            .map(|one| (one["table"].as_str().unwrap().to_owned(), one["rows"].clone(), one["left"].clone()))
            .collect::<Vec<_>>()
    };
    let one = |table: &str, left: i64| (table.to_owned(), Value::from(1), Value::from(left));
    assert_eq!(tables(&dry), [one("events", 1), one("logs", 1), one("key_index", 1)]);

    let erased = erase(&["--out", "cus-9.proof"]);
    assert_eq!(erased.status.code(), Some(0), "{}", said(&erased));
    assert_eq!(tables(&erased), [one("events", 0), one("logs", 0), one("key_index", 0)]);
    assert_eq!(erase(&["--out", "cus-9.proof"]).status.code(), Some(2), "a proof is never written over");
    assert_eq!(tables(&erase(&[])), []);
    let empty = headroom(&["erase", "-c", &config, "--customer", "cus-9", "--reason", " "], folder.path());
    assert!(empty.status.code() == Some(2) && said(&empty).contains("--reason is empty"));

    let key = said(&headroom(&["audit", "key", "-c", &config], folder.path())).trim().to_owned();
    let proof = ["audit", "verify", "--proof", "cus-9.proof", "--key", &key];
    let proved = headroom(&proof, folder.path());
    assert!(
        proved.status.success() && said(&proved).contains("\"customer\": \"cus-9\""),
        "{}",
        said(&proved)
    );
    let text = std::fs::read_to_string(folder.path().join("cus-9.proof")).unwrap();
    assert!(!text.contains("eve@example.com"), "{text}");
    std::fs::write(folder.path().join("cus-9.proof"), text.replace("\"left\": 0", "\"left\": 1")).unwrap();
    assert_eq!(headroom(&proof, folder.path()).status.code(), Some(1));
    let row = shown(&erased)["audit_row"].as_i64().unwrap().to_string();
    let proof = headroom(&["audit", "prove", &row, "-c", &config], folder.path());
    assert!(said(&proof).contains("customer.erase"), "{}", said(&proof));
    drop(data);
}

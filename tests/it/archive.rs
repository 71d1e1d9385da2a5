//! Days that outlive the retention, from the command line: archived, looked at, exported, damaged.

use crate::program::{Demo, HEADROOM, children, signal};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The longest that anything may take.
const LONGEST: Duration = Duration::from_mins(1);

/// Sends so many log records of a day some days ago.
async fn send(demo: &Demo, days_ago: i64, records: usize) {
    let noon =
        (chrono::Utc::now() - chrono::TimeDelta::days(days_ago)).date_naive().and_hms_opt(12, 0, 0).unwrap();
    let at = noon.and_utc().timestamp_nanos_opt().unwrap();
    let records: Vec<Value> = (0..records)
        .map(|n| {
            let body = format!("=line {n}, \"of\" {days_ago}");
            json!({"timeUnixNano": (at + n as i64).to_string(), "body": {"stringValue": body}})
        })
        .collect();
    let answer = reqwest::Client::new()
        .post(format!("{}/v1/logs", demo.get("/otlp_http")))
        .bearer_auth(demo.get("/credentials/ingest/token"))
        .json(&json!({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}))
        .send()
        .await
        .unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status == 200 && !text.contains("rejected"), "{status} {text}");
}

/// Runs a command on the demo's folder, with an archive in it.
fn headroom(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(HEADROOM)
        .args(arguments)
        .current_dir(folder)
        .env("HEADROOM__ARCHIVE__URL", "archive")
        .env("HEADROOM__INGEST__ACCEPT_PAST_S", "604800")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_archived_shown_exported_and_found_damaged() {
    let demo = Demo::start(&["--no-sample"]);
    for (days_ago, records) in [(12, 30), (10, 20), (1, 5)] {
        send(&demo, days_ago, records).await;
    }
    let begin = Instant::now();
    while demo.sql("SELECT count(*) FROM logs").await[0][0] != 55 {
        assert!(begin.elapsed() < LONGEST, "the records are not stored");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let folder = demo.folder();
    let busy = headroom(folder, &["archive", "run"]);
    assert_eq!(busy.status.code(), Some(2), "{busy:?}");
    assert!(String::from_utf8_lossy(&busy.stderr).contains("archives by itself"), "{busy:?}");
    signal(demo.pid(), "TERM");
    while !children(demo.pid()).is_empty() {
        assert!(begin.elapsed() < LONGEST, "the demo does not end");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;

    let round = headroom(folder, &["archive", "run", "--output", "json"]);
    assert_eq!(round.status.code(), Some(0), "{round:?}");
    assert_eq!((&answer(&round)["days"], &answer(&round)["rows"]), (&json!(2), &json!(50)));
    let status = answer(&headroom(folder, &["archive", "status", "--output", "json"]));
    let logs = status.as_array().unwrap().iter().find(|one| one["view"] == "logs").unwrap();
    assert_eq!((&logs["days"], &logs["rows"], &logs["behind"]), (&json!(2), &json!(50), &json!(0)), "{logs}");

    // Both sides of the boundary are exported, in each form.
    for (name, form) in
        [("logs.csv", &["--out", "logs.csv"][..]), ("logs", &["--format", "parquet", "--out", "logs"])]
    {
        let export = headroom(folder, &[&["export", "--view", "logs", "--output", "json"], form].concat());
        assert_eq!(export.status.code(), Some(0), "{export:?}");
        assert_eq!(answer(&export)["rows"], 55);
        assert_eq!(answer(&export)["bytes"], folder.join(name).metadata().unwrap().len());
    }
    let text = std::fs::read_to_string(folder.join("logs.csv")).unwrap();
    assert_eq!(text.lines().count(), 56);
    assert!(text.contains("\"=line 29, \"\"of\"\" 12\""), "{text}");
    let again = headroom(folder, &["export", "--view", "logs", "--out", "logs.csv"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("--force"), "{again:?}");
    let one = "SELECT count(*) AS n FROM logs WHERE ts < now() - INTERVAL '11 days'";
    let forced = headroom(folder, &["export", "--sql", one, "--out", "logs.csv", "--force"]);
    assert_eq!(forced.status.code(), Some(0), "{forced:?}");
    assert_eq!(std::fs::read_to_string(folder.join("logs.csv")).unwrap(), "n\n30\n");
    let nobody = headroom(
        folder,
        &["export", "--view", "logs", "--tenant", "x", "--out", "x.arrow", "--output", "json"],
    );
    assert_eq!(answer(&nobody)["rows"], 0, "another tenant has nothing");
    let wrong = headroom(folder, &["export", "--view", "log", "--out", "y.csv"]);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("it is one of spans, logs"), "{wrong:?}");

    assert_eq!(headroom(folder, &["archive", "verify"]).status.code(), Some(0));
    let file = files(&folder.join("archive"), ".parquet").remove(0);
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let verdict = headroom(folder, &["archive", "verify"]);
    assert_eq!(verdict.status.code(), Some(1), "{verdict:?}");
    assert!(String::from_utf8_lossy(&verdict.stdout).contains("DAMAGED"), "{verdict:?}");
    let export = headroom(folder, &["export", "--view", "logs", "--out", "z.csv"]);
    assert_eq!(export.status.code(), Some(1), "{export:?}");
    assert!(!folder.join("z.csv").exists() && files(folder, ".part").is_empty(), "half a file is no file");
    // The store still has the day.
    std::fs::remove_file(&file).unwrap();
    assert_eq!(answer(&headroom(folder, &["archive", "run", "--output", "json"]))["renewed"], 1);
    assert_eq!(headroom(folder, &["archive", "verify"]).status.code(), Some(0));
}

#[test]
fn without_an_address_nothing_is_archived_and_the_help_teaches() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("headroom.toml"), "").unwrap();
    let status = crate::program::headroom(&["archive", "status"], folder.path());
    assert_eq!(status.status.code(), Some(2));
    assert!(crate::program::said(&status).contains("give [archive] an url"), "{status:?}");
    std::fs::write(folder.path().join("headroom.toml"), "[archive]\nurl = \"a\"\nafter_days = 29\n").unwrap();
    let check = crate::program::headroom(&["check"], folder.path());
    assert!(crate::program::said(&check).contains("lower archive.after_days to at most 27"), "{check:?}");
    for (command, words) in [("archive", "Exit code: 0 well"), ("export", "--view spans --from now-30d")] {
        let help = crate::program::headroom(&[command, "--help"], folder.path());
        assert!(String::from_utf8_lossy(&help.stdout).contains(words), "{help:?}");
    }
}

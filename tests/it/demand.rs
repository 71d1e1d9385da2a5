//! Forecasts, back-tests, calendars, plans and replays from the command line, without a server.

use crate::program::{Demo, headroom, said};
use arrow::array::{ListArray, RecordBatch};
use arrow::datatypes::{DataType, Int32Type, TimeUnit};
use chrono::{DateTime, Duration, Timelike as _, Utc};
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::time::Instant;
use tempfile::TempDir;

/// The first plans take a while on a busy machine.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(90);

/// Three weeks to Friday 2026-11-20 in steps of ten minutes: 100 by night, 1000 while New York trades (14:30 to
/// 21:00 UTC in November), three times as much in the first hour of a session.
fn series() -> String {
    let first: DateTime<Utc> = "2026-11-02T00:00:00Z".parse().unwrap();
    let mut text = "ts,value\n".to_owned();
    for step in 0..18 * 144 {
        let ts = first + Duration::minutes(step * 10);
        let weekday = ts.format("%u").to_string().parse::<u32>().unwrap();
        let minute = ts.hour() * 60 + ts.minute();
        let trades = weekday <= 5 && (870..1260).contains(&minute);
        let value = if !trades {
            100.0
        } else if minute < 930 {
            3000.0
        } else {
            1000.0
        };
        writeln!(text, "{},{}", ts.format("%Y-%m-%dT%H:%M:%SZ"), value * (0.9 + 0.2 * noise(step as u64)))
            .unwrap();
    }
    text
}

/// A number in [0, 1) that looks random (splitmix64).
fn noise(step: u64) -> f64 {
    let mut z = step.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 40) as f64 / (1_u64 << 24) as f64
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("demand.csv"), series()).unwrap();
    folder
}

fn ran(folder: &Path, arguments: &[&str]) -> Output {
    let output = headroom(arguments, folder);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    output
}

/// The lines of CSV, by column.
fn rows(csv: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let text = String::from_utf8(csv.to_vec()).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    (lines.next().unwrap(), lines.collect())
}

const FORECAST: [&str; 7] =
    ["forecast", "demand.csv", "--calendar", "xnys", "--no-builtin-events", "--horizon", "1d"];

#[test]
fn a_forecast_is_made_from_a_file_alone() {
    let folder = folder();
    let made = ran(folder.path(), &[&FORECAST[..], &["--plot", "out.svg", "--out", "out.parquet"]].concat());
    assert!(made.stdout.is_empty(), "the rows went to the file");
    let csv = ran(folder.path(), &FORECAST).stdout;
    let (head, lines) = rows(&csv);
    assert_eq!(head, ["ts", "q0.5", "q0.8", "q0.9", "q0.95", "q0.99", "q0.999"]);
    assert_eq!(lines.len(), 144);
    for line in &lines {
        let quantiles: Vec<f64> = line[1..].iter().map(|q| q.parse().unwrap()).collect();
        assert!(quantiles.is_sorted() && quantiles[0] > 0.0, "{line:?}");
    }
    let median = |ts: &str| lines.iter().find(|line| line[0] == ts).unwrap()[1].parse::<f64>().unwrap();
    // Friday: the night, the open, the afternoon.
    assert!((80.0..120.0).contains(&median("2026-11-20T03:00:00Z")));
    assert!((2600.0..3400.0).contains(&median("2026-11-20T15:00:00Z")));
    assert!((900.0..1150.0).contains(&median("2026-11-20T18:00:00Z")));
    let picture = std::fs::read_to_string(folder.path().join("out.svg")).unwrap();
    assert!(picture.starts_with("<svg") && picture.contains("median"), "{picture:.200}");

    // The same rows in other forms, and a Parquet file is read like a CSV file.
    let json: Value =
        serde_json::from_slice(&ran(folder.path(), &[&FORECAST[..], &["--output", "json"]].concat()).stdout)
            .unwrap();
    assert_eq!(json["points"][0]["ts"], lines[0][0]);
    assert_eq!(json["points"].as_array().unwrap().len(), lines.len());
    let parquet = std::fs::File::open(folder.path().join("out.parquet")).unwrap();
    let batches: Vec<_> = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(parquet)
        .unwrap()
        .build()
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let batch = arrow::compute::concat_batches(&batches[0].schema(), &batches).unwrap();
    let instant = DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()));
    assert_eq!(batch.column(0).data_type(), &instant, "seconds would be bare numbers to other readers");
    // As others write it: compressed, and beside a column that no series is made of.
    let tags: ListArray =
        ListArray::from_iter_primitive::<Int32Type, _, _>((0..batch.num_rows()).map(|_| Some([Some(1)])));
    let columns =
        [("ts", batch.column(0).clone()), ("value", batch.column(1).clone()), ("tags", Arc::new(tags) as _)];
    let wide = RecordBatch::try_from_iter(columns).unwrap();
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::GZIP(GzipLevel::default()),
        Compression::LZ4_RAW,
    ] {
        let file = std::fs::File::create(folder.path().join("in.parquet")).unwrap();
        let properties = WriterProperties::builder().set_compression(codec).build();
        let mut writer = parquet::arrow::ArrowWriter::try_new(file, wide.schema(), Some(properties)).unwrap();
        writer.write(&wide).unwrap();
        writer.close().unwrap();
        let again = ran(folder.path(), &["forecast", "in.parquet", "--horizon", "1h"]);
        assert_eq!(rows(&again.stdout).1.len(), 6, "{codec}");
        assert!(said(&again).contains("the forecast is weak: "), "{}", said(&again));
    }
}

#[test]
fn without_a_venue_no_event_of_any_moves_the_forecast() {
    // Three weeks to the day of a decision of the Federal Reserve, 2026-10-28 at 18:00 UTC.
    let folder = tempfile::tempdir().unwrap();
    let first: DateTime<Utc> = "2026-10-07T00:00:00Z".parse().unwrap();
    let mut text = "ts,value\n".to_owned();
    for hour in 0..21 * 24 {
        let ts = first + Duration::hours(hour);
        writeln!(text, "{},{}", ts.to_rfc3339(), 1000.0 * (0.95 + 0.1 * noise(hour as u64))).unwrap();
    }
    std::fs::write(folder.path().join("steady.csv"), text).unwrap();
    let decided = |more: &[&str]| {
        let made = ran(folder.path(), &[&["forecast", "steady.csv", "--horizon", "1d"], more].concat());
        let (_, lines) = rows(&made.stdout);
        let line = lines.iter().find(|line| line[0] == "2026-10-28T18:00:00Z").unwrap();
        line[1].parse::<f64>().unwrap()
    };
    assert!((900.0..1100.0).contains(&decided(&[])), "{}", decided(&[]));
    assert!(decided(&["--calendar", "xnys"]) > 1500.0, "{}", decided(&["--calendar", "xnys"]));
}

#[test]
fn a_signal_may_be_negative_and_one_that_has_ended_is_told() {
    let folder = folder();
    let returns = series()
        .lines()
        .skip(1)
        .take(2000)
        .fold("ts,value\n".to_owned(), |text, line| text + &line.replace(',', ",-") + "\n");
    std::fs::write(folder.path().join("returns.csv"), returns).unwrap();
    let made = ran(folder.path(), &[&FORECAST[..], &["--signal", "returns.csv"]].concat());
    assert_eq!(rows(&made.stdout).1.len(), 144);
    let told = said(&made);
    assert!(told.contains("signal returns ends at 2026-11-15 21:20:00 UTC"), "{told}");
    assert!(!told.contains("negative"), "{told}");
    let missing = headroom(&[&FORECAST[..], &["--signal", "nowhere.csv"]].concat(), folder.path());
    assert_eq!(missing.status.code(), Some(2));
    assert!(said(&missing).contains("cannot read nowhere.csv"), "{}", said(&missing));
}

#[test]
fn a_holiday_in_the_calendar_is_foreseen_and_sessions_are_a_horizon() {
    let folder = folder();
    // An override closes the Friday that would trade.
    let closed = "[[override]]\nvenue = \"XNYS\"\ndate = \"2026-11-20\"\nclosed = true\nsource = \"exchange notice\"\nreason = \"mourning\"\n";
    std::fs::write(folder.path().join("own.toml"), closed).unwrap();
    let made = ran(
        folder.path(),
        &["forecast", "demand.csv", "--calendar", "xnys,own.toml", "--no-builtin-events", "--horizon", "1d"],
    );
    let (_, lines) = rows(&made.stdout);
    let afternoon =
        lines.iter().find(|line| line[0] == "2026-11-20T18:00:00Z").unwrap()[1].parse::<f64>().unwrap();
    assert!(afternoon < 200.0, "nobody trades on that day: {afternoon}");
    let shown = ran(
        folder.path(),
        &["calendar", "show", "--calendar", "xnys,own.toml", "--from", "2026-11-19", "--to", "2026-11-20"],
    );
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("2026-11-20 Fri XNYS  closed") && shown.contains("exchange notice"), "{shown}");
    // Two sessions from Thursday night on end with Monday's close.
    let made = ran(folder.path(), &["forecast", "demand.csv", "--calendar", "xnys", "--horizon", "2session"]);
    assert_eq!(rows(&made.stdout).1.last().unwrap()[0], "2026-11-23T20:50:00Z");
}

#[test]
fn a_backtest_has_a_line_per_point_and_scores() {
    let folder = folder();
    let ask = [
        "backtest",
        "demand.csv",
        "--calendar",
        "xnys",
        "--horizon",
        "1d",
        "--from",
        "2026-11-17",
        "--to",
        "2026-11-18",
    ];
    let made = ran(folder.path(), &[&ask[..], &["--output", "csv"]].concat());
    let (head, lines) = rows(&made.stdout);
    assert_eq!(head[..5], ["ts", "issued_at", "actual", "event_class", "q0.5"]);
    assert_eq!(head.last().unwrap(), "seasonal_naive");
    assert_eq!(lines.len(), 288, "two whole days");
    assert!(lines.iter().all(|line| line[1] <= line[0]), "issued before its moment");
    assert!(said(&made).contains("relMASE"), "{}", said(&made));
    let json: Value =
        serde_json::from_slice(&ran(folder.path(), &[&ask[..], &["--output", "json"]].concat()).stdout)
            .unwrap();
    let all = &json["summary"]["all"];
    // The scores are those of the lines.
    let number = |line: &[String], column: usize| line[column].parse::<f64>().unwrap();
    let (q90, actual) = (6, 2);
    assert_eq!(head[q90], "q0.9");
    let within = lines.iter().filter(|line| number(line, actual) <= number(line, q90)).count() as f64;
    assert!((all["coverage"]["0.9"].as_f64().unwrap() - within / 288.0).abs() < 1e-12);
    let loss: f64 = lines
        .iter()
        .map(|line| number(line, actual) - number(line, q90))
        .map(|miss| if miss > 0.0 { 0.9 * miss } else { -0.1 * miss })
        .sum();
    let demand: f64 = lines.iter().map(|line| number(line, actual)).sum();
    assert!((all["pinball"]["0.9"].as_f64().unwrap() - loss / demand).abs() < 1e-9);
    assert!(all["relative_mase"].as_f64().unwrap() < 1.1, "{all}");
}

#[test]
fn what_cannot_be_forecast_says_why() {
    let folder = folder();
    let told = |file: &str, text: &str, more: &[&str]| {
        std::fs::write(folder.path().join(file), text).unwrap();
        let output = headroom(&[&["forecast", file], more].concat(), folder.path());
        (output.status.code(), said(&output))
    };
    let (code, words) = told(
        "three.csv",
        "ts,value\n2026-01-01T00:00:00Z,1\n2026-01-01T00:01:00Z,2\n2026-01-01T00:02:00Z,3\n",
        &[],
    );
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("the forecast is weak: "), "{words}");
    let minutes: String = (0..400)
        .map(|minute| format!("{},{}\n", 1_795_000_020 + minute * 60, 100 + minute % 7))
        .fold("ts,value\n".to_owned(), |text, row| text + &row);
    let (code, words) = told("minutes.csv", &minutes, &["--calendar", "xnys", "--horizon", "30m"]);
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("the forecast is weak: 0.2 days of history"), "{words}");
    let (code, words) = told("bad.csv", "time,what\nyesterday,no\n", &[]);
    assert_eq!(code, Some(2), "{words}");
    assert!(words.contains("bad.csv"), "{words}");
    let (code, words) = told("demand.csv", &series(), &["--calendar", "xxxx"]);
    assert_eq!(code, Some(2));
    assert!(words.contains("unknown venue `XXXX`"), "{words}");
    let (code, words) = told("demand.csv", &series(), &["--horizon", "2 weeks or so"]);
    assert_eq!(code, Some(2));
    assert!(words.contains("as 1session, 1d, 4h or 60m"), "{words}");
    let (code, words) = told("demand.csv", &series(), &["--model", "crystal ball"]);
    assert_eq!(code, Some(2));
    assert!(words.contains("there is no model 'crystal ball': it is one of"), "{words}");
    let wrong = headroom(&["calendar", "show", "--calendar", "xnys", "--output", "csv"], folder.path());
    assert_eq!(wrong.status.code(), Some(1));
    assert!(said(&wrong).contains("csv and parquet are of forecast and backtest"), "{}", said(&wrong));
}

#[test]
fn calendar_files_are_checked_by_line_and_taken_over() {
    let folder = folder();
    let ics = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a//b\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=America/New_York:20261105T160500\r\nDURATION:PT90M\r\nSUMMARY:ACME results\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    std::fs::write(folder.path().join("in.ics"), ics).unwrap();
    let taken = ran(
        folder.path(),
        &[
            "calendar",
            "import",
            "in.ics",
            "--class",
            "earnings",
            "--venue",
            "XNYS",
            "--source",
            "their page",
            "--out",
            "own.toml",
        ],
    );
    assert!(said(&taken).contains("1 events and 0 overrides taken, 0 entries left out"), "{}", said(&taken));
    let shown = ran(
        folder.path(),
        &[
            "calendar",
            "show",
            "--calendar",
            "xnys,own.toml",
            "--from",
            "2026-11-05",
            "--to",
            "2026-11-05",
            "--output",
            "json",
        ],
    );
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let event =
        shown["events"].as_array().unwrap().iter().find(|event| event["name"] == "ACME results").unwrap();
    assert_eq!((&event["class"], &event["start"]), (&"earnings".into(), &"2026-11-05T21:05:00Z".into()));
    let bad =
        "[[event]]\nclass = \"earnings\"\nname = \"A\"\nvenue = \"XNYS\"\nstart = \"2026-13-05T16:05\"\n";
    std::fs::write(folder.path().join("bad.toml"), bad).unwrap();
    let checked = headroom(&["calendar", "check", "own.toml", "bad.toml"], folder.path());
    assert_eq!(checked.status.code(), Some(1));
    let faults = String::from_utf8(checked.stdout).unwrap();
    assert!(faults.contains("bad.toml:5") && faults.contains("1 fault,"), "{faults}");
}

const PLAN: [&str; 9] = [
    "demand.csv",
    "--calendar",
    "xnys",
    "--no-builtin-events",
    "--requests-per-minute",
    "20",
    "--replica-start",
    "3m",
    "--min-replicas",
];

#[test]
fn a_plan_is_shown_explained_and_exported() {
    let folder = folder();
    let plan = |command: &str, more: &[&str]| {
        String::from_utf8(ran(folder.path(), &[&["plan", command], &PLAN[..], &["2"], more].concat()).stdout)
            .unwrap()
    };
    let shown: Value = serde_json::from_str(&plan("show", &["--output", "json"])).unwrap();
    let steps = shown["services"][0]["steps"].as_array().unwrap();
    assert_eq!(steps[0]["replicas"], 2, "{steps:?}");
    // 300 requests a minute at the open need 15 replicas and some, and they serve before it.
    let open = steps.iter().find(|step| step["replicas"].as_u64().unwrap() >= 12).unwrap();
    assert!(open["ts"].as_str().unwrap() < "2026-11-20T14:27:00Z", "{open}");
    assert!(open["ts"].as_str().unwrap() > "2026-11-20T14:00:00Z", "{open}");
    assert!(open["reason"].as_str().unwrap().starts_with("demand rises, q0.95: 2 -> "), "{open}");
    let explained = plan("explain", &["--at", "2026-11-20T14:31:00Z"]);
    assert!(
        explained.contains("why: ")
            && explained.contains("reactive scaling would ask for")
            && !explained.contains("mode:"),
        "{explained}"
    );
    let keda = plan("export", &["--form", "keda", "--workload", "gateway"]);
    assert!(keda.contains("kind: ScaledObject") && keda.contains("headroom.headroom:4320"), "{keda}");
    assert!(plan("export", &["--form", "ical"]).starts_with("BEGIN:VCALENDAR"));
    let csv = plan("export", &["--form", "csv"]);
    assert!(csv.lines().count() > 2, "{csv}");
    let last: Vec<&str> = csv.lines().next_back().unwrap().split(',').collect();
    assert_eq!(last[2], "2026-11-21T00:00:00Z", "the last floor stands to the horizon: {csv}");
    let missing = headroom(&["plan", "show", "demand.csv"], folder.path());
    assert_eq!(missing.status.code(), Some(2));
    assert!(said(&missing).contains("--requests-per-minute"), "{}", said(&missing));
}

#[test]
fn a_replay_compares_policies() {
    let folder = folder();
    let made = ran(
        folder.path(),
        &[
            "simulate",
            "--history",
            "demand.csv",
            "--calendar",
            "xnys",
            "--from",
            "2026-11-17",
            "--requests-per-minute",
            "20",
            "--replica-start",
            "5m",
            "--plot",
            "sim.svg",
            "--output",
            "json",
        ],
    );
    let told: Value = serde_json::from_slice(&made.stdout).unwrap();
    let of = |policy: &str, figure: &str| {
        told.as_array().unwrap().iter().find(|one| one["policy"] == policy).unwrap()[figure].as_f64().unwrap()
    };
    assert!(
        of("reactive", "under_provisioned_seconds") > 0.0,
        "an open is steeper than starts are fast: {told}"
    );
    assert!(
        of("predictive", "under_provisioned_seconds") < of("reactive", "under_provisioned_seconds") / 2.0,
        "{told}"
    );
    assert!(
        (of("static", "under_provisioned_seconds"), of("oracle", "under_provisioned_seconds")) == (0.0, 0.0),
        "{told}"
    );
    assert!((of("reactive", "replica_hours_to_reactive") - 1.0).abs() < 1e-12);
    assert!(
        of("static", "replica_hours_to_reactive") > of("predictive", "replica_hours_to_reactive"),
        "{told}"
    );
    assert!(std::fs::read_to_string(folder.path().join("sim.svg")).unwrap().contains("predictive"));
}

/// The demo's plans, asked for as people and autoscalers do.
#[tokio::test(flavor = "multi_thread")]
async fn a_running_node_tells_its_forecasts_and_plans() {
    // Of a weekend alone no order is known: the days before are filled in, whatever day it is, a holiday among them too.
    let demo = Demo::start(&["--backfill", "5d", "--backfill-rate", "4"]);
    let scaler = demo.get("/scaler");
    let client = reqwest::Client::new();
    let asked = async |path: &str| {
        let answer = client.get(format!("{scaler}{path}")).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    // Services are planned one after the other, series after them, and a plan is stored right after it is told.
    let subjects = async || demo.api("sre", "/api/v1/forecasts/subjects").await.1["subjects"].clone();
    let orders = serde_json::json!({"metric": "orders-placed", "service": "order"});
    let patience = Instant::now() + PATIENCE;
    while asked("/readyz/scaler").await.0 != 200
        || demo.api("sre", "/api/v1/plan?service=gateway").await.1["services"] == serde_json::json!([])
        || !subjects().await.as_array().unwrap().contains(&orders)
    {
        assert!(
            Instant::now() < patience,
            "{:?}, forecast are {}",
            asked("/readyz/scaler").await,
            subjects().await
        );
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    let (_, told) = asked("/scale/gateway").await;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert!(told["replicas"].as_u64().unwrap() >= 2, "{told}");
    // Of a service in shadow mode the plan is told in words, and the number decides nothing.
    let (_, shadow) = asked("/scale/order").await;
    let shadow: Value = serde_json::from_str(&shadow).unwrap();
    assert_eq!(shadow["planned"], 2, "{shadow}");
    // When nothing was asked of the service lately (the markets are closed) the plan is the last one, and says so first.
    let reason = shadow["reason"].as_str().unwrap();
    let words = match shadow["source"].as_str().unwrap() {
        "last_plan" => reason.split_once(" old: ").unwrap_or_else(|| panic!("{shadow}")).1,
        _ => reason,
    };
    assert!(words.starts_with("shadow mode, not acted on: "), "{shadow}");
    let (status, unknown) = asked("/scale/nobody").await;
    assert!(status == 404 && unknown.contains("[models.services.nobody]"), "{status}: {unknown}");
    assert!(asked("/metrics/scaler").await.1.contains("headroom_desired_replicas{service=\"gateway\""));
    let (status, metrics) = asked("/apis/external.metrics.k8s.io/v1beta1").await;
    assert!(status == 200 && metrics.contains("APIResourceList"), "{status}: {metrics}");

    let folder = tempfile::tempdir().unwrap();
    let (web, token) = (demo.get("/web"), demo.get("/credentials/sre/token"));
    let server = ["--server", &web, "--token", &token];
    let told = |arguments: &[&str]| {
        String::from_utf8(ran(folder.path(), &[arguments, &server].concat()).stdout).unwrap()
    };
    let plan = told(&["plan", "show", "--service", "gateway"]);
    assert!(plan.starts_with("gateway, 12 requests a minute and replica"), "{plan}");
    let explained = told(&["plan", "explain", "--service", "gateway"]);
    assert!(explained.contains("why: ") && explained.contains("\n  mode: act, "), "{explained}");
    assert!(
        told(&["plan", "export", "--service", "gateway", "--form", "keda"]).contains("kind: ScaledObject")
    );
    for series in ["gateway", "orders-placed"] {
        let asked = ["forecast", "--series", series, "--calendar", "xnys,xnse", "--horizon", "2h"];
        let (_, lines) = rows(told(&asked).as_bytes());
        assert_eq!(lines.len(), 120, "{series}: {lines:?}");
    }
    let (status, body) = demo.api("sre", "/api/v1/forecasts?series=orders-placed").await;
    assert!(status == 200 && body["actual"].as_array().unwrap().len() > 600, "{body}");
    let refused = headroom(&["plan", "show", "--server", &web, "--token", "hr_sre_wrong"], folder.path());
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("401"), "{}", said(&refused));
}

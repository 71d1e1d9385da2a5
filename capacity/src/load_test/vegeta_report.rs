//! `vegeta report -type=json`: one object, times in nanoseconds, `success` the share of answers with a status
//! from 200 to 399 (tsenart/vegeta@05aff31:lib/metrics.go and README.md, "report -type=json"). Several reports
//! in one file are several runs; with `-every` they are states of one run, of which the last counts.

use std::io::Read;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::merge::merge;
use super::summary::{Summary, count, number, stretch};
use super::{Format, ImportError, Latency, LoadTest, Model, ModelVerdict, Tool, lines};

/// Why vegeta's model is open.
pub(super) const OPEN: &str = "vegeta sends by the clock, as long as it has workers left";

pub(super) fn read(reader: impl Read, source: &str) -> Result<LoadTest, ImportError> {
    let text = lines::document(reader, source)?;
    let mut reports: Vec<Value> = Vec::new();
    let mut cut = None;
    for report in serde_json::Deserializer::from_str(&text).into_iter::<Value>() {
        match report {
            Ok(report) => match reports.last_mut() {
                Some(last)
                    if last.get("earliest").is_some() && last.get("earliest") == report.get("earliest") =>
                {
                    *last = report;
                }
                _ => reports.push(report),
            },
            Err(error) => cut = Some(error),
        }
    }
    if let (Some(error), true) = (&cut, reports.is_empty()) {
        return Err(ImportError::document(source, format!("no JSON document: {error}; is the file whole")));
    }
    let tests: Vec<LoadTest> = reports.iter().map(|report| one(report, source)).collect::<Result<_, _>>()?;
    let mut test = merge(tests).ok_or_else(|| ImportError::Empty { source_name: source.to_owned() })?;
    if let Some(error) = cut {
        test.notes.push(format!("What follows the last whole report is left out: {error}."));
    }
    Ok(test)
}

fn one(report: &Value, source: &str) -> Result<LoadTest, ImportError> {
    let missing =
        |field: &str| ImportError::document(source, format!("field {field} is missing or not a number"));
    let seconds = |field: &str| number(report, field).map(|ns| ns / 1e9);
    let requests = count(report, "requests").ok_or_else(|| missing("requests"))?;
    let sending = seconds("duration").ok_or_else(|| missing("duration"))?;
    let whole = sending + seconds("wait").unwrap_or(0.0);
    // Without requests vegeta's share is 0/0, which is no JSON number.
    let success = number(report, "success").unwrap_or(0.0).min(1.0);
    let errors = requests - ((success * requests as f64).round() as u64).min(requests);
    let mut total = stretch(whole, requests, errors, latency(report));
    total.start = report
        .get("earliest")
        .and_then(Value::as_str)
        .and_then(|time| DateTime::parse_from_rfc3339(time).ok())
        .map(|time| time.with_timezone(&Utc));
    if let Some(rate) = number(report, "rate") {
        total.rate = rate;
    }
    if let Some(throughput) = number(report, "throughput") {
        total.throughput = throughput;
    }
    let summary = Summary {
        tool: Tool::Vegeta,
        format: Format::VegetaReport,
        name: source.to_owned(),
        model: ModelVerdict { model: Model::Open, why: OPEN.to_owned() },
        total,
        notes: Vec::new(),
    };
    summary.finish(source, "`requests` is 0")
}

fn latency(report: &Value) -> Latency {
    let of =
        |key: &str| report.get("latencies").and_then(|latencies| number(latencies, key)).map(|ns| ns / 1e6);
    Latency {
        mean_ms: of("mean"),
        min_ms: of("min"),
        p50_ms: of("50th"),
        p90_ms: of("90th"),
        p95_ms: of("95th"),
        p99_ms: of("99th"),
        p999_ms: None,
        max_ms: of("max"),
    }
}

//! k6's summary of a run, in three forms:
//!
//! - `--summary-export=FILE`: `{"metrics":{"http_reqs":{"count":…,"rate":…},…},"root_group":…}`;
//! - what `handleSummary(data)` is given: each metric `{"type":…,"contains":…,"values":{…}}`, with
//!   `state.testRunDurationMs` (grafana.com/docs/k6, "Custom summary");
//! - since k6 1.5 with `--new-machine-readable-summary`, and by default in k6 2:
//!   `{"version":"1.0.0","config":{"duration":…},"results":{"metrics":[{"name":…,"values":{…}}]}}`
//!   (grafana/k6-summary@0898326:schemas/summary/1.0.0/schema.json, schemas/metric/1.0.0/schema.json).
//!
//! Latencies are milliseconds in all of them, whatever `summaryTimeUnit` says of the printed summary.

use std::collections::BTreeMap;
use std::io::Read;

use serde_json::Value;

use super::model::{self, Iterations};
use super::summary::{Summary, count, number, stretch};
use super::{
    ConcurrencyFrom, Format, ImportError, Latency, LoadTest, Model, ModelVerdict, Tool, lines, units,
};

/// Users this busy never waited for work, and users less busy than that did.
const BUSY: f64 = 0.9;
const WAITING: f64 = 0.75;

pub(super) fn read(reader: impl Read, source: &str) -> Result<LoadTest, ImportError> {
    let text = lines::document(reader, source)?;
    let root: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        ImportError::document(source, format!("no JSON document: {error}; is the file whole"))
    })?;
    let metrics = metrics(&root);
    let mut notes = Vec::new();
    let values = |name: &str| metrics.get(name).copied();
    let counted = |name: &str| values(name).and_then(|values| count(values, "count"));
    let iterations = counted("iterations").unwrap_or(0);
    let (requests, trend) = if let Some(requests) = counted("http_reqs") {
        (requests, values("http_req_duration"))
    } else if let Some(trend) = values("grpc_req_duration") {
        let requests = count(trend, "count").unwrap_or_else(|| {
            notes.push(
                "The summary does not count gRPC requests: iterations of the script are counted instead."
                    .to_owned(),
            );
            iterations
        });
        (requests, Some(trend))
    } else {
        notes.push("No HTTP or gRPC requests: iterations of the script are counted instead.".to_owned());
        (iterations, values("iteration_duration"))
    };
    let seconds = seconds(&root, &metrics).ok_or_else(|| {
        ImportError::document(
            source,
            "neither state.testRunDurationMs nor config.duration nor the rate of http_reqs is given",
        )
    })?;
    let errors = failed_share(values("http_req_failed")).unwrap_or_else(|| {
        notes.push(
            "The summary does not say how many requests failed: all are taken for successes.".to_owned(),
        );
        0.0
    });
    let mut total = stretch(seconds, requests, (errors * requests as f64).round() as u64, latency(trend));
    let verdict = verdict(&root, &metrics, seconds);
    if verdict.model == Model::Closed
        && let Some(users) = values("vus").and_then(|vus| number(vus, "max"))
    {
        total.concurrency = Some(users);
        total.concurrency_from = Some(ConcurrencyFrom::VirtualUsers);
    }
    let per_iteration = if iterations > 0 { requests as f64 / iterations as f64 } else { 1.0 };
    let dropped = counted("dropped_iterations").filter(|dropped| *dropped > 0);
    total.offered_rate = arrival_rate(&root)
        .map(|rate| rate * per_iteration)
        .or_else(|| dropped.map(|dropped| total.rate + dropped as f64 * per_iteration / seconds));
    let name = root.pointer("/config/script").and_then(Value::as_str).unwrap_or(source);
    let summary = Summary {
        tool: Tool::K6,
        format: Format::K6Summary,
        name: name.to_owned(),
        model: verdict,
        total,
        notes,
    };
    summary.finish(source, "no http_reqs, grpc_req_duration or iterations among the metrics")
}

/// The values of each metric by its name, in any of the three forms.
fn metrics(root: &Value) -> BTreeMap<&str, &Value> {
    let values = |metric: &'_ Value| metric.get("values").is_some_and(Value::is_object);
    if let Some(list) = root.pointer("/results/metrics").and_then(Value::as_array) {
        return list
            .iter()
            .filter_map(|metric| Some((metric.get("name")?.as_str()?, metric.get("values")?)))
            .collect();
    }
    let Some(map) = root.get("metrics").and_then(Value::as_object) else { return BTreeMap::new() };
    map.iter()
        .map(|(name, metric)| (name.as_str(), if values(metric) { &metric["values"] } else { metric }))
        .collect()
}

fn seconds(root: &Value, metrics: &BTreeMap<&str, &Value>) -> Option<f64> {
    let by_rate = |name: &str| {
        let metric = metrics.get(name)?;
        Some(number(metric, "count")? / number(metric, "rate").filter(|rate| *rate > 0.0)?)
    };
    let state = root.get("state").and_then(|state| number(state, "testRunDurationMs")).map(|ms| ms / 1e3);
    let config = root.get("config").and_then(|config| number(config, "duration"));
    state.or(config).or_else(|| by_rate("http_reqs")).or_else(|| by_rate("iterations"))
}

/// A rate metric's share of what is true; of `http_req_failed`, of what failed. It is `value` in the exported
/// summary, `rate` in the others, and counts are `passes` (true) and `fails`, or `matches` and `total`.
fn failed_share(values: Option<&Value>) -> Option<f64> {
    let values = values?;
    let share = number(values, "rate").or_else(|| number(values, "value")).or_else(|| {
        let (passes, fails) = (number(values, "passes")?, number(values, "fails")?);
        (passes + fails > 0.0).then(|| passes / (passes + fails))
    });
    share.map(|share| share.min(1.0))
}

fn latency(trend: Option<&Value>) -> Latency {
    let Some(trend) = trend else { return Latency::default() };
    let of = |key: &str| number(trend, key);
    Latency {
        mean_ms: of("avg"),
        min_ms: of("min"),
        p50_ms: of("med").or_else(|| of("p(50)")),
        p90_ms: of("p(90)"),
        p95_ms: of("p(95)"),
        p99_ms: of("p(99)"),
        p999_ms: of("p(99.9)"),
        max_ms: of("max"),
    }
}

fn scenarios(root: &Value) -> impl Iterator<Item = &Value> {
    root.pointer("/options/scenarios")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(serde_json::Map::values)
}

fn executor(scenario: &Value) -> &str {
    scenario.get("executor").and_then(Value::as_str).unwrap_or_default()
}

/// The iterations per second that one constant arrival rate asks for.
fn arrival_rate(root: &Value) -> Option<f64> {
    let mut all = scenarios(root);
    let scenario = all.next().filter(|scenario| executor(scenario) == "constant-arrival-rate")?;
    let unit = scenario.get("timeUnit").and_then(Value::as_str).map_or(Some(1.0), units::go_duration)?;
    let rate = number(scenario, "rate")? / unit;
    (all.next().is_none() && rate.is_finite() && rate > 0.0).then_some(rate)
}

fn verdict(root: &Value, metrics: &BTreeMap<&str, &Value>, seconds: f64) -> ModelVerdict {
    let executors: Vec<&str> = scenarios(root).map(executor).collect();
    if !executors.is_empty() {
        let open = executors.iter().filter(|executor| executor.ends_with("-arrival-rate")).count();
        let why = format!("by the executors in the options: {}", executors.join(", "));
        let model = match open {
            0 => Model::Closed,
            open if open == executors.len() => Model::Open,
            _ => Model::Unknown,
        };
        return ModelVerdict { model, why };
    }
    let of = |name: &str, key: &str| metrics.get(name).and_then(|values| number(values, key));
    let busy_seconds =
        of("iterations", "count").unwrap_or(0.0) * of("iteration_duration", "avg").unwrap_or(0.0) / 1e3;
    let (least, most) = (of("vus", "min").unwrap_or(0.0), of("vus", "max").unwrap_or(0.0));
    // Users varied: all of them busy, or the fewest of them waiting, still tells.
    let users = if busy_seconds >= BUSY * most * seconds {
        most
    } else if busy_seconds <= WAITING * least * seconds || least == most {
        least
    } else {
        0.0
    };
    let dropped = of("dropped_iterations", "count").unwrap_or(0.0);
    let (model, why) = model::k6(&Iterations { dropped, busy_seconds, user_seconds: users * seconds });
    let why = if users == 0.0 && dropped == 0.0 && most > 0.0 {
        format!("the number of virtual users went from {least} to {most}, and the summary does not say when")
    } else {
        why
    };
    ModelVerdict { model, why }
}

//! `k6 run --out json=FILE`: a JSON object a line, `{"type":"Metric",…}` before a metric's first sample and
//! `{"metric":"http_req_duration","type":"Point","data":{"time":…,"value":…,"tags":{…}}}` for each sample
//! (grafana/k6@4815d6c:internal/output/json/wrapper.go; grafana.com/docs/k6, "JSON output"). Times are those
//! of a request's end; values of time metrics are milliseconds.

use std::borrow::Cow;
use std::io::BufRead;

use chrono::DateTime;
use serde::Deserialize;

use super::lines::{Lines, Tally};
use super::model::{Evidence, Iterations};
use super::recording::Recording;
use super::windows::{Sample, Windows};
use super::{ConcurrencyFrom, Format, ImportError, LoadTest, Tool};

/// Most names of scenarios remembered.
const SCENARIOS: usize = 8;

#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
    #[serde(borrow)]
    metric: Option<Text<'a>>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    time: Option<Text<'a>>,
    value: Option<f64>,
    #[serde(borrow)]
    tags: Option<Tags<'a>>,
}

#[derive(Deserialize, Default)]
struct Tags<'a> {
    #[serde(borrow)]
    expected_response: Option<Text<'a>>,
    #[serde(borrow)]
    status: Option<Text<'a>>,
    #[serde(borrow)]
    scenario: Option<Text<'a>>,
}

/// A request whose tags do not say whether it failed: `http_req_failed` may follow.
struct Pending {
    time: i64,
    sample: Sample,
}

#[derive(Default)]
struct Points {
    requests: Windows,
    iterations: Windows,
    pending: Option<Pending>,
    dropped: f64,
    busy_seconds: f64,
    user_sum: f64,
    user_points: u64,
    grpc: u64,
    scenarios: Vec<String>,
}

pub(super) fn read(reader: impl BufRead, source: &str) -> Result<LoadTest, ImportError> {
    let (mut lines, mut tally, mut points) =
        (Lines::new(reader, source), Tally::default(), Points::default());
    while let Some((number, line)) = lines.next()? {
        match points.line(line) {
            Ok(()) => tally.good(),
            Err(message) => tally.bad(number, message, source)?,
        }
    }
    points.settle(None);
    points.finish(source, tally.end(source)?)
}

/// Whether a metric says anything about the load.
fn wanted(metric: &str) -> bool {
    matches!(
        metric,
        "http_req_duration"
            | "grpc_req_duration"
            | "http_req_failed"
            | "iteration_duration"
            | "dropped_iterations"
            | "vus"
    )
}

/// Whether this is a whole line of a metric that is not wanted, told without reading all of it: that is most
/// of the file.
fn skipped(line: &[u8]) -> bool {
    line.strip_prefix(b"{\"metric\":\"").is_some_and(|rest| {
        let Some(end) = rest.iter().position(|byte| *byte == b'"') else { return false };
        rest[end..].starts_with(b"\",\"type\":\"Point\",\"data\":{")
            && line.ends_with(b"}}")
            && std::str::from_utf8(&rest[..end]).is_ok_and(|metric| !wanted(metric))
    })
}

impl Points {
    fn line(&mut self, line: &[u8]) -> Result<(), String> {
        if skipped(line) {
            return Ok(());
        }
        let line: Line<'_> =
            serde_json::from_slice(line).map_err(|error| format!("no line of k6: {error}"))?;
        match line.kind.0.as_ref() {
            "Point" => {}
            "Metric" => return Ok(()),
            other => return Err(format!("type `{other}` is neither Metric nor Point")),
        }
        let metric = line.metric.ok_or("no field metric")?;
        if !wanted(&metric.0) {
            return Ok(());
        }
        let data = line.data.ok_or("no field data")?;
        let time = data.time.ok_or("no field data.time")?;
        let time = DateTime::parse_from_rfc3339(&time.0)
            .ok()
            .and_then(|time| time.timestamp_nanos_opt())
            .ok_or_else(|| format!("data.time `{}` is not a time", time.0))?;
        let value = data.value.filter(|value| value.is_finite() && *value >= 0.0);
        let value = value.ok_or("data.value is not a number of at least 0")?;
        self.point(&metric.0, time, value, &data.tags.unwrap_or_default())
    }

    fn point(&mut self, metric: &str, time: i64, value: f64, tags: &Tags<'_>) -> Result<(), String> {
        let nanoseconds = (value * 1e6) as i64;
        let ended = |ok| Sample::new(time.saturating_sub(nanoseconds), nanoseconds, ok);
        match metric {
            "http_req_duration" => {
                self.settle(None);
                self.scenario(tags);
                if let Some(expected) = &tags.expected_response {
                    self.requests.sample(ended(expected.0 == "true")?);
                } else {
                    // 0 is k6's status of a request without an answer.
                    let failed = |status: u16| status == 0 || status >= 400;
                    let status = tags.status.as_ref().and_then(|status| status.0.parse().ok());
                    self.pending = Some(Pending { time, sample: ended(!status.is_some_and(failed))? });
                }
            }
            "http_req_failed" => self.settle(Some((time, value == 0.0))),
            "grpc_req_duration" => {
                self.settle(None);
                self.scenario(tags);
                self.requests.sample(ended(tags.status.as_ref().is_none_or(|status| status.0 == "0"))?);
                self.grpc += 1;
            }
            "iteration_duration" => {
                self.iterations.sample(ended(true)?);
                self.busy_seconds += value / 1e3;
            }
            // Whatever else is wanted carries no latency: its time is checked all the same.
            "vus" => {
                let time = Sample::new(time, 0, true)?.start;
                self.requests.gauge(time, value);
                self.iterations.gauge(time, value);
                self.user_sum += value;
                self.user_points += 1;
            }
            _ => {
                let time = Sample::new(time, 0, true)?.start;
                self.requests.dropped(time, value);
                self.iterations.dropped(time, value);
                self.dropped += value;
            }
        }
        Ok(())
    }

    /// Counts the request that waits, as `failed` says if that is about it.
    fn settle(&mut self, failed: Option<(i64, bool)>) {
        if let Some(Pending { time, mut sample }) = self.pending.take() {
            if let Some((_, ok)) = failed.filter(|(at, _)| *at == time) {
                sample.errors = u64::from(!ok);
            }
            self.requests.sample(sample);
        }
    }

    fn scenario(&mut self, tags: &Tags<'_>) {
        if let Some(Text(name)) = &tags.scenario
            && self.scenarios.len() < SCENARIOS
            && !self.scenarios.iter().any(|known| known == name)
        {
            self.scenarios.push(name.to_string());
        }
    }

    fn finish(self, source: &str, mut notes: Vec<String>) -> Result<LoadTest, ImportError> {
        let (requests, iterations) = (self.requests.requests(), self.iterations.requests());
        let per_iteration =
            if iterations > 0 && requests > 0 { requests as f64 / iterations as f64 } else { 1.0 };
        let users = self.user_sum / self.user_points.max(1) as f64;
        let evidence = Iterations {
            dropped: self.dropped,
            busy_seconds: self.busy_seconds,
            user_seconds: if iterations > 0 { users * self.iterations.spans().1 } else { 0.0 },
        };
        if self.scenarios.len() > 1 {
            notes.push(format!("The scenarios {} are counted together.", self.scenarios.join(", ")));
        }
        if self.grpc > 0 && self.grpc < requests {
            notes.push(format!(
                "HTTP and gRPC requests are counted together: {} and {}.",
                requests - self.grpc,
                self.grpc
            ));
        }
        let windows = if requests > 0 {
            self.requests
        } else {
            notes.push("No HTTP or gRPC requests: iterations of the script are counted instead.".to_owned());
            self.iterations
        };
        let recording = Recording {
            tool: Tool::K6,
            format: Format::K6Points,
            name: source.to_owned(),
            windows,
            gauge: ConcurrencyFrom::VirtualUsers,
            evidence: Evidence::K6(evidence),
            rate_while_sending: false,
            requests_per_iteration: per_iteration,
            notes,
        };
        recording.finish(source, "no point of http_req_duration, grpc_req_duration or iteration_duration")
    }
}

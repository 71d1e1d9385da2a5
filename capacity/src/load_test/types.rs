//! A load test: the whole, its steps, and what is known of them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Format, notes};

/// The load generator that wrote a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    /// Grafana k6.
    K6,
    /// vegeta.
    Vegeta,
    /// wrk, which sends as fast as its connections allow.
    Wrk,
    /// wrk2, which sends at a rate.
    Wrk2,
    /// Apache JMeter.
    JMeter,
    /// None: a stretch of live traffic.
    Live,
    /// Tests of several tools, [merged](super::merge) into one.
    Several,
}

/// How the generator decides when to send the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Model {
    /// By the clock: a slow answer does not delay the next request.
    Open,
    /// When an answer came back: a slow server is asked less, and its worst moments are asked about least
    /// (coordinated omission), so the tail is too kind.
    Closed,
    /// The file does not tell.
    Unknown,
}

/// The [`Model`] and what it was read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelVerdict {
    /// The verdict.
    pub model: Model,
    /// The reason, in words.
    pub why: String,
}

/// What a [concurrency](Stretch::concurrency) was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConcurrencyFrom {
    /// k6's virtual users, resting ones too.
    VirtualUsers,
    /// JMeter's active threads, resting ones too.
    Threads,
    /// wrk's connections.
    Connections,
    /// Requests under way, counted from the samples and averaged over time.
    InFlight,
    /// Little's law: requests per second of the whole stretch times the mean latency.
    LittlesLaw,
}

/// Latencies of a stretch in milliseconds. What the file does not hold is `None`, and so is a percentile that
/// too few raw samples cannot tell: at least one request must lie beyond it (100 requests for p99, 1,000 for
/// p99.9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = LoadTestLatency)]
pub struct Latency {
    /// The mean.
    pub mean_ms: Option<f64>,
    /// The least.
    pub min_ms: Option<f64>,
    /// The median.
    pub p50_ms: Option<f64>,
    /// 90 % of the requests took no longer.
    pub p90_ms: Option<f64>,
    /// 95 % of the requests took no longer.
    pub p95_ms: Option<f64>,
    /// 99 % of the requests took no longer.
    pub p99_ms: Option<f64>,
    /// 99.9 % of the requests took no longer.
    pub p999_ms: Option<f64>,
    /// The greatest.
    pub max_ms: Option<f64>,
}

/// A stretch of a test: the whole of it, or one step of the load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Stretch {
    /// When it began, where the file has times of day.
    pub start: Option<DateTime<Utc>>,
    /// How long it lasted, in seconds.
    pub seconds: f64,
    /// Requests started in it.
    pub requests: u64,
    /// Those of [`requests`](Self::requests) that failed.
    pub errors: u64,
    /// Requests per second that were asked for, where the file or the caller tells.
    pub offered_rate: Option<f64>,
    /// Requests started per second.
    pub rate: f64,
    /// Requests that succeeded, per second, by when they ended where there are samples.
    pub throughput: f64,
    /// Requests or users at the same time, on average.
    pub concurrency: Option<f64>,
    /// What [`concurrency`](Self::concurrency) is.
    pub concurrency_from: Option<ConcurrencyFrom>,
    /// The latencies, failed requests' too.
    pub latency: Latency,
    /// The windows that make it up, in order; empty where the file is a summary.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<Window>,
}

impl Stretch {
    /// The share of requests that failed, 0 to 1; `None` without requests.
    pub fn error_share(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.errors as f64 / self.requests as f64)
    }
}

/// One window of a [`Stretch`], for [`compare`](super::compare).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Window {
    /// Requests that succeeded, per second.
    pub throughput: f64,
    /// The median of the requests that started in it, in milliseconds.
    pub p50_ms: Option<f64>,
    /// Their 95th percentile: of few requests, the greatest.
    pub p95_ms: Option<f64>,
    /// Their 99th percentile: of few requests, the greatest.
    pub p99_ms: Option<f64>,
    /// The share of them that failed.
    pub error_share: Option<f64>,
}

/// What of the test lies in no step: the way up, the way down and the changes between.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Rest {
    /// Requests started in it.
    pub requests: u64,
    /// Those that failed.
    pub errors: u64,
}

/// A load test as its generator saw it. The requests of all [`steps`](Self::steps) and of the
/// [`rest`](Self::rest) add up to those of the [`total`](Self::total).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LoadTest {
    /// The generator.
    pub tool: Tool,
    /// The form of its file; `None` for a [merged](super::merge) test of several forms.
    pub format: Option<Format>,
    /// The test's own name where the file has one, else where it was read from.
    pub name: String,
    /// When the first request was sent.
    pub started: Option<DateTime<Utc>>,
    /// From the first request to the last answer, or what the tool says, in seconds.
    pub duration_seconds: f64,
    /// Open or closed.
    pub model: ModelVerdict,
    /// The whole test.
    pub total: Stretch,
    /// Where the load stood still; the total alone where the file is a summary or too short to cut.
    pub steps: Vec<Stretch>,
    /// What lies in no step.
    pub rest: Rest,
    /// What a reader must know before trusting the figures, in sentences.
    pub notes: Vec<String>,
}

/// A point of a capacity curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LoadPoint {
    /// Requests or users at the same time: the curve's N.
    pub load: f64,
    /// Successful requests per second: the curve's X.
    pub throughput: f64,
    /// The 99th percentile of the latencies, in milliseconds.
    pub p99_ms: Option<f64>,
    /// The share of requests that failed, 0 to 1.
    pub error_share: f64,
}

impl LoadTest {
    /// The steps as points to fit a curve to, in order of load. Steps without a concurrency or without a
    /// request are left out.
    pub fn points(&self) -> Vec<LoadPoint> {
        let mut points: Vec<LoadPoint> = self
            .steps
            .iter()
            .filter_map(|step| {
                Some(LoadPoint {
                    load: step.concurrency?,
                    throughput: step.throughput,
                    p99_ms: step.latency.p99_ms,
                    error_share: step.error_share()?,
                })
            })
            .collect();
        points.sort_by(|a, b| a.load.total_cmp(&b.load));
        points
    }

    /// The same test with the rate it was asked for, in requests per second: vegeta and wrk2 do not write
    /// it down. It holds for the whole and, where there is only one, for the step; a generator that did
    /// not keep up is noted.
    #[must_use]
    pub fn asked(mut self, per_second: f64) -> Self {
        if per_second.is_finite() && per_second > 0.0 {
            self.total.offered_rate = Some(per_second);
            if let [only] = self.steps.as_mut_slice() {
                only.offered_rate = Some(per_second);
            }
            self.notes.extend(notes::kept_up(&self.total));
        }
        self
    }
}

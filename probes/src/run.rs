//! One run of a probe.

mod course;

use std::time::Duration;

use chrono::{DateTime, Utc};
use http::Method;
use rand::Rng as _;
use serde::Serialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::course::Course;
use crate::config::ProbeConfig;
use crate::error::Result;
use crate::send::client;
use crate::variables::Variables;

/// How long the clean-up may take of a run that is broken off because the program stops.
const LAST_CLEANUP: Duration = Duration::from_secs(5);

/// What a run found. No secret is in it.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// The probe.
    pub probe: String,
    /// When it began.
    pub at: DateTime<Utc>,
    /// From its beginning to its end.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// Why it failed; none when it did not.
    pub failure: Option<String>,
    /// Its trace, in hex.
    pub trace_id: String,
    /// The root span.
    #[serde(skip)]
    pub span_id: [u8; 8],
    /// The steps that were taken, in order.
    pub steps: Vec<StepRun>,
}

/// What became of a step.
#[derive(Debug, Clone, Serialize)]
pub struct StepRun {
    /// The step.
    pub name: String,
    /// Whether it is of the clean-up.
    pub cleanup: bool,
    /// From the beginning of the run to that of the step.
    #[serde(rename = "after_ms", serialize_with = "milliseconds")]
    pub after: Duration,
    /// How long it took, all its requests and the pauses between them.
    #[serde(rename = "duration_ms", serialize_with = "milliseconds")]
    pub duration: Duration,
    /// The method.
    #[serde(serialize_with = "method")]
    pub method: Method,
    /// The URL that was asked, without secrets; empty if none could be made.
    pub url: String,
    /// The URL as configured.
    pub template: String,
    /// The status of the last answer.
    pub status: Option<u16>,
    /// The version of HTTP of the last answer.
    #[serde(skip)]
    pub version: Option<http::Version>,
    /// Requests that were made, redirects aside.
    pub requests: u32,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Why it was not taken.
    pub skipped: Option<String>,
    /// Its span.
    #[serde(skip)]
    pub span_id: [u8; 8],
}

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The attribute `error.type`: a status, or one of a few words.
    pub kind: String,
    /// In plain words, as `expected $.status = filled, found rejected`.
    pub reason: String,
}

/// Runs a probe once. When `stop` comes first the run is broken off, cleaned up, and nothing is told of it.
///
/// # Errors
/// The probe cannot be run as things are here.
pub async fn run(probe: &ProbeConfig, at: DateTime<Utc>, stop: &CancellationToken) -> Result<Option<Run>> {
    let (trace, span_id, random) = {
        let mut random = rand::rng();
        (random.random_range(1..=u128::MAX), span(), random.random())
    };
    let mut course = Course {
        probe,
        client: client(probe)?,
        variables: Variables::of(probe, at, random)?,
        trace,
        at,
        begun: Instant::now(),
        steps: Vec::new(),
    };
    let limit = course.begun + probe.timeout.get();
    let finished = tokio::select! {
        () = course.take(&probe.steps, limit) => true,
        () = stop.cancelled() => false,
    };
    // A step that was broken off is no step: it is not in the list.
    if !finished {
        course.clean_up(Instant::now() + LAST_CLEANUP).await;
        return Ok(None);
    }
    let limit = Instant::now() + probe.timeout.get();
    tokio::select! {
        () = course.clean_up(limit) => {}
        () = async { stop.cancelled().await; tokio::time::sleep(LAST_CLEANUP).await } => return Ok(None),
    }
    Ok(Some(Run {
        probe: probe.name.clone(),
        at,
        duration: course.begun.elapsed(),
        failure: verdict(&course.steps),
        trace_id: format!("{trace:032x}"),
        span_id,
        steps: course.steps,
    }))
}

/// Why a run of these steps failed, if it did: what failed first is told. Pure.
pub(crate) fn verdict(steps: &[StepRun]) -> Option<String> {
    steps.iter().find_map(|step| {
        let what = if step.cleanup { "clean-up step" } else { "step" };
        step.failure.as_ref().map(|failure| format!("{what} '{}': {}", step.name, failure.reason))
    })
}

/// The id of a span: eight random bytes that are not all zero.
fn span() -> [u8; 8] {
    rand::rng().random_range(1..=u64::MAX).to_be_bytes()
}

fn milliseconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u128(duration.as_millis())
}

fn method<S: serde::Serializer>(method: &Method, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(method.as_str())
}

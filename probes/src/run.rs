//! One run of a probe.

use std::time::Duration;

use chrono::{DateTime, Utc};
use headroom_outbound::Networks;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use rand::Rng as _;
use serde::Serialize;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::config::{ProbeConfig, StepConfig};
use crate::decide::{Next, decide};
use crate::error::Result;
use crate::send::{Request, client, send};
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

/// A run under way.
struct Course<'a> {
    probe: &'a ProbeConfig,
    client: reqwest::Client,
    variables: Variables,
    trace: u128,
    at: DateTime<Utc>,
    begun: Instant,
    steps: Vec<StepRun>,
}

impl Course<'_> {
    /// Takes the steps until one fails.
    async fn take(&mut self, steps: &[StepConfig], limit: Instant) {
        for step in steps {
            let taken = self.step(step, limit, false).await;
            let failed = taken.failure.is_some();
            self.steps.push(taken);
            if failed {
                return;
            }
        }
    }

    /// Takes all the steps of the clean-up for which something is there to be cleaned up.
    async fn clean_up(&mut self, limit: Instant) {
        for step in &self.probe.cleanup {
            let missing = step.needs().into_iter().find(|(_, hole)| !self.variables.know(hole));
            let taken = match missing {
                None => self.step(step, limit, true).await,
                Some((_, hole)) => {
                    let mut skipped = self.untaken(step, true);
                    skipped.skipped =
                        Some(format!("{hole} is not known: the step that tells it was not done"));
                    skipped
                }
            };
            self.steps.push(taken);
        }
    }

    fn untaken(&self, step: &StepConfig, cleanup: bool) -> StepRun {
        StepRun {
            name: step.name.clone(),
            cleanup,
            after: self.begun.elapsed(),
            duration: Duration::ZERO,
            method: step.method.clone(),
            url: String::new(),
            template: step.url.to_string(),
            status: None,
            version: None,
            requests: 0,
            failure: None,
            skipped: None,
            span_id: span(),
        }
    }

    async fn step(&mut self, step: &StepConfig, limit: Instant, cleanup: bool) -> StepRun {
        let mut taken = self.untaken(step, cleanup);
        match self.request(step, &taken.span_id) {
            Ok(request) => {
                taken.url = self.variables.without_secrets(request.url.as_str());
                let outcome = self.requests(step, request, limit, &mut taken).await;
                taken.failure = outcome.err();
            }
            Err(reason) => taken.failure = Some(Failure { kind: "request".to_owned(), reason }),
        }
        if let Some(failure) = &mut taken.failure {
            failure.reason = self.variables.without_secrets(&failure.reason);
        }
        taken.duration = self.begun.elapsed() - taken.after;
        taken
    }

    /// Asks until there is nothing more to wait for.
    async fn requests(
        &mut self,
        step: &StepConfig,
        request: Request,
        limit: Instant,
        taken: &mut StepRun,
    ) -> Result<(), Failure> {
        let late = |words: String| Failure { kind: "timeout".to_owned(), reason: words };
        let over = || late(format!("the {} of a run were over", self.probe.timeout));
        let allowed: &Networks = &self.probe.allow_networks;
        loop {
            taken.requests += 1;
            let patience = Instant::now() + step.timeout.get();
            let sent = timeout_at(patience.min(limit), send(&self.client, allowed, request.clone())).await;
            let answer = match sent {
                Ok(answer) => answer?,
                Err(_) if patience <= limit => {
                    return Err(late(format!("no whole answer within {}", step.timeout)));
                }
                Err(_) => return Err(over()),
            };
            (taken.status, taken.version) = (Some(answer.status), Some(answer.version));
            let now = self.at + self.begun.elapsed();
            match decide(step, taken.requests, &answer, &self.variables, now) {
                Next::Failed(failure) => return Err(failure),
                Next::Done(learnt) => {
                    learnt
                        .into_iter()
                        .for_each(|(name, text, secret)| self.variables.learn(&name, text, secret));
                    return Ok(());
                }
                Next::Again => {
                    let pause = step.repeat.as_ref().map(|repeat| repeat.every.get()).unwrap_or_default();
                    let next = Instant::now() + pause;
                    if next >= limit {
                        return Err(late(format!(
                            "the {} of a run were over before what it waits for was there",
                            self.probe.timeout
                        )));
                    }
                    sleep_until(next).await;
                }
            }
        }
    }

    /// The request of a step.
    fn request(&self, step: &StepConfig, span: &[u8; 8]) -> Result<Request, String> {
        let url = self.variables.fill_url(&step.url);
        let url: Url = url.parse().map_err(|error| format!("{url:?} is not a URL: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(format!("{url} is neither http nor https"));
        }
        let mut headers = Vec::new();
        for (name, template) in &step.headers {
            let value = HeaderValue::from_str(&self.variables.fill(template));
            headers.push((
                name.clone(),
                value.map_err(|_| format!("{template} gives no value of the header {name}"))?,
            ));
        }
        let body = match (&step.json, &step.text) {
            (Some(json), _) => {
                if !headers.iter().any(|(name, _)| name == header::CONTENT_TYPE) {
                    headers.push((header::CONTENT_TYPE, HeaderValue::from_static("application/json")));
                }
                Some(json.filled(&mut |template| self.variables.fill(template)).to_string().into_bytes())
            }
            (None, text) => text.as_ref().map(|text| self.variables.fill(text).into_bytes()),
        };
        let (method, marks) = (step.method.clone(), self.marks(span)?);
        Ok(Request { method, url, headers, marks, body, redirects: step.redirects })
    }

    /// The trace that the probed service's spans are to join (W3C Trace Context), and what tells it that this is no
    /// customer (W3C Baggage).
    fn marks(&self, span: &[u8; 8]) -> Result<HeaderMap, String> {
        let name = &self.probe.name;
        let parent = format!("00-{:032x}-{}-01", self.trace, hex::encode(span));
        let baggage =
            format!("headroom.probe=true,headroom.probe.name={name},user_agent.synthetic.type=test");
        let mut marks = HeaderMap::new();
        for (header, value) in [("traceparent", parent), ("baggage", baggage)] {
            let value = HeaderValue::from_str(&value).map_err(|error| error.to_string())?;
            marks.insert(HeaderName::from_static(header), value);
        }
        Ok(marks)
    }
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

//! The steps of a run, one after the other.

use std::time::Duration;

use chrono::{DateTime, Utc};
use headroom_outbound::Networks;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tokio::time::{Instant, sleep_until, timeout_at};
use url::Url;

use super::{Failure, StepRun, span};
use crate::config::{ProbeConfig, StepConfig};
use crate::decide::{Next, decide};
use crate::send::{Request, send};
use crate::variables::Variables;

/// A run under way.
pub(super) struct Course<'a> {
    pub(super) probe: &'a ProbeConfig,
    pub(super) client: reqwest::Client,
    pub(super) variables: Variables,
    pub(super) trace: u128,
    pub(super) at: DateTime<Utc>,
    pub(super) begun: Instant,
    pub(super) steps: Vec<StepRun>,
}

impl Course<'_> {
    /// Takes the steps until one fails.
    pub(super) async fn take(&mut self, steps: &[StepConfig], limit: Instant) {
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
    pub(super) async fn clean_up(&mut self, limit: Instant) {
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
        match self.request(step, taken.span_id) {
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
        taken.duration = self.begun.elapsed().saturating_sub(taken.after);
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
                Next::Failed(failure, learnt) => {
                    self.variables.learn_all(learnt);
                    return Err(failure);
                }
                Next::Done(learnt) => {
                    self.variables.learn_all(learnt);
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
    fn request(&self, step: &StepConfig, span: [u8; 8]) -> Result<Request, String> {
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
    fn marks(&self, span: [u8; 8]) -> Result<HeaderMap, String> {
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

//! One receiver: its gate, its client, and what its answers mean.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::Form;
use headroom_delivery::gate::Gate;
use headroom_delivery::{
    Answer, Attempt, DeliveryError, Message, Notification, Request, Target, Verdict, smtp,
};
use headroom_outbound::{Networks, guard, reason};
use headroom_store::Clock;
use reqwest::header::RETRY_AFTER;

use crate::config::TargetConfig;
use crate::error::{AlertsError, Result};

/// How long a receiver may take to answer.
const TIMEOUT: Duration = Duration::from_secs(15);
/// Most of an answer that is read: what is wrong stands at its beginning.
const ANSWER: usize = 4_096;

/// A receiver and the state of the way to it.
#[derive(Debug)]
pub(super) struct Destination {
    target: Target,
    allowed: Networks,
    client: reqwest::Client,
    way: Mutex<Way>,
    /// How long a message is worth sending, where it is not as long as one is tried.
    useful_for: Option<TimeDelta>,
}

#[derive(Debug)]
struct Way {
    gate: Gate,
    /// Whether the receiver said that it is no more; it is asked again after the next start.
    gone: bool,
}

/// What is to be sent.
#[derive(Clone, Copy)]
pub(super) struct Letter<'a> {
    /// Names it, the same on every attempt.
    pub(super) id: &'a str,
    pub(super) form: Form,
    pub(super) body: &'a str,
}

/// What became of an attempt.
pub(super) enum Sent {
    /// The receiver is to be left alone until then: nothing was tried.
    NotBefore(DateTime<Utc>),
    /// It was tried, and this is what the answer means.
    Judged(Verdict),
}

impl Destination {
    pub(super) fn new(config: &TargetConfig, now: DateTime<Utc>) -> Result<Self> {
        let client = headroom_outbound::client(&config.allow_networks, TIMEOUT).map_err(|e| {
            AlertsError::Client { destination: config.name.to_string(), reason: e.to_string() }
        })?;
        let way = Mutex::new(Way { gate: config.target.gate(now), gone: false });
        let (target, allowed) = (config.target.clone(), config.allow_networks.clone());
        Ok(Self { target, allowed, client, way, useful_for: None })
    }

    /// The same, for messages that are worth nothing after so long.
    pub(super) fn for_so_long(self, useful_for: TimeDelta) -> Self {
        Self { useful_for: Some(useful_for), ..self }
    }

    /// Whether a message of this age is not to be sent any more.
    pub(super) fn is_too_late(&self, age: TimeDelta) -> bool {
        self.useful_for.is_some_and(|useful_for| age >= useful_for)
    }

    /// One attempt.
    pub(super) async fn send(&self, letter: Letter<'_>, clock: &dyn Clock) -> Sent {
        let now = clock.now();
        {
            let mut way = self.way();
            if way.gone {
                let why = "the receiver said earlier that it is gone, and is turned off until the next start";
                return Sent::Judged(Verdict::Gone { why: why.to_owned() });
            }
            if let Err(until) = way.gate.pass(now) {
                return Sent::NotBefore(until);
            }
        }
        let verdict = match self.messages(letter, now) {
            Ok(messages) => self.each(messages, clock).await,
            Err(error) => Verdict::Dead { why: error.to_string() },
        };
        let mut way = self.way();
        way.gate.tell(&verdict, clock.now());
        way.gone |= matches!(verdict, Verdict::Gone { .. });
        Sent::Judged(verdict)
    }

    fn messages(&self, letter: Letter<'_>, at: DateTime<Utc>) -> Result<Vec<Message>, Unmade> {
        let attempt = Attempt { id: letter.id, at };
        match letter.form {
            Form::Body => Ok(vec![self.target.made(letter.body, attempt)?]),
            Form::Notification => {
                let notification: Notification = serde_json::from_str(letter.body)?;
                Ok(self.target.messages(&notification, attempt)?)
            }
        }
    }

    /// Sends them in order, until one does not arrive.
    async fn each(&self, messages: Vec<Message>, clock: &dyn Clock) -> Verdict {
        for message in messages {
            let verdict = match (message, &self.target) {
                (Message::Http(request), _) => self.post(request, clock).await,
                (Message::Mail(mail), Target::Email(config)) => smtp::send(&config.server, *mail).await,
                (Message::Mail(_), _) => unreachable!("only mail targets make mails"),
            };
            if verdict != Verdict::Delivered {
                return verdict;
            }
        }
        Verdict::Delivered
    }

    async fn post(&self, request: Request, clock: &dyn Clock) -> Verdict {
        let again = |why: String| Verdict::Again { why, throttled: false, after: None };
        if let Err(refused) = guard::check_literal(&request.url, &self.allowed) {
            return again(refused.to_string());
        }
        let mut post = self.client.post(request.url);
        for (name, value) in request.headers {
            post = post.header(name, value);
        }
        let mut response = match post.body(request.body).send().await {
            Ok(response) => response,
            Err(error) => return again(reason(error)),
        };
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = retry_after.map(str::to_owned);
        let mut body = Vec::new();
        // The status is the answer: a body that breaks off changes nothing of it.
        while let Ok(Some(chunk)) = response.chunk().await
            && body.len() < ANSWER
        {
            body.extend_from_slice(&chunk);
        }
        let answer = Answer {
            status: response.status().as_u16(),
            retry_after: retry_after.as_deref(),
            body: &String::from_utf8_lossy(&body),
        };
        self.target.judge(&answer, clock.now())
    }

    fn way(&self) -> MutexGuard<'_, Way> {
        self.way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why no message can be made; trying again does not help.
#[derive(Debug, thiserror::Error)]
enum Unmade {
    #[error(transparent)]
    Message(#[from] DeliveryError),
    #[error("the stored notification cannot be read: {0}")]
    Stored(#[from] serde_json::Error),
}

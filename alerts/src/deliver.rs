//! Sending: at least once, in order for each alert and receiver, for days if need be.
//!
//! What is to be sent waits in the control database's outbox, written together with the
//! transition that causes it. A worker leases what is due (nobody else gets it
//! meanwhile), sends each with a `webhook-id` that stays the same however often it is
//! tried, and notes how it went. If the program dies in between, the lease runs out and
//! the message is sent again: receivers drop repeats by `webhook-id`. The outbox hands
//! out a later message of an alert only when the earlier one has ended, so "resolved"
//! never overtakes "firing".
//!
//! Any answer 2xx is success. 410 turns the receiver off until the next start. All
//! else, redirects included (they are not followed), is tried again after a growing pause
//! for three days and then kept as dead letter.

pub mod backoff;
pub mod payload;
pub mod signature;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::{Control, Delivery};
use headroom_outbound::{guard, reason};
use headroom_store::Clock;
use rand::Rng as _;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};

use crate::config::WebhookConfig;
use crate::error::{AlertsError, Result};

/// How long a receiver may take to answer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How long a message is ours alone; longer than an attempt can take.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// What a round of sending did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Messages that arrived.
    pub delivered: usize,
    /// Messages that will be tried again.
    pub failed: usize,
    /// Messages that were given up.
    pub dead: usize,
}

/// Sends what the outbox holds.
#[derive(Debug)]
pub struct Deliverer {
    control: Control,
    clock: Arc<dyn Clock>,
    destinations: HashMap<String, Destination>,
    /// Receivers that answered 410.
    gone: Mutex<HashSet<String>>,
}

#[derive(Debug)]
struct Destination {
    hook: WebhookConfig,
    client: reqwest::Client,
}

/// How an attempt ended.
enum Outcome {
    Delivered,
    Again { error: String, throttled: bool, asked: Option<TimeDelta> },
    Gone,
}

impl Deliverer {
    /// A sender to these receivers.
    pub fn new(hooks: &[WebhookConfig], control: Control, clock: Arc<dyn Clock>) -> Result<Self> {
        let mut destinations = HashMap::new();
        for hook in hooks {
            let client = headroom_outbound::client(hook.allow_private, TIMEOUT)
                .map_err(|e| AlertsError::Client { destination: hook.name.clone(), reason: e.to_string() })?;
            destinations.insert(hook.name.clone(), Destination { hook: hook.clone(), client });
        }
        Ok(Self { control, clock, destinations, gone: Mutex::default() })
    }

    /// Sends everything that is due now, each message once.
    pub async fn round(&self) -> Result<Round> {
        let leased = self.control.lease(self.clock.now(), LEASE)?;
        let attempts = leased.iter().map(|delivery| self.attempt(delivery));
        let mut round = Round::default();
        for ended in futures::future::join_all(attempts).await {
            match ended? {
                Ended::Delivered => round.delivered += 1,
                Ended::Failed => round.failed += 1,
                Ended::Dead => round.dead += 1,
            }
        }
        Ok(round)
    }

    async fn attempt(&self, delivery: &Delivery) -> Result<Ended> {
        let Some(destination) = self.destinations.get(&delivery.channel) else {
            return self.bury(delivery, "no webhook of this name is configured any more");
        };
        if self.gone().contains(&delivery.channel) {
            return self
                .bury(delivery, "the receiver answered 410 earlier and is turned off until the next start");
        }
        let outcome = destination.send(delivery, self.clock.now()).await;
        // Read again: waiting for the receiver took time.
        let now = self.clock.now();
        match outcome {
            Outcome::Delivered => {
                self.control.delivered(delivery.id, now)?;
                count(delivery, "delivered");
                Ok(Ended::Delivered)
            }
            Outcome::Gone => {
                self.gone().insert(delivery.channel.clone());
                self.bury(delivery, "the receiver answered 410 (gone); it is turned off until the next start")
            }
            Outcome::Again { error, .. } if now - delivery.created_at >= backoff::GIVE_UP_AFTER => {
                self.bury(delivery, &format!("given up after {} attempts: {error}", delivery.attempts))
            }
            Outcome::Again { error, throttled, asked } => {
                let pause = backoff::pause(delivery.attempts, throttled, asked, rand::rng().random());
                tracing::warn!(webhook = delivery.channel, id = delivery.dedup_key, attempts = delivery.attempts, %pause, "{error}");
                self.control.failed(delivery.id, &error, now + pause)?;
                count(delivery, "failed");
                Ok(Ended::Failed)
            }
        }
    }

    fn bury(&self, delivery: &Delivery, error: &str) -> Result<Ended> {
        tracing::error!(
            webhook = delivery.channel,
            id = delivery.dedup_key,
            "message not delivered: {error}"
        );
        self.control.dead(delivery.id, error, self.clock.now())?;
        count(delivery, "dead");
        Ok(Ended::Dead)
    }

    fn gone(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Ended {
    Delivered,
    Failed,
    Dead,
}

fn count(delivery: &Delivery, outcome: &'static str) {
    metrics::counter!("headroom_webhook_attempts_total", "webhook" => delivery.channel.clone(), "outcome" => outcome).increment(1);
}

impl Destination {
    async fn send(&self, delivery: &Delivery, now: DateTime<Utc>) -> Outcome {
        let again = |error: String| Outcome::Again { error, throttled: false, asked: None };
        if let Err(refused) = guard::check_literal(&self.hook.url, self.hook.allow_private) {
            return again(refused.to_string());
        }
        let body = &delivery.body;
        let timestamp = now.timestamp();
        let signature = signature::sign(&self.hook.secret, &delivery.dedup_key, timestamp, body.as_bytes());
        let request = self
            .client
            .post(self.hook.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &delivery.dedup_key)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(body.clone());
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return again(reason(error)),
        };
        let status = response.status();
        if status.is_success() {
            return Outcome::Delivered;
        }
        if status == StatusCode::GONE {
            return Outcome::Gone;
        }
        let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let asked = header.and_then(|text| backoff::retry_after(text, now));
        let throttled = matches!(status.as_u16(), 429 | 502 | 503 | 504);
        let redirect = if status.is_redirection() {
            "; redirects are not followed, configure the final address"
        } else {
            ""
        };
        Outcome::Again { error: format!("the receiver answered {status}{redirect}"), throttled, asked }
    }
}

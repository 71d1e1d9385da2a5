//! Sending: at least once, in order for each group and receiver, for days if need be.
//!
//! What is to be sent waits in the control database's outbox, written together with the transition that causes it. A
//! worker leases what is due (nobody else gets it meanwhile), makes the receiver's message of it, sends it under an id
//! that stays the same however often it is tried, and notes how it went. If the program dies in between, the lease runs
//! out and the message is sent again: receivers drop repeats by that id. The outbox hands out a later message only when
//! the earlier one of its group has ended, so "resolved" never overtakes "firing".
//!
//! Before each receiver stands a gate, a token bucket and a circuit breaker: what it does not let through was not tried.
//! What a receiver refuses for good, and what has not arrived after three days, is kept as dead letter, for people to see
//! and to send again.

mod destination;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use headroom_control::{Control, Delivery, Form};
use headroom_delivery::{Notification, Verdict, backoff};
use headroom_store::Clock;
use rand::Rng as _;

use crate::actions::channel;
use crate::config::{ActionConfig, TargetConfig};
use crate::error::Result;
use destination::{Destination, Letter, Sent};

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
    /// Messages whose receiver is to be left alone for now.
    pub postponed: usize,
}

/// Sends what the outbox holds.
#[derive(Debug)]
pub struct Deliverer {
    control: Control,
    clock: Arc<dyn Clock>,
    destinations: HashMap<String, Destination>,
}

impl Deliverer {
    /// A sender to these receivers.
    pub fn new<'a>(
        targets: impl IntoIterator<Item = &'a TargetConfig>,
        control: Control,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let now = clock.now();
        let destinations = targets
            .into_iter()
            .map(|target| Ok((target.name.to_string(), Destination::new(target, now)?)))
            .collect::<Result<_>>()?;
        Ok(Self { control, clock, destinations })
    }

    /// The same, asking for actions too.
    pub fn with_actions(mut self, actions: &[ActionConfig]) -> Result<Self> {
        let now = self.clock.now();
        for ActionConfig { action, target, .. } in actions {
            let destination = Destination::new(target, now)?.for_so_long(action.verify_after);
            self.destinations.insert(channel(&action.name), destination);
        }
        Ok(self)
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
                Ended::Postponed => round.postponed += 1,
            }
        }
        Ok(round)
    }

    /// Sends a notification once, past the outbox: one that is worth nothing later.
    pub(crate) async fn once(&self, notification: &Notification, id: &str) {
        let Some(destination) = self.destinations.get(&notification.receiver) else { return };
        let body = serde_json::to_string(notification).expect("invariant: a notification has only text keys");
        let letter = Letter { id, form: Form::Notification, body: &body };
        if let Sent::Judged(Verdict::Again { why, .. } | Verdict::Dead { why } | Verdict::Gone { why }) =
            destination.send(letter, &*self.clock).await
        {
            tracing::warn!(receiver = notification.receiver, id, "not sent: {why}");
        }
    }

    async fn attempt(&self, delivery: &Delivery) -> Result<Ended> {
        let Some(destination) = self.destinations.get(&delivery.channel) else {
            return self.bury(delivery, "no receiver of this name is configured any more");
        };
        if destination.is_too_late(self.clock.now() - delivery.created_at) {
            return self.bury(delivery, "too late: it would act on what is no more");
        }
        let letter = Letter { id: &delivery.dedup_key, form: delivery.form, body: &delivery.body };
        let sent = destination.send(letter, &*self.clock).await;
        // Read again: waiting for the receiver took time.
        let now = self.clock.now();
        match sent {
            Sent::NotBefore(until) => {
                self.control.postponed(delivery.id, until)?;
                Ok(Ended::Postponed)
            }
            Sent::Judged(Verdict::Delivered) => {
                self.control.delivered(delivery.id, now)?;
                count(delivery, "delivered");
                Ok(Ended::Delivered)
            }
            Sent::Judged(Verdict::Dead { why } | Verdict::Gone { why }) => self.bury(delivery, &why),
            Sent::Judged(Verdict::Again { why, .. })
                if now - delivery.created_at >= backoff::GIVE_UP_AFTER =>
            {
                self.bury(delivery, &format!("given up after {} attempts: {why}", delivery.attempts))
            }
            Sent::Judged(Verdict::Again { why, throttled, after }) => {
                let pause = backoff::pause(delivery.attempts, throttled, after, rand::rng().random());
                tracing::warn!(receiver = delivery.channel, id = delivery.dedup_key, attempts = delivery.attempts, %pause, "{why}");
                self.control.failed(delivery.id, &why, now + pause)?;
                count(delivery, "failed");
                Ok(Ended::Failed)
            }
        }
    }

    fn bury(&self, delivery: &Delivery, why: &str) -> Result<Ended> {
        tracing::error!(receiver = delivery.channel, id = delivery.dedup_key, "message not delivered: {why}");
        self.control.dead(delivery.id, why, self.clock.now())?;
        count(delivery, "dead");
        Ok(Ended::Dead)
    }
}

enum Ended {
    Delivered,
    Failed,
    Dead,
    Postponed,
}

fn count(delivery: &Delivery, outcome: &'static str) {
    metrics::counter!("headroom_webhook_attempts_total", "webhook" => delivery.channel.clone(), "outcome" => outcome).increment(1);
}

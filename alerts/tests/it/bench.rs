//! An outbox on a clock, with receivers.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_alerts::{Deliverer, Round, TargetConfig};
use headroom_control::{Alert, AlertState, Control, Decision, Form, NewMessage};
use headroom_store::{Clock as _, ManualClock};

use crate::support::{TENANT, noon};

/// An outbox, and a sender of what is in it.
pub(crate) struct Bench {
    pub(crate) control: Control,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) deliverer: Deliverer,
}

impl Bench {
    pub(crate) fn new(hooks: &[TargetConfig]) -> Self {
        Self::on(Control::in_memory().unwrap(), hooks, noon())
    }

    pub(crate) fn on(control: Control, hooks: &[TargetConfig], now: DateTime<Utc>) -> Self {
        let clock = Arc::new(ManualClock::new(now));
        let deliverer = Deliverer::new(hooks, control.clone(), clock.clone()).unwrap();
        Self { control, clock, deliverer }
    }

    pub(crate) fn record(&self, id: &str, state: AlertState, channels: &[&str]) {
        let now = self.clock.now();
        let alert = Alert {
            id: id.to_owned(),
            tenant: TENANT.to_owned(),
            slo: "orders".to_owned(),
            service: "order".to_owned(),
            severity: "critical".to_owned(),
            state,
            started_at: now,
            resolved_at: (state == AlertState::Resolved).then_some(now),
            summary: "orders burn".to_owned(),
            detail: serde_json::json!({}),
            acknowledged_by: None,
            acknowledged_at: None,
        };
        let message = |channel: &&str| NewMessage {
            group: id.to_owned(),
            channel: (*channel).to_owned(),
            dedup_key: format!("msg_{id}_{state}_{channel}"),
            form: Form::Notification,
            body: notification(&alert, channel, now).to_string(),
            due: now,
        };
        let messages = channels.iter().map(message).collect();
        let decision = Decision { messages, alerts: vec![alert.clone()], ..Decision::default() };
        self.control.route(TENANT, now, |_| Ok(decision)).unwrap();
    }

    pub(crate) async fn round(&self) -> Round {
        self.deliverer.round().await.unwrap()
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        self.clock.advance(time);
    }

    pub(crate) fn last_error(&self) -> String {
        self.control.list_deliveries(None, 1).unwrap()[0].last_error.clone().unwrap()
    }
}

fn notification(alert: &Alert, receiver: &str, now: DateTime<Utc>) -> serde_json::Value {
    serde_json::json!({
        "group_key": alert.id, "receiver": receiver, "reason": "first", "at": now, "severity": "critical",
        "title": alert.summary, "service": alert.service, "group_labels": {},
        "alerts": [{
            "status": alert.state, "labels": {"slo": alert.slo}, "annotations": {"summary": alert.summary},
            "starts_at": alert.started_at, "ends_at": alert.resolved_at, "generator_url": null,
            "fingerprint": alert.id,
        }],
    })
}

pub(crate) const DELIVERED: Round = Round { delivered: 1, failed: 0, dead: 0, postponed: 0 };
pub(crate) const FAILED: Round = Round { delivered: 0, failed: 1, dead: 0, postponed: 0 };
pub(crate) const DEAD: Round = Round { delivered: 0, failed: 0, dead: 1, postponed: 0 };
pub(crate) const NOTHING: Round = Round { delivered: 0, failed: 0, dead: 0, postponed: 0 };

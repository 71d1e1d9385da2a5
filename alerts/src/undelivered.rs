//! Messages that do not arrive, told over the receivers that do get theirs.
//!
//! Headroom cannot tell a receiver that it cannot be reached. So an alert of its own goes the ordinary way, to whomever
//! the routes send it: while messages to a receiver fail for ten minutes, and for an hour after one was given up.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::{Control, Delivery, DeliveryState};
use headroom_delivery::notification::fingerprint;
use headroom_delivery::{Alert, Labels, Status};

use crate::alert::is_named;
use crate::error::Result;

/// Its name.
const NAME: &str = "HeadroomUndelivered";
/// A message that fails for so long is told of.
const FAILING: TimeDelta = TimeDelta::minutes(10);
/// So long it is told that a message was given up.
const REMEMBERED: TimeDelta = TimeDelta::hours(1);
/// Messages that are looked through; the newest count.
const MOST: usize = 500;

/// The alerts that begin, and those that end.
pub(crate) fn look(control: &Control, tenant: &str, now: DateTime<Utc>) -> Result<Vec<Alert>> {
    let mut failing = BTreeMap::new();
    for delivery in control.list_deliveries(Some(DeliveryState::Dead), MOST)? {
        // One that was taken back before it was tried says nothing of its receiver.
        if delivery.attempts > 0 && delivery.finished_at.is_some_and(|at| now - at < REMEMBERED) {
            let why = delivery.last_error.clone().unwrap_or_default();
            failing
                .entry(delivery.channel)
                .or_insert((delivery.created_at, format!("a message was given up: {why}")));
        }
    }
    for delivery in control.list_deliveries(Some(DeliveryState::Pending), MOST)? {
        if delivery.attempts > 0 && now - delivery.created_at >= FAILING {
            let told = waiting(&delivery, now);
            failing.entry(delivery.channel).or_insert((delivery.created_at, told));
        }
    }
    let open = control.open_alerts(tenant)?;
    let open: Vec<(String, DateTime<Utc>)> = open
        .iter()
        .filter_map(|alert| Some((is_named(alert, NAME)?.get("receiver")?.clone(), alert.started_at)))
        .collect();
    let is_open = |receiver: &String| open.iter().any(|(name, _)| name == receiver);
    let begun = failing.iter().filter(|(receiver, _)| !is_open(receiver));
    let begun = begun.map(|(receiver, (since, why))| alert(receiver, why, *since, None));
    let over = open.iter().filter(|(receiver, _)| !failing.contains_key(receiver));
    let over = over.map(|(receiver, since)| alert(receiver, "messages arrive again", *since, Some(now)));
    Ok(begun.chain(over).collect())
}

fn waiting(delivery: &Delivery, now: DateTime<Utc>) -> String {
    let minutes = (now - delivery.created_at).num_minutes();
    let why = delivery.last_error.as_deref().unwrap_or("it is not reached");
    format!("a message has not arrived for {minutes} min: {why}")
}

fn alert(receiver: &str, why: &str, since: DateTime<Utc>, over: Option<DateTime<Utc>>) -> Alert {
    let labels =
        [("alertname", NAME), ("service", "headroom"), ("severity", "critical"), ("receiver", receiver)];
    let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let labels: Labels = labels.map(text).into();
    Alert {
        status: if over.is_some() { Status::Resolved } else { Status::Firing },
        annotations: [("summary", format!("Receiver {receiver}: {why}").as_str())].map(text).into(),
        starts_at: since,
        ends_at: over,
        generator_url: None,
        fingerprint: fingerprint(&labels),
        labels,
    }
}

//! PagerDuty: Events API v2.
//!
//! Limits of <https://developer.pagerduty.com/docs/events-api-v2-overview>: `dedup_key` 255 and `summary` 1,024 characters, a
//! body of 512 KB; pictures from `https` only. An acknowledgement or a resolution finds its alert by routing key and
//! `dedup_key`, and does nothing if there is none: what fired and resolved before anybody was told is therefore sent as
//! a trigger and a resolution.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::notification::{Notification, Reason, Severity, Status};
use crate::target::{Request, Secret};
use crate::text::{cut, one_line};
use crate::words;

/// A service of PagerDuty.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PagerDuty {
    /// The integration key of the service.
    pub routing_key: Secret<String>,
    /// Where events go; `https://events.eu.pagerduty.com/v2/enqueue` in the EU's region.
    #[serde(default = "enqueue")]
    pub url: Url,
}

fn enqueue() -> Url {
    Url::parse("https://events.pagerduty.com/v2/enqueue").expect("invariant: the address is well formed")
}

const DEDUP_KEY: usize = 255;
const SUMMARY: usize = 1_024;
/// Most units of a line of details.
const LINE: usize = 1_000;
/// Most units of names that PagerDuty shows in columns.
const NAME: usize = 255;

/// What happens to the alert at PagerDuty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is opened, or told again.
    Trigger,
    /// Somebody took it.
    Acknowledge,
    /// It is closed.
    Resolve,
}

#[derive(Serialize)]
struct Event<'a> {
    routing_key: &'a str,
    event_action: Action,
    dedup_key: String,
    #[serde(flatten)]
    trigger: Option<Trigger>,
}

#[derive(Serialize)]
struct Trigger {
    payload: Payload,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Value>,
    client: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_url: Option<Url>,
}

#[derive(Serialize)]
struct Payload {
    summary: String,
    source: String,
    severity: &'static str,
    timestamp: String,
    component: String,
    group: String,
    class: String,
    custom_details: Map<String, Value>,
}

impl PagerDuty {
    /// The events, to be sent in this order.
    pub fn requests(&self, notification: &Notification) -> Vec<Request> {
        actions(notification)
            .into_iter()
            .map(|action| Request::json(self.url.clone(), self.body(notification, action)))
            .collect()
    }

    fn body(&self, n: &Notification, action: Action) -> String {
        let event = Event {
            routing_key: self.routing_key.expose(),
            event_action: action,
            dedup_key: dedup_key(&n.group_key),
            trigger: (action == Action::Trigger).then(|| trigger(n)),
        };
        serde_json::to_string(&event).expect("invariant: the event has only text keys")
    }
}

/// What to do at PagerDuty, in order.
pub fn actions(n: &Notification) -> Vec<Action> {
    match n.status() {
        Status::Firing if n.reason == Reason::Acknowledged => vec![Action::Acknowledge],
        Status::Firing => vec![Action::Trigger],
        Status::Resolved if n.untold => vec![Action::Trigger, Action::Resolve],
        Status::Resolved => vec![Action::Resolve],
    }
}

/// The group's key, or its SHA-256 where PagerDuty would refuse it.
pub fn dedup_key(group_key: &str) -> String {
    if group_key.encode_utf16().count() <= DEDUP_KEY && !group_key.is_empty() {
        return group_key.to_owned();
    }
    hex::encode(Sha256::digest(group_key))
}

/// PagerDuty's name for a severity.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warning",
        Severity::Major => "error",
        Severity::Critical => "critical",
    }
}

fn trigger(n: &Notification) -> Trigger {
    let summary = words::headline(n);
    let class =
        n.group_labels.get("alertname").or_else(|| n.alerts.iter().find_map(|a| a.labels.get("alertname")));
    let source = if n.service.is_empty() { "headroom" } else { &n.service };
    Trigger {
        payload: Payload {
            summary: cut(&summary, SUMMARY),
            source: cut(source, NAME),
            severity: severity(n.severity),
            timestamp: n.starts_at().to_rfc3339(),
            component: cut(source, NAME),
            group: cut(&n.receiver, NAME),
            class: cut(class.map_or("", String::as_str), NAME),
            custom_details: details(n),
        },
        images: words::picture(n)
            .map(|src| json!({"src": src, "alt": cut(&one_line(&n.title), NAME)}))
            .into_iter()
            .collect(),
        links: words::links(n)
            .iter()
            .map(|link| json!({"href": link.url, "text": cut(&link.text, NAME)}))
            .collect(),
        client: "Headroom",
        client_url: n.page.clone(),
    }
}

/// The facts by name. There are at most a few dozen of at most [`LINE`] units, so that the body stays far below 512 KB.
fn details(n: &Notification) -> Map<String, Value> {
    let mut details = Map::new();
    for fact in words::facts(n) {
        let text = Value::from(cut(&fact.text, LINE));
        let lines = details.entry(fact.name).or_insert_with(|| Value::Array(Vec::new()));
        lines.as_array_mut().expect("invariant: only arrays are put in").push(text);
    }
    for lines in details.values_mut() {
        if let Value::Array(several) = lines
            && several.len() == 1
        {
            *lines = several.remove(0);
        }
    }
    details
}

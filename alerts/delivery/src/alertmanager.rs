//! Alertmanager: `POST /api/v2/alerts`, so that its routes, silences and receivers apply to Headroom's alerts.

use chrono::{SecondsFormat, TimeDelta};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::notification::{Alert, Labels, Notification, Status};
use crate::target::Request;

/// An Alertmanager.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alertmanager {
    /// Its address; `/api/v2/alerts` is added.
    pub url: Url,
    /// Seconds that a firing alert holds there when nothing more is heard, 5 h by default. It must be longer than the route's
    /// `repeat_interval`, or Alertmanager says "resolved" in between.
    #[serde(default = "holds")]
    pub holds_seconds: u32,
}

fn holds() -> u32 {
    5 * 3_600
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Posted<'a> {
    labels: Labels,
    annotations: Labels,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL", skip_serializing_if = "Option::is_none")]
    generator_url: Option<&'a Url>,
}

impl Alertmanager {
    /// The alerts.
    pub fn request(&self, notification: &Notification) -> Request {
        let mut url = self.url.clone();
        url.set_path(&format!("{}/api/v2/alerts", self.url.path().trim_end_matches('/')));
        Request::json(url, self.body(notification))
    }

    /// The request's body.
    pub fn body(&self, notification: &Notification) -> String {
        let holds_until = notification.at + TimeDelta::seconds(i64::from(self.holds_seconds));
        let posted: Vec<Posted<'_>> = notification
            .alerts
            .iter()
            .map(|alert| Posted {
                labels: labels(alert),
                annotations: named(&alert.annotations),
                starts_at: alert.starts_at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
                ends_at: match alert.status {
                    Status::Firing => holds_until,
                    Status::Resolved => alert.ends_at.unwrap_or(notification.at),
                }
                .to_rfc3339_opts(SecondsFormat::AutoSi, true),
                generator_url: alert.generator_url.as_ref(),
            })
            .collect();
        serde_json::to_string(&posted).expect("invariant: alerts have only text keys")
    }
}

/// Alertmanager refuses an alert without labels, and the whole request with it.
fn labels(alert: &Alert) -> Labels {
    let mut labels = named(&alert.labels);
    labels.entry("alertname".to_owned()).or_insert_with(|| "Headroom".to_owned());
    labels
}

/// With names as every Alertmanager takes them: `[a-zA-Z_][a-zA-Z0-9_]*`, other characters as `_`. Empty values are as none.
fn named(labels: &Labels) -> Labels {
    let mut named = Labels::new();
    for (name, value) in labels.iter().filter(|(_, value)| !value.is_empty()) {
        let mut valid: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if valid.is_empty() || valid.starts_with(|c: char| c.is_ascii_digit()) {
            valid.insert(0, '_');
        }
        // Of two names that become one, a name that was valid stays.
        if valid == *name || !named.contains_key(&valid) {
            named.insert(valid, value.clone());
        }
    }
    named
}

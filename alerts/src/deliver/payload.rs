//! What a receiver gets: a Standard Webhooks envelope `{type, timestamp, data}` around
//! Alertmanager's webhook payload, version 4.
//!
//! The envelope is what Standard Webhooks receivers dispatch on (`alert.firing`,
//! `alert.resolved`); the payload inside is the form that chat bridges, ticket systems
//! and home-grown scripts already read, so that taking `data` out is all they need.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use headroom_control::{Alert, AlertState};
use serde::Serialize;
use serde_json::Value;
use url::Url;

/// The time Alertmanager writes for "not yet".
const NOT_YET: &str = "0001-01-01T00:00:00Z";

#[derive(Serialize)]
struct Envelope<'a> {
    r#type: &'a str,
    timestamp: String,
    data: Payload<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    version: &'a str,
    group_key: String,
    truncated_alerts: u32,
    status: &'a str,
    receiver: &'a str,
    group_labels: BTreeMap<&'a str, &'a str>,
    common_labels: BTreeMap<&'a str, &'a str>,
    common_annotations: BTreeMap<&'a str, String>,
    #[serde(rename = "externalURL")]
    external_url: String,
    alerts: [Entry<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    status: &'a str,
    labels: BTreeMap<&'a str, &'a str>,
    annotations: BTreeMap<&'a str, String>,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL")]
    generator_url: String,
    fingerprint: &'a str,
}

/// The body for one receiver, about one transition at `now`.
pub fn body(alert: &Alert, receiver: &str, external_url: Option<&Url>, now: DateTime<Utc>) -> Value {
    let status = alert.state.as_str();
    let labels = BTreeMap::from([
        ("alertname", "SloBurn"),
        ("service", alert.service.as_str()),
        ("severity", alert.severity.as_str()),
        ("slo", alert.slo.as_str()),
        ("tenant", alert.tenant.as_str()),
    ]);
    let annotations =
        BTreeMap::from([("description", alert.detail.to_string()), ("summary", alert.summary.clone())]);
    let base = external_url.map_or_else(String::new, |url| url.as_str().trim_end_matches('/').to_owned());
    let ends_at = alert.resolved_at.map_or_else(|| NOT_YET.to_owned(), time);
    let entry = Entry {
        status,
        labels: labels.clone(),
        annotations: annotations.clone(),
        starts_at: time(alert.started_at),
        ends_at,
        generator_url: if base.is_empty() { String::new() } else { format!("{base}/slos/{}", alert.slo) },
        fingerprint: &alert.id,
    };
    let envelope = Envelope {
        r#type: match alert.state {
            AlertState::Firing => "alert.firing",
            AlertState::Resolved => "alert.resolved",
        },
        timestamp: time(now),
        data: Payload {
            version: "4",
            group_key: format!("{{}}:{{slo=\"{}\"}}", alert.slo),
            truncated_alerts: 0,
            status,
            receiver,
            group_labels: BTreeMap::from([("slo", alert.slo.as_str())]),
            common_labels: labels,
            common_annotations: annotations,
            external_url: base,
            alerts: [entry],
        },
    };
    serde_json::to_value(envelope).expect("invariant: the envelope has only text keys")
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

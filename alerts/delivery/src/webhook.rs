//! Any receiver of Alertmanager's webhooks: its payload, version 4, byte for byte as Alertmanager writes it, signed by
//! Standard Webhooks.
//!
//! Alertmanager is written in Go, and so are its bytes: fields in the order of its structures, `<`, `>`, `&` and two line
//! separators as `\u` escapes, times with only the digits that they need, the year 1 for "not yet".

use std::io;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::ser::{CompactFormatter, Formatter};
use url::Url;

use crate::notification::{Alert, Labels, Notification, Reason, Status};
use crate::signing::{self, SigningSecret};
use crate::target::{Attempt, Request, Secret};

/// A receiver.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Where to POST to.
    pub url: Secret<Url>,
    /// What signs: one secret, or several while they are changed, the newest first. Without any nothing is signed.
    #[serde(default)]
    pub secrets: Vec<SigningSecret>,
    /// Whether the payload stands in `data` of a Standard Webhooks envelope `{type, timestamp, data}`, or alone as
    /// Alertmanager sends it.
    #[serde(default)]
    pub envelope: bool,
}

/// The time Alertmanager writes for "not yet".
const NOT_YET: &str = "0001-01-01T00:00:00Z";

#[derive(Serialize)]
struct Envelope<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Payload<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    receiver: &'a str,
    status: Status,
    alerts: Vec<Entry<'a>>,
    #[serde(rename = "notification_reason")]
    notification_reason: &'static str,
    group_labels: &'a Labels,
    common_labels: Labels,
    common_annotations: Labels,
    route_labels: Labels,
    #[serde(rename = "externalURL")]
    external_url: &'a str,
    version: &'static str,
    group_key: &'a str,
    truncated_alerts: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    status: Status,
    labels: &'a Labels,
    annotations: &'a Labels,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL")]
    generator_url: &'a str,
    fingerprint: &'a str,
}

impl Webhook {
    /// The request of one attempt.
    pub fn request(&self, notification: &Notification, attempt: Attempt<'_>) -> Request {
        self.signed(if self.envelope { enveloped(notification) } else { body(notification) }, attempt)
    }

    /// The request of one attempt to send a body that was made already.
    pub fn signed(&self, body: String, attempt: Attempt<'_>) -> Request {
        let mut request = Request::json(self.url.expose().clone(), body);
        let headers = signing::headers(&self.secrets, attempt.id, attempt.at, request.body.as_bytes());
        request.headers.extend(headers);
        request
    }
}

/// The payload as Alertmanager sends it, with the line feed at its end.
pub fn body(notification: &Notification) -> String {
    let mut body = write(&payload(notification));
    body.push('\n');
    body
}

/// The payload in a Standard Webhooks envelope.
pub fn enveloped(notification: &Notification) -> String {
    write(&Envelope {
        r#type: match notification.status() {
            Status::Firing => "alert.firing",
            Status::Resolved => "alert.resolved",
        },
        timestamp: time(notification.at),
        data: payload(notification),
    })
}

fn payload(n: &Notification) -> Payload<'_> {
    Payload {
        receiver: &n.receiver,
        status: n.status(),
        alerts: n.alerts.iter().map(entry).collect(),
        notification_reason: reason(n.reason),
        group_labels: &n.group_labels,
        common_labels: common(n.alerts.iter().map(|alert| &alert.labels)),
        common_annotations: common(n.alerts.iter().map(|alert| &alert.annotations)),
        route_labels: Labels::new(),
        // A bare host has no slash at its end there.
        external_url: n.page.as_ref().map_or("", Url::as_str).trim_end_matches('/'),
        version: "4",
        group_key: &n.group_key,
        truncated_alerts: n.truncated,
    }
}

fn entry(alert: &Alert) -> Entry<'_> {
    Entry {
        status: alert.status,
        labels: &alert.labels,
        annotations: &alert.annotations,
        starts_at: time(alert.starts_at),
        ends_at: alert.ends_at.map_or_else(|| NOT_YET.to_owned(), time),
        generator_url: alert.generator_url.as_ref().map_or("", Url::as_str),
        fingerprint: &alert.fingerprint,
    }
}

/// Alertmanager's words; it has none for what only Headroom does.
fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::First => "first notification",
        Reason::NewAlerts => "new alerts added",
        Reason::SomeResolved => "some alerts resolved",
        Reason::AllResolved => "all alerts resolved",
        Reason::Repeat => "repeat interval elapsed",
        Reason::Raised | Reason::Escalated | Reason::Acknowledged => "unknown",
    }
}

/// What all have alike.
fn common<'a>(mut sets: impl Iterator<Item = &'a Labels>) -> Labels {
    let mut common = sets.next().cloned().unwrap_or_default();
    for set in sets {
        common.retain(|name, value| set.get(name) == Some(value));
    }
    common
}

/// RFC 3339 in UTC with as many digits of a second as there are, as Go writes it.
fn time(at: DateTime<Utc>) -> String {
    let text = at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    match text.trim_end_matches('Z').split_once('.') {
        Some((whole, fraction)) => format!("{whole}.{}Z", fraction.trim_end_matches('0')),
        None => text,
    }
}

fn write(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    value
        .serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, GoFormatter))
        .expect("invariant: the payload has only text keys");
    String::from_utf8(bytes).expect("invariant: JSON is UTF-8")
}

/// JSON as Go's encoder writes it.
struct GoFormatter;

impl Formatter for GoFormatter {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let special = |c| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
        for part in fragment.split_inclusive(special) {
            match part.char_indices().next_back() {
                Some((at, last)) if special(last) => {
                    CompactFormatter.write_string_fragment(writer, &part[..at])?;
                    write!(writer, "\\u{:04x}", u32::from(last))?;
                }
                _ => CompactFormatter.write_string_fragment(writer, part)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_are_those_of_go() {
        assert_eq!(
            write(&"a<b>&\u{2028}\"\\\n\u{8}\u{c}\u{1}é"),
            r#""a\u003cb\u003e\u0026\u2028\"\\\n\b\f\u0001é""#
        );
        let at = |nanos| DateTime::from_timestamp(1_533_289_946, nanos).unwrap_or_default();
        assert_eq!(time(at(0)), "2018-08-03T09:52:26Z");
        assert_eq!(time(at(739_266_870)), "2018-08-03T09:52:26.73926687Z");
        assert_eq!(time(at(500_000_000)), "2018-08-03T09:52:26.5Z");
    }

    proptest! {
        #[test]
        fn escaping_is_undone_by_any_reader(text in any::<String>()) {
            let read: String = serde_json::from_str(&write(&text)).expect("JSON");
            prop_assert_eq!(read, text);
        }
    }
}

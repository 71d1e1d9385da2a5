//! A notification to try with.

use chrono::{DateTime, Utc};
use headroom_delivery::{
    Alert, Attempt, Change, Count, Impact, Labels, Link, Message, Money, Notification, Reason, Request,
    Severity, Status, Target,
};
use url::Url;

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

pub(crate) fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

pub(crate) fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Orders fail after a deploy: what an engineer reads at three in the morning.
pub(crate) fn firing() -> Notification {
    let labels = labels(&[
        ("alertname", "SloBurn"),
        ("service", "order"),
        ("severity", "critical"),
        ("slo", "order-placement"),
    ]);
    Notification {
        group_key: "{}:{slo=\"order-placement\"}".to_owned(),
        receiver: "pager".to_owned(),
        reason: Reason::First,
        at: at("2026-03-02T03:06:00Z"),
        severity: Severity::Critical,
        title: "Order placement burns its budget 14.6 times too fast".to_owned(),
        service: "order".to_owned(),
        group_labels: self::labels(&[("slo", "order-placement")]),
        alerts: vec![Alert {
            status: Status::Firing,
            annotations: self::labels(&[
                ("description", "2 % of orders fail, <0.1 %> is promised & kept else"),
                ("summary", "Order placement burns its budget 14.6 times too fast"),
            ]),
            labels: labels.clone(),
            starts_at: at("2026-03-02T03:01:30.5Z"),
            ends_at: None,
            generator_url: Some(url("https://headroom.example.com/slos/order-placement")),
            fingerprint: headroom_delivery::notification::fingerprint(&labels),
        }],
        truncated: 0,
        untold: false,
        acknowledged_by: None,
        impact: Impact {
            customers: Some(Count { hit: 1_204, of: Some(58_000) }),
            transactions: Some(Count { hit: 1_377, of: Some(68_100) }),
            money: Some(Money {
                amount: "412050.25".parse().expect("an amount"),
                currency: "EUR".to_owned(),
            }),
        },
        dora: Some("Candidate for a major incident (DORA): clients, counterparts or transactions; duration or downtime".to_owned()),
        changes: vec![Change {
            kind: "deploy".to_owned(),
            what: "risk 4.2.0 -> 4.3.0".to_owned(),
            at: at("2026-03-02T02:58:00Z"),
        }],
        differences: vec!["upstream.version = 4.3.0: 97 % of failures, 3 % of the rest".to_owned()],
        traces: vec![Link {
            text: "Trace of a failed order".to_owned(),
            url: url("https://headroom.example.com/traces/4bf92f3577b34da6a3ce929d0e0e4736"),
        }],
        runbook: Some(url("https://runbooks.example.com/order-placement")),
        chart: Some(url("https://headroom.example.com/charts/order-placement.png?from=1&to=2")),
        page: Some(url("https://headroom.example.com/slos/order-placement")),
    }
}

/// The same when it is over.
pub(crate) fn resolved() -> Notification {
    let mut n = firing();
    n.reason = Reason::AllResolved;
    n.at = at("2026-03-02T03:40:00Z");
    for alert in &mut n.alerts {
        alert.status = Status::Resolved;
        alert.ends_at = Some(at("2026-03-02T03:39:00Z"));
    }
    n
}

/// A target as the configuration writes it.
pub(crate) fn target(json: &str) -> Target {
    serde_json::from_str(json).expect("a target")
}

pub(crate) fn messages(target: &Target, notification: &Notification) -> Vec<Message> {
    let attempt = Attempt { id: "msg_0f3a", at: at("2026-03-02T03:06:01Z") };
    target.messages(notification, attempt).expect("messages")
}

pub(crate) fn requests(target: &Target, notification: &Notification) -> Vec<Request> {
    let http = |message| match message {
        Message::Http(request) => request,
        Message::Mail(_) => panic!("an HTTP request"),
    };
    messages(target, notification).into_iter().map(http).collect()
}

pub(crate) fn slack() -> Target {
    target(r#"{"kind": "slack", "url": "https://hooks.slack.com/services/T0/B0/secret"}"#)
}

pub(crate) fn pagerduty() -> Target {
    target(r#"{"kind": "pagerduty", "routing_key": "0123456789abcdef0123456789abcdef"}"#)
}

pub(crate) fn alertmanager() -> Target {
    target(r#"{"kind": "alertmanager", "url": "http://alertmanager:9093/prefix/"}"#)
}

pub(crate) fn webhook(envelope: bool) -> Target {
    target(&format!(
        r#"{{"kind": "webhook", "url": "https://example.com/hook", "envelope": {envelope}, "secrets": ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="]}}"#
    ))
}

pub(crate) fn teams() -> Target {
    target(r#"{"kind": "teams", "url": "https://example.westeurope.logic.azure.com/workflows/secret"}"#)
}

pub(crate) fn mail() -> Target {
    target(
        r#"{"kind": "email", "server": {"host": "mail.example.com"}, "from": "Headroom <alerts@example.com>", "to": ["oncall@example.com", "lead@example.com"]}"#,
    )
}

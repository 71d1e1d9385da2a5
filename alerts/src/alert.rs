//! Alerts as routes and receivers see them.

use chrono::{DateTime, Utc};
use headroom_control::{Alert, AlertState};
use headroom_delivery::{Alert as Told, Labels, Status};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::evaluate::Detail;

/// What is kept of an alert that is no objective's.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Foreign {
    labels: Labels,
    annotations: Labels,
    generator_url: Option<Url>,
    /// When somebody else told of it last. None of Headroom's own, which it ends itself.
    #[serde(default)]
    heard_at: Option<DateTime<Utc>>,
}

impl Foreign {
    /// What is to be kept of an alert.
    pub(crate) fn of(alert: &Told, heard_at: Option<DateTime<Utc>>) -> Self {
        let Told { labels, annotations, generator_url, .. } = alert.clone();
        Self { labels, annotations, generator_url, heard_at }
    }

    /// As it is kept.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("invariant: labels are texts")
    }
}

/// The alert as ended, if somebody else told of it and has been silent since `since`.
pub(crate) fn ended_in_silence(alert: &Alert, since: DateTime<Utc>, now: DateTime<Utc>) -> Option<Alert> {
    let mut foreign: Foreign = serde_json::from_value(alert.detail.clone()).ok()?;
    let heard_at = foreign.heard_at.filter(|at| *at <= since)?;
    let why = format!("whoever reported it has said nothing since {}", heard_at.format("%Y-%m-%d %H:%M UTC"));
    foreign.annotations.insert("resolved".to_owned(), why);
    let (state, resolved_at) = (AlertState::Resolved, Some(now));
    Some(Alert { state, resolved_at, detail: foreign.json(), ..alert.clone() })
}

/// The labels of an alert that is no objective's and has this name.
pub(crate) fn is_named(alert: &Alert, name: &str) -> Option<Labels> {
    let foreign: Foreign = serde_json::from_value(alert.detail.clone()).ok()?;
    (foreign.labels.get("alertname").map(String::as_str) == Some(name)).then_some(foreign.labels)
}

/// The alert with its labels, which routes and silences look at, and annotations.
pub(crate) fn told(alert: &Alert, external_url: Option<&Url>) -> Told {
    let Foreign { labels, annotations, generator_url, .. } =
        serde_json::from_value(alert.detail.clone()).unwrap_or_else(|_| of_objective(alert, external_url));
    Told {
        status: match alert.state {
            AlertState::Firing => Status::Firing,
            AlertState::Resolved => Status::Resolved,
        },
        labels,
        annotations,
        starts_at: alert.started_at,
        ends_at: alert.resolved_at,
        generator_url,
        fingerprint: alert.id.clone(),
    }
}

fn of_objective(alert: &Alert, external_url: Option<&Url>) -> Foreign {
    let detail = Detail::of(alert);
    let track = if detail.policy.is_some() { &detail.track } else { detail.track(alert).word() };
    let mut labels = named(&[
        ("alertname", if detail.policy.is_some() { "SloPolicy" } else { "SloBurn" }),
        ("service", &alert.service),
        ("severity", &alert.severity),
        ("slo", &alert.slo),
        ("tenant", &alert.tenant),
        ("track", track),
    ]);
    if let Some(policy) = &detail.policy {
        labels.extend(named(&[("policy", &policy.name), ("targets", &policy.targets.join(","))]));
    }
    let mut annotations = named(&[("description", &alert.detail.to_string()), ("summary", &alert.summary)]);
    annotations.extend(detail.runbook.map(|runbook| ("runbook_url".to_owned(), runbook)));
    let generator_url = external_url.and_then(|base| page(base, &["slos", &alert.slo]));
    Foreign { labels, annotations, generator_url, heard_at: None }
}

/// A page of Headroom.
pub(crate) fn page(base: &Url, path: &[&str]) -> Option<Url> {
    let mut url = base.clone();
    url.path_segments_mut().ok()?.pop_if_empty().extend(path);
    Some(url)
}

pub(crate) fn named(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

//! Alerts as routes and receivers see them.

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
}

impl Foreign {
    /// What is to be kept of an alert.
    pub(crate) fn of(alert: &Told) -> Self {
        let Told { labels, annotations, generator_url, .. } = alert.clone();
        Self { labels, annotations, generator_url }
    }

    /// As it is kept.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("invariant: labels are texts")
    }
}

/// The labels of an alert that is no objective's and has this name.
pub(crate) fn is_named(alert: &Alert, name: &str) -> Option<Labels> {
    let foreign: Foreign = serde_json::from_value(alert.detail.clone()).ok()?;
    (foreign.labels.get("alertname").map(String::as_str) == Some(name)).then_some(foreign.labels)
}

/// The alert with its labels, which routes and silences look at, and annotations.
pub(crate) fn told(alert: &Alert, external_url: Option<&Url>) -> Told {
    let Foreign { labels, annotations, generator_url } =
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
    Foreign { labels, annotations, generator_url }
}

/// A page of Headroom.
pub(crate) fn page(base: &Url, path: &[&str]) -> Option<Url> {
    let mut url = base.clone();
    url.path_segments_mut().ok()?.pop_if_empty().extend(path);
    Some(url)
}

fn named(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

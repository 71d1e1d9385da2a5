//! An objective's alert as routes and receivers see it.

use headroom_control::{Alert, AlertState};
use headroom_delivery::{Alert as Told, Labels, Status};
use url::Url;

use crate::evaluate::Detail;

/// The alert with its labels, which routes and silences look at, and annotations.
pub(crate) fn told(alert: &Alert, external_url: Option<&Url>) -> Told {
    let detail = Detail::of(alert);
    let labels = [
        ("alertname", "SloBurn"),
        ("service", &alert.service),
        ("severity", &alert.severity),
        ("slo", &alert.slo),
        ("tenant", &alert.tenant),
        ("track", detail.track(alert).word()),
    ];
    let mut annotations = named(&[("description", &alert.detail.to_string()), ("summary", &alert.summary)]);
    annotations.extend(detail.runbook.map(|runbook| ("runbook_url".to_owned(), runbook)));
    Told {
        status: match alert.state {
            AlertState::Firing => Status::Firing,
            AlertState::Resolved => Status::Resolved,
        },
        labels: named(&labels),
        annotations,
        starts_at: alert.started_at,
        ends_at: alert.resolved_at,
        generator_url: external_url.and_then(|base| page(base, &["slos", &alert.slo])),
        fingerprint: alert.id.clone(),
    }
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

//! An indicator and its promise in words and figures.

use serde::Serialize;
use utoipa::ToSchema;

use super::PartBody;
use crate::slo::Promise;
use crate::slo::slices::uncertainty;
use crate::slo::spec::{Indicator, Latency, MetricGood, Slo, SpanCondition, SpanScope, Status};

/// What an objective counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct SliBody {
    /// `requests`, `events`, `metric`, `composite`, or `unavailable`.
    pub kind: String,
    /// The service whose requests or events count; null for events of any service.
    pub service: Option<String>,
    /// The operation, when only one counts.
    pub operation: Option<String>,
    /// The span kinds that count; empty for any.
    pub kinds: Vec<String>,
    /// What counts at all, in words.
    pub total: String,
    /// What counts as good, in words.
    pub good: String,
    /// The latency threshold in ns, when there is one.
    pub threshold_ns: Option<u64>,
    /// Requests up to this long are told apart for certain, in ns.
    pub sure_below_ns: Option<f64>,
    /// Requests longer than this are told apart for certain, in ns; between the two they are estimated.
    pub sure_above_ns: Option<f64>,
}

pub(super) fn sli(promise: &Promise<'_>) -> SliBody {
    let slo = match promise {
        Promise::One(slo) => slo,
        Promise::Whole(_, parts) => {
            let names: Vec<&str> = parts.iter().map(|(_, slo)| slo.display_name.as_str()).collect();
            return SliBody {
                kind: "composite".to_owned(),
                service: Some(promise.service().to_owned()),
                total: format!("what counts for {}", names.join(", ")),
                good: "what is good for each, by its weight".to_owned(),
                ..SliBody::default()
            };
        }
    };
    match &slo.indicator {
        Err(_) => SliBody {
            kind: "unavailable".to_owned(),
            service: Some(slo.service.clone()),
            ..SliBody::default()
        },
        Ok(Indicator::Spans { scope, total, part, inverted }) => {
            let threshold =
                part.latency.or(total.latency).map(|(Latency::Below(ns) | Latency::Above(ns))| ns);
            let bound = threshold.map(uncertainty);
            SliBody {
                kind: "requests".to_owned(),
                service: Some(scope.service.clone()),
                operation: scope.operation.clone(),
                kinds: scope.kinds.clone(),
                total: format!("{}{}", requests(scope), suffix(total)),
                good: format!("{}{}", if *inverted { "all but those" } else { "those" }, suffix(part)),
                threshold_ns: threshold,
                sure_below_ns: bound.map(|b| b.sure_below_ns),
                sure_above_ns: bound.map(|b| b.sure_above_ns),
            }
        }
        Ok(Indicator::Events { service, total, part, inverted }) => SliBody {
            kind: "events".to_owned(),
            service: service.clone(),
            total: format!("events {}", total.join(", ")),
            good: format!("{}{}", if *inverted { "all but " } else { "" }, part.join(", ")),
            ..SliBody::default()
        },
        Ok(Indicator::Metric { metric, attributes, good, .. }) => SliBody {
            kind: "metric".to_owned(),
            service: attributes.get("service.name").cloned(),
            total: format!("minutes in which {metric} was reported"),
            good: good.words(),
            ..SliBody::default()
        },
    }
}

/// The objectives of a composite with their share of the whole.
pub(super) fn parts(promise: &Promise<'_>) -> Vec<PartBody> {
    let Promise::Whole(_, parts) = promise else { return Vec::new() };
    let sum: f64 = parts.iter().map(|(weight, _)| weight).sum();
    let part = |(weight, slo): &(f64, &Slo)| PartBody {
        name: slo.id.clone(),
        display_name: slo.display_name.clone(),
        share: weight / sum,
        target: slo.target,
    };
    parts.iter().map(part).collect()
}

/// The promise in one sentence.
pub fn objective(promise: &Promise<'_>) -> String {
    let slo = match promise {
        Promise::One(slo) => slo,
        Promise::Whole(composite, parts) => {
            let names: Vec<&str> = parts.iter().map(|(_, slo)| slo.display_name.as_str()).collect();
            let (share, window) = (share(promise.target()), composite.window.words());
            return format!("{share} of {} together, by weight, over {window}", names.join(", "));
        }
    };
    let share = share(slo.target);
    let window = slo.window.words();
    match &slo.indicator {
        Ok(Indicator::Spans { scope, total, part, inverted }) => {
            let not = if *inverted { " are not requests" } else { "" };
            format!("{share} of {}{}{not}{} over {window}", requests(scope), suffix(total), suffix(part))
        }
        Ok(Indicator::Events { total, part, inverted, .. }) => {
            let not = if *inverted { "not " } else { "" };
            format!("{share} of events {} are {not}{} over {window}", total.join(", "), part.join(", "))
        }
        Ok(Indicator::Metric { metric, good: MetricGood::Ratio { is_failure }, .. }) => {
            let what = if *is_failure { "not failed" } else { "good" };
            format!("{share} {what} by {metric} over {window}")
        }
        Ok(Indicator::Metric { metric, good, .. }) => {
            format!("{share} of minutes {metric} is {} over {window}", good.words())
        }
        Err(_) => format!("{share} good over {}", slo.window.text),
    }
}

fn share(target: f64) -> String {
    let text = format!("{:.4}", target * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

fn requests(scope: &SpanScope) -> String {
    match &scope.operation {
        Some(operation) => format!("requests {operation} of {}", scope.service),
        None => format!("requests to {}", scope.service),
    }
}

fn suffix(condition: &SpanCondition) -> String {
    let status = match condition.status {
        None => "",
        Some(Status::NotError) => " that end without error",
        Some(Status::Error) => " that end with error",
    };
    let latency = match condition.latency {
        None => String::new(),
        Some(Latency::Below(ns)) => format!(" within {}", milliseconds(ns)),
        Some(Latency::Above(ns)) => format!(" after more than {}", milliseconds(ns)),
    };
    format!("{status}{latency}")
}

fn milliseconds(ns: u64) -> String {
    format!("{} ms", ns as f64 / 1e6)
}

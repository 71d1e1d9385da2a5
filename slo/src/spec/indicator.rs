//! From an SLI's metric sources to what Headroom counts.
//!
//! Headroom's own source is `metricSource: {type: headroom, spec: {..}}` with either
//! `service`, `operation`, `kind` and the conditions `status: not_error | error`,
//! `latency_below: 250ms`, `latency_above: 250ms`, or `event: order.filled` /
//! `event_in: [..]` for ratios of business events.

use std::collections::BTreeMap;

use super::duration::latency_ns;
use super::node::{Node, SpecError};
use super::{Indicator, Latency, SpanCondition, SpanScope, Status};

/// A parsed thing, or the reason why Headroom cannot compute it.
pub(super) type Measurable<T> = Result<T, String>;

/// The type of each DataSource document by its name.
pub(super) type DataSources = BTreeMap<String, String>;

/// The threshold of an objective: the operator says whether low is good.
#[derive(Debug, Clone, Copy)]
pub(super) struct Threshold {
    pub(super) low_is_good: bool,
    pub(super) value: f64,
}

enum Selector {
    Spans(SpanScope, SpanCondition),
    Events(Option<String>, Vec<String>),
}

/// Reads the `spec` of an SLI. `service` is the objective's own, used where the source names none.
pub(super) fn indicator(
    spec: &Node,
    service: &str,
    threshold: Option<Threshold>,
    sources: &DataSources,
) -> Result<Measurable<Indicator>, SpecError> {
    spec.only(&["description", "ratioMetric", "thresholdMetric"])?;
    match (spec.get("ratioMetric"), spec.get("thresholdMetric")) {
        (Some(ratio), None) => ratio_metric(&ratio, service, sources),
        (None, Some(metric)) => threshold_metric(&metric, service, threshold, sources),
        _ => Err(spec.error("must have exactly one of ratioMetric, thresholdMetric")),
    }
}

fn ratio_metric(
    ratio: &Node,
    service: &str,
    sources: &DataSources,
) -> Result<Measurable<Indicator>, SpecError> {
    ratio.only(&["counter", "good", "bad", "total", "raw", "rawType"])?;
    if ratio.get("raw").is_some() {
        return Ok(Err("a raw ratio has no counts behind it, and headroom budgets by counts; give good (or bad) and total".to_owned()));
    }
    let (part, inverted) = match (ratio.get("good"), ratio.get("bad")) {
        (Some(good), None) => (good, false),
        (None, Some(bad)) => (bad, true),
        _ => return Err(ratio.error("must have exactly one of good, bad, together with total")),
    };
    let total = ratio.need("total")?;
    let parsed = match (source(&part, service, sources)?, source(&total, service, sources)?) {
        (Ok(part), Ok(total)) => (part, total),
        (Err(reason), _) | (_, Err(reason)) => return Ok(Err(reason)),
    };
    match parsed {
        (Selector::Spans(part_scope, part_if), Selector::Spans(scope, total_if)) => {
            if part_scope != scope {
                return Err(part.error("must name the same service, operation and kind as total, so that both count the same requests"));
            }
            if part_if == total_if {
                return Err(part.error(
                    "selects the same requests as total; add status, latency_below or latency_above",
                ));
            }
            Ok(Ok(Indicator::Spans { scope, total: total_if, part: part_if, inverted }))
        }
        (Selector::Events(part_service, names), Selector::Events(service, all)) => {
            if part_service != service {
                return Err(part.error("must name the same service as total"));
            }
            if let Some(name) = names.iter().find(|name| !all.contains(name)) {
                return Err(part
                    .error(format!("counts the event {name:?} that total does not; list it in total too")));
            }
            Ok(Ok(Indicator::Events { service, total: all, part: names, inverted }))
        }
        _ => Err(part.error("must be of the same sort as total: both requests or both events")),
    }
}

fn threshold_metric(
    metric: &Node,
    service: &str,
    threshold: Option<Threshold>,
    sources: &DataSources,
) -> Result<Measurable<Indicator>, SpecError> {
    let Some(threshold) = threshold else {
        return Err(metric.error("needs op and value in the objective"));
    };
    let spec = match headroom_spec(metric, sources)? {
        Ok(spec) => spec,
        Err(reason) => return Ok(Err(reason)),
    };
    spec.only(&["service", "operation", "kind", "measure"])?;
    let scale = spec.need("measure")?.word(&[("latency_ms", 1e6), ("latency_seconds", 1e9)])?;
    let ns = (threshold.value * scale).round();
    if !(1.0..=8.64e13).contains(&ns) {
        return Err(metric.error("is compared with a value out of range; allowed: 1 ns to one day"));
    }
    let limit = ns as u64;
    let latency = if threshold.low_is_good { Latency::Below(limit) } else { Latency::Above(limit) };
    let part = SpanCondition { status: None, latency: Some(latency) };
    Ok(Ok(Indicator::Spans {
        scope: scope(&spec, service)?,
        total: SpanCondition::default(),
        part,
        inverted: false,
    }))
}

/// The `spec` under a metric source of type headroom.
fn headroom_spec(part: &Node, sources: &DataSources) -> Result<Measurable<Node>, SpecError> {
    part.only(&["metricSource"])?;
    let source = part.need("metricSource")?;
    source.only(&["metricSourceRef", "type", "spec"])?;
    let kind = match (source.text_of("type")?, source.text_of("metricSourceRef")?) {
        (Some(kind), _) => kind,
        (None, Some(name)) => match sources.get(&name) {
            Some(kind) => kind.clone(),
            None => {
                return Err(
                    source.error_in("metricSourceRef", format!("there is no DataSource named {name:?}"))
                );
            }
        },
        (None, None) => return Err(source.error_in("type", "is required; allowed: headroom")),
    };
    if !kind.eq_ignore_ascii_case("headroom") {
        return Ok(Err(format!(
            "its metric source is of type {kind}, and headroom measures only what it stores itself; use type headroom"
        )));
    }
    source.need("spec").map(Ok)
}

fn source(part: &Node, service: &str, sources: &DataSources) -> Result<Measurable<Selector>, SpecError> {
    let spec = match headroom_spec(part, sources)? {
        Ok(spec) => spec,
        Err(reason) => return Ok(Err(reason)),
    };
    spec.only(&[
        "service",
        "operation",
        "kind",
        "status",
        "latency_below",
        "latency_above",
        "event",
        "event_in",
    ])?;
    let names = match (spec.get("event"), spec.get("event_in")) {
        (Some(_), Some(_)) => return Err(spec.error("must have only one of event, event_in")),
        (Some(event), None) => Some(vec![event.text()?]),
        (None, Some(events)) => {
            let names: Result<Vec<String>, SpecError> = events.list()?.iter().map(Node::text).collect();
            let mut names = names?;
            names.sort();
            names.dedup();
            if names.is_empty() {
                return Err(events.error("must name at least one event"));
            }
            Some(names)
        }
        (None, None) => None,
    };
    if let Some(names) = names {
        spec.only(&["service", "event", "event_in"])?;
        return Ok(Ok(Selector::Events(spec.text_of("service")?, names)));
    }
    let status = spec
        .get("status")
        .map(|s| s.word(&[("not_error", Status::NotError), ("error", Status::Error)]))
        .transpose()?;
    let limit = |key: &str| -> Result<Option<u64>, SpecError> {
        let Some(node) = spec.get(key) else { return Ok(None) };
        latency_ns(&node.text()?).map(Some).map_err(|problem| node.error(problem))
    };
    let latency = match (limit("latency_below")?, limit("latency_above")?) {
        (Some(_), Some(_)) => return Err(spec.error("must have only one of latency_below, latency_above")),
        (Some(ns), None) => Some(Latency::Below(ns)),
        (None, Some(ns)) => Some(Latency::Above(ns)),
        (None, None) => None,
    };
    Ok(Ok(Selector::Spans(scope(&spec, service)?, SpanCondition { status, latency })))
}

fn scope(spec: &Node, service: &str) -> Result<SpanScope, SpecError> {
    const KINDS: [(&str, &str); 5] = [
        ("internal", "internal"),
        ("server", "server"),
        ("client", "client"),
        ("producer", "producer"),
        ("consumer", "consumer"),
    ];
    let operation = spec.text_of("operation")?;
    let kinds = match spec.get("kind") {
        Some(kind) => vec![kind.word(&KINDS)?.to_owned()],
        None if operation.is_none() => vec!["server".to_owned(), "consumer".to_owned()],
        None => Vec::new(),
    };
    let service = spec.text_of("service")?.unwrap_or_else(|| service.to_owned());
    Ok(SpanScope { service, operation, kinds })
}

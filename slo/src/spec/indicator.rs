//! From an SLI's metric sources to what Headroom counts.
//!
//! Headroom's own source is `metricSource: {type: headroom, spec: {..}}` with either
//! `service`, `operation`, `kind` and the conditions `status: not_error | error`,
//! `latency_below: 250ms`, `latency_above: 250ms`, or `event: order.filled` /
//! `event_in: [..]` for ratios of business events; and `metric: queue.depth` for a raw ratio or a
//! threshold.

//!
//! Whatever YAML stands there, a file is good OpenSLO. A source of another system therefore gives a
//! reason, while a slip in one of Headroom's own is gathered as a fault.

mod metric;

use std::collections::BTreeMap;

use super::duration::latency_ns;
use super::metric::Op;
use super::node::{Node, SpecError};
use super::openslo::Presence::{May, Must};
use super::openslo::{Shape, mapping, text, told};
use super::{Indicator, Latency, MetricGood, SpanCondition, SpanScope, Status};

/// A parsed thing, or a note with the reason why Headroom cannot compute it.
pub(super) type Measurable<T> = Result<T, SpecError>;

/// The type of each DataSource document by its name.
pub(super) type DataSources = BTreeMap<String, String>;

/// The threshold of an objective.
#[derive(Debug, Clone, Copy)]
pub(super) struct Threshold {
    pub(super) op: Op,
    pub(super) value: f64,
}

pub(super) const OPS: [(&str, Op); 4] = [("lte", Op::Lte), ("lt", Op::Lt), ("gte", Op::Gte), ("gt", Op::Gt)];

impl Threshold {
    /// The latencies in whole ns that meet it, when `scale` ns are one of its units. Latencies are
    /// whole numbers, so that `lt 250 ms` is `lte 249999999 ns`.
    fn latency(self, scale: f64) -> Latency {
        let exact = self.value * scale;
        // What a decimal fraction loses in binary is no part of a nanosecond.
        let whole = (exact - exact.round()).abs() < 1e-3;
        let (floor, below) =
            if whole { (exact.round(), exact.round() - 1.0) } else { (exact.floor(), exact.floor()) };
        match self.op {
            Op::Lte => Latency::Below(floor as u64),
            Op::Lt => Latency::Below(below as u64),
            Op::Gt => Latency::Above(floor as u64),
            Op::Gte => Latency::Above(below as u64),
        }
    }
}

enum Selector {
    Spans(SpanScope, SpanCondition),
    Events(Option<String>, Vec<String>),
}

/// Reads the `spec` of an SLI, which is known to be well-formed. `service` is the objective's own,
/// used where the source names none. `None` when faults were gathered.
pub(super) fn indicator(
    spec: &Node<'_>,
    service: &str,
    threshold: Option<Threshold>,
    sources: &DataSources,
) -> Option<Measurable<Indicator>> {
    match (spec.get("ratioMetric"), spec.get("thresholdMetric")) {
        (Some(ratio), _) => ratio_metric(&ratio, service, sources),
        (None, metric) => threshold_metric(&metric?, service, threshold, sources),
    }
}

fn ratio_metric(ratio: &Node<'_>, service: &str, sources: &DataSources) -> Option<Measurable<Indicator>> {
    if let Some(raw) = ratio.get("raw") {
        let is_failure = ratio.text_of("rawType") == Ok(Some("failure".to_owned()));
        return metric::read(&raw, MetricGood::Ratio { is_failure }, sources);
    }
    let inverted = ratio.has("bad");
    let (part, total) = (ratio.get("good").or_else(|| ratio.get("bad"))?, ratio.get("total")?);
    // Both are read before either is given up, so that the faults of both are told.
    let (parsed_part, parsed_total) = (source(&part, service, sources), source(&total, service, sources));
    let (chosen, all) = match (parsed_part?, parsed_total?) {
        (Ok(chosen), Ok(all)) => (chosen, all),
        (Err(note), _) | (_, Err(note)) => return Some(Err(note)),
    };
    let problem = match (chosen, all) {
        (Selector::Spans(part_scope, part_if), Selector::Spans(scope, total_if)) => {
            if part_scope == scope && part_if != total_if {
                return Some(Ok(Indicator::Spans { scope, total: total_if, part: part_if, inverted }));
            }
            if part_scope == scope {
                "selects the same requests as total; add status, latency_below or latency_above".to_owned()
            } else {
                "must name the same service, operation and kind as total, so that both count the same requests"
                    .to_owned()
            }
        }
        (Selector::Events(part_service, names), Selector::Events(service, all)) => {
            match names.iter().find(|name| !all.contains(name)) {
                _ if part_service != service => "must name the same service as total".to_owned(),
                Some(name) => {
                    format!("counts the event {name:?} that total does not; list it in total too")
                }
                None => return Some(Ok(Indicator::Events { service, total: all, part: names, inverted })),
            }
        }
        _ => "must be of the same sort as total: both requests or both events".to_owned(),
    };
    part.fault(problem);
    None
}

fn threshold_metric(
    metric: &Node<'_>,
    service: &str,
    threshold: Option<Threshold>,
    sources: &DataSources,
) -> Option<Measurable<Indicator>> {
    let spec = match headroom_spec(metric, sources)? {
        Ok(spec) => spec,
        Err(note) => return Some(Err(note)),
    };
    if spec.has("metric") {
        let Some(Threshold { op, value }) = threshold else {
            metric.fault("needs op and value in the objective");
            return None;
        };
        return metric::read(metric, MetricGood::Compared { op, value }, sources);
    }
    let scale: Shape = |node| told(node, node.word(&MEASURES));
    let fields: [(_, _, Shape); 4] =
        [("service", May, text), ("operation", May, text), ("kind", May, kind), ("measure", Must, scale)];
    let sound = sound(&spec, &fields);
    let Some(threshold) = threshold else {
        metric.fault("needs op and value in the objective");
        return None;
    };
    let scale = sound?.get("measure")?.word(&MEASURES).ok()?;
    if !(1.0..=8.64e13).contains(&(threshold.value * scale)) {
        metric.fault("is compared with a value out of range; allowed: 1 ns to one day");
        return None;
    }
    let part = SpanCondition { status: None, latency: Some(threshold.latency(scale)) };
    let scope = scope(&spec, service)?;
    Some(Ok(Indicator::Spans { scope, total: SpanCondition::default(), part, inverted: false }))
}

const MEASURES: [(&str, f64); 2] = [("latency_ms", 1e6), ("latency_seconds", 1e9)];
const STATUSES: [(&str, Status); 2] = [("not_error", Status::NotError), ("error", Status::Error)];
const KINDS: [(&str, &str); 5] = [
    ("internal", "internal"),
    ("server", "server"),
    ("client", "client"),
    ("producer", "producer"),
    ("consumer", "consumer"),
];

fn kind(node: &Node<'_>) {
    told(node, node.word(&KINDS));
}

fn latency(node: &Node<'_>) {
    match node.text().map(|text| latency_ns(&text)) {
        Ok(Err(problem)) => node.fault(problem),
        found => told(node, found),
    }
}

/// The place itself when it has this shape; what is wrong is gathered.
fn sound<'n, 'a>(
    node: &'n Node<'a>,
    fields: &[(&str, super::openslo::Presence, Shape)],
) -> Option<&'n Node<'a>> {
    let before = node.faults.borrow().len();
    mapping(node, fields);
    (node.faults.borrow().len() == before).then_some(node)
}

/// The `spec` under a metric source of type headroom.
fn headroom_spec<'a>(part: &Node<'a>, sources: &DataSources) -> Option<Measurable<Node<'a>>> {
    let source = part.get("metricSource")?;
    let kind = match (source.text_of("type").ok()?, source.text_of("metricSourceRef").ok()?) {
        (Some(kind), _) => kind,
        (None, Some(name)) => {
            let Some(kind) = sources.get(&name) else {
                let problem = format!(
                    "names the DataSource {name:?}, which is in none of the files; add it, or write type: headroom"
                );
                return Some(Err(source.error_in("metricSourceRef", problem)));
            };
            kind.clone()
        }
        (None, None) => return None,
    };
    if !kind.eq_ignore_ascii_case("headroom") {
        return Some(Err(source.error(format!(
            "is of type {kind}, and headroom measures only what it stores itself; use type headroom"
        ))));
    }
    Some(Ok(source.get("spec")?))
}

fn source(part: &Node<'_>, service: &str, sources: &DataSources) -> Option<Measurable<Selector>> {
    match headroom_spec(part, sources)? {
        Ok(spec) if spec.has("event") || spec.has("event_in") => events(&spec).map(Ok),
        Ok(spec) => spans(&spec, service).map(Ok),
        Err(note) => Some(Err(note)),
    }
}

fn events(spec: &Node<'_>) -> Option<Selector> {
    let names: Shape = |node| match node.list() {
        Ok(names) if names.is_empty() => node.fault("must name at least one event"),
        Ok(names) => names.iter().for_each(text),
        found => told(node, found),
    };
    sound(spec, &[("service", May, text as Shape), ("event", May, text), ("event_in", May, names)])?;
    let mut names = match (spec.text_of("event").ok()?, spec.get("event_in")) {
        (Some(_), Some(_)) => {
            spec.fault("must have only one of event, event_in");
            return None;
        }
        (Some(event), None) => vec![event],
        (None, list) => list?.list().ok()?.iter().filter_map(|name| name.text().ok()).collect(),
    };
    names.sort();
    names.dedup();
    Some(Selector::Events(spec.text_of("service").ok()?, names))
}

fn spans(spec: &Node<'_>, service: &str) -> Option<Selector> {
    let status: Shape = |node| told(node, node.word(&STATUSES));
    let fields: [(_, _, Shape); 8] = [
        ("service", May, text),
        ("operation", May, text),
        ("kind", May, kind),
        ("status", May, status),
        ("latency_below", May, latency),
        ("latency_above", May, latency),
        ("event", May, text),
        ("event_in", May, text),
    ];
    sound(spec, &fields)?;
    let limit = |key: &str| spec.get(key).and_then(|node| latency_ns(&node.text().ok()?).ok());
    let latency = match (limit("latency_below"), limit("latency_above")) {
        (Some(_), Some(_)) => {
            spec.fault("must have only one of latency_below, latency_above");
            return None;
        }
        (below, above) => below.map(Latency::Below).or(above.map(Latency::Above)),
    };
    let status = spec.get("status").and_then(|node| node.word(&STATUSES).ok());
    Some(Selector::Spans(scope(spec, service)?, SpanCondition { status, latency }))
}

fn scope(spec: &Node<'_>, service: &str) -> Option<SpanScope> {
    let operation = spec.text_of("operation").ok()?;
    let kinds = match spec.get("kind") {
        Some(kind) => vec![kind.word(&KINDS).ok()?.to_owned()],
        None if operation.is_none() => vec!["server".to_owned(), "consumer".to_owned()],
        None => Vec::new(),
    };
    let service = spec.text_of("service").ok()?.unwrap_or_else(|| service.to_owned());
    Some(SpanScope { service, operation, kinds })
}

//! The shape of an SLI: a ratio or a threshold, and its metric sources.

use super::Presence::{May, Must};
use super::{Shape, anything, description, exactly_one, flag, mapping, metadata::metadata, name, text, told};
use crate::spec::node::Node;

/// An indicator that stands in the SLO itself.
pub(super) fn inline_indicator(node: &Node<'_>) {
    mapping(node, &[("metadata", May, metadata as Shape), ("spec", Must, sli)]);
}

pub(super) fn sli(spec: &Node<'_>) {
    let fields: [(_, _, Shape); 3] =
        [("description", May, description), ("thresholdMetric", May, metric), ("ratioMetric", May, ratio)];
    mapping(spec, &fields);
    exactly_one(spec, &["ratioMetric", "thresholdMetric"]);
}

fn ratio(node: &Node<'_>) {
    let kind: Shape = |node| told(node, node.word(&[("success", ()), ("failure", ())]));
    let fields: [(_, _, Shape); 6] = [
        ("counter", May, flag),
        ("good", May, metric),
        ("bad", May, metric),
        ("total", May, metric),
        ("raw", May, metric),
        ("rawType", May, kind),
    ];
    mapping(node, &fields);
    let counts = ["good", "bad", "total"].iter().any(|key| node.has(key));
    match (counts, node.has("raw")) {
        (true, true) => node.fault("has a raw ratio beside counts; keep raw, or good (or bad) and total"),
        (_, true) => told(node, node.need("rawType")),
        (_, false) => {
            if node.has("good") == node.has("bad") {
                node.fault("must have exactly one of good, bad, together with total; or raw and rawType");
            }
            told(node, node.need("total"));
            if node.has("rawType") {
                node.fault_in("rawType", "says nothing without raw; remove it");
            }
        }
    }
}

fn metric(node: &Node<'_>) {
    let source: Shape = |node| {
        let fields: [(_, _, Shape); 3] =
            [("metricSourceRef", May, name), ("type", May, text), ("spec", Must, anything)];
        mapping(node, &fields);
        if !node.has("type") && !node.has("metricSourceRef") {
            node.fault_in("type", "is required without metricSourceRef");
        }
    };
    mapping(node, &[("metricSource", Must, source)]);
}

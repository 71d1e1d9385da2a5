//! Sources that are a metric: a ratio that somebody computed before, or a value to be compared.

use super::{DataSources, Measurable, headroom_spec, sound};
use crate::spec::node::Node;
use crate::spec::openslo::Presence::{May, Must};
use crate::spec::openslo::{Shape, text, texts, told};
use crate::spec::{Indicator, MetricGood, MetricStatistic};

const STATISTICS: [(&str, MetricStatistic); 2] =
    [("avg", MetricStatistic::Avg), ("max", MetricStatistic::Max)];

/// Reads `{metric: queue.depth, service: order, attributes: {queue: fills}, statistic: max}`.
pub(super) fn read(
    part: &Node<'_>,
    good: MetricGood,
    sources: &DataSources,
) -> Option<Measurable<Indicator>> {
    let spec = match headroom_spec(part, sources)? {
        Ok(spec) => spec,
        Err(note) => return Some(Err(note)),
    };
    let statistic: Shape = |node| told(node, node.word(&STATISTICS));
    let fields: [(_, _, Shape); 4] = [
        ("metric", Must, text),
        ("service", May, text),
        ("attributes", May, texts),
        ("statistic", May, statistic),
    ];
    sound(&spec, &fields)?;
    let wanted = spec.get("attributes");
    let listed = wanted.iter().flat_map(|node| {
        node.fields().iter().filter_map(|(key, ..)| Some((key.clone(), node.text_of(key).ok()??)))
    });
    let service = spec.text_of("service").ok()?.map(|service| ("service.name".to_owned(), service));
    let statistic = spec.get("statistic").and_then(|node| node.word(&STATISTICS).ok());
    Some(Ok(Indicator::Metric {
        metric: spec.text_of("metric").ok()??,
        attributes: listed.chain(service).collect(),
        statistic: statistic.unwrap_or(MetricStatistic::Avg),
        good,
    }))
}

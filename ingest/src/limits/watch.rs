//! Looking at a request's names and values while it is counted.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _};
use std::sync::RwLockReadGuard;

use indexmap::IndexSet;

use super::contracts::{Contracts, Ruling};
use super::seen::{Hashes, Itself, Sets};
use super::tally::Tally;
use super::value;
use crate::decode::{
    ExpHistogramPoint, HistogramPoint, Log, Metric, NumberPoint, Origin, Pair, PointCommon, Reason, Refused,
    Sink, Span, SummaryPoint, Value,
};
use crate::signal::Signal;

/// How keys and series are hashed: seeded at random, so that nobody can choose names that
/// collide.
pub(super) type Names = hashbrown::DefaultHashBuilder;

/// New names in the order in which they came.
pub(super) type Fresh = IndexSet<u64, std::hash::BuildHasherDefault<Itself>>;

/// The sink of a request's first walk.
pub(super) struct Watch<'t> {
    names: &'t Names,
    max_value: usize,
    keys: Option<RwLockReadGuard<'t, Sets>>,
    series: Option<RwLockReadGuard<'t, Sets>>,
    contracts: &'t Contracts,
    /// Log records so far.
    logs: usize,
    /// The number of the resource that was looked at last,
    resource: Option<usize>,
    /// and its hash.
    resource_hash: u64,
    found: Found,
}

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) tally: Tally,
    /// Keys without a place yet.
    pub(super) keys: Fresh,
    /// Series without a place yet.
    pub(super) series: Fresh,
    /// The series of each data point, in the order of the walk; 0 for one that was rejected.
    pub(super) points: Vec<u64>,
    /// Whether a value is too long.
    pub(super) long: bool,
    /// Rulings on log records, by their number in the walk.
    pub(super) rulings: Vec<(usize, Ruling)>,
}

impl<'t> Watch<'t> {
    pub(super) fn new(
        names: &'t Names,
        max_value: usize,
        keys: Option<RwLockReadGuard<'t, Sets>>,
        series: Option<RwLockReadGuard<'t, Sets>>,
        contracts: &'t Contracts,
    ) -> Self {
        Self {
            names,
            max_value,
            keys,
            series,
            contracts,
            logs: 0,
            resource: None,
            resource_hash: 0,
            found: Found::default(),
        }
    }

    pub(super) fn found(self) -> Found {
        self.found
    }

    fn pairs(&mut self, pairs: &[Pair<'_>]) {
        for pair in pairs {
            if let Some(known) = &self.keys {
                let hash = self.names.hash_one(pair.key);
                if !known.holds(hash) && !super::is_own(pair.key) {
                    self.found.keys.insert(hash);
                }
            }
            self.found.long |= value::is_long(&pair.value, self.max_value);
        }
    }

    /// Whether the record's resource is another one than that of the record before.
    fn is_new_resource(&mut self, origin: &Origin<'_>) -> bool {
        self.resource.replace(origin.resource.number) != Some(origin.resource.number)
    }

    fn record(&mut self, origin: &Origin<'_>, attributes: &[Pair<'_>]) {
        if self.is_new_resource(origin) {
            self.pairs(&origin.resource.attributes);
        }
        self.pairs(attributes);
    }

    /// A data point. Its keys are part of what its series is, so only series are bounded.
    fn point(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, common: &PointCommon<'_>) {
        let long = |pairs: &[Pair<'_>], max| pairs.iter().any(|pair| value::is_long(&pair.value, max));
        if self.is_new_resource(origin) {
            self.resource_hash = self.set(&origin.resource.attributes);
            self.found.long |= long(&origin.resource.attributes, self.max_value);
        }
        self.found.long |= long(&common.attributes, self.max_value);
        let Some(known) = &self.series else { return };
        let mut hasher = self.names.build_hasher();
        (metric.name, origin.scope_name, self.resource_hash).hash(&mut hasher);
        hasher.write_u64(self.set(&common.attributes));
        let series = hasher.finish().max(1);
        if !known.holds(series) {
            self.found.series.insert(series);
        }
        self.found.points.push(series);
    }

    /// The hash of attributes in whatever order.
    fn set(&self, pairs: &[Pair<'_>]) -> u64 {
        pairs.iter().fold(pairs.len() as u64, |sum, pair| sum.wrapping_add(self.pair(pair)))
    }

    fn pair(&self, pair: &Pair<'_>) -> u64 {
        let mut hasher = self.names.build_hasher();
        pair.key.hash(&mut hasher);
        // A series is what is stored of it.
        if value::is_long(&pair.value, self.max_value) {
            (1_u8, &*value::cut(&pair.value, self.max_value)).hash(&mut hasher);
            return hasher.finish();
        }
        match pair.value {
            Value::Empty => hasher.write_u8(0),
            Value::Text(text) => (1_u8, text).hash(&mut hasher),
            Value::Bool(v) => (2_u8, v).hash(&mut hasher),
            Value::Int(v) => (3_u8, v).hash(&mut hasher),
            Value::Double(v) => (4_u8, v.to_bits()).hash(&mut hasher),
            Value::Bytes(bytes) => (5_u8, bytes).hash(&mut hasher),
            Value::Array(chunk) => (6_u8, chunk.bytes).hash(&mut hasher),
            Value::List(chunk) => (7_u8, chunk.bytes).hash(&mut hasher),
        }
        hasher.finish()
    }
}

impl Found {
    /// Which data points, by their number, belong to `refused` series.
    pub(super) fn refused_points<'a>(&'a self, refused: &'a Hashes) -> impl Fn(usize) -> bool + 'a {
        |at| self.points.get(at).is_some_and(|series| refused.contains(series))
    }
}

impl Sink for Watch<'_> {
    fn span(&mut self, origin: &Origin<'_>, span: &Span<'_>) {
        self.found.tally.span(origin, span);
        self.record(origin, &span.attributes);
        self.pairs(&span.nested);
        self.found.long |= value::is_long(&Value::Text(span.status_message), self.max_value);
    }

    fn log(&mut self, origin: &Origin<'_>, log: &Log<'_>) {
        self.found.tally.log(origin, log);
        self.record(origin, &log.attributes);
        self.found.long |= value::is_long(&log.body, self.max_value);
        self.found.rulings.extend(self.contracts.rule(log).map(|ruling| (self.logs, ruling)));
        self.logs += 1;
    }

    fn number(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &NumberPoint<'_>) {
        self.found.tally.number(origin, metric, point);
        self.point(origin, metric, &point.common);
    }

    fn histogram(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &HistogramPoint<'_>) {
        self.found.tally.histogram(origin, metric, point);
        self.point(origin, metric, &point.common);
    }

    fn exp_histogram(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &ExpHistogramPoint<'_>) {
        self.found.tally.exp_histogram(origin, metric, point);
        self.point(origin, metric, &point.common);
    }

    fn summary(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &SummaryPoint<'_>) {
        self.found.tally.summary(origin, metric, point);
        self.point(origin, metric, &point.common);
    }

    fn reject(&mut self, signal: Signal, reason: Reason, detail: &str, record: Refused<'_>) {
        self.found.tally.reject(signal, reason, detail, record);
        if signal == Signal::Logs && reason != Reason::Contract {
            self.logs += 1;
        }
        if signal == Signal::Metrics && reason != Reason::SeriesLimit && self.series.is_some() {
            self.found.points.push(0);
        }
    }

    fn warn(&mut self, signal: Signal, reason: Reason, detail: &str, record: Refused<'_>) {
        self.found.tally.warn(signal, reason, detail, record);
    }
}

//! What programs report of themselves: which metrics there are, what tells their time series apart, and figures over time.
//!
//! A metric is known by its name and its [`Kind`]; what may be asked of it follows from the kind
//! ([`Kind::offered`]), and anything else is refused with a sentence: the value of a counter says how long its program has
//! run, not how much it does. The way of a question:
//!
//! 1. [`find`] says in which table the name is, and of which kind it is.
//! 2. [`measure`] counts the time series that fit, and chooses the step: never shorter than they report.
//! 3. Points are read by time series and step: of levels their mean, least and most; of counters where they stood, so that
//!    a new start is no fall ([`crate::counters`]); of histograms their buckets, which add up.
//! 4. Pure functions make of them one line for each value of a label.
//!
//! Quantiles come from buckets, by the same walk through their counts as those of latency, with the edges between which
//! they lie. Reads raw points: a few thousand time series at most, and hours in which nothing was stored are named.

mod distribution;
mod distributions;
mod exemplars;
mod fold;
mod kind;
mod labels;
mod list;
mod measure;
mod numbers;
mod series;
#[cfg(test)]
mod tests;

pub use exemplars::MetricExemplar;
pub use kind::{Aggregation, Kind};
pub use labels::{Label, LabelValue, Metric, describe};
pub use list::{ListedMetric, Metrics, list};
pub use series::{HoursTold, Line, MetricPoint, MetricQuery, MetricSeries, series};

use chrono::TimeDelta;

use crate::bubbleup::Names;
use crate::error::Result;
use crate::range::TimeRange;
use crate::red::Dimension;
use crate::scan::{Compare, Expr, Filter, Literal, ScanQuery};

/// Names and labels are looked for in so much of the end of a range.
const LOOKED_AT: TimeDelta = TimeDelta::hours(6);

/// The end of a range, where names and labels are looked for.
fn end_of(range: TimeRange) -> TimeRange {
    TimeRange { from: range.from.max(range.to - LOOKED_AT), to: range.to }
}

/// What a time series is told apart by: the service, or an attribute of its points or else of the program.
fn label(key: &str) -> Expr {
    if matches!(key, "service" | "service.name") {
        return Expr::Column("service".to_owned());
    }
    let of = |column: &str| Expr::MapValue { column: column.to_owned(), key: key.to_owned() };
    Expr::First(vec![of("attributes"), of("resource")])
}

/// Which points: of a service, and with labels of these values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selected {
    /// `service.name`; of all services otherwise.
    pub service: Option<String>,
    /// Key and value of labels; all of them must fit.
    pub labels: Vec<(String, String)>,
}

impl Selected {
    /// Refuses labels that the caller may not ask for.
    fn check(&self, names: Names) -> Result<()> {
        self.labels.iter().try_for_each(|(key, _)| Dimension::Attribute(key.clone()).check(names))
    }

    /// The points of a metric of one table that fit, to be grouped.
    fn points(&self, tenant: &str, table: &str, name: &str, range: &TimeRange) -> ScanQuery {
        self.of(ScanQuery::aggregate(tenant, table), name, range)
    }

    /// Those of a question to a table of points that are of a metric and fit.
    fn of(&self, scan: ScanQuery, name: &str, range: &TimeRange) -> ScanQuery {
        let equal = |(key, value): &(String, String)| {
            Filter::Value(label(key), Compare::Eq, Literal::Text(value.clone()))
        };
        scan.filter(Filter::eq("name", name))
            .filter_opt(self.service.as_deref().map(|service| Filter::eq("service", service)))
            .filter(Filter::within("ts", range))
            .filter(Filter::And(self.labels.iter().map(equal).collect()))
    }
}

/// Of a table that two kinds share, the points of one.
fn of_kind(points: ScanQuery, kind: Kind) -> ScanQuery {
    let rises = |rises| Filter::compare("is_monotonic", Compare::Eq, Literal::Bool(rises));
    match kind {
        Kind::Counter => points.filter(rises(true)),
        Kind::UpDownCounter => points.filter(rises(false)),
        _ => points,
    }
}

//! Points of time series into a line for each value of a label. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::distribution::{Distribution, Quantile};
use super::numbers::LevelRow;
use super::{Aggregation, Line, MetricPoint};
use crate::counters::{Amount, Counters, Reading};
use chrono::DateTime;

/// Lines in one answer.
const MOST_LINES: usize = 8;

/// A figure of each step, by label.
pub(super) type Groups = BTreeMap<String, BTreeMap<i64, Quantile>>;

/// A figure that is exact.
fn exact(value: f64) -> Quantile {
    Quantile { value, low: None, high: None }
}

/// Levels: of each time series its mean in the step counts once, however often it was told.
pub(super) fn levels(rows: &[LevelRow], width: i64, asked: Aggregation) -> Groups {
    let mut steps: BTreeMap<(&str, i64), Vec<&LevelRow>> = BTreeMap::new();
    for row in rows {
        steps.entry((&row.label, row.at / width)).or_default().push(row);
    }
    let mut groups = Groups::new();
    for ((label, step), rows) in steps {
        let sum: f64 = rows.iter().map(|row| row.mean).sum();
        let value = match asked {
            Aggregation::Sum => sum,
            Aggregation::Min => rows.iter().map(|row| row.least).fold(f64::INFINITY, f64::min),
            Aggregation::Max => rows.iter().map(|row| row.most).fold(f64::NEG_INFINITY, f64::max),
            _ => sum / rows.len() as f64,
        };
        groups.entry(label.to_owned()).or_default().insert(step, exact(value));
    }
    groups
}

/// What counters rose by in each step, by label.
pub(super) fn rises<A: Amount>(
    readings: Vec<(String, Reading<A>)>,
    counters: impl Fn() -> Counters<A>,
) -> BTreeMap<String, BTreeMap<i64, A>> {
    let mut groups: BTreeMap<String, Counters<A>> = BTreeMap::new();
    for (label, reading) in readings {
        groups.entry(label).or_insert_with(&counters).add(reading);
    }
    groups.into_iter().map(|(label, counters)| (label, counters.steps)).collect()
}

/// Each step of each label as a figure; a step without one is left out.
fn figures<A>(rises: BTreeMap<String, BTreeMap<i64, A>>, figure: impl Fn(&A) -> Option<Quantile>) -> Groups {
    let of = |steps: BTreeMap<i64, A>| {
        steps.into_iter().filter_map(|(step, rose)| Some((step, figure(&rose)?))).collect()
    };
    rises.into_iter().map(|(label, steps)| (label, of(steps))).collect()
}

fn a_second(rose: f64, step_seconds: i64, asked: Aggregation) -> f64 {
    if asked == Aggregation::Rate { rose / step_seconds as f64 } else { rose }
}

/// Counters as their rate or their increase.
pub(super) fn counted(
    rises: BTreeMap<String, BTreeMap<i64, f64>>,
    step_seconds: i64,
    asked: Aggregation,
) -> Groups {
    figures(rises, |rose| Some(exact(a_second(*rose, step_seconds, asked))))
}

/// Histograms as a quantile, their mean, their sum, or how many values they counted.
pub(super) fn distributed(
    rises: BTreeMap<String, BTreeMap<i64, Distribution>>,
    step_seconds: i64,
    asked: Aggregation,
) -> Groups {
    figures(rises, |came| match (asked.quantile(), asked) {
        (Some(q), _) => came.quantile(q),
        (None, Aggregation::Avg) => came.sum.filter(|_| came.count > 0.0).map(|sum| exact(sum / came.count)),
        (None, Aggregation::Sum) => came.sum.map(exact),
        _ => Some(exact(a_second(came.count, step_seconds, asked))),
    })
}

/// How many time series reported, of label, time series and step.
pub(super) fn reporting<'a>(points: impl Iterator<Item = (&'a str, u64, i64)>) -> Groups {
    let mut steps: BTreeMap<(&str, i64), BTreeSet<u64>> = BTreeMap::new();
    for (label, part, step) in points {
        steps.entry((label, step)).or_default().insert(part);
    }
    let mut groups = Groups::new();
    for ((label, step), parts) in steps {
        groups.entry(label.to_owned()).or_default().insert(step, exact(parts.len() as f64));
    }
    groups
}

/// The lines that are told, what the others add up to where they do, and how many those are.
pub(super) fn lines(
    mut groups: Groups,
    first: i64,
    step_seconds: i64,
    asked: Aggregation,
) -> (Vec<Line>, Option<Line>, usize) {
    for steps in groups.values_mut() {
        steps.retain(|step, figure| *step >= first && figure.value.is_finite());
    }
    let mut groups: Vec<_> = groups.into_iter().filter(|(_, steps)| !steps.is_empty()).collect();
    let size = |steps: &BTreeMap<i64, Quantile>| steps.values().map(|figure| figure.value.abs()).sum::<f64>();
    groups.sort_by(|(a, x), (b, y)| size(y).total_cmp(&size(x)).then_with(|| a.cmp(b)));
    let rest = groups.split_off(groups.len().min(MOST_LINES));
    let left_out = rest.len();
    let point = |(step, figure): (i64, Quantile)| MetricPoint {
        ts: DateTime::from_timestamp(step * step_seconds, 0).unwrap_or_default(),
        value: figure.value,
        low: figure.low,
        high: figure.high,
    };
    let line = |(label, steps): (String, BTreeMap<i64, Quantile>)| Line {
        label,
        points: steps.into_iter().map(point).collect(),
    };
    let mut others: BTreeMap<i64, Quantile> = BTreeMap::new();
    for (step, figure) in rest.into_iter().flat_map(|(_, steps)| steps) {
        others.entry(step).or_insert(exact(0.0)).value += figure.value;
    }
    let others = (left_out > 0 && asked.adds_up()).then(|| line(("other".to_owned(), others)));
    (groups.into_iter().map(line).collect(), others, left_out)
}

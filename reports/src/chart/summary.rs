//! What a chart says, in words.

use super::data::show;
use super::{Axis, BarChart, Chart, HeatChart, Limit, Mark, Series, TimelineChart, bar};
use crate::number::short;

/// Things that are named before the rest is only counted.
const NAMED: usize = 8;

pub(super) fn summary(chart: &Chart) -> String {
    let text = match chart {
        Chart::Line(c) => {
            let series = c.series.iter().map(|s| series(&c.y, s));
            plot("Line chart", &c.x, &c.y, series, (&c.marks, &c.limits))
        }
        Chart::Scatter(c) => {
            let points = c.points.iter().map(|s| series(&c.y, s));
            let curves = c.curves.iter().map(|s| format!("curve {}", s.name));
            plot("Scatter chart", &c.x, &c.y, points.chain(curves), (&c.marks, &c.limits))
        }
        Chart::Bar(c) => bars(c),
        Chart::Timeline(c) => timeline(c),
        Chart::Heat(c) => heat(c),
    };
    crate::clean::line(&text).into_owned()
}

/// A list in words, its tail counted.
fn list(items: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = items.collect();
    let named = all[..all.len().min(NAMED)].join("; ");
    if all.len() > NAMED { format!("{named}; and {} more", all.len() - NAMED) } else { named }
}

fn plot(
    kind: &str,
    x: &Axis,
    y: &Axis,
    series: impl Iterator<Item = String>,
    (marks, limits): (&[Mark], &[Limit]),
) -> String {
    let mut out = format!("{kind} of {} against {}. {}.", y.title(), x.title(), list(series));
    if !limits.is_empty() {
        let limit = |l: &Limit| format!("{} at {}", l.label, show(y, l.at));
        out += &format!(" Limits: {}.", list(limits.iter().map(limit)));
    }
    if !marks.is_empty() {
        let mark = |m: &Mark| format!("{} at {}", m.label, show(x, m.from));
        out += &format!(" Marks: {}.", list(marks.iter().map(mark)));
    }
    out
}

/// The lowest, highest and last value of a series.
fn series(axis: &Axis, series: &Series) -> String {
    let name = if series.name.is_empty() { &axis.label } else { &series.name };
    let values: Vec<f64> = series.points.iter().map(|p| p.1).filter(|v| v.is_finite()).collect();
    let (Some(low), Some(high)) =
        (values.iter().copied().reduce(f64::min), values.iter().copied().reduce(f64::max))
    else {
        return format!("{name}: no data");
    };
    let last = values.last().copied().unwrap_or(high);
    format!("{name}: {} to {}, last {}", short(low), short(high), short(last))
}

fn bars(chart: &BarChart) -> String {
    let bar = |b: &super::Bar| match &b.value {
        Ok(value) => format!("{} {}", b.label, short(*value)),
        Err(reason) => format!("{}: {reason}", b.label),
    };
    format!("Bar chart of {}. {}.", chart.axis.title(), list(bar::sorted(chart).into_iter().map(bar)))
}

fn timeline(chart: &TimelineChart) -> String {
    let day = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d").to_string();
    let spans = chart.lanes.iter().flat_map(|lane| {
        lane.spans.iter().map(move |s| match s.to {
            Some(to) => format!("{}: {}, {} to {}", lane.label, s.label, day(s.from), day(to)),
            None => format!("{}: {}, {}", lane.label, s.label, day(s.from)),
        })
    });
    format!("Timeline. {}.", list(spans))
}

fn heat(chart: &HeatChart) -> String {
    let mut highest: Option<(f64, usize, usize)> = None;
    for (row, cells) in chart.cells.iter().enumerate().take(chart.rows.len()) {
        for (column, value) in cells.iter().copied().enumerate().take(chart.columns.len()) {
            if value.is_finite() && highest.is_none_or(|(best, ..)| value > best) {
                highest = Some((value, row, column));
            }
        }
    }
    let size = format!("{} rows and {} columns", chart.rows.len(), chart.columns.len());
    let highest = highest.map_or_else(
        || "No data".to_owned(),
        |(v, r, c)| format!("Highest {} at {}, {}", short(v), chart.rows[r], chart.columns[c]),
    );
    format!("Heat map of {}, {size}. {highest}.", chart.value.title())
}

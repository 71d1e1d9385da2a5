//! The numbers of a chart as a table: for those who hear the page, and for those who want to compute with them.

use super::{Axis, Chart, Scale, Series, bar, time};
use crate::document::Align;
use crate::number::short;

/// Rows of such a table; beyond, every n-th point is listed.
const MAX_ROWS: usize = 200;

/// A table of strings.
pub(crate) struct Data {
    pub(crate) header: Vec<(String, Align)>,
    pub(crate) rows: Vec<Vec<String>>,
    /// What is not listed, in words.
    pub(crate) note: Option<String>,
}

/// A value as its axis shows it.
pub(super) fn show(axis: &Axis, value: f64) -> String {
    match axis.scale {
        Scale::Time if value.is_finite() => time::moment(value).format("%Y-%m-%d %H:%M:%S").to_string(),
        _ => short(value),
    }
}

pub(super) fn data(chart: &Chart) -> Data {
    match chart {
        Chart::Line(c) => {
            let bands = c.bands.iter().flat_map(|b| {
                let end =
                    |name: &str, points: Vec<(f64, f64)>| Series::new(format!("{}, {name}", b.name), points);
                [
                    end("low", b.points.iter().map(|p| (p.0, p.1)).collect()),
                    end("high", b.points.iter().map(|p| (p.0, p.2)).collect()),
                ]
            });
            let all: Vec<Series> = c.series.iter().cloned().chain(bands).collect();
            by_x(&c.x, &c.y, &all)
        }
        Chart::Scatter(c) => by_x(&c.x, &c.y, &c.points),
        Chart::Bar(c) => {
            let end = |i: Option<(f64, f64)>, high: bool| match i.map(|i| if high { i.1 } else { i.0 }) {
                Some(v) if v.is_finite() => short(v),
                Some(_) => "open".to_owned(),
                None => String::new(),
            };
            let row = |b: &super::Bar| {
                let value = b.value.as_ref().map_or_else(Clone::clone, |v| short(*v));
                vec![b.label.clone(), value, end(b.interval, false), end(b.interval, true), b.note.clone()]
            };
            let header = [("", Align::Text), (&c.axis.title(), Align::Number), ("From", Align::Number)];
            let header = header.into_iter().chain([("To", Align::Number), ("Note", Align::Text)]);
            table(
                header.map(|(h, a)| (h.to_owned(), a)).collect(),
                bar::sorted(c).into_iter().map(row).collect(),
            )
        }
        Chart::Timeline(c) => {
            let stamp = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d %H:%M").to_string();
            let rows = c.lanes.iter().flat_map(|lane| {
                lane.spans.iter().map(move |s| {
                    let to = s.to.map(stamp).unwrap_or_default();
                    vec![lane.label.clone(), s.label.clone(), stamp(s.from), to]
                })
            });
            let header = ["Lane", "What", "From, UTC", "To, UTC"];
            table(header.map(|h| (h.to_owned(), Align::Text)).to_vec(), rows.collect())
        }
        Chart::Heat(c) => {
            let value = |row: usize, column: usize| c.cells.get(row).and_then(|r| r.get(column)).copied();
            let rows = c.rows.iter().enumerate().flat_map(|(r, row)| {
                c.columns.iter().enumerate().filter_map(move |(n, column)| {
                    let value = value(r, n).filter(|v| v.is_finite())?;
                    Some(vec![row.clone(), column.clone(), short(value)])
                })
            });
            let header =
                [(c.y.clone(), Align::Text), (c.x.clone(), Align::Text), (c.value.title(), Align::Number)];
            table(header.to_vec(), rows.collect())
        }
    }
}

/// One row for each x, one column for each series.
fn by_x(x: &Axis, y: &Axis, series: &[Series]) -> Data {
    let mut at: Vec<f64> =
        series.iter().flat_map(|s| s.points.iter().map(|p| p.0)).filter(|x| x.is_finite()).collect();
    at.sort_by(f64::total_cmp);
    at.dedup();
    let mut header = vec![(x.title(), if x.scale == Scale::Time { Align::Text } else { Align::Number })];
    let title = |s: &Series| if s.name.is_empty() { y.title() } else { s.name.clone() };
    header.extend(series.iter().map(|s| (title(s), Align::Number)));
    let (kept, note) = every_nth(at);
    let sorted: Vec<Vec<(f64, f64)>> = series
        .iter()
        .map(|s| {
            let mut points = s.points.clone();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            points
        })
        .collect();
    let cell = |points: &[(f64, f64)], at: f64| {
        let first = points.partition_point(|p| p.0.total_cmp(&at).is_lt());
        let here = points[first..].iter().take_while(|p| p.0 == at && p.1.is_finite()).take(10);
        here.map(|p| show(y, p.1)).collect::<Vec<_>>().join(" ")
    };
    let row = |at: f64| std::iter::once(show(x, at)).chain(sorted.iter().map(|s| cell(s, at))).collect();
    Data { header, rows: kept.into_iter().map(row).collect(), note }
}

fn table(header: Vec<(String, Align)>, rows: Vec<Vec<String>>) -> Data {
    let (rows, note) = every_nth(rows);
    Data { header, rows, note }
}

fn every_nth<T>(all: Vec<T>) -> (Vec<T>, Option<String>) {
    let total = all.len();
    if total <= MAX_ROWS {
        return (all, None);
    }
    let every = total.div_ceil(MAX_ROWS);
    let kept: Vec<T> = all.into_iter().step_by(every).collect();
    let note = format!("{} of {total} rows are listed, one of {every}.", kept.len());
    (kept, Some(note))
}

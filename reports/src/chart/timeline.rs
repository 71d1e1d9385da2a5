//! Lanes with spans and moments on a time axis.

use chrono::{DateTime, Utc};
use plotters::prelude::*;

use super::canvas::{Anchor, Canvas, Drawn, Letters, Rect, SMALL, TEXT};
use super::frame::{ROW, bottom_axis, bottom_height, fit_x, nothing};
use super::labels::{cut, small, usual};
use super::line::severity_ink;
use super::{Axis, Lane, LaneSpan, MAX_ROWS, TimelineChart};
use crate::colours::Ink;

/// The height of a row of spans.
const SPAN: f64 = 24.0;
/// Space between lanes.
const BETWEEN: f64 = 8.0;
/// Most rows in a lane, and most spans of it.
const MAX_STACK: usize = 8;
const MAX_SPANS: usize = 200;
/// Half of the sign of a moment.
const SIGN: f64 = 7.0;

fn seconds(moment: DateTime<Utc>) -> f64 {
    moment.timestamp() as f64
}

fn lanes(chart: &TimelineChart) -> &[Lane] {
    &chart.lanes[..chart.lanes.len().min(MAX_ROWS)]
}

/// The pixels of the time axis.
struct Along {
    left: f64,
    right: f64,
    from: f64,
    to: f64,
}

impl Along {
    fn new(chart: &TimelineChart, width: f64) -> Self {
        let widest = lanes(chart).iter().map(|l| usual(&l.label)).fold(0.0, f64::max);
        let left = (widest + 14.0).min(width * 0.3);
        let spans = || lanes(chart).iter().flat_map(|lane| &lane.spans);
        let now = chart.now.map(seconds);
        let low = spans().map(|s| seconds(s.from)).chain(now).fold(f64::INFINITY, f64::min);
        let high = spans().map(|s| seconds(s.to.unwrap_or(s.from).max(s.from))).chain(now);
        let high = high.fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if low > high { (0.0, 86_400.0) } else { (low, high) };
        let air = ((high - low) * 0.02).max(60.0);
        Self { left, right: width - 12.0, from: low - air, to: high + air }
    }

    fn pixel(&self, moment: DateTime<Utc>) -> f64 {
        let share = (seconds(moment) - self.from) / (self.to - self.from);
        self.left + share.clamp(0.0, 1.0) * (self.right - self.left)
    }
}

/// A span with its place.
struct Placed<'t> {
    span: &'t LaneSpan,
    row: usize,
    from: f64,
    to: f64,
    /// Where its label begins; `None` without room.
    label: Option<f64>,
}

/// The spans of a lane, each in the first row where it and its label are free, and the number of rows.
fn stack<'t>(lane: &'t Lane, along: &Along) -> (Vec<Placed<'t>>, usize) {
    let mut spans: Vec<&LaneSpan> = lane.spans.iter().take(MAX_SPANS).collect();
    spans.sort_by_key(|s| s.from);
    let mut ends: Vec<f64> = Vec::new();
    let placed = spans
        .into_iter()
        .map(|span| {
            let at = along.pixel(span.from);
            let (from, to) = match span.to {
                Some(to) => (at, along.pixel(to.max(span.from)).max(at + 2.0)),
                None => (at - SIGN, at + SIGN),
            };
            let text = small(&span.label);
            let (start, end, label) = if span.to.is_some() && text + 14.0 <= to - from {
                (from, to, Some(from + 9.0))
            } else if to + 6.0 + text <= along.right + 12.0 {
                (from, to + 6.0 + text, Some(to + 6.0))
            } else if from - 6.0 - text >= along.left {
                (from - 6.0 - text, to, Some(from - 6.0 - text))
            } else {
                (from, to, None)
            };
            let free = ends.iter().position(|end| *end + 4.0 <= start);
            let row = free.unwrap_or(ends.len().min(MAX_STACK - 1));
            if row == ends.len() {
                ends.push(f64::NEG_INFINITY);
            }
            // In the last row of a crowded lane spans may lie over each other, but labels may not.
            let label = label.filter(|_| ends[row] + 4.0 <= start);
            ends[row] = end.max(ends[row]);
            Placed { span, row, from, to, label }
        })
        .collect();
    (placed, ends.len().max(1))
}

/// What is not drawn, in words.
fn more(chart: &TimelineChart) -> Option<String> {
    let lanes_left = chart.lanes.len().saturating_sub(MAX_ROWS);
    let spans_left: usize = lanes(chart).iter().map(|l| l.spans.len().saturating_sub(MAX_SPANS)).sum();
    match (lanes_left, spans_left) {
        (0, 0) => None,
        (0, spans) => Some(format!("{spans} more events are not drawn")),
        (lanes, _) => Some(format!("{lanes} more lanes are not drawn")),
    }
}

pub(super) fn height(chart: &TimelineChart, width: u32) -> u32 {
    let along = Along::new(chart, f64::from(width));
    let rows: f64 = lanes(chart).iter().map(|lane| stack(lane, &along).1 as f64 * SPAN + BETWEEN).sum();
    (ROW + 4.0 + rows.max(SPAN * 2.0) + 50.0 + more(chart).map_or(0.0, |_| ROW)) as u32
}

pub(super) fn draw<DB: DrawingBackend>(chart: &TimelineChart, canvas: &Canvas<'_, DB>) -> Drawn<DB> {
    if chart.lanes.iter().all(|l| l.spans.is_empty()) {
        return nothing(canvas);
    }
    let (width, height) = canvas.size();
    let axis = Axis::time();
    let along = Along::new(chart, width);
    let room = along.right - along.left;
    let x = fit_x(&axis, &[along.from, along.to].into_iter(), room, true);
    let top = ROW + 4.0;
    let bottom = bottom_height(&x, &axis.title(), room);
    let more = more(chart);
    let below = more.as_ref().map_or(0.0, |_| ROW);
    let plot = Rect { x: along.left, y: top, width: room, height: (height - top - bottom - below).max(20.0) };

    for tick in &x.ticks {
        let at = plot.x + x.share(tick.at) * plot.width;
        canvas.line(&[(at, plot.y), (at, plot.bottom())], Ink::Grid, 1.0)?;
    }
    if let Some(now) = chart.now {
        let at = along.pixel(now);
        canvas.line(&[(at, plot.y - 2.0), (at, plot.bottom())], Ink::Accent, 1.5)?;
        let half = small("today") / 2.0;
        let letters = Letters::new(SMALL, Ink::Accent, Anchor::Middle);
        canvas.text("today", at.clamp(half, width - half), ROW / 2.0, letters)?;
    }
    let mut y = plot.y + BETWEEN / 2.0;
    for (n, lane) in lanes(chart).iter().enumerate() {
        let (placed, rows) = stack(lane, &along);
        if n > 0 {
            let line = y - BETWEEN / 2.0;
            canvas.line(&[(0.0, line), (plot.right(), line)], Ink::Grid, 1.0)?;
        }
        let label = cut(&lane.label, TEXT, along.left - 12.0);
        let letters = Letters::new(TEXT, Ink::Text, Anchor::End);
        canvas.text(&label, along.left - 12.0, y + SPAN / 2.0, letters)?;
        for span in placed {
            one(canvas, &span, y + SPAN * (span.row as f64 + 0.5))?;
        }
        y += SPAN * rows as f64 + BETWEEN;
    }
    if let Some(more) = more {
        canvas.text(&more, 0.0, height - ROW / 2.0, Letters::new(SMALL, Ink::Text2, Anchor::Start))?;
    }
    bottom_axis(canvas, plot, &x, &axis.title())
}

fn one<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, placed: &Placed<'_>, y: f64) -> Drawn<DB> {
    let Placed { span, from, to, label, .. } = *placed;
    let ink = span.severity.map_or(Ink::Series(0), severity_ink);
    if span.to.is_some() {
        let bar = Rect { x: from, y: y - 9.0, width: to - from, height: 18.0 };
        // The background first: the grid does not shine through a tint.
        canvas.rect(bar, Ink::Background, 1.0)?;
        canvas.rect(bar, ink, 0.2)?;
        canvas.rect(Rect { width: bar.width.min(3.0), ..bar }, ink, 1.0)?;
    } else {
        let middle = from.midpoint(to);
        canvas.polygon(&[(middle, y - SIGN), (to, y), (middle, y + SIGN), (from, y)], ink)?;
    }
    let Some(x) = label else { return Ok(()) };
    if x > to || x < from {
        let back = Rect { x: x - 2.0, y: y - 8.0, width: small(&span.label) + 4.0, height: 16.0 };
        canvas.rect(back, Ink::Background, 1.0)?;
    }
    canvas.text(&span.label, x, y, Letters::new(SMALL, Ink::Text, Anchor::Start))
}

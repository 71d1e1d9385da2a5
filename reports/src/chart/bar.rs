//! Horizontal bars with intervals.

use std::cmp::Ordering;

use plotters::prelude::*;

use super::canvas::{Anchor, Canvas, Drawn, Letters, Rect, SMALL, TEXT};
use super::frame::{ROW, bottom_axis, bottom_height, fit_x, nothing};
use super::labels::{Labels, cut, small, usual};
use super::line::severity_ink;
use super::{Bar, BarChart, MAX_ROWS, Order, Scale};
use crate::colours::Ink;
use crate::number::short;

/// The height of a bar with the space around it.
const BAR: f64 = 26.0;

/// The bars in their order; those without a value come last.
pub(super) fn sorted(chart: &BarChart) -> Vec<&Bar> {
    let mut bars: Vec<&Bar> = chart.bars.iter().collect();
    let value = |bar: &Bar| bar.value.as_ref().ok().copied().filter(|v| v.is_finite());
    if chart.order != Order::Given {
        bars.sort_by(|a, b| match (value(a), value(b)) {
            (Some(a), Some(b)) if chart.order == Order::Ascending => a.total_cmp(&b),
            (Some(a), Some(b)) => b.total_cmp(&a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
    }
    bars
}

pub(super) fn height(chart: &BarChart) -> u32 {
    let rows = chart.bars.len().clamp(1, MAX_ROWS);
    let more = if chart.bars.len() > MAX_ROWS { ROW } else { 0.0 };
    let limits = if chart.limits.is_empty() { 4.0 } else { ROW * 2.0 };
    (limits + BAR * rows as f64 + more + 50.0) as u32
}

/// What stands beside a bar.
fn words(bar: &Bar, unit: &str) -> String {
    let value = match &bar.value {
        Ok(value) if unit.is_empty() || unit.starts_with(['x', '×', '%']) => {
            format!("{}{unit}", short(*value))
        }
        Ok(value) => format!("{} {unit}", short(*value)),
        Err(reason) => reason.clone(),
    };
    if bar.note.is_empty() { value } else { format!("{value} · {}", bar.note) }
}

pub(super) fn draw<DB: DrawingBackend>(chart: &BarChart, canvas: &Canvas<'_, DB>) -> Drawn<DB> {
    let all = sorted(chart);
    if all.is_empty() {
        return nothing(canvas);
    }
    let (width, height) = canvas.size();
    let bars = &all[..all.len().min(MAX_ROWS)];
    let widest = bars.iter().map(|b| usual(&b.label)).fold(0.0, f64::max);
    let left = (widest + 12.0).min(width * if width < 500.0 { 0.4 } else { 0.36 });
    let beside = bars
        .iter()
        .filter(|b| b.value.is_ok())
        .map(|b| small(&words(b, &chart.axis.unit)))
        .fold(0.0, f64::max);
    let right = width - (beside + 14.0).min(width * 0.34);
    let ends = |b: &Bar| b.interval.map_or([f64::NAN; 2], |(low, high)| [low, high]);
    let values = bars.iter().flat_map(|b| {
        let [low, high] = ends(b);
        [b.value.as_ref().ok().copied().unwrap_or(f64::NAN), low, high]
    });
    let values = values.chain(chart.limits.iter().map(|l| l.at));
    let x = fit_x(&chart.axis, &values, right - left, false);
    let title = chart.axis.title();
    let top = if chart.limits.is_empty() { 4.0 } else { ROW * 2.0 };
    let more = if all.len() > bars.len() { ROW } else { 0.0 };
    let bottom = bottom_height(&x, &title, right - left);
    let plot =
        Rect { x: left, y: top, width: right - left, height: (height - top - bottom - more).max(20.0) };
    let step = plot.height / bars.len() as f64;
    let place = |v: f64| x.place(v).map(|at| plot.x + x.share(at) * plot.width);

    for tick in &x.ticks {
        let at = plot.x + x.share(tick.at) * plot.width;
        canvas.line(&[(at, plot.y), (at, plot.bottom())], Ink::Grid, 1.0)?;
    }
    let mut labels = Labels::within(Rect { x: 0.0, y: 0.0, width, height: top });
    for limit in chart.limits.iter().take(MAX_ROWS) {
        let Some(at) = place(limit.at) else { continue };
        let ink = severity_ink(limit.severity);
        canvas.dashes(&[(at, plot.y - 2.0), (at, plot.bottom())], ink, 1.2)?;
        let letters = Letters::new(SMALL, ink, Anchor::Middle);
        if let Some((x, y)) = labels.find(&limit.label, letters, &[(at, top - 10.0), (at, top - 10.0 - ROW)])
        {
            canvas.text(&limit.label, x, y, letters)?;
        }
    }
    let base = if chart.axis.scale == Scale::Zero { place(0.0).unwrap_or(plot.x) } else { plot.x };
    for (row, bar) in bars.iter().enumerate() {
        let middle = plot.y + step * (row as f64 + 0.5);
        one(canvas, bar, &chart.axis.unit, &Place { plot, base, middle, left, width }, &place)?;
    }
    bottom_axis(canvas, plot, &x, &title)?;
    if more > 0.0 {
        let text = format!("{} more are not drawn", all.len() - bars.len());
        canvas.text(&text, 0.0, height - ROW / 2.0, Letters::new(SMALL, Ink::Text2, Anchor::Start))?;
    }
    Ok(())
}

/// Where a bar goes.
struct Place {
    plot: Rect,
    /// The pixel of zero.
    base: f64,
    middle: f64,
    left: f64,
    width: f64,
}

fn one<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    bar: &Bar,
    unit: &str,
    at: &Place,
    place: &impl Fn(f64) -> Option<f64>,
) -> Drawn<DB> {
    let (middle, plot) = (at.middle, at.plot);
    let label = cut(&bar.label, TEXT, at.left - 10.0);
    canvas.text(&label, at.left - 10.0, middle, Letters::new(TEXT, Ink::Text, Anchor::End))?;
    let ink = bar.severity.map_or(Ink::Series(0), severity_ink);
    let mut end = at.base;
    if let Some(value) = bar.value.as_ref().ok().and_then(|v| place(*v)) {
        let (x, width) = (value.min(at.base), (value - at.base).abs().max(1.0));
        canvas.rect(Rect { x, y: middle - 7.0, width, height: 14.0 }, ink, 0.85)?;
        end = end.max(value);
    }
    if let Some((low, high)) = bar.interval {
        let (low, open_low) = place(low).map_or((plot.x, true), |x| (x, false));
        let (high, open_high) = place(high).map_or((plot.right(), true), |x| (x, false));
        let (low, high) = if low.total_cmp(&high) == Ordering::Greater { (high, low) } else { (low, high) };
        canvas.line(&[(low, middle), (high, middle)], Ink::Text, 1.5)?;
        for (x, open, side) in [(low, open_low, -1.0), (high, open_high, 1.0)] {
            if open {
                canvas.line(
                    &[(x - side * 5.0, middle - 4.0), (x, middle), (x - side * 5.0, middle + 4.0)],
                    Ink::Text,
                    1.5,
                )?;
            } else {
                canvas.line(&[(x, middle - 4.0), (x, middle + 4.0)], Ink::Text, 1.5)?;
            }
        }
        end = end.max(high);
    }
    let text = words(bar, unit);
    let room = at.width - end - 8.0;
    // Beside the bar; where the whisker leaves no room, right of the plot. A reason takes the place of the bar.
    let least = if bar.value.is_ok() { plot.right() + 8.0 } else { end + 8.0 };
    let x = if small(&text) <= room { end + 8.0 } else { (at.width - small(&text)).max(least) };
    let text = cut(&text, SMALL, at.width - x);
    let ink = if bar.value.is_ok() { Ink::Text } else { Ink::Text2 };
    // The lines of limits do not run through the words.
    let back = Rect { x: x - 3.0, y: middle - 8.0, width: small(&text) + 6.0, height: 16.0 };
    canvas.rect(back, Ink::Background, 1.0)?;
    canvas.text(&text, x, middle, Letters::new(SMALL, ink, Anchor::Start))
}

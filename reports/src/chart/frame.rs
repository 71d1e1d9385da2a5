//! Two axes with a grid around a plot: where everything goes, and all that is not data.

use plotters::prelude::DrawingBackend;

use super::canvas::{Anchor, Canvas, Drawn, Letters, Rect, SMALL, TEXT};
use super::labels::{Labels, cut, small};
use super::scale::{Fitted, Tick};
use super::{Axis, Mark};
use crate::colours::Ink;

/// A row of small text.
pub(super) const ROW: f64 = 16.0;
/// How opaque a band is.
pub(super) const BAND: f64 = 0.18;
/// Most rows of labels of marks.
const MARK_ROWS: usize = 3;

/// An x axis whose labels fit into a width side by side.
pub(super) fn fit_x(
    axis: &Axis,
    values: &(impl Iterator<Item = f64> + Clone),
    width: f64,
    snug: bool,
) -> Fitted {
    let most = ((width / 44.0) as usize).clamp(2, 14);
    let fitted = |count| Fitted::new(axis.scale, values.clone(), count, snug);
    (2..=most).rev().map(fitted).find(|x| side_by_side(x, width)).unwrap_or_else(|| fitted(2))
}

fn side_by_side(x: &Fitted, width: f64) -> bool {
    let row = |text: fn(&Tick) -> Option<&str>| {
        let mut end = f64::NEG_INFINITY;
        x.ticks.iter().filter_map(|t| Some((t, text(t)?))).all(|(tick, label)| {
            let half = small(label) / 2.0;
            let middle = x.share(tick.at) * width;
            let free = middle - half >= end;
            end = middle + half + 12.0;
            free
        })
    };
    row(|t| Some(&t.label)) && row(|t| t.under.as_deref())
}

/// The grid, ticks and titles of a plot.
pub(super) struct Frame<'f> {
    pub(super) plot: Rect,
    pub(super) x: &'f Fitted,
    pub(super) y: &'f Fitted,
}

impl Frame<'_> {
    /// The pixel of a position on the x axis.
    pub(super) fn left_of(&self, at: f64) -> f64 {
        self.plot.x + self.x.share(at) * self.plot.width
    }

    /// The pixel of a position on the y axis.
    pub(super) fn top_of(&self, at: f64) -> f64 {
        self.plot.bottom() - self.y.share(at) * self.plot.height
    }

    /// The length of a line in pixels.
    pub(super) fn length(&self, points: &[(f64, f64)]) -> f64 {
        let pixel = |p: (f64, f64)| (self.left_of(p.0), self.top_of(p.1));
        let steps = points.windows(2).map(|pair| (pixel(pair[0]), pixel(pair[1])));
        steps.map(|(a, b)| (b.0 - a.0).hypot(b.1 - a.1)).sum()
    }

    /// Lines across and the labels left of them.
    pub(super) fn grid<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn<DB> {
        let label = Letters::new(SMALL, Ink::Text2, Anchor::End);
        for tick in &self.y.ticks {
            let y = self.top_of(tick.at);
            canvas.line(&[(self.plot.x, y), (self.plot.right(), y)], Ink::Grid, 1.0)?;
            canvas.text(&tick.label, self.plot.x - 8.0, y, label)?;
        }
        Ok(())
    }

    /// The axis at the bottom, with its title; at zero too, where values go below it.
    pub(super) fn bottom<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: &str) -> Drawn<DB> {
        let (left, right) = (self.plot.x, self.plot.right());
        if self.y.low < 0.0 && self.y.high > 0.0 && self.y.ticks.iter().any(|t| t.label == "0") {
            let zero = self.top_of(0.0);
            canvas.line(&[(left, zero), (right, zero)], Ink::StrongLine, 1.0)?;
        }
        bottom_axis(canvas, self.plot, self.x, title)
    }
}

/// An axis under a plot: a line, ticks, labels in one or two rows, the title below at the right.
pub(super) fn bottom_axis<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    plot: Rect,
    x: &Fitted,
    title: &str,
) -> Drawn<DB> {
    let (width, height) = canvas.size();
    let base = plot.bottom();
    canvas.line(&[(plot.x, base), (plot.right(), base)], Ink::StrongLine, 1.0)?;
    let mut labels = Labels::within(Rect { x: 0.0, y: base, width, height: height - base });
    let letters = Letters::new(SMALL, Ink::Text2, Anchor::Middle);
    for tick in &x.ticks {
        let at = plot.x + x.share(tick.at) * plot.width;
        canvas.line(&[(at, base), (at, base + 4.0)], Ink::StrongLine, 1.0)?;
        for (row, text) in [(0.0, Some(&tick.label)), (1.0, tick.under.as_ref())] {
            let Some(text) = text else { continue };
            let half = small(text) / 2.0;
            let inside = at.clamp(half.min(width / 2.0), (width - half).max(width / 2.0));
            let y = base + 14.0 + row * 14.0;
            if let Some((x, y)) = labels.find(text, letters, &[(inside, y)]) {
                canvas.text(text, x, y, letters)?;
            }
        }
    }
    // The title stands in the second row where that is free, or below it.
    let end = Letters::new(SMALL, Ink::Text2, Anchor::End);
    let rows = [base + 28.0, base + 42.0].map(|y| (plot.right().max(small(title)), y));
    if let Some((x, y)) = labels.find(title, end, &rows) {
        canvas.text(title, x, y, end)?;
    }
    Ok(())
}

/// The height of what stands under a plot.
pub(super) fn bottom_height(x: &Fitted, title: &str, width: f64) -> f64 {
    let under = x.ticks.iter().filter_map(|t| t.under.as_ref().map(|u| (t, u)));
    let taken = under.map(|(t, u)| x.share(t.at) * width + small(u) / 2.0).fold(0.0, f64::max);
    if taken + small(title) + 12.0 > width { 50.0 } else { 36.0 }
}

/// A label of a mark, above the plot.
pub(super) struct Flag {
    /// The mark's pixel.
    pub(super) at: f64,
    /// The label's place, if there was one: point, anchor and row counted from the plot.
    pub(super) label: Option<(f64, Anchor, usize)>,
}

/// Finds places for the labels of marks in rows above the plot, from the right: so no line of a mark goes through
/// the label of another. Gives the flags in the order of the marks, and the number of rows.
pub(super) fn flags(marks: &[(f64, &Mark)], left: f64, right: f64) -> (Vec<Flag>, usize) {
    let room = Rect { x: left, y: 0.0, width: right - left, height: ROW * MARK_ROWS as f64 };
    let mut labels = Labels::within(room);
    let mut order: Vec<usize> = (0..marks.len()).collect();
    order.sort_by(|a, b| marks[*b].0.total_cmp(&marks[*a].0));
    let mut flags: Vec<Flag> = marks.iter().map(|(at, _)| Flag { at: *at, label: None }).collect();
    let mut used = 0;
    for index in order {
        let (at, mark) = marks[index];
        let middle = |row: usize| room.bottom() - ROW * (row as f64 + 0.5);
        let rows = |anchor| (0..MARK_ROWS).map(move |row| (anchor, row));
        let place = rows(Anchor::Start).chain(rows(Anchor::End)).find_map(|(anchor, row)| {
            let x = if anchor == Anchor::Start { at + 4.0 } else { at - 4.0 };
            let line =
                Rect { x: at, y: middle(row) - ROW / 2.0, width: 1.0, height: ROW * (row as f64 + 1.0) };
            let letters = Letters::new(SMALL, Ink::Text2, anchor);
            labels.free(line).then(|| labels.find(&mark.label, letters, &[(x, middle(row))])).flatten()?;
            Some((x, anchor, row))
        });
        if let Some((_, _, row)) = place {
            used = used.max(row + 1);
            let top = middle(row) - ROW / 2.0;
            labels.take(Rect { x: at, y: top, width: 1.0, height: room.bottom() - top });
        }
        flags[index].label = place;
    }
    (flags, used)
}

/// An entry of a legend.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) ink: Ink,
    pub(super) sample: Sample,
}

/// What a legend shows before a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sample {
    Line,
    Dashes,
    /// The sign of the n-th set of points.
    Sign(usize),
    /// The n-th of nested bands, each darker by those around it.
    Area(usize),
}

/// The height of a legend in a width.
pub(super) fn legend_height(entries: &[Entry], width: f64) -> f64 {
    places(entries, width).last().map_or(0.0, |(_, _, row)| ROW * (*row as f64 + 1.0) + 4.0)
}

/// The place of each entry: its name as it fits, x and row.
fn places(entries: &[Entry], width: f64) -> Vec<(String, f64, usize)> {
    let (mut x, mut row) = (0.0, 0);
    entries
        .iter()
        .map(|entry| {
            let name = cut(&entry.name, SMALL, width - 24.0);
            let needed = 22.0 + small(&name);
            if x > 0.0 && x + needed > width {
                (x, row) = (0.0, row + 1);
            }
            let place = (name, x, row);
            x += needed + 16.0;
            place
        })
        .collect()
}

/// Draws a legend with its top at `top`.
pub(super) fn legend<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    entries: &[Entry],
    (left, top, width): (f64, f64, f64),
) -> Drawn<DB> {
    for (entry, (name, x, row)) in entries.iter().zip(places(entries, width)) {
        let (x, y) = (left + x, top + ROW * (row as f64 + 0.5));
        sample(canvas, entry.sample, entry.ink, x, y)?;
        canvas.text(&name, x + 22.0, y, Letters::new(SMALL, Ink::Text, Anchor::Start))?;
    }
    Ok(())
}

/// A piece of line, dot or area, 16 pixels wide.
pub(super) fn sample<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    sample: Sample,
    ink: Ink,
    x: f64,
    y: f64,
) -> Drawn<DB> {
    match sample {
        Sample::Line => canvas.line(&[(x, y), (x + 16.0, y)], ink, 2.0),
        Sample::Dashes => canvas.dashes(&[(x, y), (x + 16.0, y)], ink, 2.0),
        Sample::Sign(n) => canvas.sign(n, (x + 8.0, y)),
        Sample::Area(depth) => {
            let shade = 1.0 - (1.0 - BAND).powi(depth as i32 + 1);
            canvas.rect(Rect { x, y: y - 5.0, width: 16.0, height: 10.0 }, ink, shade)
        }
    }
}

/// "No data" in the middle of a picture that has no axes, since there is nothing to measure.
pub(super) fn nothing<DB: DrawingBackend>(canvas: &Canvas<'_, DB>) -> Drawn<DB> {
    let (width, height) = canvas.size();
    canvas.line(&[(0.0, height - 1.0), (width, height - 1.0)], Ink::StrongLine, 1.0)?;
    let letters = Letters::new(TEXT, Ink::Text2, Anchor::Middle);
    canvas.text("No data in this time range", width / 2.0, height / 2.0, letters)
}

//! Values in cells.

use plotters::prelude::*;

use super::canvas::{Anchor, Canvas, Drawn, Letters, Rect, SMALL, TEXT};
use super::frame::{ROW, nothing};
use super::labels::{Labels, cut, small, usual};
use super::scale::{Fitted, place};
use super::{HeatChart, Scale};
use crate::colours::{HEAT_STEPS, Ink};
use crate::number::short;

/// Most rows and columns that are drawn.
const MAX_ROWS: usize = 60;
const MAX_COLUMNS: usize = 400;
/// The height of the scale of colours below the cells.
const KEY: f64 = 44.0;

pub(super) fn height(chart: &HeatChart) -> u32 {
    let rows = chart.rows.len().clamp(2, MAX_ROWS);
    let row = if rows > 20 { 14.0 } else { 22.0 };
    (ROW + 4.0 + row * rows as f64 + 36.0 + KEY) as u32
}

pub(super) fn draw<DB: DrawingBackend>(chart: &HeatChart, canvas: &Canvas<'_, DB>) -> Drawn<DB> {
    let (width, height) = canvas.size();
    let (rows, columns) = (chart.rows.len().min(MAX_ROWS), chart.columns.len().min(MAX_COLUMNS));
    let names = &chart.rows[..rows];
    let widest = names.iter().map(|r| usual(r)).fold(0.0, f64::max);
    let left = (widest + 12.0).min(width * if width < 500.0 { 0.4 } else { 0.32 });
    let top = ROW + 4.0;
    let plot =
        Rect { x: left, y: top, width: width - left - 2.0, height: (height - top - 36.0 - KEY).max(20.0) };
    let value = |row: usize, column: usize| chart.cells.get(row).and_then(|r| r.get(column)).copied();
    let shown = (0..rows).flat_map(|r| (0..columns).filter_map(move |c| value(r, c)));
    let scale = if chart.value.scale == Scale::Time { Scale::Fit } else { chart.value.scale };
    if !shown.clone().any(|v| place(scale, v).is_some()) {
        return nothing(canvas);
    }
    let range = Fitted::new(scale, shown.clone(), 5, true);

    canvas.text(&chart.y, 0.0, ROW / 2.0, Letters::new(SMALL, Ink::Text2, Anchor::Start))?;
    let (step_x, step_y) = (plot.width / columns.max(1) as f64, plot.height / rows.max(1) as f64);
    // A pixel between cells; small cells touch, and reach under their neighbour so that no seam shows.
    let seam = |step: f64| if step >= 8.0 { -1.0 } else { 0.3 };
    for row in 0..rows {
        for column in 0..columns {
            let at = value(row, column).and_then(|v| place(scale, v));
            let x = plot.x + step_x * column as f64;
            let y = plot.y + step_y * row as f64;
            let (width, height) = (step_x + seam(step_x), step_y + seam(step_y));
            let Some(at) = at else {
                if step_x >= 8.0 && step_y >= 8.0 {
                    let (x, y) = (x + step_x / 2.0, y + step_y / 2.0);
                    canvas.line(&[(x - 2.0, y), (x + 2.0, y)], Ink::StrongLine, 1.0)?;
                }
                continue;
            };
            let heat = (range.share(at) * (HEAT_STEPS - 1) as f64).round() as usize;
            canvas.rect(Rect { x, y, width, height }, Ink::Heat(heat), 1.0)?;
        }
    }
    row_names(chart, canvas, plot, names)?;
    column_names(chart, canvas, plot, step_x, columns)?;
    key(chart, canvas, plot, &range)
}

fn row_names<DB: DrawingBackend>(
    chart: &HeatChart,
    canvas: &Canvas<'_, DB>,
    plot: Rect,
    names: &[String],
) -> Drawn<DB> {
    let step = plot.height / names.len().max(1) as f64;
    let every = (14.0 / step).ceil().max(1.0) as usize;
    for (row, name) in names.iter().enumerate().step_by(every) {
        let name = cut(name, TEXT, plot.x - 8.0);
        let y = plot.y + step * (row as f64 + 0.5);
        canvas.text(&name, plot.x - 8.0, y, Letters::new(TEXT, Ink::Text, Anchor::End))?;
    }
    if chart.rows.len() > names.len() {
        let text = format!("{} more rows are not drawn", chart.rows.len() - names.len());
        canvas.text(&text, plot.right(), ROW / 2.0, Letters::new(SMALL, Ink::Text2, Anchor::End))?;
    }
    Ok(())
}

/// Names under the columns: every n-th, so that they stand side by side.
fn column_names<DB: DrawingBackend>(
    chart: &HeatChart,
    canvas: &Canvas<'_, DB>,
    plot: Rect,
    step: f64,
    count: usize,
) -> Drawn<DB> {
    let widest = chart.columns[..count].iter().map(|c| small(c).min(plot.width / 3.0)).fold(0.0, f64::max);
    let every = ((widest + 10.0) / step).ceil().max(1.0) as usize;
    let mut labels =
        Labels::within(Rect { x: 0.0, y: plot.bottom(), width: plot.right() + 2.0, height: 40.0 });
    let letters = Letters::new(SMALL, Ink::Text2, Anchor::Middle);
    for (column, name) in chart.columns[..count].iter().enumerate().step_by(every) {
        let name = cut(name, SMALL, plot.width / 3.0);
        let half = small(&name) / 2.0;
        let x = (plot.x + step * (column as f64 + 0.5)).min(plot.right() - half).max(half);
        if let Some((x, y)) = labels.find(&name, letters, &[(x, plot.bottom() + 10.0)]) {
            canvas.text(&name, x, y, letters)?;
        }
    }
    canvas.text(&chart.x, plot.right(), plot.bottom() + 26.0, Letters::new(SMALL, Ink::Text2, Anchor::End))
}

/// The colours and what they stand for.
fn key<DB: DrawingBackend>(
    chart: &HeatChart,
    canvas: &Canvas<'_, DB>,
    plot: Rect,
    range: &Fitted,
) -> Drawn<DB> {
    let title = chart.value.title();
    let step = 18.0_f64.min((plot.width / HEAT_STEPS as f64).max(4.0));
    let (left, end) = (plot.x, plot.x + step * HEAT_STEPS as f64);
    // The title stands beside the colours, or above them where that is too narrow.
    let beside = end + 10.0 + small(&title) <= plot.right();
    let top = plot.bottom() + if beside { 44.0 } else { 52.0 };
    for n in 0..HEAT_STEPS {
        let x = left + step * n as f64;
        canvas.rect(Rect { x, y: top, width: step + 0.3, height: 10.0 }, Ink::Heat(n), 1.0)?;
    }
    let value = |at: f64| if chart.value.scale == Scale::Log { 10f64.powf(at) } else { at };
    let text = |anchor| Letters::new(SMALL, Ink::Text2, anchor);
    canvas.text(&short(value(range.low)), left, top + 20.0, text(Anchor::Start))?;
    canvas.text(&short(value(range.high)), end, top + 20.0, text(Anchor::End))?;
    if beside {
        return canvas.text(&title, end + 10.0, top + 5.0, text(Anchor::Start));
    }
    canvas.text(&cut(&title, SMALL, plot.right()), 0.0, top - 9.0, text(Anchor::Start))
}

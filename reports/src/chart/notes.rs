//! What is said beside the data: marks above, limits across, names at the ends of lines.

use std::ops::Range;

use plotters::prelude::DrawingBackend;

use super::Mark;
use super::canvas::{Anchor, Canvas, Drawn, Letters, Rect, SMALL};
use super::frame::{self, Flag, Frame, ROW, Sample};
use super::labels::{Labels, small};
use super::line::{MAX_MARKS, Plot, severity_ink};
use crate::colours::Ink;

pub(super) fn draw_marks<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    frame: &Frame<'_>,
    marks: &[(f64, &Mark)],
    flags: &[Flag],
) -> Drawn<DB> {
    let plot = frame.plot;
    for ((_, mark), flag) in marks.iter().zip(flags) {
        if let Some(to) = mark.to.and_then(|to| frame.x.place(to)) {
            let width = frame.left_of(to) - flag.at;
            canvas.rect(Rect { x: flag.at, width, ..plot }, Ink::Mark, 0.1)?;
        }
        let mut top = plot.y;
        if let Some((x, anchor, row)) = flag.label {
            let y = plot.y - 4.0 - ROW * (row as f64 + 0.5);
            canvas.text(&mark.label, x, y, Letters::new(SMALL, Ink::Text2, anchor))?;
            top = y - ROW / 2.0 + 2.0;
        }
        canvas.line(&[(flag.at, top), (flag.at, plot.bottom())], Ink::Mark, 0.8)?;
    }
    Ok(())
}

impl Plot<'_> {
    pub(super) fn draw_limits<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        frame: &Frame<'_>,
    ) -> Drawn<DB> {
        let plot = frame.plot;
        let mut labels = Labels::within(plot);
        for limit in self.limits.iter().take(MAX_MARKS) {
            let Some(at) = frame.y.place(limit.at) else { continue };
            let (y, ink) = (frame.top_of(at), severity_ink(limit.severity));
            canvas.dashes(&[(plot.x, y), (plot.right(), y)], ink, 1.5)?;
            let width = small(&limit.label);
            let (left, right) = (plot.x + 6.0, plot.right() - 6.0 - width);
            let mut places = [(right, y - 9.0), (right, y + 9.0), (left, y - 9.0), (left, y + 9.0)];
            // Where it covers least of the data.
            places.sort_by_cached_key(|(x, y)| {
                self.covered(frame, (x - 3.0..x + width + 3.0, y - 7.0..y + 7.0))
            });
            let letters = Letters::new(SMALL, ink, Anchor::Start);
            if let Some((x, y)) = labels.find(&limit.label, letters, &places) {
                let back = Rect { x: x - 3.0, y: y - 7.0, width: width + 6.0, height: 14.0 };
                canvas.rect(back, Ink::Background, 0.85)?;
                canvas.text(&limit.label, x, y, letters)?;
            }
        }
        Ok(())
    }

    /// How many points of lines and sets lie in a rectangle of pixels.
    fn covered(&self, frame: &Frame<'_>, (across, down): (Range<f64>, Range<f64>)) -> usize {
        let points = self.all().flat_map(|s| &s.points).filter_map(|p| self.placed(*p));
        points.filter(|p| across.contains(&frame.left_of(p.0)) && down.contains(&frame.top_of(p.1))).count()
    }

    /// Names at the ends of the lines, moved apart where the lines are close.
    pub(super) fn draw_ends<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        frame: &Frame<'_>,
    ) -> Drawn<DB> {
        let mut ends: Vec<(f64, usize)> = self
            .lines
            .iter()
            .enumerate()
            .filter_map(|(n, line)| {
                let last = self.runs(line).last()?.last().copied()?;
                Some((frame.top_of(last.1), n))
            })
            .collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        for i in 1..ends.len() {
            ends[i].0 = ends[i].0.max(ends[i - 1].0 + 15.0);
        }
        let mut floor = frame.plot.bottom();
        for end in ends.iter_mut().rev() {
            end.0 = end.0.min(floor);
            floor = end.0 - 15.0;
        }
        let x = frame.plot.right() + 6.0;
        for (y, n) in ends {
            let sample = if self.lines[n].dashed { Sample::Dashes } else { Sample::Line };
            frame::sample(canvas, sample, Ink::Series(n), x, y)?;
            canvas.text(&self.lines[n].name, x + 20.0, y, Letters::new(SMALL, Ink::Text, Anchor::Start))?;
        }
        Ok(())
    }
}

//! Lines over an axis, and points with fitted curves.

use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use super::canvas::{Anchor, Canvas, Drawn, Letters, Rect, SMALL, px};
use super::frame::{self, Entry, Frame, ROW, Sample};
use super::labels::small;
use super::notes;
use super::scale::{Fitted, place};
use super::{Axis, Band, Limit, LineChart, Mark, Scale, ScatterChart, Series};
use crate::colours::{Ink, SERIES};
use crate::document::Severity;

/// Most marks and limits that are drawn.
pub(super) const MAX_MARKS: usize = 60;
/// Most points of a set that are drawn.
const MAX_POINTS: usize = 4_000;
/// The longest line that is dashed, in pixels: in one that goes up and down more, dashes are not seen.
const LONGEST_DASHED: f64 = 12_000.0;
/// The widest name that stands at the end of its line.
const END_NAME: f64 = 150.0;

type Plane<'p, DB> = ChartContext<'p, DB, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// What line and scatter charts have in common.
pub(super) struct Plot<'a> {
    x: &'a Axis,
    y: &'a Axis,
    pub(super) lines: &'a [Series],
    points: &'a [Series],
    bands: &'a [Band],
    marks: &'a [Mark],
    pub(super) limits: &'a [Limit],
    /// How many series are not drawn.
    left_out: usize,
}

pub(super) fn lines<DB: DrawingBackend>(chart: &LineChart, canvas: &Canvas<'_, DB>) -> Drawn<DB> {
    let lines = &chart.series[..chart.series.len().min(SERIES)];
    let (bands, marks, limits) = (&chart.bands, &chart.marks, &chart.limits);
    let left_out = chart.series.len() - lines.len();
    Plot { x: &chart.x, y: &chart.y, lines, points: &[], bands, marks, limits, left_out }.draw(canvas)
}

pub(super) fn scatter<DB: DrawingBackend>(chart: &ScatterChart, canvas: &Canvas<'_, DB>) -> Drawn<DB> {
    let lines = &chart.curves[..chart.curves.len().min(SERIES)];
    let points = &chart.points[..chart.points.len().min(SERIES)];
    let (bands, marks, limits) = (&chart.bands, &chart.marks, &chart.limits);
    let left_out = chart.points.len() - points.len();
    Plot { x: &chart.x, y: &chart.y, lines, points, bands, marks, limits, left_out }.draw(canvas)
}

pub(super) fn severity_ink(severity: Severity) -> Ink {
    match severity {
        Severity::Good => Ink::Green,
        Severity::Warning => Ink::Amber,
        Severity::Critical => Ink::Red,
        Severity::Info => Ink::Mark,
    }
}

impl<'a> Plot<'a> {
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn<DB> {
        let (width, height) = canvas.size();
        let (x_title, y_title) = (self.x.title(), self.y.title());
        canvas.text(&y_title, 0.0, ROW / 2.0, Letters::new(SMALL, Ink::Text2, Anchor::Start))?;
        if self.left_out > 0 {
            let more = format!("{} more series are not drawn", self.left_out);
            canvas.text(&more, width, ROW / 2.0, Letters::new(SMALL, Ink::Text2, Anchor::End))?;
        }
        if self.empty() {
            return frame::nothing(canvas);
        }
        let y = Fitted::new(self.y.scale, self.y_values(), ((height / 56.0) as usize).clamp(3, 7), false);
        let left = y.ticks.iter().map(|t| small(&t.label)).fold(0.0, f64::max) + 8.0;
        let ends = self.names_at_ends(width);
        let right = width - if ends { self.end_width() } else { 12.0 };
        let snug = self.x.scale == Scale::Time || self.points.is_empty();
        let x = frame::fit_x(self.x, &self.x_values(), right - left, snug);

        let entries = self.legend(ends);
        let legend = frame::legend_height(&entries, width);
        let marks: Vec<(f64, &Mark)> = self.marks(&x).collect();
        let placed: Vec<(f64, &Mark)> =
            marks.iter().map(|(at, mark)| (left + x.share(*at) * (right - left), *mark)).collect();
        let (flags, rows) = frame::flags(&placed, left, width);
        let top = ROW + 4.0 + legend + ROW * rows as f64 + 4.0;
        let bottom = frame::bottom_height(&x, &x_title, right - left);
        let plot = Rect { x: left, y: top, width: right - left, height: (height - top - bottom).max(20.0) };
        let frame = Frame { plot, x: &x, y: &y };

        frame::legend(canvas, &entries, (0.0, ROW + 4.0, width))?;
        frame.grid(canvas)?;
        notes::draw_marks(canvas, &frame, &marks, &flags)?;
        let mut plane = ChartBuilder::on(canvas.area)
            .margin_left(px(plot.x))
            .margin_top(px(plot.y))
            .margin_right(px(width - plot.right()))
            .margin_bottom(px(height - plot.bottom()))
            .build_cartesian_2d(x.low..x.high, y.low..y.high)?;
        self.draw_data(canvas, &mut plane, &frame)?;
        frame.bottom(canvas, &x_title)?;
        self.draw_limits(canvas, &frame)?;
        if ends { self.draw_ends(canvas, &frame) } else { Ok(()) }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &'a Series> + Clone + use<'a> {
        self.lines.iter().chain(self.points)
    }

    fn empty(&self) -> bool {
        !self.all().flat_map(|s| &s.points).any(|p| self.placed(*p).is_some())
            && !self.bands.iter().flat_map(|b| &b.points).any(|p| self.placed((p.0, p.1)).is_some())
    }

    /// A point's position on both axes; `None` for a gap.
    pub(super) fn placed(&self, (x, y): (f64, f64)) -> Option<(f64, f64)> {
        Some((place(self.x.scale, x)?, place(self.y.scale, y)?))
    }

    fn y_values(&self) -> impl Iterator<Item = f64> {
        let bands = self.bands.iter().flat_map(|b| b.points.iter().flat_map(|p| [p.1, p.2]));
        self.all()
            .flat_map(|s| s.points.iter().map(|p| p.1))
            .chain(bands)
            .chain(self.limits.iter().map(|l| l.at))
    }

    fn x_values(&self) -> impl Iterator<Item = f64> + Clone {
        let bands = self.bands.iter().flat_map(|b| b.points.iter().map(|p| p.0));
        let own = self.all().flat_map(|s| s.points.iter().map(|p| p.0)).chain(bands);
        // On an axis of time a mark outside the data is not shown; elsewhere it is a place to be seen.
        let marks = self.marks.iter().filter(|_| self.x.scale != Scale::Time).map(|m| m.from);
        own.chain(marks)
    }

    /// The marks within the x axis, with their positions.
    fn marks(&self, x: &Fitted) -> impl Iterator<Item = (f64, &'a Mark)> {
        self.marks
            .iter()
            .filter_map(|mark| {
                let from = x.place(mark.from)?;
                let to = mark.to.and_then(|to| x.place(to)).unwrap_or(from);
                (from <= x.high && to >= x.low).then(|| (from.max(x.low), mark))
            })
            .take(MAX_MARKS)
    }

    /// Whether names stand at the ends of the lines: there the eye needs no legend.
    fn names_at_ends(&self, width: f64) -> bool {
        let all = || self.lines.iter().flat_map(|s| &s.points).filter_map(|p| self.placed(*p)).map(|p| p.0);
        let (low, high) = all().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
        let reaches = |s: &Series| {
            let last = s.points.iter().filter_map(|p| self.placed(*p)).map(|p| p.0).fold(low, f64::max);
            last >= high - (high - low) * 0.05
        };
        width >= 560.0
            && self.points.is_empty()
            && (2..=6).contains(&self.lines.len())
            && self.lines.iter().all(|s| small(&s.name) <= END_NAME && reaches(s))
    }

    fn end_width(&self) -> f64 {
        self.lines.iter().map(|s| small(&s.name)).fold(0.0, f64::max) + 28.0
    }

    fn legend(&self, ends: bool) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (n, points) in self.points.iter().enumerate() {
            entries.push(Entry { name: points.name.clone(), ink: Ink::Series(n), sample: Sample::Sign(n) });
        }
        let alone = self.lines.len() == 1 && self.points.is_empty() && self.bands.is_empty();
        if !ends && !alone {
            for (n, line) in self.lines.iter().enumerate() {
                let sample = if line.dashed { Sample::Dashes } else { Sample::Line };
                entries.push(Entry { name: line.name.clone(), ink: Ink::Series(n), sample });
            }
        }
        for (n, band) in self.bands.iter().enumerate().take(SERIES) {
            let depth = self.bands[..n].iter().filter(|outer| outer.of == band.of).count();
            let sample = Sample::Area(depth);
            entries.push(Entry { name: band.name.clone(), ink: Ink::Series(band.of), sample });
        }
        entries
    }

    fn draw_data<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        plane: &mut Plane<'_, DB>,
        frame: &Frame<'_>,
    ) -> Drawn<DB> {
        let columns = frame.plot.width as usize;
        for band in self.bands.iter().take(SERIES) {
            let area = self.outline(band);
            let colour = canvas.colour(Ink::Series(band.of), frame::BAND);
            plane.draw_series(std::iter::once(Polygon::new(area, colour)))?;
        }
        for (n, points) in self.points.iter().enumerate() {
            // Of very many points every n-th: they lie over each other anyway.
            let every = points.points.len().div_ceil(MAX_POINTS).max(1);
            for (x, y) in points.points.iter().step_by(every).filter_map(|p| self.placed(*p)) {
                canvas.sign(n, (frame.left_of(x), frame.top_of(y)))?;
            }
        }
        for (n, line) in self.lines.iter().enumerate() {
            let style = canvas.stroke(Ink::Series(n), 2.0);
            for run in self.runs(line) {
                if let [only] = run[..] {
                    plane.draw_series([Circle::new(only, px(3.0), style.filled())])?;
                    continue;
                }
                let run = thinned(&run, frame.x, columns);
                if line.dashed && frame.length(&run) <= LONGEST_DASHED {
                    plane.draw_series(DashedLineSeries::new(run, px(6.0), px(4.0), style))?;
                } else {
                    plane.draw_series(LineSeries::new(run, style))?;
                }
            }
        }
        Ok(())
    }

    /// The points of a line from gap to gap, in the order of x.
    pub(super) fn runs(&self, line: &Series) -> Vec<Vec<(f64, f64)>> {
        let mut points = line.points.clone();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points
            .split(|p| self.placed(*p).is_none())
            .map(|run| run.iter().filter_map(|p| self.placed(*p)).collect::<Vec<_>>())
            .filter(|run| !run.is_empty())
            .collect()
    }

    /// The outline of a band: its upper side, then its lower one backwards.
    fn outline(&self, band: &Band) -> Vec<(f64, f64)> {
        let mut points: Vec<_> = band
            .points
            .iter()
            .filter_map(|(x, low, high)| {
                let (x, low) = self.placed((*x, *low))?;
                Some((x, low, place(self.y.scale, *high)?))
            })
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let every = (points.len() / 2_000).max(1);
        let kept: Vec<_> = points.iter().step_by(every).chain(points.last()).collect();
        kept.iter().map(|p| (p.0, p.2)).chain(kept.iter().rev().map(|p| (p.0, p.1))).collect()
    }
}

/// At most four points for each pixel of the width: the first, the lowest, the highest and the last. The picture
/// is the same, peaks included.
fn thinned(run: &[(f64, f64)], x: &Fitted, columns: usize) -> Vec<(f64, f64)> {
    let column = |p: &(f64, f64)| (x.share(p.0) * columns as f64) as usize;
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return Vec::new() };
    if run.len() <= (column(last) - column(first) + 1) * 4 {
        return run.to_vec();
    }
    run.chunk_by(|a, b| column(a) == column(b))
        .flat_map(|chunk| {
            let by = |a: &usize, b: &usize| chunk[*a].1.total_cmp(&chunk[*b].1);
            let low = (0..chunk.len()).min_by(by).unwrap_or(0);
            let high = (0..chunk.len()).max_by(by).unwrap_or(0);
            let mut kept = [0, low, high, chunk.len() - 1];
            kept.sort_unstable();
            let mut kept = kept.to_vec();
            kept.dedup();
            kept.into_iter().map(|i| chunk[i]).collect::<Vec<_>>()
        })
        .collect()
}

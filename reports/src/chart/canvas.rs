//! Drawing in CSS pixels on a backend of plotters, whose own pixels are whole numbers.

use plotters::coord::Shift;
use plotters::drawing::DrawingAreaErrorKind;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::RGBAColor;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Chart, bar, heat, line, timeline};
use crate::colours::{Ink, Theme};

/// Pixels of the backend in one CSS pixel: plotters rounds to whole pixels, by which lines would be jagged.
pub(crate) const UNIT: f64 = 10.0;

/// The size of text in charts, in CSS pixels.
pub(super) const TEXT: f32 = 12.0;
/// The size of the smaller text in charts, in CSS pixels.
pub(super) const SMALL: f32 = 11.0;

/// The result of drawing.
pub(crate) type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// Draws a chart on all of a backend.
pub(crate) fn draw<DB: DrawingBackend>(
    chart: &Chart,
    area: &DrawingArea<DB, Shift>,
    theme: Theme,
) -> Drawn<DB> {
    let canvas = Canvas { area, theme };
    match chart {
        Chart::Line(chart) => line::lines(chart, &canvas),
        Chart::Scatter(chart) => line::scatter(chart, &canvas),
        Chart::Bar(chart) => bar::draw(chart, &canvas),
        Chart::Timeline(chart) => timeline::draw(chart, &canvas),
        Chart::Heat(chart) => heat::draw(chart, &canvas),
    }
}

/// Where the given point of a text lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How text is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Letters {
    pub(super) size: f32,
    pub(super) ink: Ink,
    pub(super) anchor: Anchor,
}

impl Letters {
    pub(super) fn new(size: f32, ink: Ink, anchor: Anchor) -> Self {
        Self { size, ink, anchor }
    }
}

/// A rectangle in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Rect {
    pub(super) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(super) fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

/// A backend, in CSS pixels.
pub(super) struct Canvas<'c, DB: DrawingBackend> {
    pub(super) area: &'c DrawingArea<DB, Shift>,
    pub(super) theme: Theme,
}

/// A length in the backend's pixels.
pub(super) fn px(length: f64) -> i32 {
    (length * UNIT).round().clamp(-1e8, 1e8) as i32
}

fn at((x, y): (f64, f64)) -> (i32, i32) {
    (px(x), px(y))
}

impl<DB: DrawingBackend> Canvas<'_, DB> {
    /// Width and height.
    pub(super) fn size(&self) -> (f64, f64) {
        let (width, height) = self.area.dim_in_pixel();
        (f64::from(width) / UNIT, f64::from(height) / UNIT)
    }

    pub(super) fn colour(&self, ink: Ink, alpha: f64) -> RGBAColor {
        let (r, g, b) = ink.rgb(self.theme);
        RGBColor(r, g, b).mix(alpha)
    }

    pub(super) fn stroke(&self, ink: Ink, width: f64) -> ShapeStyle {
        self.colour(ink, 1.0).stroke_width(px(width).max(1) as u32)
    }

    pub(super) fn line(&self, points: &[(f64, f64)], ink: Ink, width: f64) -> Drawn<DB> {
        let points: Vec<_> = points.iter().copied().map(at).collect();
        self.area.draw(&PathElement::new(points, self.stroke(ink, width)))
    }

    pub(super) fn dashes(&self, points: &[(f64, f64)], ink: Ink, width: f64) -> Drawn<DB> {
        let points: Vec<_> = points.iter().copied().map(at).collect();
        self.area.draw(&DashedPathElement::new(points, px(5.0), px(4.0), self.stroke(ink, width)))
    }

    pub(super) fn rect(&self, rect: Rect, ink: Ink, alpha: f64) -> Drawn<DB> {
        let corners = [at((rect.x, rect.y)), at((rect.right(), rect.bottom()))];
        self.area.draw(&Rectangle::new(corners, self.colour(ink, alpha).filled()))
    }

    pub(super) fn polygon(&self, points: &[(f64, f64)], ink: Ink) -> Drawn<DB> {
        let points: Vec<_> = points.iter().copied().map(at).collect();
        self.area.draw(&Polygon::new(points, self.colour(ink, 1.0)))
    }

    /// The sign of a point of the n-th set: each has its shape, for those who do not see its colour. The first is
    /// pale, since its points are many and its curve runs through them.
    pub(super) fn sign(&self, n: usize, (x, y): (f64, f64)) -> Drawn<DB> {
        let ink = Ink::Series(n);
        match n % 4 {
            0 => {
                let style = self.colour(ink, if n == 0 { 0.45 } else { 1.0 }).filled();
                self.area.draw(&Circle::new(at((x, y)), px(3.0), style))
            }
            1 => self.polygon(&[(x, y - 5.0), (x + 5.0, y), (x, y + 5.0), (x - 5.0, y)], ink),
            2 => self.polygon(&[(x, y - 4.5), (x + 4.5, y + 3.5), (x - 4.5, y + 3.5)], ink),
            _ => self.rect(Rect { x: x - 3.5, y: y - 3.5, width: 7.0, height: 7.0 }, ink, 1.0),
        }
    }

    /// Text, its middle at `y`.
    pub(super) fn text(&self, text: &str, x: f64, y: f64, letters: Letters) -> Drawn<DB> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let h_pos = match letters.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let colour = self.colour(letters.ink, 1.0);
        // The SVG backend divides sizes by 1.24.
        let size = f64::from(letters.size) * UNIT * 1.24;
        let style = TextStyle::from(("sans-serif", size).into_font())
            .color(&colour)
            .pos(Pos::new(h_pos, VPos::Center));
        self.area.draw_text(&crate::clean::line(text), &style, at((x, y)))
    }
}

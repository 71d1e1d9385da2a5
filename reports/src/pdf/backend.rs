//! A backend of plotters that draws onto a page of krilla.

use std::convert::Infallible;

use krilla::geom::{Path, PathBuilder, Point};
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule, LineJoin, Stroke};
use krilla::surface::Surface;

use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontTransform, text_anchor,
};

use super::paint::{Fonts, rgb, write};
use crate::font::{self, Face};

/// Where the middle of small letters is above the baseline, in ems: half of Inter's x-height (1536 of 2816 units).
const MIDDLE: f32 = 0.273;
/// A circle as four curves: the distance of their control points.
const ROUND: f32 = 0.552_285;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A surface of `size` pixels. The surface is scaled by whoever made this.
pub(super) struct OnPage<'a, 's> {
    pub(super) surface: &'a mut Surface<'s>,
    pub(super) fonts: &'a Fonts,
    pub(super) size: (u32, u32),
}

fn at((x, y): BackendCoord) -> (f32, f32) {
    (x as f32, y as f32)
}

fn opacity(colour: BackendColor) -> NormalizedF32 {
    NormalizedF32::new(colour.alpha.clamp(0.0, 1.0) as f32).unwrap_or(NormalizedF32::ONE)
}

impl OnPage<'_, '_> {
    fn fill(&mut self, path: Option<Path>, colour: BackendColor) {
        let Some(path) = path.filter(|_| colour.alpha > 0.0) else { return };
        self.surface.set_stroke(None);
        let (opacity, paint) = (opacity(colour), rgb(colour.rgb));
        self.surface.set_fill(Some(Fill { paint, opacity, rule: FillRule::NonZero }));
        self.surface.draw_path(&path);
    }

    fn stroke<S: BackendStyle>(&mut self, path: Option<Path>, style: &S) {
        let colour = style.color();
        let Some(path) = path.filter(|_| colour.alpha > 0.0) else { return };
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(Stroke {
            paint: rgb(colour.rgb),
            opacity: opacity(colour),
            width: style.stroke_width() as f32,
            line_join: LineJoin::Round,
            ..Stroke::default()
        }));
        self.surface.draw_path(&path);
    }
}

fn along(points: impl IntoIterator<Item = BackendCoord>, close: bool) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for (n, point) in points.into_iter().enumerate() {
        let (x, y) = at(point);
        if n == 0 { builder.move_to(x, y) } else { builder.line_to(x, y) }
    }
    if close {
        builder.close();
    }
    builder.finish()
}

impl DrawingBackend for OnPage<'_, '_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Drawn {
        let (x, y) = point;
        self.fill(along([(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)], true), colour);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.stroke(along([from, to], false), style);
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let path = along([from, (to.0, from.1), to, (from.0, to.1)], true);
        if fill {
            self.fill(path, style.color())
        } else {
            self.stroke(path, style)
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.stroke(along(path, false), style);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.fill(along(path, true), style.color());
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let ((x, y), r) = (at(centre), radius as f32);
        let k = r * ROUND;
        let mut builder = PathBuilder::new();
        builder.move_to(x + r, y);
        builder.cubic_to(x + r, y + k, x + k, y + r, x, y + r);
        builder.cubic_to(x - k, y + r, x - r, y + k, x - r, y);
        builder.cubic_to(x - r, y - k, x - k, y - r, x, y - r);
        builder.cubic_to(x + k, y - r, x + r, y - k, x + r, y);
        builder.close();
        let path = builder.finish();
        if fill {
            self.fill(path, style.color())
        } else {
            self.stroke(path, style)
        }
        Ok(())
    }

    /// Text that stands upright and has its middle at the given height, as all text of our charts.
    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, pos: BackendCoord) -> Drawn {
        debug_assert!(matches!(style.transform(), FontTransform::None), "charts do not turn text");
        let text = font::visible(Face::Regular, text);
        let size = (style.size() / 1.24) as f32;
        let width = font::width(Face::Regular, size, &text);
        let (x, y) = at(pos);
        let x = match style.anchor().h_pos {
            text_anchor::HPos::Left => x,
            text_anchor::HPos::Center => x - width / 2.0,
            text_anchor::HPos::Right => x - width,
        };
        let colour = rgb(style.color().rgb);
        write(
            self.surface,
            self.fonts,
            (Face::Regular, size),
            Point::from_xy(x, y + size * MIDDLE),
            colour,
            &text,
        );
        Ok(())
    }
}

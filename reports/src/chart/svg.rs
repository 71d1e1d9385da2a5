//! A chart as SVG.

use plotters::prelude::*;

use super::canvas::{UNIT, draw};
use super::{Chart, Size};
use crate::clean::{escape, line};
use crate::colours::{Ink, Theme, to_variables};

/// Smallest and largest side of a picture, in pixels.
const SIDES: (u32, u32) = (160, 8_000);
const FONTS: &str =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";

pub(super) fn svg(chart: &Chart, theme: Theme, size: Size) -> String {
    let (width, height) = (size.width.clamp(SIDES.0, SIDES.1), size.height.clamp(SIDES.0 / 2, SIDES.1));
    let unit = UNIT as u32;
    let mut drawn = String::new();
    let result = {
        let area = SVGBackend::with_string(&mut drawn, (width * unit, height * unit)).into_drawing_area();
        let back = if theme == Theme::Page {
            Ok(())
        } else {
            let (r, g, b) = Ink::Background.rgb(theme);
            area.fill(&RGBColor(r, g, b))
        };
        back.and_then(|()| draw(chart, &area, theme)).and_then(|()| area.present())
    };
    let title = line(chart.title());
    let mut description = chart.summary();
    if let Err(error) = result {
        // Writing into a string does not fail; a picture that stops half-way would say so.
        description = format!("The picture is not complete: {error}. {description}");
    }
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {} {}\" font-family=\"{FONTS}\" stroke-linejoin=\"round\">\n\
         <title>{}</title>\n<desc>{}</desc>\n",
        width * unit,
        height * unit,
        escape(if title.is_empty() { "Chart" } else { &title }),
        escape(&description),
    );
    let body = drawn.split_once(">\n").map_or("", |(_, body)| body);
    // What is the same on every element stands once, on the first. Quotes in text are escaped, so only attributes
    // match.
    let body = body.replace(" opacity=\"1\"", "").replace(" font-family=\"sans-serif\"", "");
    let body = body.replace(" stroke=\"none\"", "").replace(" \"/>", "\"/>");
    to_variables(&(head + &body))
}

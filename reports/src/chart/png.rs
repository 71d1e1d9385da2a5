//! A chart as PNG: the SVG, painted.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::{Chart, Size};
use crate::colours::Theme;
use crate::error::{ReportError, Result};
use crate::font::Face;

/// Pixels to a CSS pixel: messages are read on telephones.
const SCALE: f32 = 2.0;

pub(super) fn png(chart: &Chart, theme: Theme, size: Size) -> Result<Vec<u8>> {
    static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
        let mut fonts = fontdb::Database::new();
        for face in [Face::Regular, Face::Bold] {
            fonts.load_font_data(face.bytes().to_vec());
        }
        fonts.set_sans_serif_family("Inter");
        Arc::new(fonts)
    });
    let options = Options { fontdb: Arc::clone(&FONTS), ..Options::default() };
    let refused = |problem: String| ReportError::Picture { problem };
    let tree =
        Tree::from_str(&chart.svg(theme, size), &options).map_err(|error| refused(error.to_string()))?;
    let side = |length: f32| (length * SCALE).ceil() as u32;
    let (width, height) = (side(tree.size().width()), side(tree.size().height()));
    let mut picture = Pixmap::new(width, height)
        .ok_or_else(|| refused(format!("{width} x {height} pixels are too many")))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut picture.as_mut());
    picture.encode_png().map_err(|error| refused(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Axis, LineChart, Scale, Series};

    #[test]
    fn lines_and_letters_are_painted() {
        let painted = |label: &str, points: Vec<(f64, f64)>| {
            let chart = Chart::Line(LineChart {
                title: String::new(),
                x: Axis::time(),
                y: Axis::new(label, "", Scale::Zero),
                series: vec![Series::new("burn", points)],
                bands: Vec::new(),
                limits: Vec::new(),
                marks: Vec::new(),
            });
            let png = png(&chart, Theme::Light, Size { width: 400, height: 200 }).expect("a picture");
            let picture = Pixmap::decode_png(&png).expect("a PNG");
            assert_eq!((picture.width(), picture.height()), (800, 400));
            picture.pixels().iter().filter(|pixel| pixel.red() < 160).count()
        };
        let line = vec![(0.0, 1.0), (3_600.0, 14.4)];
        let empty = painted("", Vec::new());
        assert!(painted("The burn of orders", Vec::new()) > empty + 100, "letters");
        assert!(painted("", line) > empty + 100, "a line");
    }
}

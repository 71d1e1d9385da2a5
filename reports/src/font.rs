//! The fonts of reports, and the width of text in them.
//!
//! Three faces are embedded: Inter in two weights and JetBrains Mono (SIL Open Font License, see `fonts/OFL.txt`).
//! Charts in HTML are drawn in the reader's own font; they are laid out by Inter's widths, which are wider than
//! those of the usual system fonts.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use rustybuzz::ttf_parser::Tag;
use rustybuzz::{Direction, Feature, ShapePlan, UnicodeBuffer, script};

/// A face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Face {
    Regular,
    Bold,
    Mono,
}

impl Face {
    /// The font file.
    pub(crate) fn bytes(self) -> &'static [u8] {
        match self {
            Self::Regular => include_bytes!("../fonts/Inter-Regular.otf"),
            Self::Bold => include_bytes!("../fonts/Inter-SemiBold.otf"),
            Self::Mono => include_bytes!("../fonts/JetBrainsMono-Regular.ttf"),
        }
    }

    fn loaded(self) -> Option<&'static Loaded> {
        static FACES: LazyLock<[Option<Loaded>; 3]> =
            LazyLock::new(|| [Face::Regular, Face::Bold, Face::Mono].map(Loaded::new));
        FACES[self as usize].as_ref()
    }
}

struct Loaded {
    face: rustybuzz::Face<'static>,
    plan: ShapePlan,
    /// What stands for a character that the face lacks.
    missing: char,
}

impl Loaded {
    fn new(face: Face) -> Option<Self> {
        let loaded = rustybuzz::Face::from_slice(face.bytes(), 0)?;
        // Figures of one width, so that numbers stand under each other; no ligatures, so that a query reads as it
        // was written.
        let on = |tag: &[u8; 4], value: u32| Feature::new(Tag::from_bytes(tag), value, ..);
        let features = [on(b"tnum", 1), on(b"calt", 0), on(b"liga", 0), on(b"dlig", 0)];
        let plan = ShapePlan::new(&loaded, Direction::LeftToRight, Some(script::LATIN), None, &features);
        let missing = ['\u{fffd}', '□', '?'].into_iter().find(|c| loaded.glyph_index(*c).is_some())?;
        Some(Self { face: loaded, plan, missing })
    }
}

/// A glyph; lengths in ems.
#[derive(Debug, Clone)]
pub(crate) struct Glyph {
    pub(crate) id: u32,
    /// Bytes of the text that it stands for.
    pub(crate) range: std::ops::Range<usize>,
    pub(crate) advance: f32,
    pub(crate) offset: (f32, f32),
}

/// The text with every character that the face lacks replaced, visibly.
pub(crate) fn visible(face: Face, text: &str) -> String {
    let Some(loaded) = face.loaded() else { return text.to_owned() };
    text.chars()
        .filter(|c| !matches!(c, '\u{200c}' | '\u{200d}'))
        .map(|c| match c {
            '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}' if loaded.face.glyph_index(c).is_none() => ' ',
            '\u{2011}' if loaded.face.glyph_index(c).is_none() => '-',
            c if loaded.face.glyph_index(c).is_some_and(|glyph| glyph.0 != 0) => c,
            _ => loaded.missing,
        })
        .collect()
}

/// The glyphs of a text that went through [`visible`], left to right.
pub(crate) fn shape(face: Face, text: &str) -> Vec<Glyph> {
    let Some(loaded) = face.loaded() else { return Vec::new() };
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.set_direction(Direction::LeftToRight);
    buffer.set_script(script::LATIN);
    let shaped = rustybuzz::shape_with_plan(&loaded.face, &loaded.plan, buffer);
    let em = loaded.face.units_per_em() as f32;
    let infos = shaped.glyph_infos();
    let positions = shaped.glyph_positions();
    infos
        .iter()
        .zip(positions)
        .enumerate()
        .map(|(i, (info, position))| {
            let next = infos[i + 1..].iter().map(|later| later.cluster).find(|c| *c > info.cluster);
            Glyph {
                id: info.glyph_id,
                range: info.cluster as usize..next.map_or(text.len(), |c| c as usize),
                advance: position.x_advance as f32 / em,
                offset: (position.x_offset as f32 / em, position.y_offset as f32 / em),
            }
        })
        .collect()
}

/// The width of a text at a size, in the unit of the size.
pub(crate) fn width(face: Face, size: f32, text: &str) -> f32 {
    static KNOWN: LazyLock<Mutex<HashMap<(Face, String), f32>>> = LazyLock::new(Mutex::default);
    /// Words are short and come again. These bound what is kept of them: their length in bytes, and their number.
    const KEPT: (usize, usize) = (40, 20_000);
    if text.is_empty() {
        return 0.0;
    }
    let measured = || shape(face, &visible(face, text)).iter().map(|g| g.advance).sum::<f32>();
    if text.len() > KEPT.0 {
        return measured() * size;
    }
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= KEPT.1 {
        known.clear();
    }
    *known.entry((face, text.to_owned())).or_insert_with(measured) * size
}

/// The text, cut with an ellipsis to fit a width.
pub(crate) fn fitted(face: Face, size: f32, text: &str, room: f32) -> String {
    if width(face, size, text) <= room {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().take(400).collect();
    let cut = |n: usize| chars[..n].iter().collect::<String>().trim_end().to_owned() + "…";
    let fits = |n: usize| width(face, size, &cut(n)) <= room;
    let (mut low, mut high) = (0, chars.len());
    while low < high {
        let middle = (low + high).div_ceil(2);
        if fits(middle) { low = middle } else { high = middle - 1 }
    }
    cut(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_one_width_in_every_face() {
        for face in [Face::Regular, Face::Bold, Face::Mono] {
            let one = width(face, 10.0, "1");
            for digit in "0123456789".chars() {
                let digit = width(face, 10.0, &digit.to_string());
                // The four of the bold face is three units of 2,816 narrower; on paper that is not seen.
                assert!((digit - one).abs() < 0.02, "{face:?}");
            }
        }
    }

    #[test]
    fn latin_greek_and_currencies_are_there_and_the_rest_is_seen() {
        let text = "Zażółć gęślą jaźń, Ωμέγα, € £ ₹ ¥ $ × ≥ → −1,234.50 10⁻⁶ µs";
        for face in [Face::Regular, Face::Bold] {
            assert_eq!(visible(face, text), text);
            assert_eq!(visible(face, "取引 x"), "□□ x");
        }
        assert_eq!(visible(Face::Mono, "a→b 取"), "a→b \u{fffd}");
    }

    #[test]
    fn clusters_cover_the_text() {
        let text = "e\u{301}a µ != fi";
        for face in [Face::Regular, Face::Bold, Face::Mono] {
            let shown = visible(face, text);
            let glyphs = shape(face, &shown);
            assert_eq!(glyphs.first().unwrap().range.start, 0);
            assert_eq!(glyphs.last().unwrap().range.end, shown.len());
            assert!(glyphs.iter().all(|g| g.id != 0 && shown.is_char_boundary(g.range.start)));
        }
    }

    #[test]
    fn text_is_cut_to_the_room() {
        let cut = fitted(Face::Regular, 12.0, "portfolio-valuation-service", 80.0);
        assert!(cut.ends_with('…') && width(Face::Regular, 12.0, &cut) <= 80.0, "{cut}");
        assert_eq!(fitted(Face::Regular, 12.0, "ok", 80.0), "ok");
        assert_eq!(fitted(Face::Regular, 12.0, "anything", 0.0), "…");
    }
}

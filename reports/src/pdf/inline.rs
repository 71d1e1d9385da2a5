//! Running text: pieces in several styles, broken into lines.

use krilla::tagging::Tag;

use super::item::{Draw, Item, To};
use super::tags::{Group, Slot, Tree};
use crate::clean;
use crate::colours::Ink;
use crate::font::{self, Face};
use crate::rich::{Rich, Span};

/// Text in one style.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) face: Face,
    pub(super) size: f32,
    pub(super) ink: Ink,
    pub(super) link: Option<To>,
}

impl Piece {
    pub(super) fn new(text: &str, face: Face, size: f32, ink: Ink) -> Self {
        Self { text: clean::line(text).into_owned(), face, size, ink, link: None }
    }

    pub(super) fn to(mut self, to: To) -> Self {
        self.link = Some(to);
        self
    }
}

/// The pieces of rich text.
pub(super) fn pieces(rich: &Rich, size: f32, ink: Ink) -> Vec<Piece> {
    rich.spans()
        .iter()
        .map(|span| match (span, span.href()) {
            (Span::Bold(text), _) => Piece::new(text, Face::Bold, size, ink),
            // A mono face looks larger than the others at the same size.
            (Span::Code(text), _) => Piece::new(text, Face::Mono, size * 0.92, ink),
            (Span::Link { text, .. }, Some(href)) if !href.starts_with(['/', '#']) => {
                Piece::new(text, Face::Regular, size, Ink::Accent).to(To::Url(href.to_owned()))
            }
            // A place on a site leads nowhere from paper.
            (span, _) => Piece::new(span.text(), Face::Regular, size, ink),
        })
        .collect()
}

/// A part of a line in one style.
#[derive(Debug, Clone)]
struct Run {
    x: f32,
    width: f32,
    text: String,
    piece: usize,
}

/// A line.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    runs: Vec<Run>,
    pub(super) width: f32,
}

/// What is not broken unless it is wider than a line: a word, with the styles that it has.
#[derive(Default)]
struct Word {
    parts: Vec<(usize, String)>,
    /// The piece that the space after it belongs to.
    space: Option<usize>,
}

impl Word {
    fn width(&self, pieces: &[Piece]) -> f32 {
        self.parts.iter().map(|(piece, text)| width(&pieces[*piece], text)).sum()
    }
}

fn width(piece: &Piece, text: &str) -> f32 {
    font::width(piece.face, piece.size, text)
}

fn words(pieces: &[Piece]) -> Vec<Word> {
    let mut all = vec![Word::default()];
    for (index, piece) in pieces.iter().enumerate() {
        for c in font::visible(piece.face, &piece.text).chars() {
            let Some(word) = all.last_mut() else { break };
            if c == ' ' {
                if !word.parts.is_empty() {
                    word.space = Some(index);
                    all.push(Word::default());
                }
                continue;
            }
            match word.parts.last_mut() {
                Some((last, text)) if *last == index => text.push(c),
                _ => word.parts.push((index, c.to_string())),
            }
        }
    }
    all.retain(|word| !word.parts.is_empty());
    all
}

/// The widest word, in points: what a column needs at least.
pub(super) fn widest_word(pieces: &[Piece]) -> f32 {
    words(pieces).iter().map(|w| w.width(pieces)).fold(0.0, f32::max)
}

/// Breaks text into lines no wider than `room`, at spaces, and within words that are wider than a line.
pub(super) fn wrap(pieces: &[Piece], room: f32) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = Line::default();
    let mut space: Option<usize> = None;
    for word in words(pieces) {
        let needed = word.width(pieces);
        let gap = space.map_or(0.0, |piece| width(&pieces[piece], " "));
        if !line.runs.is_empty() && line.width + gap + needed > room {
            lines.push(std::mem::take(&mut line));
        } else if let Some(piece) = space.filter(|_| !line.runs.is_empty()) {
            append(&mut line, pieces, piece, " ");
        }
        for (n, part) in broken(&word, pieces, room).into_iter().enumerate() {
            if n > 0 {
                lines.push(std::mem::take(&mut line));
            }
            for (piece, text) in part {
                append(&mut line, pieces, piece, &text);
            }
        }
        space = word.space;
    }
    if !line.runs.is_empty() {
        lines.push(line);
    }
    // A space at the end of a line is not seen, but keeps the words apart for those who copy the text.
    let count = lines.len();
    for line in lines.iter_mut().take(count.saturating_sub(1)) {
        if let Some(run) = line.runs.last_mut() {
            run.text.push(' ');
        }
    }
    lines
}

fn append(line: &mut Line, pieces: &[Piece], piece: usize, text: &str) {
    let width = width(&pieces[piece], text);
    match line.runs.last_mut() {
        Some(run) if run.piece == piece => {
            run.text.push_str(text);
            run.width += width;
        }
        _ => line.runs.push(Run { x: line.width, width, text: text.to_owned(), piece }),
    }
    line.width += width;
}

/// A word in parts that fit into a line each; behind a sign of separation where there is one.
fn broken(word: &Word, pieces: &[Piece], room: f32) -> Vec<Vec<(usize, String)>> {
    if word.width(pieces) <= room {
        return vec![word.parts.clone()];
    }
    let chars: Vec<(usize, char)> =
        word.parts.iter().flat_map(|(piece, text)| text.chars().map(move |c| (*piece, c))).collect();
    let mut parts = Vec::new();
    let mut start = 0;
    while start < chars.len() {
        let mut used = 0.0;
        let mut end = start;
        while end < chars.len() {
            let (piece, c) = chars[end];
            used += width(&pieces[piece], c.encode_utf8(&mut [0; 4]));
            if used > room && end > start {
                break;
            }
            end += 1;
        }
        if end < chars.len() {
            let good = |i: &usize| "/-_.,:;=&?".contains(chars[*i].1);
            let late = start + (end - start) / 2;
            end = (late..end).rev().find(good).map_or(end, |i| i + 1);
        }
        let mut part: Vec<(usize, String)> = Vec::new();
        for (piece, c) in &chars[start..end] {
            match part.last_mut() {
                Some((last, text)) if last == piece => text.push(*c),
                _ => part.push((*piece, c.to_string())),
            }
        }
        parts.push(part);
        start = end;
    }
    parts
}

/// The places of pieces in the structure.
#[derive(Clone)]
pub(super) struct Slots(Vec<(Slot, Option<Slot>)>);

impl Slots {
    /// A place for each piece in a group; links get a group of their own, the annotation before the text.
    pub(super) fn new(tree: &mut Tree, group: Group, pieces: &[Piece]) -> Self {
        let slot = |piece: &Piece| {
            if piece.link.is_some() {
                let link = tree.group(group, Tag::Link);
                let annotation = tree.slot(link);
                (tree.slot(link), Some(annotation))
            } else {
                (tree.slot(group), None)
            }
        };
        Self(pieces.iter().map(slot).collect())
    }
}

/// Puts a line into an item with its baseline at `y`.
pub(super) fn put(item: &mut Item<'_>, line: &Line, pieces: &[Piece], slots: &Slots, (x, y): (f32, f32)) {
    for run in &line.runs {
        let piece = &pieces[run.piece];
        let (slot, annotation) = slots.0[run.piece];
        let Piece { face, size, ink, .. } = *piece;
        item.draw(Draw::Text { x: x + run.x, y, face, size, ink, text: run.text.clone() }, slot);
        if let (Some(to), Some(annotation)) = (&piece.link, annotation) {
            let area = (x + run.x, y - size, run.width, size * 1.3);
            let (x, y, width, height) = area;
            let link = Draw::Link { x, y, width, height, to: to.clone(), words: piece.text.clone() };
            item.draw(link, annotation);
        }
    }
}

//! Blocks into items.

use std::num::NonZeroU16;

use krilla::tagging::{ListNumbering, Tag};

use super::inline::{self, Line, Piece, Slots};
use super::item::{Anchor, Draw, Flow, Item, To};
use super::paint::{POINTS, meta};
use super::tags::Group;
use super::{HEIGHT, WIDTH, table};
use crate::clean;
use crate::colours::Ink;
use crate::document::{Block, Callout, Document, Figure, KeyFigure, Severity};
use crate::font::{self, Face};
use crate::rich::Rich;

/// Sizes of text, in points.
pub(super) const BODY: f32 = 9.5;
pub(super) const HEADING: f32 = 15.0;
pub(super) const SMALL: f32 = 8.0;
/// The height of a line, in sizes of its text.
pub(super) const LEADING: f32 = 1.45;
/// The longest line that reads well, in points.
pub(super) const MEASURE: f32 = 440.0;

/// The baseline of text in the middle of a line: capitals are 0.72 of the size.
pub(super) fn baseline(height: f32, size: f32) -> f32 {
    f32::midpoint(height, size * 0.72)
}

/// The level of a heading's tag.
pub(super) fn level(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap_or(NonZeroU16::MIN)
}

pub(super) fn sections<'d>(flow: &mut Flow<'d>, document: &'d Document) {
    for (n, section) in document.sections.iter().enumerate() {
        heading(flow, &section.title, n);
        for block in &section.blocks {
            self::block(flow, block);
        }
    }
}

/// The heading of the n-th section.
pub(super) fn heading(flow: &mut Flow<'_>, title: &str, n: usize) {
    let group = flow.tree.root(Tag::Hn(level(2), Some(meta(title, "Section"))));
    let pieces = [Piece::new(title, Face::Bold, HEADING, Ink::Text)];
    let first = flow.items.len();
    text(flow, group, &pieces, Place { gap: 26.0, room: WIDTH, ..Place::default() });
    for item in &mut flow.items[first..] {
        item.keep = true;
    }
    if let Some(item) = flow.items.get_mut(first) {
        item.anchor = Some(Anchor::Section(n));
    }
}

fn block<'d>(flow: &mut Flow<'d>, block: &'d Block) {
    match block {
        Block::Paragraph(content) => {
            let group = flow.tree.root(Tag::P);
            let pieces = inline::pieces(content, BODY, Ink::Text);
            text(flow, group, &pieces, Place { gap: 8.0, ..Place::default() });
        }
        Block::List { ordered, items } => list(flow, *ordered, items),
        Block::Table(content) => table::table(flow, content),
        Block::Figure(content) => figure(flow, content),
        Block::Callout(content) => callout(flow, content),
        Block::KeyFigures(content) => content.chunks(4).for_each(|row| key_figures(flow, row)),
        Block::Source { .. } => {
            flow.sources += 1;
            let group = flow.tree.root(Tag::P);
            let pieces = [
                Piece::new("Where this comes from: ", Face::Regular, SMALL, Ink::Text2),
                Piece::new(&format!("source {}", flow.sources), Face::Regular, SMALL, Ink::Accent)
                    .to(To::Place(Anchor::Source(flow.sources - 1))),
            ];
            text(flow, group, &pieces, Place { gap: 8.0, ..Place::default() });
        }
    }
}

/// Where running text goes.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) gap: f32,
    pub(super) x: f32,
    pub(super) room: f32,
}

impl Default for Place {
    fn default() -> Self {
        Self { gap: 0.0, x: 0.0, room: MEASURE }
    }
}

/// Running text, an item for each line. Neither the first nor the last line stands alone on a page.
pub(super) fn text(flow: &mut Flow<'_>, group: Group, pieces: &[Piece], place: Place) {
    let lines = inline::wrap(pieces, place.room);
    let slots = Slots::new(&mut flow.tree, group, pieces);
    let size = pieces.iter().map(|p| p.size).fold(0.0, f32::max);
    let count = lines.len();
    for (n, line) in lines.iter().enumerate() {
        let height = (size * if size > BODY + 2.0 { 1.25 } else { LEADING }).round();
        let mut item = Item { height, ..Item::default() };
        if n == 0 {
            item.gap = place.gap;
        }
        item.keep = count > 1 && n + 1 < count && (n == 0 || n + 2 == count);
        inline::put(&mut item, line, pieces, &slots, (place.x, baseline(height, size)));
        flow.items.push(item);
    }
}

fn list(flow: &mut Flow<'_>, ordered: bool, items: &[Rich]) {
    let indent = 16.0;
    let numbering = if ordered { ListNumbering::Decimal } else { ListNumbering::Disc };
    let list = flow.tree.root(Tag::L(numbering));
    for (n, content) in items.iter().enumerate() {
        let item = flow.tree.group(list, Tag::LI);
        let label = flow.tree.group(item, Tag::Lbl);
        let label = flow.tree.slot(label);
        let body = flow.tree.group(item, Tag::LBody);
        let first = flow.items.len();
        let pieces = inline::pieces(content, BODY, Ink::Text);
        let place = Place { gap: if n == 0 { 8.0 } else { 3.0 }, x: indent, room: MEASURE - indent };
        text(flow, body, &pieces, place);
        if let Some(line) = flow.items.get_mut(first) {
            let sign = if ordered { format!("{}.", n + 1) } else { "•".to_owned() };
            let x = indent - 5.0 - font::width(Face::Regular, BODY, &sign);
            let y = baseline(line.height, BODY);
            let text = format!("{sign} ");
            line.ops.insert(
                0,
                super::item::Op {
                    draw: Draw::Text { x, y, face: Face::Regular, size: BODY, ink: Ink::Text2, text },
                    slot: Some(label),
                },
            );
        }
    }
}

/// The pieces of a caption: kind and number, what it says, and the number of the source that it cites.
pub(super) fn caption(kind: &str, number: usize, caption: &str, source: usize) -> Vec<Piece> {
    vec![
        Piece::new(&format!("{kind} {number}. "), Face::Regular, BODY, Ink::Text2),
        Piece::new(caption, Face::Bold, BODY, Ink::Text),
        // The number does not stand alone on a line.
        Piece::new("\u{a0}", Face::Regular, SMALL, Ink::Text2),
        Piece::new(&format!("[{source}]"), Face::Regular, SMALL, Ink::Accent)
            .to(To::Place(Anchor::Source(source - 1))),
    ]
}

fn figure<'d>(flow: &mut Flow<'d>, figure: &'d Figure) {
    flow.figures += 1;
    flow.sources += 1;
    let pieces = caption("Figure", flow.figures, &figure.caption, flow.sources);
    let caption = flow.tree.root(Tag::Caption);
    let first = flow.items.len();
    text(flow, caption, &pieces, Place { gap: 18.0, ..Place::default() });
    for item in &mut flow.items[first..] {
        item.keep = true;
    }
    let alt = format!("{}. {}", clean::line(figure.chart.title()), figure.chart.summary());
    let group = flow.tree.root(Tag::Figure(Some(meta(&alt, "Chart"))));
    let slot = flow.tree.slot(group);
    let natural = figure.chart.natural((WIDTH / POINTS) as u32);
    let height = (natural.height as f32 * POINTS).min(HEIGHT - 60.0);
    let mut item = Item { height, gap: 6.0, ..Item::default() };
    item.draw(Draw::Chart { chart: &figure.chart, width: WIDTH, height }, slot);
    flow.items.push(item);
}

fn callout(flow: &mut Flow<'_>, callout: &Callout) {
    let (ink, back) = match callout.severity {
        Severity::Good => (Ink::Green, Ink::GreenBack),
        Severity::Warning => (Ink::Amber, Ink::AmberBack),
        Severity::Critical => (Ink::Red, Ink::RedBack),
        Severity::Info => (Ink::Accent, Ink::AccentBack),
    };
    let (x, room, pad) = (12.0, WIDTH - 24.0, 8.0);
    let title = [
        Piece::new(&format!("{}\u{a0} ", callout.severity.word()), Face::Bold, BODY, ink),
        Piece::new(&callout.title, Face::Bold, BODY, Ink::Text),
    ];
    let body = inline::pieces(&callout.text, BODY, Ink::Text);
    let mut lines: Vec<(usize, Line)> = Vec::new();
    lines.extend(inline::wrap(&title, room).into_iter().map(|line| (0, line)));
    lines.extend(inline::wrap(&body, room.min(MEASURE)).into_iter().map(|line| (1, line)));
    let group = flow.tree.root(Tag::Div);
    let groups = [flow.tree.group(group, Tag::P), flow.tree.group(group, Tag::P)];
    let slots = [Slots::new(&mut flow.tree, groups[0], &title), Slots::new(&mut flow.tree, groups[1], &body)];
    let all: [&[Piece]; 2] = [&title, &body];
    let height = (BODY * LEADING).round();
    let chunks = lines.chunks(30);
    let last = chunks.len().saturating_sub(1);
    for (n, chunk) in chunks.enumerate() {
        let top = if n == 0 { pad } else { 0.0 };
        let bottom = if n == last { pad } else { 0.0 };
        let gap = if n == 0 { 14.0 } else { 0.0 };
        let mut item = Item { height: top + bottom + height * chunk.len() as f32, gap, ..Item::default() };
        item.decorate(Draw::Rect { x: 0.0, y: 0.0, width: WIDTH, height: item.height, ink: back });
        item.decorate(Draw::Rect { x: 0.0, y: 0.0, width: 2.5, height: item.height, ink });
        for (row, (part, line)) in chunk.iter().enumerate() {
            let y = top + height * row as f32 + baseline(height, BODY);
            inline::put(&mut item, line, all[*part], &slots[*part], (x, y));
        }
        flow.items.push(item);
    }
    flow.items.push(Item { height: 6.0, ..Item::default() });
}

/// Up to four large numbers side by side.
fn key_figures(flow: &mut Flow<'_>, figures: &[KeyFigure]) {
    const VALUE: f32 = 18.0;
    let step = WIDTH / 4.0;
    let room = step - 12.0;
    let mut item = Item { gap: 14.0, ..Item::default() };
    for (n, figure) in figures.iter().enumerate() {
        let group = flow.tree.root(Tag::P);
        // A value that is words is smaller, down to what can be read.
        let full = font::width(Face::Bold, VALUE, &clean::line(&figure.value));
        let value = (VALUE * room / full.max(room)).max(10.0);
        let parts = [
            (Piece::new(&format!("{} ", figure.label), Face::Regular, SMALL, Ink::Text2), 12.0),
            (Piece::new(&format!("{} ", figure.value), Face::Bold, value, Ink::Text), value.max(15.0) * 1.3),
            (Piece::new(&format!("{} ", figure.note), Face::Regular, SMALL, Ink::Text2), 11.0),
        ];
        let mut y = 0.0;
        for (piece, height) in parts {
            let pieces = [piece];
            let slots = Slots::new(&mut flow.tree, group, &pieces);
            for line in inline::wrap(&pieces, room).iter().take(12) {
                let y_text = y + baseline(height, pieces[0].size);
                inline::put(&mut item, line, &pieces, &slots, (step * n as f32, y_text));
                y += height;
            }
        }
        item.height = item.height.max(y);
    }
    flow.items.push(item);
}

//! The head of the first page with the contents, and the list of sources at the end.

use krilla::tagging::Tag;

use super::WIDTH;
use super::flow::{self, BODY, LEADING, Place, SMALL, baseline, level, text};
use super::inline::{self, Piece, Slots};
use super::item::{Anchor, Draw, Flow, Item, To};
use super::paint::meta;
use crate::clean;
use crate::colours::Ink;
use crate::document::Document;
use crate::font::{self, Face};

/// The most entries of the contents: one more page of them helps nobody.
const MAX_ENTRIES: usize = 60;

pub(super) fn head<'d>(flow: &mut Flow<'d>, document: &'d Document) {
    let whose = flow.tree.root(Tag::P);
    text(flow, whose, &[Piece::new(&document.tenant, Face::Regular, 9.0, Ink::Text2)], Place::default());
    let title = document.shown_title();
    let group = flow.tree.root(Tag::Hn(level(1), Some(meta(&title, "Report"))));
    let place = Place { gap: 3.0, room: WIDTH, ..Place::default() };
    text(flow, group, &[Piece::new(&title, Face::Bold, 25.0, Ink::Text)], place);
    let answer = flow.tree.root(Tag::P);
    let place = Place { gap: 8.0, room: WIDTH - 20.0, ..Place::default() };
    text(flow, answer, &[Piece::new(&document.subtitle, Face::Regular, 12.0, Ink::Text)], place);
    let about = flow.tree.root(Tag::P);
    let made = document.made_at.format("%Y-%m-%d %H:%M");
    let about_pieces = [
        Piece::new("Time range\u{a0} ", Face::Regular, SMALL, Ink::Text2),
        Piece::new(
            &format!("{}\u{a0}\u{a0}\u{a0}\u{a0} ", document.range.text()),
            Face::Regular,
            SMALL,
            Ink::Text,
        ),
        Piece::new("Made\u{a0} ", Face::Regular, SMALL, Ink::Text2),
        Piece::new(&format!("{made} UTC"), Face::Regular, SMALL, Ink::Text),
    ];
    text(flow, about, &about_pieces, Place { gap: 12.0, room: WIDTH, ..Place::default() });
    let mut rule = Item { height: 0.6, gap: 12.0, ..Item::default() };
    rule.decorate(Draw::Rect { x: 0.0, y: 0.0, width: WIDTH, height: 0.6, ink: Ink::Line });
    flow.items.push(rule);
    contents(flow, document);
}

fn contents(flow: &mut Flow<'_>, document: &Document) {
    if document.sections.len() < 2 {
        return;
    }
    let group = flow.tree.root(Tag::TOC);
    let sources = (!document.sources().is_empty()).then_some("Sources");
    let titles = document.sections.iter().map(|s| s.title.as_str()).chain(sources);
    for (n, title) in titles.enumerate().take(MAX_ENTRIES) {
        let entry = flow.tree.group(group, Tag::TOCI);
        let title = font::visible(Face::Regular, &clean::line(title));
        let title = font::fitted(Face::Regular, BODY, &title, WIDTH - 60.0);
        let to = To::Place(Anchor::Section(n));
        let pieces = [Piece::new(&format!("{title} "), Face::Regular, BODY, Ink::Text).to(to.clone())];
        let slots = Slots::new(&mut flow.tree, entry, &pieces);
        let page = flow.tree.slot(entry);
        let height = (BODY * LEADING).round();
        let y = baseline(height, BODY);
        let mut item = Item { height, gap: if n == 0 { 10.0 } else { 1.0 }, ..Item::default() };
        for line in inline::wrap(&pieces, WIDTH - 50.0).iter().take(1) {
            inline::put(&mut item, line, &pieces, &slots, (0.0, y));
            // Dots lead the eye to the number.
            let from = line.width + 6.0;
            let mut dot = (from / 5.0).ceil() * 5.0;
            while dot < WIDTH - 22.0 {
                item.decorate(Draw::Rect {
                    x: dot,
                    y: y - 0.8,
                    width: 0.8,
                    height: 0.8,
                    ink: Ink::StrongLine,
                });
                dot += 5.0;
            }
        }
        let place = Anchor::Section(n);
        item.draw(Draw::PageOf { x: WIDTH, y, size: BODY, ink: Ink::Text2, place }, page);
        flow.items.push(item);
    }
}

/// The list of the queries behind the figures, numbered as they are cited.
pub(super) fn sources<'d>(flow: &mut Flow<'d>, document: &'d Document) {
    let sources = document.sources();
    if sources.is_empty() {
        return;
    }
    flow::heading(flow, "Sources", document.sections.len());
    for (n, source) in sources.iter().enumerate() {
        let group = flow.tree.root(Tag::P);
        let pieces = [
            Piece::new(&format!("[{}]\u{a0} ", n + 1), Face::Bold, BODY, Ink::Text),
            Piece::new(&format!("{} ", source.what), Face::Regular, BODY, Ink::Text),
            Piece::new(&source.range, Face::Regular, SMALL, Ink::Text2),
        ];
        let first = flow.items.len();
        text(flow, group, &pieces, Place { gap: if n == 0 { 8.0 } else { 14.0 }, ..Place::default() });
        for item in &mut flow.items[first..] {
            item.keep = true;
        }
        if let Some(item) = flow.items.get_mut(first) {
            item.anchor = Some(Anchor::Source(n));
        }
        code(flow, &source.query);
    }
}

/// A query, as it was written, on a quiet ground.
fn code(flow: &mut Flow<'_>, query: &str) {
    const PAD: f32 = 7.0;
    let group = flow.tree.root(Tag::Code);
    let height = 11.0;
    let query = clean::lines(query).into_owned();
    let query = if query.trim().is_empty() { "(no query given)".to_owned() } else { query };
    let mut lines = Vec::new();
    for raw in query.lines() {
        let piece = [Piece::new(raw, Face::Mono, SMALL, Ink::Text)];
        // Breaking drops the spaces at the start, which are part of how a query reads.
        let lead = raw.chars().take_while(|c| *c == ' ').count().min(40) as f32;
        let indent = lead * font::width(Face::Mono, SMALL, " ");
        let slots = Slots::new(&mut flow.tree, group, &piece);
        let mut broken = inline::wrap(&piece, WIDTH - 2.0 * PAD - indent);
        if broken.is_empty() {
            broken.push(inline::Line::default());
        }
        lines.extend(broken.into_iter().map(|line| (line, indent, piece.clone(), slots.clone())));
    }
    let chunks = lines.chunks(12);
    let last = chunks.len().saturating_sub(1);
    for (n, chunk) in chunks.enumerate() {
        let top = if n == 0 { PAD - 2.0 } else { 0.0 };
        let bottom = if n == last { PAD - 2.0 } else { 0.0 };
        let mut item = Item { height: top + bottom + height * chunk.len() as f32, ..Item::default() };
        item.gap = if n == 0 { 3.0 } else { 0.0 };
        // A little longer than the item: no seam between two of them.
        let reach = if n == last { 0.0 } else { 0.4 };
        item.decorate(Draw::Rect {
            x: 0.0,
            y: 0.0,
            width: WIDTH,
            height: item.height + reach,
            ink: Ink::Quiet,
        });
        for (row, (line, indent, piece, slots)) in chunk.iter().enumerate() {
            let y = top + height * row as f32 + baseline(height, SMALL);
            inline::put(&mut item, line, piece, slots, (PAD + indent, y));
        }
        flow.items.push(item);
    }
}

//! Tables: columns as wide as their cells need, cells that wrap, a header on each page.

use krilla::tagging::{TableHeaderScope, Tag};

use super::WIDTH;
use super::flow::{self, Place, SMALL, baseline, text};
use super::inline::{self, Line, Piece, Slots};
use super::item::{Draw, Flow, Item};
use super::tags::Group;
use crate::colours::Ink;
use crate::document::{Align, Column, Table};
use crate::font::Face;
use crate::rich::Rich;

/// Space above and below a cell's text.
const PAD: f32 = 3.6;
/// A row is broken into pieces of so many lines.
const MAX_LINES: usize = 40;
/// Sizes of a table's text and the space between its columns; a wide table takes smaller ones.
const SIZES: [(f32, f32); 4] = [(8.5, 12.0), (7.5, 10.0), (6.5, 7.0), (6.0, 6.0)];
/// The widest word that a column makes room for; a wider one is broken.
const WORD: f32 = 150.0;
/// Cells up to this width do not wrap.
const SHORT: f32 = 64.0;

/// A cell: its pieces, and the lines that they make in its column.
struct Cell {
    pieces: Vec<Piece>,
    lines: Vec<Line>,
}

pub(super) fn table(flow: &mut Flow<'_>, table: &Table) {
    flow.tables += 1;
    flow.sources += 1;
    let caption = flow::caption("Table", flow.tables, &table.caption, flow.sources);
    let group = flow.tree.root(Tag::Table);
    let caption_group = flow.tree.group(group, Tag::Caption);
    let first = flow.items.len();
    text(flow, caption_group, &caption, Place { gap: 18.0, ..Place::default() });
    for item in &mut flow.items[first..] {
        item.keep = true;
    }
    let empty = Rich::new();
    let shown = table.even(&empty);
    if shown.columns.is_empty() {
        return note(flow, "No columns");
    }
    let measures = fit(&shown.columns, &shown.rows);
    let (size, widths) = (measures.size, &measures.widths);
    let head: Vec<Cell> = shown.columns.iter().map(|c| head_cell(c, size)).collect();
    let head = wrapped(head, widths);
    let rows = flow.tree.group(group, Tag::THead);
    let row = flow.tree.group(rows, Tag::TR);
    let scopes = vec![Some(TableHeaderScope::Column); head.len()];
    let mut header = row_items(flow, row, &shown.columns, &measures, (&head, &scopes), Ink::StrongLine);
    for item in &mut header {
        item.keep = true;
    }
    if let Some(first) = header.first_mut() {
        first.gap = 4.0;
    }
    let repeated = flow.headers.len();
    // A header of many lines is not worth a page's third.
    let repeats = header.len() == 1 && header[0].height < 200.0;
    flow.headers.push(if repeats { header[0].clone() } else { Item::default() });
    flow.items.extend(header);

    let body = flow.tree.group(group, Tag::TBody);
    for cells in &shown.rows {
        let row = flow.tree.group(body, Tag::TR);
        let cells =
            cells.iter().map(|c| Cell { pieces: inline::pieces(c, size, Ink::Text), lines: Vec::new() });
        let cells = wrapped(cells.collect(), widths);
        let names_row = shown.columns[0].align == Align::Text;
        let scope = |n: usize| (n == 0 && names_row).then_some(TableHeaderScope::Row);
        let scopes: Vec<_> = (0..cells.len()).map(scope).collect();
        let mut items = row_items(flow, row, &shown.columns, &measures, (&cells, &scopes), Ink::Line);
        for item in &mut items {
            item.header = Some(repeated);
        }
        flow.items.extend(items);
    }
    if shown.rows.is_empty() {
        note(flow, "No rows in this time range");
    }
    if let Some(left_out) = shown.left_out {
        note(flow, &left_out);
    }
    flow.items.push(Item { height: 6.0, ..Item::default() });
}

fn note(flow: &mut Flow<'_>, words: &str) {
    let group = flow.tree.root(Tag::P);
    text(
        flow,
        group,
        &[Piece::new(words, Face::Regular, SMALL, Ink::Text2)],
        Place { gap: 3.0, ..Place::default() },
    );
}

fn head_cell(column: &Column, size: f32) -> Cell {
    Cell { pieces: vec![Piece::new(&column.title, Face::Regular, size, Ink::Text2)], lines: Vec::new() }
}

fn wrapped(mut cells: Vec<Cell>, widths: &[f32]) -> Vec<Cell> {
    for (cell, width) in cells.iter_mut().zip(widths) {
        // A hair more than measured: sums of widths are not exact.
        cell.lines = inline::wrap(&cell.pieces, *width + 0.1);
    }
    cells
}

/// The measures of a table: the size of its text, the space between columns, the columns' widths.
struct Measures {
    size: f32,
    gutter: f32,
    widths: Vec<f32>,
}

/// As wide as the widest cells where there is room; else each column has its widest word, and what is left is
/// shared by what the columns lack.
fn fit(columns: &[Column], rows: &[Vec<&Rich>]) -> Measures {
    let mut last = Measures { size: 0.0, gutter: 0.0, widths: Vec::new() };
    for (size, gutter) in SIZES {
        let available = WIDTH - gutter * (columns.len() - 1) as f32;
        let (least, most) = needs(columns, rows, size);
        let total: f32 = most.iter().sum();
        if total <= available {
            let more = (available - total) / columns.len() as f32;
            return Measures { size, gutter, widths: most.iter().map(|w| w + more).collect() };
        }
        let needed: f32 = least.iter().sum();
        if needed <= available {
            let lacking: f32 = most.iter().zip(&least).map(|(m, l)| m - l).sum();
            let share = (available - needed) / lacking.max(1.0);
            let widths = most.iter().zip(&least).map(|(m, l)| l + (m - l) * share).collect();
            return Measures { size, gutter, widths };
        }
        last = Measures { size, gutter, widths: squeezed(columns, &least, available) };
    }
    last
}

/// Widths of a table that is too wide at any size. Words are broken before numbers are: half of a number is a wrong
/// one.
fn squeezed(columns: &[Column], least: &[f32], available: f32) -> Vec<f32> {
    let sum = |align: Align| -> f32 {
        columns.iter().zip(least).filter(|(c, _)| c.align == align).map(|(_, width)| width).sum()
    };
    let (numbers, words) = (sum(Align::Number), sum(Align::Text));
    let for_words = (available - numbers).max(words.min(available * 0.25));
    let share = |align: Align| match align {
        Align::Text => for_words / words.max(1.0),
        Align::Number => ((available - for_words) / numbers.max(1.0)).min(1.0),
    };
    columns.iter().zip(least).map(|(c, width)| (width * share(c.align)).max(4.0)).collect()
}

/// For each column the least width that breaks no word, and the width at which nothing wraps.
fn needs(columns: &[Column], rows: &[Vec<&Rich>], size: f32) -> (Vec<f32>, Vec<f32>) {
    let mut least = Vec::new();
    let mut most = Vec::new();
    for (n, column) in columns.iter().enumerate() {
        let title = head_cell(column, size).pieces;
        let (mut word, mut whole) = (inline::widest_word(&title), 0.0_f32);
        let title_width = line_width(&title);
        for row in rows {
            let pieces = inline::pieces(row[n], size, Ink::Text);
            let width = line_width(&pieces);
            // Numbers do not wrap.
            word = word.max(if column.align == Align::Number { width } else { inline::widest_word(&pieces) });
            whole = whole.max(width);
        }
        // Dates and other short cells, and short titles, do not wrap either.
        let short = [whole, title_width].into_iter().filter(|w| *w <= SHORT).fold(0.0, f32::max);
        let word = word.max(short).min(WORD);
        least.push(word);
        // A title wraps rather than makes a column of short cells wide.
        most.push(whole.max(title_width.min(whole.max(70.0))).max(word));
    }
    (least, most)
}

fn line_width(pieces: &[Piece]) -> f32 {
    inline::wrap(pieces, f32::INFINITY).first().map_or(0.0, |line| line.width)
}

/// A row as items: one, or several when it has more lines than a page should take whole.
fn row_items<'d>(
    flow: &mut Flow<'d>,
    row: Group,
    columns: &[Column],
    measures: &Measures,
    (cells, scopes): (&[Cell], &[Option<TableHeaderScope>]),
    rule: Ink,
) -> Vec<Item<'d>> {
    let Measures { size, gutter, ref widths } = *measures;
    let height = (size * 1.4).round();
    let slots: Vec<Slots> = cells
        .iter()
        .zip(scopes)
        .map(|(cell, scope)| {
            let group = match scope {
                Some(scope) => flow.tree.group(row, Tag::TH(*scope)),
                None => flow.tree.group(row, Tag::TD),
            };
            Slots::new(&mut flow.tree, group, &cell.pieces)
        })
        .collect();
    let lines = cells.iter().map(|c| c.lines.len()).max().unwrap_or(0).max(1);
    let parts = lines.div_ceil(MAX_LINES);
    let header = rule == Ink::StrongLine;
    (0..parts)
        .map(|part| {
            let from = part * MAX_LINES;
            let count = (lines - from).min(MAX_LINES);
            let top = if part == 0 { PAD } else { 0.0 };
            let bottom = if part + 1 == parts { PAD } else { 0.0 };
            let mut item = Item { height: top + bottom + height * count as f32, ..Item::default() };
            let mut x = 0.0;
            for (n, (cell, width)) in cells.iter().zip(widths).enumerate() {
                // Titles stand on the line below them; cells hang from the line above.
                let down = if header { lines - cell.lines.len() } else { 0 };
                for (row, line) in cell.lines.iter().enumerate().skip(from).take(count) {
                    let y = top + height * (row - from + down) as f32 + baseline(height, size);
                    let x = match columns[n].align {
                        Align::Text => x,
                        Align::Number => x + width - line.width,
                    };
                    inline::put(&mut item, line, &cell.pieces, &slots[n], (x, y));
                }
                x += width + gutter;
            }
            if part + 1 == parts {
                let y = item.height - 0.5;
                item.decorate(Draw::Rect { x: 0.0, y, width: WIDTH, height: 0.5, ink: rule });
            }
            item
        })
        .collect()
}

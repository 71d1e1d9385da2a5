//! What stands on pages: drawings, and items that a page takes whole.

use krilla::tagging::Identifier;

use super::tags::{Slot, Tree};
use crate::chart::Chart;
use crate::colours::Ink;
use crate::font::Face;

/// A place that links lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Anchor {
    /// The n-th section; the one after the last is the list of sources.
    Section(usize),
    /// The n-th source.
    Source(usize),
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum To {
    Url(String),
    Place(Anchor),
}

/// A drawing. Points from the item's upper left corner; text lies on its baseline.
#[derive(Debug, Clone)]
pub(super) enum Draw<'d> {
    Text {
        x: f32,
        y: f32,
        face: Face,
        size: f32,
        ink: Ink,
        text: String,
    },
    Rect {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        ink: Ink,
    },
    Chart {
        chart: &'d Chart,
        width: f32,
        height: f32,
    },
    Link {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        to: To,
        words: String,
    },
    /// The number of the page on which a place is, ending at x.
    PageOf {
        x: f32,
        y: f32,
        size: f32,
        ink: Ink,
        place: Anchor,
    },
}

/// A drawing and its place in the structure; without one it is decoration.
#[derive(Debug, Clone)]
pub(super) struct Op<'d> {
    pub(super) draw: Draw<'d>,
    pub(super) slot: Option<Slot>,
}

/// What a page takes whole.
#[derive(Debug, Clone, Default)]
pub(super) struct Item<'d> {
    pub(super) height: f32,
    /// Space before it, except at the top of a page.
    pub(super) gap: f32,
    pub(super) ops: Vec<Op<'d>>,
    /// Whether the next item belongs on the same page.
    pub(super) keep: bool,
    pub(super) anchor: Option<Anchor>,
    /// The header that is repeated when the item comes first on a page.
    pub(super) header: Option<usize>,
}

impl<'d> Item<'d> {
    pub(super) fn decorate(&mut self, draw: Draw<'d>) {
        self.ops.push(Op { draw, slot: None });
    }

    pub(super) fn draw(&mut self, draw: Draw<'d>, slot: Slot) {
        self.ops.push(Op { draw, slot: Some(slot) });
    }
}

/// The items of a document in order, and its structure.
#[derive(Default)]
pub(super) struct Flow<'d> {
    pub(super) items: Vec<Item<'d>>,
    /// Headers of tables, by the index that their rows have.
    pub(super) headers: Vec<Item<'d>>,
    pub(super) tree: Tree,
    pub(super) tables: usize,
    pub(super) figures: usize,
    pub(super) sources: usize,
}

/// Notes what was drawn for a slot; decoration has none.
pub(super) fn fill(tree: &mut Tree, slot: Option<Slot>, identifier: Identifier) {
    if let Some(slot) = slot {
        tree.fill(slot, identifier);
    }
}

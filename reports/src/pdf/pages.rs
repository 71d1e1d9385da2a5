//! Items onto pages.

use std::collections::HashMap;

use super::HEIGHT;
use super::item::{Anchor, Flow, Item, Op};

/// A page: drawings with the height at which their item begins.
#[derive(Default)]
pub(super) struct Page<'d> {
    pub(super) ops: Vec<(f32, Op<'d>)>,
    used: f32,
}

/// All pages, and where the places are that links lead to: page and height.
pub(super) struct Pages<'d> {
    pub(super) pages: Vec<Page<'d>>,
    pub(super) places: HashMap<Anchor, (usize, f32)>,
}

/// Puts items onto pages in order. Items that are kept together are, unless they are more than a page; a table
/// that goes on on the next page has its header there again.
pub(super) fn paginate(flow: Flow<'_>) -> Pages<'_> {
    let Flow { items, headers, .. } = flow;
    let mut out = Pages { pages: vec![Page::default()], places: HashMap::new() };
    let mut rest = items.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut chain = vec![first];
        let mut height = chain[0].height;
        while chain.last().is_some_and(|last| last.keep) {
            let Some(next) = rest.next() else { break };
            height += next.gap + next.height;
            chain.push(next);
        }
        out.take(chain, height, &headers);
    }
    out
}

impl<'d> Pages<'d> {
    fn take(&mut self, chain: Vec<Item<'d>>, height: f32, headers: &[Item<'d>]) {
        let head = |item: &Item<'d>| item.header.and_then(|n| headers.get(n));
        let with_head = height + head(&chain[0]).map_or(0.0, |h| h.height);
        // A chain longer than a page is broken where the page ends; its first item starts where it can.
        let whole = with_head <= HEIGHT;
        let needed = if whole { height } else { chain[0].height };
        if !self.fits(chain[0].gap + needed) {
            self.turn(head(&chain[0]));
        }
        for item in chain {
            if !self.fits(item.gap + item.height) {
                self.turn(head(&item));
            }
            self.place(item);
        }
    }

    fn fits(&self, height: f32) -> bool {
        let used = self.pages.last().map_or(0.0, |page| page.used);
        used == 0.0 || used + height <= HEIGHT
    }

    fn turn(&mut self, header: Option<&Item<'d>>) {
        let mut page = Page::default();
        if let Some(header) = header {
            // A repeated header is decoration: who hears the table has heard it.
            page.ops = header.ops.iter().map(|op| (0.0, Op { slot: None, ..op.clone() })).collect();
            page.used = header.height;
        }
        self.pages.push(page);
    }

    fn place(&mut self, item: Item<'d>) {
        let number = self.pages.len() - 1;
        let Some(page) = self.pages.last_mut() else { return };
        let gap = if page.used == 0.0 { 0.0 } else { item.gap };
        let y = page.used + gap;
        if let Some(anchor) = item.anchor {
            self.places.insert(anchor, (number, y));
        }
        page.ops.extend(item.ops.into_iter().map(|op| (y, op)));
        page.used = y + item.height;
    }
}

//! Labels that never overlap: each is put at the first of its places that is free, or not at all.

use super::canvas::{Anchor, Letters, Rect, SMALL, TEXT};
use crate::font::{self, Face};

/// Space kept between two labels, in pixels.
const GAP: f64 = 4.0;

/// How much wider than the embedded font a reader's own may be: DejaVu Sans, the widest of the usual ones.
const WIDER: f64 = 1.12;

/// The width of small text, in pixels.
pub(super) fn small(text: &str) -> f64 {
    width(text, SMALL)
}

/// The width of text of the usual size, in pixels.
pub(super) fn usual(text: &str) -> f64 {
    width(text, TEXT)
}

fn width(text: &str, size: f32) -> f64 {
    f64::from(font::width(Face::Regular, size, text)) * WIDER
}

/// The text, cut to fit a width.
pub(super) fn cut(text: &str, size: f32, room: f64) -> String {
    font::fitted(Face::Regular, size, text, (room / WIDER) as f32)
}

/// The rectangles that are taken, and the room for all of them.
pub(super) struct Labels {
    room: Rect,
    taken: Vec<Rect>,
}

impl Labels {
    pub(super) fn within(room: Rect) -> Self {
        Self { room, taken: Vec::new() }
    }

    /// Keeps a place free of labels.
    pub(super) fn take(&mut self, rect: Rect) {
        self.taken.push(rect);
    }

    /// Whether nothing is in a place yet.
    pub(super) fn free(&self, rect: Rect) -> bool {
        !self.taken.iter().any(|other| overlap(rect, *other))
    }

    /// Takes the first free place for a text among points that its anchor may stand at.
    pub(super) fn find(&mut self, text: &str, letters: Letters, places: &[(f64, f64)]) -> Option<(f64, f64)> {
        let width = width(text, letters.size);
        let height = f64::from(letters.size) * 1.2;
        places.iter().copied().find(|(x, y)| {
            let left = match letters.anchor {
                Anchor::Start => *x,
                Anchor::Middle => x - width / 2.0,
                Anchor::End => x - width,
            };
            let rect = Rect { x: left, y: y - height / 2.0, width, height };
            let inside = rect.x >= self.room.x - 0.01
                && rect.right() <= self.room.right() + 0.01
                && rect.y >= self.room.y - 0.01
                && rect.bottom() <= self.room.bottom() + 0.01;
            let free = inside && self.free(rect);
            if free {
                self.taken.push(rect);
            }
            free
        })
    }
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.x < b.right() + GAP && b.x < a.right() + GAP && a.y < b.bottom() && b.y < a.bottom()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colours::Ink;

    #[test]
    fn a_label_takes_the_first_free_place_or_none() {
        let mut labels = Labels::within(Rect { x: 0.0, y: 0.0, width: 100.0, height: 40.0 });
        let letters = Letters::new(TEXT, Ink::Text, Anchor::Start);
        assert_eq!(labels.find("wall", letters, &[(0.0, 10.0)]), Some((0.0, 10.0)));
        assert_eq!(labels.find("wall", letters, &[(5.0, 10.0), (5.0, 30.0)]), Some((5.0, 30.0)));
        assert_eq!(labels.find("wall", letters, &[(5.0, 10.0), (90.0, 30.0), (0.0, 39.0)]), None);
    }
}

//! A document as PDF: A4, tagged (PDF/UA-1) and archival (PDF/A-2u), fonts and charts as vectors inside.
//!
//! The way: **blocks -> [`item::Item`]s, each with its place in the structure ([`tags`]) -> pages ([`pages`]) ->
//! krilla ([`paint`])**. Charts are drawn by plotters onto the page, by a backend of its own ([`backend`]).

mod backend;
mod flow;
mod front;
mod inline;
mod item;
mod pages;
mod paint;
mod table;
mod tags;

use crate::document::Document;
use crate::error::Result;

/// Width and height of A4, in points.
const PAGE: (f32, f32) = (595.276, 841.89);
/// The margins: left and right, top, bottom.
const SIDE: f32 = 56.0;
const TOP: f32 = 56.0;
const BOTTOM: f32 = 64.0;
/// The width of what is printed.
const WIDTH: f32 = PAGE.0 - 2.0 * SIDE;
/// The height of what is printed.
const HEIGHT: f32 = PAGE.1 - TOP - BOTTOM;

impl Document {
    /// The document as a PDF file: A4, with bookmarks, links, a contents page and a list of the sources. It can be
    /// read aloud and its text can be searched and copied. A character that the embedded fonts lack (they have
    /// Latin, Greek, Cyrillic and signs of currencies) is shown as a box.
    ///
    /// Errors: the PDF library refuses the document, which is a defect of this crate.
    pub fn to_pdf(&self) -> Result<Vec<u8>> {
        let mut flow = item::Flow::default();
        front::head(&mut flow, self);
        flow::sections(&mut flow, self);
        front::sources(&mut flow, self);
        let tree = std::mem::take(&mut flow.tree);
        let pages = pages::paginate(flow);
        paint::paint(self, pages, tree)
    }
}

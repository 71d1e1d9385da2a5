//! Documents with charts, as HTML and PDF.
//!
//! A report is handed to somebody who has no login: a board, an auditor, a customer. So it is one file that needs
//! nothing else, it reads on a phone and on paper, and no figure in it is without the query and the time range
//! that it came from.
//!
//! The way a report takes: **[`Document`] -> `to_html` or `to_pdf` -> [`Document::write`]**.
//!
//! - [`document`] is the model: sections of paragraphs, lists, tables, figures, callouts and key figures.
//! - [`rich`] is text with bold, code and links.
//! - [`chart`] draws by plotters, and renders SVG for pages and alerts. The same drawing goes into a PDF as vectors.
//! - [`number`] formats numbers as reports show them.
//!
//! # Invariants
//!
//! - Text is data: markup in it is escaped, characters that move or hide other text are shown as `U+FFFD`.
//! - A [`Table`] and a [`Figure`] cannot be made without an
//!   [`Origin`].
//! - The same document gives the same bytes.
//! - No input panics; a number that is not finite is a gap in a chart and never reaches an axis.

pub mod chart;
mod clean;
mod colours;
pub mod document;
mod error;
mod font;
mod html;

pub mod number;

mod pdf;
pub mod rich;
mod write;

pub use chart::Chart;
pub use colours::Theme;
pub use document::{
    Align, Block, Callout, Column, Document, Figure, KeyFigure, Origin, Range, Section, Severity, Table,
};
pub use error::{ReportError, Result};
pub use rich::{Rich, Span};
pub use write::{Format, write_bytes};

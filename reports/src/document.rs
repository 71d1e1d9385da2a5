//! The model of a report.

use chrono::{DateTime, Utc};

use crate::chart::Chart;
use crate::rich::Rich;

/// Most rows of a table that are shown; what is left out is said under the table.
pub const MAX_ROWS: usize = 5_000;
/// Most columns of a table.
pub const MAX_COLUMNS: usize = 30;

/// A report: a title, the time it speaks of, and sections.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The title.
    pub title: String,
    /// The answer, in one sentence.
    pub subtitle: String,
    /// When the report was made.
    pub made_at: DateTime<Utc>,
    /// The time that the report speaks of.
    pub range: Range,
    /// Whose data it is.
    pub tenant: String,
    /// The sections, in order.
    pub sections: Vec<Section>,
}

/// A time range: from, inclusive, to, exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub to: DateTime<Utc>,
}

impl Range {
    /// `2026-11-01 00:00 to 2026-11-26 00:00 UTC`.
    pub fn text(&self) -> String {
        format!("{} to {} UTC", self.from.format("%Y-%m-%d %H:%M"), self.to.format("%Y-%m-%d %H:%M"))
    }
}

/// A part of a report under one heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// What stands under it, in order.
    pub blocks: Vec<Block>,
}

impl Section {
    /// A section.
    pub fn new(title: impl Into<String>, blocks: Vec<Block>) -> Self {
        Self { title: title.into(), blocks }
    }
}

/// A block of a section.
// A report has tens of blocks; a box around each chart would only be in the way of those who write one.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Running text.
    Paragraph(Rich),
    /// A list, numbered or with bullets.
    List {
        /// Whether its order means something.
        ordered: bool,
        /// The items.
        items: Vec<Rich>,
    },
    /// A table.
    Table(Table),
    /// A chart with a caption.
    Figure(Figure),
    /// A statement that must not be missed.
    Callout(Callout),
    /// A few numbers, large.
    KeyFigures(Vec<KeyFigure>),
    /// Where the statements before it come from.
    Source {
        /// SQL, or the API's path.
        query: String,
        /// The time range, in words.
        range: String,
    },
}

/// How a figure was computed. A figure without it cannot be checked, so it is not optional.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What was computed, in a sentence.
    pub what: String,
    /// SQL, or the API's path.
    pub query: String,
    /// The first moment of the data.
    pub from: DateTime<Utc>,
    /// The first moment after the data.
    pub to: DateTime<Utc>,
}

impl Origin {
    /// The time range of the data.
    pub fn range(&self) -> Range {
        Range { from: self.from, to: self.to }
    }
}

/// A table. Rows shorter than the header are filled with empty cells; what is longer gets columns without a title.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What the table shows.
    pub caption: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows; cells in the order of the columns.
    pub rows: Vec<Vec<Rich>>,
    /// How it was computed.
    pub origin: Origin,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The title, with the unit where there is one.
    pub title: String,
    /// How its cells are aligned.
    pub align: Align,
}

impl Column {
    /// A column of words.
    pub fn text(title: impl Into<String>) -> Self {
        Self { title: title.into(), align: Align::Text }
    }

    /// A column of numbers.
    pub fn number(title: impl Into<String>) -> Self {
        Self { title: title.into(), align: Align::Number }
    }
}

/// How the cells of a column are aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words: to the left.
    Text,
    /// Numbers: to the right, figures of one width. Give all cells of a column the same number of decimals.
    Number,
}

/// A chart with a caption.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What the chart says, in a sentence.
    pub caption: String,
    /// The chart.
    pub chart: Chart,
    /// How it was computed.
    pub origin: Origin,
}

/// A statement that must not be missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callout {
    /// How bad it is.
    pub severity: Severity,
    /// The statement.
    pub title: String,
    /// What it means and what to do.
    pub text: Rich,
}

/// How bad something is. Shown by a word and by a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// As it should be.
    Good,
    /// To be looked at.
    Warning,
    /// To be acted on.
    Critical,
    /// To be known.
    Info,
}

impl Severity {
    /// The word that is shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "Good",
            Self::Warning => "Warning",
            Self::Critical => "Critical",
            Self::Info => "Note",
        }
    }
}

/// A number that is shown large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFigure {
    /// What it is.
    pub label: String,
    /// The number with its unit, or why there is none.
    pub value: String,
    /// What it is compared with.
    pub note: String,
}

/// A table with every row as long as the others, and within the limits.
pub(crate) struct Rows<'t> {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<&'t Rich>>,
    /// Rows or columns that are not shown, in words.
    pub(crate) left_out: Option<String>,
}

impl Table {
    /// The table as it is shown.
    pub(crate) fn even<'t>(&'t self, empty: &'t Rich) -> Rows<'t> {
        let shown = &self.rows[..self.rows.len().min(MAX_ROWS)];
        let widest = shown.iter().map(Vec::len).max().unwrap_or(0).max(self.columns.len());
        let width = widest.min(MAX_COLUMNS);
        let mut columns: Vec<Column> = self.columns.iter().take(width).cloned().collect();
        columns.resize(width, Column::text(""));
        let rows =
            shown.iter().map(|row| (0..width).map(|i| row.get(i).unwrap_or(empty)).collect()).collect();
        let mut left_out = Vec::new();
        if self.rows.len() > MAX_ROWS {
            left_out.push(format!("{} more rows", self.rows.len() - MAX_ROWS));
        }
        if widest > width {
            left_out.push(format!("{} more columns", widest - width));
        }
        let left_out = (!left_out.is_empty()).then(|| format!("Not shown: {}.", left_out.join(" and ")));
        Rows { columns, rows, left_out }
    }
}

/// An entry of the list of sources, in the order in which the document cites them.
pub(crate) struct Cited {
    pub(crate) what: String,
    pub(crate) query: String,
    pub(crate) range: String,
}

impl Document {
    /// All origins and sources. The n-th block that has one cites the n-th.
    pub(crate) fn sources(&self) -> Vec<Cited> {
        let of = |what: String, origin: &Origin| Cited {
            what,
            query: origin.query.clone(),
            range: origin.range().text(),
        };
        self.sections
            .iter()
            .flat_map(|s| s.blocks.iter().map(move |b| (s, b)))
            .filter_map(|(section, block)| match block {
                Block::Table(table) => Some(of(table.origin.what.clone(), &table.origin)),
                Block::Figure(figure) => Some(of(figure.origin.what.clone(), &figure.origin)),
                Block::Source { query, range } => Some(Cited {
                    what: format!("The statements under \u{201c}{}\u{201d}.", section.title),
                    query: query.clone(),
                    range: range.clone(),
                }),
                _ => None,
            })
            .collect()
    }

    /// The title, or words in its place: no page and no PDF may be without.
    pub(crate) fn shown_title(&self) -> String {
        let title = crate::clean::line(&self.title);
        if title.trim().is_empty() { "Report without a title".to_owned() } else { title.into_owned() }
    }
}

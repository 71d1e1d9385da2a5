//! Charts, drawn by plotters.
//!
//! Units: x of a [`Scale::Time`] axis is Unix time in seconds; all other values are in their axis' unit. A value
//! that is not finite, or not above zero on a [`Scale::Log`] axis, is a gap.
//!
//! Text never overlaps text: ticks are thinned until they fit, and the label of a mark or span without room is left
//! out of the picture. It stays in the summary for screen readers and in the table.

mod bar;
mod canvas;
mod data;
mod frame;
mod heat;
mod labels;
mod line;
mod notes;
mod png;
mod scale;
mod summary;
mod svg;
mod time;
mod timeline;

use chrono::{DateTime, Utc};

use crate::colours::Theme;
use crate::document::Severity;

pub(crate) use canvas::{UNIT, draw};
pub(crate) use data::Data;

/// A chart.
#[derive(Debug, Clone, PartialEq)]
pub enum Chart {
    /// Values over time, or over another quantity.
    Line(LineChart),
    /// Measured points with the curve that was fitted to them.
    Scatter(ScatterChart),
    /// Horizontal bars with intervals.
    Bar(BarChart),
    /// What happens when: a roadmap, or events.
    Timeline(TimelineChart),
    /// A value for each pair of two categories.
    Heat(HeatChart),
}

/// A size in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// An axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// What it measures.
    pub label: String,
    /// The unit; empty for a count or a ratio.
    pub unit: String,
    /// How values lie on it.
    pub scale: Scale,
}

/// How values lie on an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Linear, zero on it: counts and rates.
    Zero,
    /// Linear, as wide as the values.
    Fit,
    /// Logarithmic: latencies.
    Log,
    /// Unix seconds, shown in UTC.
    Time,
}

impl Axis {
    /// An axis.
    pub fn new(label: impl Into<String>, unit: impl Into<String>, scale: Scale) -> Self {
        Self { label: label.into(), unit: unit.into(), scale }
    }

    /// The axis of time.
    pub fn time() -> Self {
        Self::new("Time", "UTC", Scale::Time)
    }

    /// `label, unit`.
    pub(crate) fn title(&self) -> String {
        let (label, unit) = (crate::clean::line(&self.label), crate::clean::line(&self.unit));
        if unit.is_empty() { label.into_owned() } else { format!("{label}, {unit}") }
    }
}

/// Values of one thing, as (x, y).
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// The points; a `y` that is not finite is a gap.
    pub points: Vec<(f64, f64)>,
    /// Whether it is dashed: an expectation, not a measurement.
    pub dashed: bool,
}

impl Series {
    /// A measured series.
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), points, dashed: false }
    }

    /// A forecast, a fit or a target.
    pub fn dashed(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), points, dashed: true }
    }
}

/// A range of values around a series: a quantile band, a confidence interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// What it is.
    pub name: String,
    /// The series whose colour it has, counted from 0.
    pub of: usize,
    /// The points, as (x, low, high).
    pub points: Vec<(f64, f64, f64)>,
}

/// An event or a period on the x axis: a deploy, an incident, a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// What happened.
    pub label: String,
    /// When it began.
    pub from: f64,
    /// When it ended, for a period.
    pub to: Option<f64>,
}

/// A line across the values: a wall, a target, a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// What it is.
    pub label: String,
    /// Where it lies.
    pub at: f64,
    /// Its colour.
    pub severity: Severity,
}

/// Lines with bands, marks and limits.
#[derive(Debug, Clone, PartialEq)]
pub struct LineChart {
    /// What it shows, for those who hear it.
    pub title: String,
    /// The x axis.
    pub x: Axis,
    /// The y axis.
    pub y: Axis,
    /// The lines. The first eight are drawn, and how many more there are is said.
    pub series: Vec<Series>,
    /// Bands under the lines, widest first.
    pub bands: Vec<Band>,
    /// Events and periods.
    pub marks: Vec<Mark>,
    /// Lines across.
    pub limits: Vec<Limit>,
}

/// Points with fitted curves.
#[derive(Debug, Clone, PartialEq)]
pub struct ScatterChart {
    /// What it shows, for those who hear it.
    pub title: String,
    /// The x axis.
    pub x: Axis,
    /// The y axis.
    pub y: Axis,
    /// The points. The first eight sets are drawn.
    pub points: Vec<Series>,
    /// The curve of the n-th set of points is the n-th: it has the set's colour.
    pub curves: Vec<Series>,
    /// Intervals of the curves.
    pub bands: Vec<Band>,
    /// Places on the x axis: today's load, the wall.
    pub marks: Vec<Mark>,
    /// Lines across.
    pub limits: Vec<Limit>,
}

/// In which order bars stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The smallest first: walls, the nearest on top.
    Ascending,
    /// The largest first.
    Descending,
    /// As they were given.
    Given,
}

/// Horizontal bars.
#[derive(Debug, Clone, PartialEq)]
pub struct BarChart {
    /// What it shows, for those who hear it.
    pub title: String,
    /// The axis of the values.
    pub axis: Axis,
    /// The bars. Forty are drawn, and how many more there are is said.
    pub bars: Vec<Bar>,
    /// In which order.
    pub order: Order,
    /// Lines across, as a growth of 2x.
    pub limits: Vec<Limit>,
}

/// A bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What it measures.
    pub label: String,
    /// The value, or why there is none.
    pub value: Result<f64, String>,
    /// Lower and upper end of its interval; an end that is not finite is drawn as an arrow.
    pub interval: Option<(f64, f64)>,
    /// A few words beside the value: a date, a cause.
    pub note: String,
    /// Its colour; that of the first series without one.
    pub severity: Option<Severity>,
}

/// Lanes with spans and moments on a time axis.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineChart {
    /// What it shows, for those who hear it.
    pub title: String,
    /// The lanes, from above. Forty are drawn.
    pub lanes: Vec<Lane>,
    /// A line at this moment, called "today".
    pub now: Option<DateTime<Utc>>,
}

/// A lane of a timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// Its name.
    pub label: String,
    /// What happens in it. Spans that overlap are drawn below each other.
    pub spans: Vec<LaneSpan>,
}

/// Something that takes time, or happens at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneSpan {
    /// What it is.
    pub label: String,
    /// When it begins.
    pub from: DateTime<Utc>,
    /// When it ends; `None` for a moment.
    pub to: Option<DateTime<Utc>>,
    /// Its colour; neutral without one.
    pub severity: Option<Severity>,
}

/// Values in cells.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatChart {
    /// What it shows, for those who hear it.
    pub title: String,
    /// What the columns are.
    pub x: String,
    /// What the rows are.
    pub y: String,
    /// The columns' names; at most 400 are drawn.
    pub columns: Vec<String>,
    /// The rows' names, from above; at most sixty are drawn.
    pub rows: Vec<String>,
    /// The values, by row and column; a missing or non-finite one is left empty.
    pub cells: Vec<Vec<f64>>,
    /// What the values are; its scale says how they are coloured.
    pub value: Axis,
}

/// Most rows of bars and lanes that are drawn.
const MAX_ROWS: usize = 40;

impl Chart {
    /// What the chart shows, for those who hear it.
    pub fn title(&self) -> &str {
        match self {
            Self::Line(c) => &c.title,
            Self::Scatter(c) => &c.title,
            Self::Bar(c) => &c.title,
            Self::Timeline(c) => &c.title,
            Self::Heat(c) => &c.title,
        }
    }

    /// The size at which the chart looks best in a width.
    pub fn natural(&self, width: u32) -> Size {
        let height = match self {
            Self::Line(_) | Self::Scatter(_) => (width * 44 / 100).clamp(240, 400),
            Self::Bar(c) => bar::height(c),
            Self::Timeline(c) => timeline::height(c, width),
            Self::Heat(c) => heat::height(c),
        };
        Size { width, height }
    }

    /// The chart as an SVG element with a title and a description, ready to be a file or a part of a page.
    pub fn svg(&self, theme: Theme, size: Size) -> String {
        svg::svg(self, theme, size)
    }

    /// The chart as a PNG for messages that show no SVG, at two pixels to a CSS pixel.
    ///
    /// # Errors
    /// [`ReportError::Picture`](crate::ReportError::Picture) with what could not be drawn.
    pub fn png(&self, theme: Theme, size: Size) -> crate::Result<Vec<u8>> {
        png::png(self, theme, size)
    }

    /// What the chart says, in words: for screen readers, and beside an alert that shows no pictures.
    pub fn summary(&self) -> String {
        summary::summary(self)
    }

    /// The numbers of the chart as a table.
    pub(crate) fn data(&self) -> Data {
        data::data(self)
    }
}

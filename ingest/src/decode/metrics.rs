//! `ExportMetricsServiceRequest`.

use super::check::{Reason, Window};
use super::common::{Names, Origin, each_record};
use super::points::Point;
use super::{ExpHistogramPoint, HistogramPoint, NumberPoint, Refused, Sink, SummaryPoint};
use crate::signal::Signal;
use crate::wire::{Chunk, Reader, WireError};

/// How the points of a sum or a histogram follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Temporality {
    /// Not said.
    #[default]
    Unspecified,
    /// Each point counts since the one before.
    Delta,
    /// Each point counts since the start.
    Cumulative,
}

impl Temporality {
    fn from_code(code: u64) -> Self {
        match code {
            1 => Self::Delta,
            2 => Self::Cumulative,
            _ => Self::Unspecified,
        }
    }

    /// The name in the tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Delta => "delta",
            Self::Cumulative => "cumulative",
        }
    }
}

/// The metric a point belongs to.
#[derive(Debug, Default, Clone, Copy)]
pub struct Metric<'a> {
    /// The name, never empty.
    pub name: &'a [u8],
    /// The description.
    pub description: &'a [u8],
    /// The unit.
    pub unit: &'a [u8],
    /// Whether a number point belongs to a sum (a gauge otherwise).
    pub is_sum: bool,
    /// Temporality, of sums and histograms.
    pub temporality: Temporality,
    /// Whether a sum only grows.
    pub is_monotonic: bool,
}

const NAMES: Names = Names { resources: "resource_metrics", scopes: "scope_metrics", records: "metrics" };

#[derive(Default)]
struct Scratch<'a> {
    number: NumberPoint<'a>,
    histogram: HistogramPoint<'a>,
    exp: ExpHistogramPoint<'a>,
    summary: SummaryPoint<'a>,
}

pub(super) fn walk(payload: &[u8], window: Window, sink: &mut impl Sink) -> Result<(), WireError> {
    let mut scratch = Scratch::default();
    each_record(payload, &NAMES, |origin, chunk| metric(chunk, origin, window, &mut scratch, sink))
}

fn metric<'a>(
    chunk: Chunk<'a>,
    origin: &Origin<'a>,
    window: Window,
    scratch: &mut Scratch<'a>,
    sink: &mut impl Sink,
) -> Result<(), WireError> {
    let mut head = Metric::default();
    let mut data: Option<(u32, Chunk<'a>)> = None;
    let mut reader = Reader::of(chunk);
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => head.name = field.bytes().map_err(|e| e.inside("name"))?,
            2 => head.description = field.bytes().map_err(|e| e.inside("description"))?,
            3 => head.unit = field.bytes().map_err(|e| e.inside("unit"))?,
            n @ (5 | 7 | 9 | 10 | 11) => {
                data = Some((n, field.chunk().map_err(|e| e.inside("data"))?));
            }
            _ => {}
        }
    }
    let Some((kind, data)) = data else { return Ok(()) };
    let Scratch { number, histogram, exp, summary } = scratch;
    match kind {
        5 | 7 => {
            head.is_sum = kind == 7;
            points(data, head, window, number, sink, |sink, m, p| sink.number(origin, m, p))
                .map_err(|e| e.inside(if kind == 7 { "sum" } else { "gauge" }))
        }
        9 => points(data, head, window, histogram, sink, |sink, m, p| sink.histogram(origin, m, p))
            .map_err(|e| e.inside("histogram")),
        10 => points(data, head, window, exp, sink, |sink, m, p| sink.exp_histogram(origin, m, p))
            .map_err(|e| e.inside("exponential_histogram")),
        _ => points(data, head, window, summary, sink, |sink, m, p| sink.summary(origin, m, p))
            .map_err(|e| e.inside("summary")),
    }
}

fn points<'a, P: Point<'a>, S: Sink>(
    data: Chunk<'a>,
    mut head: Metric<'a>,
    window: Window,
    point: &mut P,
    sink: &mut S,
    mut accept: impl FnMut(&mut S, &Metric<'a>, &P),
) -> Result<(), WireError> {
    let mut first = Reader::of(data);
    while let Some(field) = first.next_field()? {
        match field.number {
            2 => {
                let code = field.varint().map_err(|e| e.inside("aggregation_temporality"))?;
                head.temporality = Temporality::from_code(code);
            }
            3 => head.is_monotonic = field.varint().map_err(|e| e.inside("is_monotonic"))? != 0,
            _ => {}
        }
    }
    let mut second = Reader::of(data);
    let mut index = 0;
    while let Some(field) = second.next_field()? {
        if field.number != 1 {
            continue;
        }
        let chunk = field.chunk()?;
        point.read(chunk).map_err(|e| e.inside_at("data_points", index))?;
        index += 1;
        if head.name.is_empty() {
            sink.reject(
                Signal::Metrics,
                Reason::MetricName,
                "the metric has no name",
                Refused::plain(chunk.bytes),
            );
            continue;
        }
        match point.checked(window) {
            Ok(()) => accept(sink, &head, point),
            Err((reason, detail)) => {
                sink.reject(Signal::Metrics, reason, &detail, Refused::plain(chunk.bytes))
            }
        }
    }
    Ok(())
}

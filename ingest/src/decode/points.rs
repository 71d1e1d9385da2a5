//! The data points of the five kinds of metric.

mod read;

pub(super) use read::Point;

use super::any::Pair;

/// A value that came as an integer or as a double.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// An integer.
    Int(i64),
    /// A double.
    Double(f64),
}

impl Number {
    /// The value as a double.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(v) => v as f64,
            Self::Double(v) => v,
        }
    }

    /// The value if it came as an integer.
    pub fn as_int(self) -> Option<i64> {
        match self {
            Self::Int(v) => Some(v),
            Self::Double(_) => None,
        }
    }
}

/// A measurement that stands for many, with the trace it came from.
#[derive(Debug)]
pub struct Exemplar {
    /// Nanoseconds since the epoch.
    pub time: u64,
    /// The value.
    pub value: f64,
    /// The trace, zeros without one.
    pub trace_id: [u8; 16],
    /// The span, zeros without one.
    pub span_id: [u8; 8],
}

/// What every point has.
#[derive(Debug, Default)]
pub struct Common<'a> {
    /// Start of the interval, 0 if unknown; nanoseconds.
    pub start: u64,
    /// Its time; nanoseconds.
    pub time: u64,
    /// Flags as they came.
    pub flags: u32,
    /// Attributes.
    pub attributes: Vec<Pair<'a>>,
    /// Exemplars.
    pub exemplars: Vec<Exemplar>,
}

/// A point of a gauge or a sum.
#[derive(Debug, Default)]
pub struct NumberPoint<'a> {
    /// What every point has.
    pub common: Common<'a>,
    /// The value; none only when the flags say that none was recorded.
    pub value: Option<Number>,
}

/// Count, sum and extremes of a distribution.
#[derive(Debug, Default)]
pub struct Totals {
    /// How many values.
    pub count: u64,
    /// Their sum.
    pub sum: Option<f64>,
    /// The smallest.
    pub min: Option<f64>,
    /// The largest.
    pub max: Option<f64>,
}

/// A point of a histogram with explicit bounds.
#[derive(Debug, Default)]
pub struct HistogramPoint<'a> {
    /// What every point has.
    pub common: Common<'a>,
    /// Count, sum and extremes.
    pub totals: Totals,
    /// Upper bounds of the buckets but the last.
    pub bounds: Vec<f64>,
    /// Counts of the buckets: one more than bounds, or none at all.
    pub counts: Vec<u64>,
}

/// The buckets of one sign of an exponential histogram.
#[derive(Debug, Default)]
pub struct Buckets {
    /// Index of the first bucket.
    pub offset: i32,
    /// Their counts.
    pub counts: Vec<u64>,
}

/// A point of an exponential histogram.
#[derive(Debug, Default)]
pub struct ExpHistogramPoint<'a> {
    /// What every point has.
    pub common: Common<'a>,
    /// Count, sum and extremes.
    pub totals: Totals,
    /// Buckets grow by 2^(2^-scale).
    pub scale: i32,
    /// Values in the zero bucket.
    pub zero_count: u64,
    /// Width of the zero bucket.
    pub zero_threshold: f64,
    /// Buckets above zero.
    pub positive: Buckets,
    /// Buckets below zero.
    pub negative: Buckets,
}

/// A point of a summary.
#[derive(Debug, Default)]
pub struct SummaryPoint<'a> {
    /// What every point has.
    pub common: Common<'a>,
    /// How many values.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// Quantiles, 0 to 1.
    pub quantiles: Vec<f64>,
    /// The value at each quantile.
    pub values: Vec<f64>,
}

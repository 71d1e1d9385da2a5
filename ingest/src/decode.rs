//! From the bytes of a request to the columns of the tables, in one pass.
//!
//! [`walk`] reads a request and calls a [`Sink`] for each record, with views that borrow
//! from the bytes; no record is ever owned. Two sinks exist: [`Census`] counts, before the
//! request is acknowledged, and [`Tables`] builds columns, after. The rules by which a record
//! is refused are in the walk itself, so both always agree.
//!
//! Bytes that are not protobuf fail the whole request (nobody can know where its records
//! begin); a record that is well-formed but wrong is rejected alone.

mod any;
mod census;
mod check;
mod columns;
mod common;
mod decimal;
mod events;
mod logs;
mod metrics;
mod points;
mod refused;
mod rollups;
mod spans;
mod tables;

#[cfg(test)]
mod tests;

pub use any::{Pair, Value};
pub use census::Census;
pub use check::{Reason, Window};
pub use common::{Origin, Resource};
pub use decimal::{SCALE as DECIMAL_SCALE, parse as parse_decimal};
pub use events::{DECIMAL_KEYS, Event};
pub use logs::Log;
pub use metrics::{Metric, Temporality};
pub use points::{
    Buckets, Common as PointCommon, Exemplar, ExpHistogramPoint, HistogramPoint, Number, NumberPoint,
    SummaryPoint,
};
pub use refused::Refused;
pub(crate) use refused::{Around, Room};
pub use spans::{Link, Span, SpanEvent};
pub use tables::{Received, Tables};

use crate::signal::Signal;
use crate::wire::WireError;

/// What is done with each record of a request.
pub trait Sink {
    /// A valid span.
    fn span(&mut self, origin: &Origin<'_>, span: &Span<'_>);
    /// A valid log record.
    fn log(&mut self, origin: &Origin<'_>, log: &Log<'_>);
    /// A valid gauge point, or sum point when `sum` says how it adds up.
    fn number(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &NumberPoint<'_>);
    /// A valid histogram point.
    fn histogram(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &HistogramPoint<'_>);
    /// A valid exponential histogram point.
    fn exp_histogram(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &ExpHistogramPoint<'_>);
    /// A valid summary point.
    fn summary(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &SummaryPoint<'_>);
    /// A record that is refused.
    fn reject(&mut self, signal: Signal, reason: Reason, detail: &str, record: Refused<'_>);
    /// A record that is kept without one of its values.
    fn warn(&mut self, signal: Signal, reason: Reason, detail: &str, record: Refused<'_>);
}

/// Reads a request of `signal` and hands every record to `sink`.
///
/// Records whose time is outside `window` are rejected. `received_ns` (nanoseconds since the
/// epoch) is the time of log records that carry none.
pub fn walk(
    signal: Signal,
    payload: &[u8],
    window: Window,
    received_ns: i64,
    sink: &mut impl Sink,
) -> Result<(), WireError> {
    match signal {
        Signal::Traces => spans::walk(payload, window, sink),
        Signal::Logs => logs::walk(payload, window, received_ns, sink),
        Signal::Metrics => metrics::walk(payload, window, sink),
    }?;
    crate::limits::hand_over(signal, payload, sink)
}

//! A request's records counted, and its faults counted by reason.

use crate::decode::{
    Census, ExpHistogramPoint, HistogramPoint, Log, Metric, NumberPoint, Origin, Reason, Refused, Sink, Span,
    SummaryPoint,
};
use crate::signal::Signal;

/// A census, with how often there was each fault.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) census: Census,
    /// Records that are refused, by reason.
    pub(crate) rejected: Faults,
    /// Records that are kept with less in them, by reason.
    pub(crate) warned: Faults,
}

/// How often there was each fault: few reasons, mostly none.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Faults(Vec<(Reason, u64)>);

impl Faults {
    /// Counts `n` more.
    pub(crate) fn add(&mut self, reason: Reason, n: u64) {
        match self.0.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count += n,
            None => self.0.push((reason, n)),
        }
    }

    /// Sets how often there was `reason`.
    pub(crate) fn set(&mut self, reason: Reason, n: u64) {
        self.0.retain(|(known, _)| *known != reason);
        if n > 0 {
            self.0.push((reason, n));
        }
    }

    /// Each reason once.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Reason, u64)> + '_ {
        self.0.iter().copied()
    }
}

impl Sink for Tally {
    fn span(&mut self, origin: &Origin<'_>, span: &Span<'_>) {
        self.census.span(origin, span);
    }

    fn log(&mut self, origin: &Origin<'_>, log: &Log<'_>) {
        self.census.log(origin, log);
    }

    fn number(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &NumberPoint<'_>) {
        self.census.number(origin, metric, point);
    }

    fn histogram(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &HistogramPoint<'_>) {
        self.census.histogram(origin, metric, point);
    }

    fn exp_histogram(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &ExpHistogramPoint<'_>) {
        self.census.exp_histogram(origin, metric, point);
    }

    fn summary(&mut self, origin: &Origin<'_>, metric: &Metric<'_>, point: &SummaryPoint<'_>) {
        self.census.summary(origin, metric, point);
    }

    fn reject(&mut self, signal: Signal, reason: Reason, detail: &str, record: Refused<'_>) {
        self.census.reject(signal, reason, detail, record);
        self.rejected.add(reason, 1);
    }

    fn warn(&mut self, signal: Signal, reason: Reason, detail: &str, record: Refused<'_>) {
        self.census.warn(signal, reason, detail, record);
        self.warned.add(reason, 1);
    }
}

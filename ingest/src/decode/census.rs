//! Counting a request before it is acknowledged.

use super::{
    ExpHistogramPoint, HistogramPoint, Log, Metric, NumberPoint, Origin, Reason, Refused, Sink, Span,
    SummaryPoint,
};
use crate::signal::Signal;

/// How many records are good, how many are not, and what to tell the client.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Census {
    /// Records that will be stored.
    pub accepted: u64,
    /// Records that are refused.
    pub rejected: u64,
    /// Records kept without one of their values.
    pub warned: u64,
    /// The words for the first refusal or warning.
    first: Option<String>,
}

impl Census {
    /// The message for the client: the first fault, and how many there are; empty without any.
    pub fn message(&self) -> String {
        let Some(first) = &self.first else { return String::new() };
        match self.rejected + self.warned {
            0 | 1 => first.clone(),
            n => format!("{first} (and {} more)", n - 1),
        }
    }

    fn note(&mut self, reason: Reason, detail: &str) {
        if self.first.is_none() {
            self.first = Some(format!("{reason}: {detail}"));
        }
    }
}

impl Sink for Census {
    fn span(&mut self, _: &Origin<'_>, _: &Span<'_>) {
        self.accepted += 1;
    }

    fn log(&mut self, _: &Origin<'_>, _: &Log<'_>) {
        self.accepted += 1;
    }

    fn number(&mut self, _: &Origin<'_>, _: &Metric<'_>, _: &NumberPoint<'_>) {
        self.accepted += 1;
    }

    fn histogram(&mut self, _: &Origin<'_>, _: &Metric<'_>, _: &HistogramPoint<'_>) {
        self.accepted += 1;
    }

    fn exp_histogram(&mut self, _: &Origin<'_>, _: &Metric<'_>, _: &ExpHistogramPoint<'_>) {
        self.accepted += 1;
    }

    fn summary(&mut self, _: &Origin<'_>, _: &Metric<'_>, _: &SummaryPoint<'_>) {
        self.accepted += 1;
    }

    fn reject(&mut self, _: Signal, reason: Reason, detail: &str, _: Refused<'_>) {
        self.rejected += 1;
        self.note(reason, detail);
    }

    fn warn(&mut self, _: Signal, reason: Reason, detail: &str, _: Refused<'_>) {
        self.warned += 1;
        self.note(reason, detail);
    }
}

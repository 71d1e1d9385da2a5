//! The tables of Headroom's schema that a run writes to.

use serde::Serialize;

use crate::signal::Signal;

/// A table, and the signals whose records are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Spans.
    Spans,
    /// Log records, events among them.
    Logs,
    /// Business events.
    Events,
    /// Points of gauges.
    MetricGauge,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 4] = [Self::Spans, Self::Logs, Self::Events, Self::MetricGauge];

    /// Its name in ClickHouse.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spans => "spans",
            Self::Logs => "logs",
            Self::Events => "events",
            Self::MetricGauge => "metric_gauge",
        }
    }

    /// Whether records of a signal are stored here.
    pub const fn holds(self, signal: Signal) -> bool {
        matches!(
            (self, signal),
            (Self::Spans, Signal::Traces)
                | (Self::Logs, Signal::Logs | Signal::Events)
                | (Self::Events, Signal::Events)
                | (Self::MetricGauge, Signal::Metrics)
        )
    }
}

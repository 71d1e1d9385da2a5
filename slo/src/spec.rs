//! What an objective is: the parts of OpenSLO v1 that Headroom computes, and
//! the reason wherever it cannot.
//!
//! [`SloSet::parse`] reads any number of YAML files with any number of documents.
//! What breaks the format is a [`SpecError`] with file, line and column. A document that
//! is right by the format but asks for something Headroom does not compute (a query for
//! another system, a reference to something outside the files) is kept, and its
//! [`Slo::indicator`] holds the reason, which the pages show in place of figures.

mod annotations;
mod document;
mod duration;
mod indicator;
mod metric;
mod node;
mod openslo;
mod policies;
mod set;
mod terms;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use crate::window::Window;
pub use duration::{Span, Unit};
pub use metric::{MetricGood, MetricStatistic, Op};
pub use node::{SpecError, SpecErrors};
pub(crate) use set::read;

use crate::composite::Composite;
use crate::counting::Counting;
use crate::policy::AlertPolicy;

/// All definitions of an installation.
#[derive(Debug, Clone, Default)]
pub struct SloSet {
    /// One per objective, in the order of the files; also those that are part of a composite.
    pub slos: Vec<Slo>,
    /// The SLOs whose objectives have indicators of their own, weighed together.
    pub composites: Vec<Composite>,
    /// The alert policies whose condition is in the files.
    pub policies: Vec<AlertPolicy>,
    /// The documents of kind Service.
    pub services: Vec<Service>,
    /// Documents of the other kinds as they are.
    pub kept: Vec<Kept>,
}

impl SloSet {
    /// The objective with this id.
    pub fn get(&self, id: &str) -> Option<&Slo> {
        self.slos.iter().find(|slo| slo.id == id)
    }

    /// The composite with this id.
    pub fn composite(&self, id: &str) -> Option<&Composite> {
        self.composites.iter().find(|composite| composite.id == id)
    }
}

/// A document of kind Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// The name people read.
    pub display_name: String,
}

/// A document that is accepted and kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// DataSource, AlertPolicy, AlertCondition or AlertNotificationTarget.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its YAML as it stands in the file.
    pub yaml: String,
}

/// One objective of one SLO document.
#[derive(Debug, Clone)]
pub struct Slo {
    /// The name in addresses, alerts and slices: the document's name, and for the
    /// second and later objectives of a document `name.2`, `name.3`. The parts of a composite are
    /// `name.1`, `name.2`, for the composite itself has the name.
    pub id: String,
    /// The objective's number within its document, from 0.
    pub objective_index: u8,
    /// The name people read.
    pub display_name: String,
    /// What it promises, in the words of the definition.
    pub description: String,
    /// The service it is promised for.
    pub service: String,
    /// The share that must be good, in [0, 1).
    pub target: f64,
    /// The window its budget is for.
    pub window: Window,
    /// How slices are turned into budget.
    pub method: Method,
    /// What is counted, or why it cannot be.
    pub indicator: Result<Indicator, String>,
    /// Which time counts.
    pub counting: Counting,
    /// Names of the policies that its burn is held against, beside the rules.
    pub policies: Vec<String>,
    /// The address of what to do when it burns.
    pub runbook: Option<String>,
    /// Names the meaning of stored slices: changes when the indicator changes and
    /// stays when only target, window or method do, for these apply on reading.
    pub generation: String,
    /// The document it came from, as it stands in the file.
    pub definition: String,
}

impl Slo {
    /// The share that may be bad: `1 - target`.
    pub fn allowed(&self) -> f64 {
        1.0 - self.target
    }

    /// Where the slices begin that figures need whose newest slice ends at `end`, in seconds since the epoch. In
    /// a calendar-aligned window burn rates look back beyond its start, and the newest slice may still be
    /// in the period before.
    pub fn history_from(&self, end: i64) -> i64 {
        let start = self.window.start(end);
        if self.window.calendar.is_none() {
            return start;
        }
        let late = crate::budget::STALE_AFTER.num_seconds();
        self.window.start(end - late).min(end - late - self.window.seconds)
    }

    /// Whether slices that were added up to hours say as much as those of minutes: a window may then
    /// begin only where an hour does, and all time counts.
    pub fn hours_suffice(&self) -> bool {
        self.method == Method::Occurrences && self.window.calendar.is_none() && self.counting.is_always()
    }
}

/// OpenSLO's budgeting methods.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Method {
    /// Good over total of all requests in the window.
    Occurrences,
    /// Share of time slices whose own ratio reaches `target`.
    Timeslices {
        /// The ratio a slice must reach, in (0, 1].
        target: f64,
        /// The slice's length in seconds, a whole number of minutes.
        seconds: i64,
    },
    /// Mean of the time slices' ratios.
    RatioTimeslices {
        /// The slice's length in seconds, a whole number of minutes.
        seconds: i64,
    },
}

impl Method {
    /// OpenSLO's word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Occurrences => "Occurrences",
            Self::Timeslices { .. } => "Timeslices",
            Self::RatioTimeslices { .. } => "RatioTimeslices",
        }
    }
}

/// What is counted per minute.
#[derive(Debug, Clone, PartialEq)]
pub enum Indicator {
    /// Requests, from the span roll-ups.
    Spans {
        /// Whose requests.
        scope: SpanScope,
        /// Which of them count at all.
        total: SpanCondition,
        /// Which of those are good, or bad when `inverted`.
        part: SpanCondition,
        /// `part` describes the bad ones.
        inverted: bool,
    },
    /// Business events.
    Events {
        /// The service that reports them, or any.
        service: Option<String>,
        /// The names that count.
        total: Vec<String>,
        /// Those that are good, or bad when `inverted`.
        part: Vec<String>,
        /// `part` names the bad ones.
        inverted: bool,
    },
    /// Minutes, by the value of a metric. One in which it was not reported was not seen.
    Metric {
        /// Its name.
        metric: String,
        /// Only points with these attributes; `service.name` is the service that sent them.
        attributes: BTreeMap<String, String>,
        /// What a minute of them comes to.
        statistic: MetricStatistic,
        /// When that is good.
        good: MetricGood,
    },
}

/// Whose requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanScope {
    /// The service.
    pub service: String,
    /// The operation, or all.
    pub operation: Option<String>,
    /// Span kinds; empty means any. Without operation and kind it is what the
    /// service received: `server` and `consumer`.
    pub kinds: Vec<String>,
}

/// A condition on requests; both parts must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpanCondition {
    /// On the span's status.
    pub status: Option<Status>,
    /// On its duration.
    pub latency: Option<Latency>,
}

/// A condition on the span's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Ended without error.
    NotError,
    /// Ended with error.
    Error,
}

/// A condition on the duration, in ns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latency {
    /// At most this long.
    Below(u64),
    /// Longer than this.
    Above(u64),
}

//! What an objective is: the parts of OpenSLO v1 that Headroom computes, and
//! the reason wherever it cannot.
//!
//! [`SloSet::parse`] reads any number of YAML files with any number of documents.
//! What breaks the format is a [`SpecError`] with file, line and column. A document that
//! is right by the format but asks for something Headroom does not compute (a
//! calendar-aligned window, a query for another system) is kept, and its
//! [`Slo::indicator`] holds the reason, which the pages show in place of figures.

mod document;
mod duration;
mod indicator;
mod node;
mod openslo;
mod set;
#[cfg(test)]
mod tests;

pub use duration::{Span, Unit};
pub use node::{SpecError, SpecErrors};
pub(crate) use set::read;

/// All definitions of an installation.
#[derive(Debug, Clone, Default)]
pub struct SloSet {
    /// One per objective, in the order of the files.
    pub slos: Vec<Slo>,
    /// The documents of kind Service.
    pub services: Vec<Service>,
    /// Documents of the other kinds: accepted, kept and shown, not acted upon.
    pub kept: Vec<Kept>,
}

impl SloSet {
    /// The objective with this id.
    pub fn get(&self, id: &str) -> Option<&Slo> {
        self.slos.iter().find(|slo| slo.id == id)
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
    /// second and later objectives of a document `name.2`, `name.3`.
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
    /// The rolling window.
    pub window: Window,
    /// How slices are turned into budget.
    pub method: Method,
    /// What is counted, or why it cannot be.
    pub indicator: Result<Indicator, String>,
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
}

/// A rolling window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// As written: `30d`.
    pub text: String,
    /// Its length in seconds; 0 when it has no fixed length.
    pub seconds: i64,
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
#[derive(Debug, Clone, PartialEq, Eq)]
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

//! An event with all its starts.

use chrono::{DateTime, Utc};

use crate::event::Event;

/// An entry of a calendar: one event, or the same event at each of several starts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Planned {
    /// The event; its start is the first one.
    event: Event,
    /// The starts in order.
    starts: Vec<DateTime<Utc>>,
    /// Where it was read: file and line.
    pub(crate) origin: Option<(String, usize)>,
}

impl Planned {
    /// An event at the given starts; none without a start.
    pub(crate) fn new(mut event: Event, mut starts: Vec<DateTime<Utc>>) -> Option<Self> {
        starts.sort_unstable();
        starts.dedup();
        event.start = *starts.first()?;
        Some(Self { event, starts, origin: None })
    }

    /// The event at its first start.
    pub(crate) fn first(&self) -> &Event {
        &self.event
    }

    /// What it says, wherever it was read.
    pub(crate) fn content(&self) -> (&Event, &[DateTime<Utc>]) {
        (&self.event, &self.starts)
    }

    /// The starts in order.
    pub(crate) fn starts(&self) -> &[DateTime<Utc>] {
        &self.starts
    }

    /// The events whose effect, lead included, touches `[from, to)`.
    pub(crate) fn touching(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> impl Iterator<Item = Event> + '_ {
        let first = self.starts.partition_point(|start| *start + self.event.duration <= from);
        let last = self.starts.partition_point(|start| *start - self.event.lead < to);
        let starts = self.starts.get(first..last).unwrap_or_default();
        starts.iter().map(|start| Event { start: *start, ..self.event.clone() })
    }
}

impl From<Event> for Planned {
    fn from(event: Event) -> Self {
        Self { starts: vec![event.start], event, origin: None }
    }
}

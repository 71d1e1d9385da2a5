//! A calendar's entries, taken out of whatever format they are in.

use crate::event::Event;
use crate::overrule::Override;
use crate::read::{self, Defaults, Fault, Format};

/// What was read of a text.
#[derive(Debug, Clone, Default)]
pub struct Imported {
    /// The events, each start of a recurring one for itself.
    pub events: Vec<Event>,
    /// The overrides.
    pub overrides: Vec<Override>,
    /// Entries that were left out, and why.
    pub faults: Vec<Fault>,
}

/// Reads a text; `name` is what faults call it.
pub fn import(format: Format, name: &str, text: &str, defaults: &Defaults) -> Imported {
    let (venues, mut faults) = read::venues(format, name, text);
    let reading = read::read(format, name, text, defaults, &venues);
    faults.extend(reading.faults);
    let events = reading.events.iter().flat_map(|planned| {
        planned.starts().iter().map(|start| Event { start: *start, ..planned.first().clone() })
    });
    Imported {
        events: events.collect(),
        overrides: reading.overrides.into_iter().map(|(rule, _)| rule).collect(),
        faults,
    }
}

//! Hands events and overrides on: as TOML that this crate reads again, and as iCalendar for any other program.

mod ical;

use serde::Serialize;

use crate::event::Event;
use crate::overrule::Override;
use crate::read::entry::{EventEntry, OverrideEntry};

pub use ical::write_ical;

#[derive(Serialize)]
struct File {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    event: Vec<EventEntry>,
    #[serde(rename = "override", skip_serializing_if = "Vec::is_empty")]
    overrides: Vec<OverrideEntry>,
}

impl File {
    fn of(events: &[Event], overrides: &[Override]) -> Self {
        Self {
            event: events.iter().map(EventEntry::of).collect(),
            overrides: overrides.iter().map(OverrideEntry::of).collect(),
        }
    }
}

/// Events and overrides as `[[event]]` and `[[override]]` tables. Times are in UTC; lengths are whole minutes, of which
/// a started one counts.
pub fn write_toml(events: &[Event], overrides: &[Override]) -> String {
    toml::to_string(&File::of(events, overrides))
        .expect("invariant: texts, numbers and lists have a form in TOML")
}

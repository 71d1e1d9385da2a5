//! Venues with their sessions, and the events that lift demand.
//!
//! A session's hours are wall-clock hours of its venue, so that a change to summer time moves them in UTC and
//! nowhere else. The days that differ from the rule are tables in `data/sessions`; an operator's own TOML file may
//! add events and overrule sessions, because every public calendar has been wrong at some time.
//!
//! ```
//! # use headroom_calendar::{Calendar, Venue};
//! let mut calendar = Calendar::new(vec![Venue::builtin("XNYS")?], true);
//! calendar.add_toml("own.toml", r#"
//!     [[event]]
//!     class = "earnings"          # rate_decision, earnings, expiry, payroll, month_end, half_day or custom
//!     name = "ACME results"
//!     venue = "XNYS"              # a start without an offset is this venue's wall clock
//!     start = "2026-11-05T16:05"
//!     duration_minutes = 90
//!     lead_minutes = 15           # demand begins to rise this long before
//!     services = ["gateway"]      # left out: all services
//!     multiplier = 2.2            # expected; left out: the class's, until its effect was measured
//!     source = "investor calendar"
//!     known_since = "2026-10-01T00:00:00Z"
//!     confidence = 0.9
//!
//!     [[session]]                 # overrules the built-in table
//!     venue = "XNYS"
//!     date = "2026-11-06"
//!     closed = true               # or: open = "09:30", close = "13:00"
//! "#)?;
//! # Ok::<(), headroom_calendar::CalendarError>(())
//! ```

mod bank;
mod decisions;
mod derived;
mod error;
mod event;
mod file;
mod overrule;
mod rules;
mod table;
#[cfg(test)]
mod tests;
mod venue;
mod zone;

use std::path::Path;

use chrono::{DateTime, Duration, Utc};

pub use bank::{Bank, Roll};
pub use error::{CalendarError, Result};
pub use event::{Event, EventClass};
pub use overrule::Override;
pub use venue::{BUILTIN, Coverage, Session, SessionKind, Venue};

/// The venues and events a forecast knows.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    venues: Vec<Venue>,
    events: Vec<Event>,
    builtin: bool,
}

impl Calendar {
    /// A calendar of venues alone: no events but those that follow from the sessions, and these only if `builtin`.
    pub fn new(venues: Vec<Venue>, builtin: bool) -> Self {
        Self { venues, events: Vec::new(), builtin }
    }

    /// A calendar of built-in venues, with the built-in events if `builtin`, and the files of an operator.
    pub fn load(venues: &[impl AsRef<str>], builtin: bool, files: &[impl AsRef<Path>]) -> Result<Self> {
        let venues = venues.iter().map(|mic| Venue::builtin(mic.as_ref())).collect::<Result<Vec<_>>>()?;
        let mut calendar = Self::new(venues, builtin);
        if builtin {
            let mics: Vec<&str> = calendar.venues.iter().map(|venue| venue.mic.as_str()).collect();
            calendar.events = decisions::of_venues(&mics)?;
        }
        for path in files {
            calendar.add_file(path.as_ref())?;
        }
        Ok(calendar)
    }

    /// Adds the events and sessions of a TOML file.
    pub fn add_file(&mut self, path: &Path) -> Result<()> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| CalendarError::Read { path: path.to_owned(), source })?;
        self.add_toml(&path.display().to_string(), &text)
    }

    /// Adds the events and sessions of a TOML text; `name` is what errors call it.
    ///
    /// Sessions of venues that this calendar does not hold are read, checked and left aside.
    pub fn add_toml(&mut self, name: &str, text: &str) -> Result<()> {
        let parsed = file::parse(name, text)?;
        self.events.extend(parsed.events);
        for rule in parsed.sessions {
            if let Some(venue) = self.venues.iter_mut().find(|v| v.mic == rule.venue) {
                venue.overrule(rule);
            }
        }
        self.events.sort_by_key(|e| e.start);
        Ok(())
    }

    /// Adds one event.
    pub fn add_event(&mut self, event: Event) {
        let at = self.events.partition_point(|e| e.start <= event.start);
        self.events.insert(at, event);
    }

    /// The venues, the most important one first.
    pub fn venues(&self) -> &[Venue] {
        &self.venues
    }

    /// The venue of a market identifier code.
    pub fn venue(&self, mic: &str) -> Option<&Venue> {
        self.venues.iter().find(|v| v.mic == mic)
    }

    /// Every event whose effect, lead included, touches `[from, to)`, in the order of start.
    ///
    /// `known_at` leaves out what was not yet known then, so that a back-test cannot look ahead.
    pub fn events(&self, from: DateTime<Utc>, to: DateTime<Utc>, known_at: DateTime<Utc>) -> Vec<Event> {
        let mut found: Vec<Event> = self
            .events
            .iter()
            .filter(|e| e.known_since.is_none_or(|known| known <= known_at))
            .cloned()
            .collect();
        if self.builtin {
            let (first, last) =
                ((from - Duration::days(1)).date_naive(), (to + Duration::days(1)).date_naive());
            for venue in &self.venues {
                found.extend(derived::of_venue(venue, first, last));
            }
        }
        found.retain(|e| e.effect_start() < to && e.end() > from);
        found.sort_by(|a, b| a.start.cmp(&b.start).then_with(|| a.name.cmp(&b.name)));
        found
    }
}

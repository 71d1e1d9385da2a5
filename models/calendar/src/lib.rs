//! Venues with their sessions, and the events that lift demand.
//!
//! A session's hours are wall-clock hours of its venue, so that a change to summer time moves them in UTC and
//! nowhere else. Holidays follow from rules (`rules`), the days that follow from none are tables in `data/sessions`,
//! and what lies outside the covered years is told as doubtful. Events follow from sessions (`derived`), ship as tables
//! of announced days (`decisions`), or come from an operator's files (`read`: TOML, iCalendar, CSV, JSON), which may
//! also override sessions, because every public calendar has been wrong at some time. [`Calendar::show`] lists what
//! counts, [`check`] says what is wrong with files, and [`write_toml`] and [`write_ical`] hand events on.
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
//!     [[event]]
//!     class = "payroll"
//!     name = "wages of ACME"
//!     venue = "XNYS"
//!     start = "2026-01-15T06:00"
//!     duration_minutes = 960
//!     rrule = "FREQ=MONTHLY;BYMONTHDAY=15,-1"   # RFC 5545, on the venue's wall clock
//!     roll = "previous"           # none, previous, following or modified_following
//!     bank = "us_fed"             # whose business days count: us_fed, target2, uk or india
//!
//!     [[override]]                # wins over the built-in sessions
//!     venue = "XNYS"
//!     date = "2026-11-06"
//!     closed = true               # or: open = "09:30", close = "13:00"
//!     source = "NYSE trader update"
//!     reason = "day of mourning"
//!     since = "2026-11-02T00:00"
//! "#)?;
//! # Ok::<(), headroom_calendar::CalendarError>(())
//! ```

mod bank;
mod check;
mod decisions;
mod derived;
mod error;
mod event;
mod import;
mod overrule;
mod planned;
mod read;
mod recur;
mod rules;
mod show;
mod table;
#[cfg(test)]
mod tests;
mod venue;
mod write;
mod zone;

use std::path::Path;

use chrono::{DateTime, Duration, NaiveDate, Utc};

pub use check::{Checked, check};
use planned::Planned;

pub use bank::{Bank, Roll};
pub use error::{CalendarError, Result};
pub use event::{Event, EventClass};
pub use import::{Imported, import};
pub use overrule::Override;
pub use read::{Defaults, Fault, Format};
pub use recur::RECURS_BEFORE;
pub use show::{Day, Listed, Shown};
pub use venue::{BUILTIN, Coverage, Session, SessionKind, Venue};
pub use write::{write_ical, write_toml};

/// The venues and events a forecast knows.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    venues: Vec<Venue>,
    events: Vec<Planned>,
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
            let events = decisions::of_venues(&calendar.mics())?;
            calendar.events = events.into_iter().map(Planned::from).collect();
        }
        for path in files {
            calendar.add_file(path.as_ref())?;
        }
        Ok(calendar)
    }

    /// Adds the events and overrides of a file, in the format its extension names; one fault refuses it whole.
    pub fn add_file(&mut self, path: &Path) -> Result<()> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| CalendarError::Read { path: path.to_owned(), source })?;
        self.add_text(Format::of_path(path), &path.display().to_string(), &text)
    }

    /// Adds the events and overrides of a TOML text; `name` is what errors call it. See [`Calendar::add_text`].
    pub fn add_toml(&mut self, name: &str, text: &str) -> Result<()> {
        self.add_text(Format::Toml, name, text)
    }

    /// Adds the events and overrides of a text; `name` is what errors call it. One fault refuses the text whole.
    ///
    /// Overrides of venues that this calendar does not hold are read, checked and left aside.
    pub fn add_text(&mut self, format: Format, name: &str, text: &str) -> Result<()> {
        let mut reading = read::read(format, name, text, &Defaults::default());
        if !reading.faults.is_empty() {
            return Err(reading.faults.swap_remove(0).into());
        }
        self.add(reading);
        Ok(())
    }

    /// Adds what is good of a text, and returns what is not, for a feed that must not stop at one bad entry.
    pub fn add_good(&mut self, format: Format, name: &str, text: &str, defaults: &Defaults) -> Vec<Fault> {
        let mut reading = read::read(format, name, text, defaults);
        let faults = std::mem::take(&mut reading.faults);
        self.add(reading);
        faults
    }

    fn add(&mut self, reading: read::Reading) {
        self.events.extend(reading.events);
        for (rule, _) in reading.overrides {
            if let Some(venue) = self.venues.iter_mut().find(|v| v.mic == rule.venue) {
                venue.overrule(rule);
            }
        }
    }

    /// Adds one event.
    pub fn add_event(&mut self, event: Event) {
        self.events.push(event.into());
    }

    /// The venues, the most important one first.
    pub fn venues(&self) -> &[Venue] {
        &self.venues
    }

    /// The venue of a market identifier code.
    pub fn venue(&self, mic: &str) -> Option<&Venue> {
        self.venues.iter().find(|v| v.mic == mic)
    }

    fn mics(&self) -> Vec<&str> {
        self.venues.iter().map(|venue| venue.mic.as_str()).collect()
    }

    /// What is to be said about a stretch of time that this calendar does not cover wholly: sessions outside the
    /// years of a venue's table, and announced days after the last one known. Empty if all is covered.
    pub fn doubts(&self, first: NaiveDate, last: NaiveDate) -> Vec<String> {
        let mut doubts: Vec<String> =
            self.venues.iter().filter_map(|venue| venue.doubt(first, last)).collect();
        if self.builtin {
            let known = decisions::last_known(&self.mics()).unwrap_or_default();
            doubts.extend(known.into_iter().filter(|(_, day)| *day < last).map(|(name, day)| {
                format!("{name}: no date after {day} is built in; add the later ones from their announcement")
            }));
        }
        doubts
    }

    /// Every event whose effect, lead included, touches `[from, to)`, in the order of start.
    ///
    /// `known_at` leaves out what was not yet known then, so that a back-test cannot look ahead.
    pub fn events(&self, from: DateTime<Utc>, to: DateTime<Utc>, known_at: DateTime<Utc>) -> Vec<Event> {
        let known = |e: &&Planned| e.first().known_since.is_none_or(|known| known <= known_at);
        let mut found: Vec<Event> =
            self.events.iter().filter(known).flat_map(|e| e.touching(from, to)).collect();
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

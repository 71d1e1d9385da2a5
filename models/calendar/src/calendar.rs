//! The calendar: venues, events that were read, and events that follow from the sessions.

use std::path::Path;

use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::error::{CalendarError, Result};
use crate::event::Event;
use crate::planned::Planned;
use crate::read::{self, Defaults, Fault, Format, Reading};
use crate::venue::Venue;
use crate::{decisions, derived};

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
            let mics: Vec<&str> = calendar.venues.iter().map(|venue| venue.mic.as_str()).collect();
            let events = decisions::of_venues(&mics)?;
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
        self.add_reading(reading);
        Ok(())
    }

    /// Adds what is good of a text, and returns what is not, for a feed that must not stop at one bad entry.
    pub fn add_good(&mut self, format: Format, name: &str, text: &str, defaults: &Defaults) -> Vec<Fault> {
        let mut reading = read::read(format, name, text, defaults);
        let faults = std::mem::take(&mut reading.faults);
        self.add_reading(reading);
        faults
    }

    /// Adds what is good of a text that was read before.
    pub fn add_reading(&mut self, reading: Reading) {
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

    /// What is to be said about a stretch of time that this calendar does not cover wholly: sessions outside the
    /// years of a venue's table, and announced days after the last one known. Empty if all is covered.
    pub fn doubts(&self, first: NaiveDate, last: NaiveDate) -> Vec<String> {
        self.doubts_of(&self.venues.iter().collect::<Vec<_>>(), first, last)
    }

    /// The doubts about some of the venues.
    pub(crate) fn doubts_of(&self, venues: &[&Venue], first: NaiveDate, last: NaiveDate) -> Vec<String> {
        let mut doubts: Vec<String> = venues.iter().filter_map(|venue| venue.doubt(first, last)).collect();
        if self.builtin {
            let mics: Vec<&str> = venues.iter().map(|venue| venue.mic.as_str()).collect();
            let exhausted = decisions::exhausted(&mics, last).unwrap_or_default().into_iter();
            doubts.extend(exhausted.map(|(name, day)| {
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

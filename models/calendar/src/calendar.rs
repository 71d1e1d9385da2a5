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

    /// A calendar of venues, built-in or defined by one of the files; with the built-in events if `builtin`, and with
    /// the events and overrides of the files.
    pub fn load(venues: &[impl AsRef<str>], builtin: bool, files: &[impl AsRef<Path>]) -> Result<Self> {
        let texts = Text::read_all(files)?;
        let (mut calendar, defined) = Self::of_venues(venues, builtin, &texts)?;
        for Text { format, name, text } in &texts {
            calendar.add_all(*format, name, text, &defined)?;
        }
        Ok(calendar)
    }

    /// The calendar of [`Calendar::load`] without the events and overrides of the files, of which only the venues they
    /// define count.
    pub fn load_venues(
        venues: &[impl AsRef<str>],
        builtin: bool,
        files: &[impl AsRef<Path>],
    ) -> Result<Self> {
        Ok(Self::of_venues(venues, builtin, &Text::read_all(files)?)?.0)
    }

    /// The venues with their built-in events, and all venues that the texts define.
    fn of_venues(venues: &[impl AsRef<str>], builtin: bool, texts: &[Text]) -> Result<(Self, Vec<Venue>)> {
        let mut defined: Vec<Venue> = Vec::new();
        for Text { format, name, text } in texts {
            let (venues, faults) = read::venues(*format, name, text);
            if let Some(fault) = faults.into_iter().next() {
                return Err(fault.into());
            }
            defined.extend(venues);
        }
        let named = |mic: &str| match defined.iter().find(|venue| venue.mic.eq_ignore_ascii_case(mic)) {
            Some(venue) => Ok(venue.clone()),
            None => Venue::builtin(mic),
        };
        let mut calendar = Self::new(Vec::new(), builtin);
        for mic in venues {
            calendar.venues.push(named(mic.as_ref())?);
        }
        if builtin {
            let mics: Vec<&str> = calendar.venues.iter().map(|venue| venue.mic.as_str()).collect();
            calendar.events = decisions::of_venues(&mics)?.into_iter().map(Planned::from).collect();
        }
        Ok((calendar, defined))
    }

    /// Adds the events and overrides of a file, in the format its extension names; one fault refuses it whole.
    pub fn add_file(&mut self, path: &Path) -> Result<()> {
        self.add_text(Format::of_path(path), &path.display().to_string(), &read_file(path)?)
    }

    /// Adds the events and overrides of a TOML text; `name` is what errors call it. See [`Calendar::add_text`].
    pub fn add_toml(&mut self, name: &str, text: &str) -> Result<()> {
        self.add_text(Format::Toml, name, text)
    }

    /// Adds the events and overrides of a text; `name` is what errors call it. One fault refuses the text whole.
    ///
    /// Overrides of venues that this calendar does not hold are read, checked and left aside.
    pub fn add_text(&mut self, format: Format, name: &str, text: &str) -> Result<()> {
        self.add_all(format, name, text, &self.venues.clone())
    }

    fn add_all(&mut self, format: Format, name: &str, text: &str, known: &[Venue]) -> Result<()> {
        let mut reading = read::read(format, name, text, &Defaults::default(), known);
        if !reading.faults.is_empty() {
            return Err(reading.faults.swap_remove(0).into());
        }
        self.add_reading(reading);
        Ok(())
    }

    /// Adds what is good of a text, and returns what is not, for a feed that must not stop at one bad entry.
    ///
    /// What was read under the same name before is replaced, so that a file or an address can be read again and again.
    /// A text of which nothing can be read replaces nothing: old dates are better than none.
    pub fn refresh(&mut self, format: Format, name: &str, text: &str, defaults: &Defaults) -> Vec<Fault> {
        let mut reading = read::read(format, name, text, defaults, &self.venues);
        let faults = std::mem::take(&mut reading.faults);
        if faults.is_empty() || !reading.events.is_empty() || !reading.overrides.is_empty() {
            self.events.retain(|event| event.origin.as_ref().is_none_or(|(file, _)| file != name));
            self.venues.iter_mut().for_each(|venue| venue.forget(name));
            self.add_reading(reading);
        }
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

    /// Every event whose effect, lead included, touches `[from, to)`, in the order of start. A built-in one gives way
    /// to one that was read for the same class, venue and start.
    ///
    /// `known_at` leaves out what was not yet known then, so that a back-test cannot look ahead.
    pub fn events(&self, from: DateTime<Utc>, to: DateTime<Utc>, known_at: DateTime<Utc>) -> Vec<Event> {
        let known = |e: &&Planned| e.first().known_since.is_none_or(|known| known <= known_at);
        let (read, builtin): (Vec<_>, Vec<_>) =
            self.events.iter().filter(known).partition(|e| e.origin.is_some());
        let touching =
            |events: Vec<&Planned>| events.into_iter().flat_map(|e| e.touching(from, to)).collect();
        let (mut read, mut found): (Vec<Event>, Vec<Event>) = (touching(read), touching(builtin));
        if self.builtin {
            let (first, last) =
                ((from - Duration::days(1)).date_naive(), (to + Duration::days(1)).date_naive());
            for venue in &self.venues {
                found.extend(derived::of_venue(venue, first, last));
            }
        }
        found.retain(|own| !read.iter().any(|event| event.replaces(own)));
        found.append(&mut read);
        found.retain(|e| e.effect_start() < to && e.end() > from);
        found.sort_by(|a, b| a.start.cmp(&b.start).then_with(|| a.name.cmp(&b.name)));
        found
    }
}

fn read_file(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|source| CalendarError::Read { path: path.to_owned(), source })
}

/// A file that was read.
struct Text {
    format: Format,
    name: String,
    text: String,
}

impl Text {
    fn read_all(files: &[impl AsRef<Path>]) -> Result<Vec<Self>> {
        let read = |path: &Path| {
            let (format, name) = (Format::of_path(path), path.display().to_string());
            Ok(Self { format, name, text: read_file(path)? })
        };
        files.iter().map(|path| read(path.as_ref())).collect()
    }
}

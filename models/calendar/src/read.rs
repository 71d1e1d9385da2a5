//! Calendars from outside: TOML, iCalendar, CSV and JSON, each into the same events and overrides.
//!
//! A reader never stops at the first fault: it keeps what is good and names the rest by line, and the caller chooses
//! whether a calendar with faults counts.

mod csv;
pub(crate) mod entry;
mod ical;
pub(crate) use ical::value as ical_value;
mod json;
mod toml;
pub(crate) mod venue;

use std::fmt;
use std::path::Path;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::error::CalendarError;
use crate::event::{Event, EventClass};
use crate::overrule::Override;
use crate::planned::Planned;
use crate::venue::Venue;

/// How a calendar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// `[[event]]` and `[[override]]` tables.
    Toml,
    /// RFC 5545.
    ICalendar,
    /// A header line, and an event per line.
    Csv,
    /// `{"event": [...], "override": [...]}` with the fields of the TOML tables, or a list of events.
    Json,
}

impl Format {
    /// The format of a file by its extension; TOML if that tells nothing.
    pub fn of_path(path: &Path) -> Self {
        Self::of_extension(path).unwrap_or(Self::Toml)
    }

    /// The format that a file's extension tells, if it tells one.
    pub fn of_extension(path: &Path) -> Option<Self> {
        match path.extension()?.to_string_lossy().to_ascii_lowercase().as_str() {
            "ics" | "ical" | "icalendar" | "ifb" => Some(Self::ICalendar),
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }

    /// The format that a `Content-Type` tells, if it tells one: `text/plain` does not.
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "text/calendar" | "application/ics" => Some(Self::ICalendar),
            "text/csv" => Some(Self::Csv),
            "application/json" => Some(Self::Json),
            "application/toml" => Some(Self::Toml),
            _ => None,
        }
    }
}

/// What an entry is taken for where it does not say itself, such as in the feed of a vendor.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// Its class.
    pub class: Option<EventClass>,
    /// Market identifier code of its venue.
    pub venue: Option<String>,
    /// The multiplier expected of it.
    pub multiplier: Option<f64>,
    /// The services it concerns.
    pub services: Vec<String>,
    /// Where it is from.
    pub source: String,
}

/// Something wrong or doubtful in a calendar: where it stands, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The file, or what stands for it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl From<Fault> for CalendarError {
    fn from(fault: Fault) -> Self {
        Self::Content { file: fault.file, line: fault.line, message: fault.message }
    }
}

/// What was read of a text, ready for [`Calendar::add_reading`](crate::Calendar::add_reading).
#[derive(Debug, Clone, Default)]
pub struct Reading {
    pub(crate) events: Vec<Planned>,
    pub(crate) overrides: Vec<(Override, usize)>,
    /// Entries that were left out, and why.
    pub(crate) faults: Vec<Fault>,
    /// Entries that were kept with an assumption.
    pub(crate) doubts: Vec<Fault>,
}

/// What an entry may refer to without saying it.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) defaults: &'a Defaults,
    /// Venues beside the built-in ones.
    pub(crate) venues: &'a [Venue],
}

impl Known<'_> {
    /// The code and the zone of a venue, built-in or defined.
    pub(crate) fn place(&self, mic: &str) -> Result<(String, Tz), CalendarError> {
        match self.venues.iter().find(|venue| venue.mic.eq_ignore_ascii_case(mic)) {
            Some(venue) => Ok((venue.mic.clone(), venue.tz)),
            None => Venue::builtin_place(mic),
        }
    }
}

impl Reading {
    /// Reads a text; `name` is what faults call it. Its entries may name the built-in venues, those it defines, and
    /// those `known`.
    pub fn of(format: Format, name: &str, text: &str, defaults: &Defaults, known: &[Venue]) -> Self {
        read(format, name, text, defaults, known)
    }

    /// How many events were read, each recurring one once.
    pub fn events(&self) -> usize {
        self.events.len()
    }

    /// How many overrides were read.
    pub fn overrides(&self) -> usize {
        self.overrides.len()
    }

    /// The events, each start of a recurring one for itself.
    pub fn each_event(&self) -> impl Iterator<Item = Event> {
        self.events.iter().flat_map(|planned| {
            planned.starts().iter().map(|start| Event { start: *start, ..planned.first().clone() })
        })
    }

    /// The overrides.
    pub fn each_override(&self) -> impl Iterator<Item = &Override> {
        self.overrides.iter().map(|(rule, _)| rule)
    }

    /// Entries that were left out, and why.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Whether another reading has the same events and overrides, wherever in its text they stand.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.events.iter().map(Planned::content).eq(other.events.iter().map(Planned::content))
            && self.each_override().eq(other.each_override())
    }
}

/// Where faults are reported.
pub(crate) struct Source<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
    pub(crate) known: Known<'a>,
}

impl Source<'_> {
    /// A fault at a line; its message on one line.
    fn fault(&self, line: usize, message: impl fmt::Display) -> Fault {
        let message = message.to_string().trim().replace(['\n', '\r'], "; ");
        Fault { file: self.name.to_owned(), line, message }
    }

    /// The line of a byte offset.
    fn line(&self, offset: usize) -> usize {
        1 + self.text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count()
    }
}

/// Reads a calendar; `name` is what faults call it, and `venues` are known beside the built-in ones.
pub(crate) fn read(format: Format, name: &str, text: &str, defaults: &Defaults, venues: &[Venue]) -> Reading {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source { name, text, known: Known { defaults, venues } };
    let mut reading = match format {
        Format::Toml => toml::read(&source),
        Format::ICalendar => ical::read(&source),
        Format::Csv => csv::read(&source),
        Format::Json => json::read(&source),
    };
    reading.faults.sort_by_key(|fault| fault.line);
    reading.overrides.iter_mut().for_each(|(rule, _)| name.clone_into(&mut rule.file));
    reading
}

/// The venues that a calendar defines, and what is wrong with the definitions. Only TOML can define any.
pub(crate) fn venues(format: Format, name: &str, text: &str) -> (Vec<Venue>, Vec<Fault>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let known = Known { defaults: &Defaults::default(), venues: &[] };
    match format {
        Format::Toml => toml::venues(&Source { name, text, known }),
        _ => (Vec::new(), Vec::new()),
    }
}

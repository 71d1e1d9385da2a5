//! An operator's calendar: `[[event]]` and `[[session]]` tables in TOML.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde::Deserialize;
use toml::Spanned;

use crate::error::{CalendarError, Result};
use crate::event::{Event, EventClass};
use crate::overrule::Override;
use crate::venue::Venue;

/// What a calendar file holds.
pub(super) struct Parsed {
    pub(super) events: Vec<Event>,
    pub(super) sessions: Vec<Override>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarFile {
    #[serde(default)]
    event: Vec<EventEntry>,
    #[serde(default)]
    session: Vec<SessionEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventEntry {
    class: EventClass,
    name: String,
    venue: Option<Spanned<String>>,
    start: Spanned<String>,
    duration_minutes: Spanned<u32>,
    #[serde(default)]
    lead_minutes: u32,
    #[serde(default)]
    services: Vec<String>,
    multiplier: Option<Spanned<f64>>,
    #[serde(default)]
    source: String,
    known_since: Option<Spanned<String>>,
    confidence: Option<Spanned<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionEntry {
    venue: Spanned<String>,
    date: Spanned<String>,
    #[serde(default)]
    closed: bool,
    open: Option<Spanned<String>>,
    close: Option<Spanned<String>>,
}

/// Turns byte offsets into lines for error texts.
struct Source<'a> {
    name: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn refuse(&self, offset: usize, message: impl Into<String>) -> CalendarError {
        let line = 1 + self.text.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count();
        CalendarError::Content { file: self.name.to_owned(), line, message: message.into() }
    }
}

/// Parses a calendar; `name` is what errors call it.
pub(super) fn parse(name: &str, text: &str) -> Result<Parsed> {
    let source = Source { name, text };
    let file: CalendarFile = toml::from_str(text)
        .map_err(|e| source.refuse(e.span().map_or(0, |s| s.start), e.message().replace('\n', "; ")))?;
    Ok(Parsed {
        events: file.event.into_iter().map(|e| event(&source, e)).collect::<Result<_>>()?,
        sessions: file.session.into_iter().map(|s| session(&source, &s)).collect::<Result<_>>()?,
    })
}

fn venue(source: &Source<'_>, mic: &Spanned<String>) -> Result<Venue> {
    Venue::builtin(mic.as_ref()).map_err(|e| source.refuse(mic.span().start, e.to_string()))
}

/// An instant: RFC 3339, or the venue's wall clock without an offset.
fn instant(source: &Source<'_>, text: &Spanned<String>, venue: Option<&Venue>) -> Result<DateTime<Utc>> {
    let value = text.as_ref();
    if let Ok(at) = DateTime::parse_from_rfc3339(value) {
        return Ok(at.with_timezone(&Utc));
    }
    let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(value, format).ok());
    match (local, venue) {
        (Some(local), Some(venue)) => Ok(venue.utc(local.date(), local.time())),
        (Some(_), None) => Err(source.refuse(
            text.span().start,
            format!("`{value}` has no offset: give one, or a venue whose wall clock it is"),
        )),
        (None, _) => Err(source.refuse(
            text.span().start,
            format!(
                "`{value}` is no time: write 2026-12-09T14:00 (venue's wall clock) or 2026-12-09T19:00:00Z"
            ),
        )),
    }
}

fn event(source: &Source<'_>, entry: EventEntry) -> Result<Event> {
    let at = entry.venue.as_ref().map(|mic| venue(source, mic)).transpose()?;
    let start = instant(source, &entry.start, at.as_ref())?;
    let known_since =
        entry.known_since.as_ref().map(|text| instant(source, text, at.as_ref())).transpose()?;
    if *entry.duration_minutes.as_ref() == 0 {
        return Err(source.refuse(entry.duration_minutes.span().start, "duration_minutes must be at least 1"));
    }
    if let Some(m) = entry.multiplier.as_ref().filter(|m| !(0.01..=100.0).contains(m.as_ref())) {
        return Err(
            source.refuse(m.span().start, format!("multiplier {} must lie between 0.01 and 100", m.as_ref()))
        );
    }
    if let Some(c) = entry.confidence.as_ref().filter(|c| !(0.0..=1.0).contains(c.as_ref())) {
        return Err(
            source.refuse(c.span().start, format!("confidence {} must lie between 0 and 1", c.as_ref()))
        );
    }
    if entry.class == EventClass::Custom && entry.multiplier.is_none() {
        return Err(source.refuse(
            entry.start.span().start,
            format!("the custom event `{}` needs a multiplier: its class has no history", entry.name),
        ));
    }
    Ok(Event {
        class: entry.class,
        name: entry.name,
        venue: entry.venue.map(Spanned::into_inner),
        start,
        duration: Duration::minutes(i64::from(entry.duration_minutes.into_inner())),
        lead: Duration::minutes(i64::from(entry.lead_minutes)),
        services: entry.services,
        multiplier: entry.multiplier.map(Spanned::into_inner),
        source: entry.source,
        known_since,
        confidence: entry.confidence.map_or(1.0, Spanned::into_inner),
        follows_venue: false,
    })
}

fn session(source: &Source<'_>, entry: &SessionEntry) -> Result<Override> {
    let at = venue(source, &entry.venue)?;
    let date: NaiveDate = entry.date.as_ref().parse().map_err(|_| {
        source.refuse(
            entry.date.span().start,
            format!("`{}` is not a date like 2026-12-24", entry.date.as_ref()),
        )
    })?;
    let time = |text: &Spanned<String>| {
        NaiveTime::parse_from_str(text.as_ref(), "%H:%M").map_err(|_| {
            source.refuse(text.span().start, format!("`{}` is not a time like 09:30", text.as_ref()))
        })
    };
    let hours = match (entry.closed, &entry.open, &entry.close) {
        (true, None, None) => None,
        (false, Some(open), Some(close)) => {
            let (open, close) = (time(open)?, time(close)?);
            if open >= close {
                return Err(source.refuse(entry.date.span().start, "the session must open before it closes"));
            }
            Some((open, close))
        }
        _ => {
            return Err(
                source.refuse(entry.date.span().start, "give either closed = true, or both open and close")
            );
        }
    };
    Ok(Override { venue: at.mic, date, hours, source: String::new(), reason: String::new(), since: None })
}

//! What a calendar says about a stretch of time, as plain data that a command prints as text or JSON.

use std::fmt;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Utc};
use serde::Serialize;

use crate::calendar::Calendar;
use crate::error::{CalendarError, Result};
use crate::event::{Event, EventClass};
use crate::overrule::Override;
use crate::venue::{Coverage, Session, SessionKind, Venue};
use crate::zone;

/// Days and events of a stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// The days of each venue, in the order of dates.
    pub days: Vec<Day>,
    /// The events in the order of their start.
    pub events: Vec<Listed>,
    /// What of this is not covered or doubtful.
    pub doubts: Vec<String>,
}

/// A venue's day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Day {
    /// Market identifier code.
    pub venue: String,
    /// The local date.
    pub date: NaiveDate,
    /// The session, if the venue trades.
    pub session: Option<Session>,
    /// The session's open and close on the venue's wall clock.
    pub hours: Option<(NaiveTime, NaiveTime)>,
    /// How far this can be trusted.
    pub coverage: Coverage,
    /// The operator's override that settled it.
    pub overridden: Option<Override>,
}

/// An event as it is listed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listed {
    /// Its kind.
    pub class: EventClass,
    /// Its name.
    pub name: String,
    /// Market identifier code of its venue.
    pub venue: Option<String>,
    /// When demand begins to rise.
    pub effect_start: DateTime<Utc>,
    /// When it starts.
    pub start: DateTime<Utc>,
    /// When its effect is over.
    pub end: DateTime<Utc>,
    /// The start on its venue's wall clock with the offset from UTC, or in UTC without a venue.
    pub local_start: String,
    /// The services it concerns; empty means all.
    pub services: Vec<String>,
    /// The multiplier assumed before any of its class was seen.
    pub prior: f64,
    /// Where it is from.
    pub source: String,
    /// Since when it is known.
    pub known_since: Option<DateTime<Utc>>,
    /// How sure its date is, from 0 to 1.
    pub confidence: f64,
}

impl Calendar {
    /// The sessions and events from `first` to `last`, both included, of the given venues, or of all the calendar
    /// holds if none is given. Opens and closes are in the sessions and not repeated as events.
    ///
    /// # Errors
    /// A venue that the calendar does not hold is refused.
    pub fn show(&self, first: NaiveDate, last: NaiveDate, venues: &[impl AsRef<str>]) -> Result<Shown> {
        let asked =
            |mic: &str| venues.is_empty() || venues.iter().any(|v| v.as_ref().eq_ignore_ascii_case(mic));
        for mic in venues {
            if !self.venues().iter().any(|v| v.mic.eq_ignore_ascii_case(mic.as_ref())) {
                return Err(CalendarError::UnknownVenue(mic.as_ref().to_owned()));
            }
        }
        let held: Vec<&Venue> = self.venues().iter().filter(|v| asked(&v.mic)).collect();
        let days = first.iter_days().take_while(|day| *day <= last);
        let days = days.flat_map(|date| held.iter().map(move |venue| day(venue, date))).collect();
        // The days of the easternmost and westernmost clocks.
        let from = first.and_time(NaiveTime::MIN).and_utc() - Duration::hours(14);
        let to = last.and_time(NaiveTime::MIN).and_utc() + Duration::hours(36);
        let within = |event: &Event| {
            let date = self.clock(event).date_naive();
            date >= first && date <= last
        };
        let events = self.events(from, to, DateTime::<Utc>::MAX_UTC).into_iter();
        let events = events
            .filter(|e| !e.class.in_shape() && e.venue.as_deref().is_none_or(asked) && within(e))
            .map(|e| self.listed(e))
            .collect();
        let doubts = self.doubts_of(&held, first, last);
        Ok(Shown { days, events, doubts })
    }

    /// The start of an event on its venue's wall clock, or in UTC.
    fn clock(&self, event: &Event) -> DateTime<chrono_tz::Tz> {
        let tz = |mic| self.venue(mic).map(|v| v.tz).or_else(|| Some(Venue::builtin_place(mic).ok()?.1));
        event.start.with_timezone(&event.venue.as_deref().and_then(tz).unwrap_or(zone::UTC))
    }

    fn listed(&self, event: Event) -> Listed {
        Listed {
            local_start: self.clock(&event).format("%Y-%m-%dT%H:%M%:z").to_string(),
            effect_start: event.effect_start(),
            end: event.end(),
            prior: event.prior(),
            class: event.class,
            name: event.name,
            venue: event.venue,
            start: event.start,
            services: event.services,
            source: event.source,
            known_since: event.known_since,
            confidence: event.confidence,
        }
    }
}

fn day(venue: &Venue, date: NaiveDate) -> Day {
    Day {
        venue: venue.mic.clone(),
        date,
        session: venue.session(date),
        hours: venue.hours(date).map(|(_, open, close)| (open, close)),
        coverage: venue.coverage(date),
        overridden: venue.overridden(date).cloned(),
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}  ", self.date, self.date.weekday(), self.venue)?;
        match (&self.session, self.hours) {
            (Some(session), Some((open, close))) => {
                let utc = (session.open.format("%H:%M"), session.close.format("%H:%M"));
                write!(f, "{}-{} ({}-{} UTC)", open.format("%H:%M"), close.format("%H:%M"), utc.0, utc.1)?;
                f.write_str(match session.kind {
                    SessionKind::Regular => "",
                    SessionKind::Early => "  half day",
                    SessionKind::Late => "  late open",
                    SessionKind::Extra => "  extra session",
                })?;
            }
            _ => f.write_str("closed")?,
        }
        if let Some(rule) = &self.overridden {
            write!(f, "  {rule}")?;
        }
        f.write_str(match self.coverage {
            Coverage::Full => "",
            Coverage::Provisional => "  provisional",
            Coverage::Outside => "  NOT COVERED",
        })
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = (self.end - self.start).num_minutes();
        write!(f, "{}  {} ({}), {minutes} min, x{:.2}", self.local_start, self.name, self.class, self.prior)?;
        if !self.services.is_empty() {
            write!(f, ", for {}", self.services.join(" "))?;
        }
        write!(f, ", source: {}", if self.source.is_empty() { "not told" } else { &self.source })?;
        if self.confidence < 1.0 { write!(f, ", confidence {}", self.confidence) } else { Ok(()) }
    }
}

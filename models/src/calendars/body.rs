//! The calendar as a body of the API.

use chrono::{DateTime, NaiveDate, Utc};
use headroom_calendar::{Coverage, Day, Listed, SessionKind};
use headroom_control::CalendarEntry;
use serde::Serialize;
use utoipa::ToSchema;

use super::CalendarBoard;
use crate::error::{ModelsError, Result};

/// Most days that are shown at once.
pub const LONGEST_DAYS: i64 = 400;

/// What the calendar says about a stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CalendarBody {
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    /// The days of each venue, in the order of dates.
    pub days: Vec<CalendarDay>,
    /// The events in the order of their start. Opens and closes are in the days.
    pub events: Vec<CalendarEvent>,
    /// What of this is not covered or doubtful.
    pub doubts: Vec<String>,
    /// The files and feeds it is from.
    pub feeds: Vec<FeedState>,
    /// Entries that were posted, whenever they are, oldest first.
    pub posted: Vec<CalendarEntry>,
}

/// A venue's day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CalendarDay {
    /// Market identifier code.
    pub venue: String,
    /// The local date.
    pub date: NaiveDate,
    /// When it opens; absent if it does not trade.
    pub open: Option<DateTime<Utc>>,
    /// When it closes.
    pub close: Option<DateTime<Utc>>,
    /// Open and close on the venue's wall clock, as `09:30-16:00`.
    pub hours: Option<String>,
    /// `regular`, `early`, `late` or `extra`.
    pub session: Option<&'static str>,
    /// How far this can be trusted: `full`, `provisional` or `outside`.
    pub coverage: &'static str,
    /// The override that settled it, in words.
    pub overridden: Option<String>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CalendarEvent {
    /// Its class.
    pub class: &'static str,
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

/// A file or a feed, and how it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeedState {
    /// Its name.
    pub name: String,
    /// Its path, or its host: the rest of an address may hold a secret.
    pub from: String,
    /// Events that count, each recurring one once.
    pub events: usize,
    /// Overrides that count.
    pub overrides: usize,
    /// When it was last seen that this is what it says; absent: not yet.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When a URL is fetched next.
    pub next_at: Option<DateTime<Utc>>,
    /// What is wrong with it, and what counts meanwhile.
    pub problem: Option<String>,
    /// The first entries of its newest version that cannot be read: where, and why.
    pub faults: Vec<String>,
}

impl CalendarBody {
    /// What a board says about the days from `from` to `to`, both included.
    ///
    /// # Errors
    /// A stretch that ends before it begins, or is longer than [`LONGEST_DAYS`], is refused.
    pub fn of(
        board: &CalendarBoard,
        posted: Vec<CalendarEntry>,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Self> {
        let days = (to - from).num_days() + 1;
        if !(1..=LONGEST_DAYS).contains(&days) {
            let message = format!("{from} to {to} is no stretch of 1 to {LONGEST_DAYS} days");
            return Err(ModelsError::Range(message));
        }
        let none: [&str; 0] = [];
        let shown = board.calendar().show(from, to, &none)?;
        Ok(Self {
            from,
            to,
            days: shown.days.into_iter().map(CalendarDay::from).collect(),
            events: shown.events.into_iter().map(CalendarEvent::from).collect(),
            doubts: shown.doubts,
            feeds: board.feeds(),
            posted,
        })
    }
}

impl From<Day> for CalendarDay {
    fn from(day: Day) -> Self {
        Self {
            venue: day.venue,
            date: day.date,
            open: day.session.map(|session| session.open),
            close: day.session.map(|session| session.close),
            hours: day
                .hours
                .map(|(open, close)| format!("{}-{}", open.format("%H:%M"), close.format("%H:%M"))),
            session: day.session.map(|session| match session.kind {
                SessionKind::Regular => "regular",
                SessionKind::Early => "early",
                SessionKind::Late => "late",
                SessionKind::Extra => "extra",
            }),
            coverage: match day.coverage {
                Coverage::Full => "full",
                Coverage::Provisional => "provisional",
                Coverage::Outside => "outside",
            },
            overridden: day.overridden.map(|rule| rule.to_string()),
        }
    }
}

impl From<Listed> for CalendarEvent {
    fn from(event: Listed) -> Self {
        Self {
            class: event.class.id(),
            name: event.name,
            venue: event.venue,
            effect_start: event.effect_start,
            start: event.start,
            end: event.end,
            local_start: event.local_start,
            services: event.services,
            prior: event.prior,
            source: event.source,
            known_since: event.known_since,
            confidence: event.confidence,
        }
    }
}

//! One venue: its zone, its regular hours, and the days that differ.

mod builtin;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Utc, WeekdaySet};
use chrono_tz::Tz;
use serde::Serialize;

use crate::error::Result;
use crate::overrule::Override;
use crate::zone;

pub use builtin::BUILTIN;

/// A trading venue's sessions in its own wall-clock time.
#[derive(Debug, Clone)]
pub struct Venue {
    /// Market identifier code (ISO 10383).
    pub mic: String,
    /// What people call it.
    pub name: String,
    /// The city whose wall clock it keeps.
    pub city: String,
    /// Its time zone.
    pub tz: Tz,
    /// Regular opening, local.
    pub open: NaiveTime,
    /// Regular close, local.
    pub close: NaiveTime,
    /// The years its rules and exceptions cover, first and last. Outside, no session is vouched for: see
    /// [`Venue::coverage`].
    pub covered: (i32, i32),
    /// The first covered year of which holidays are still to be announced.
    pub provisional: Option<i32>,
    /// Days of the week without sessions.
    pub(crate) weekend: WeekdaySet,
    pub(crate) exceptions: BTreeMap<NaiveDate, DayRule>,
    pub(crate) overrides: BTreeMap<NaiveDate, Override>,
}

/// How a day differs from the regular one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayRule {
    Closed,
    Hours(SessionKind, NaiveTime, NaiveTime),
}

/// Whether a session keeps the regular hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// Regular hours.
    Regular,
    /// A half day: it closes early.
    Early,
    /// It opens late, and closes when it always does.
    Late,
    /// A session on a day that has none by rule, or at hours of its own.
    Extra,
}

/// One session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Its local date.
    pub date: NaiveDate,
    /// Whether it keeps the regular hours.
    pub kind: SessionKind,
    /// When it opens.
    pub open: DateTime<Utc>,
    /// When it closes.
    pub close: DateTime<Utc>,
}

/// How far a venue's table can be trusted on a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// Rules and table cover the date.
    Full,
    /// Some of the year's holidays are still to be announced: a weekday may turn out to be one.
    Provisional,
    /// Neither rule nor table: every weekday counts as a session, and some are not.
    Outside,
}

impl Venue {
    /// A venue that ships with the program, by its market identifier code in any case: one of [`BUILTIN`].
    pub fn builtin(mic: &str) -> Result<Self> {
        builtin::venue(mic)
    }

    /// The code and the zone of a built-in venue, without its sessions.
    pub(crate) fn builtin_place(mic: &str) -> Result<(String, Tz)> {
        builtin::market(mic).map(|(mic, _, market)| (mic, market.tz))
    }

    pub(crate) fn overrule(&mut self, rule: Override) {
        self.overrides.insert(rule.date, rule);
    }

    /// Forgets the overrides that were read from a file.
    pub(crate) fn forget(&mut self, file: &str) {
        self.overrides.retain(|_, rule| rule.file != file);
    }

    /// The operator's override of a local date, if there is one.
    pub fn overridden(&self, date: NaiveDate) -> Option<&Override> {
        self.overrides.get(&date)
    }

    /// The operator's overrides in the order of dates.
    pub fn overrides(&self) -> impl Iterator<Item = &Override> {
        self.overrides.values()
    }

    /// Whether rules and table cover a local date, or an override settles it.
    pub fn covers(&self, date: NaiveDate) -> bool {
        self.coverage(date) == Coverage::Full
    }

    /// How far the sessions around a local date can be trusted.
    pub fn coverage(&self, date: NaiveDate) -> Coverage {
        let year = date.year();
        if self.overrides.contains_key(&date) {
            Coverage::Full
        } else if year < self.covered.0 || year > self.covered.1 {
            Coverage::Outside
        } else if self.provisional.is_some_and(|first| year >= first) {
            Coverage::Provisional
        } else {
            Coverage::Full
        }
    }

    /// What is to be said about the dates from `first` to `last`, if not all of them are covered.
    pub fn doubt(&self, first: NaiveDate, last: NaiveDate) -> Option<String> {
        let (mic, (from, to)) = (&self.mic, self.covered);
        if first.year() < from || last.year() > to {
            return Some(format!(
                "{mic} is covered from {from} to {to}: outside, every weekday counts as a session and holidays are \
                 missing; add an [[override]] for each that matters"
            ));
        }
        self.provisional.filter(|year| last.year() >= *year).map(|year| {
            format!(
                "{mic}: the exchange has not announced all holidays of {year}; those with a fixed date are known, \
                 add an [[override]] for each other"
            )
        })
    }

    /// The hours of a local date on the venue's wall clock, if it trades then.
    pub fn hours(&self, date: NaiveDate) -> Option<(SessionKind, NaiveTime, NaiveTime)> {
        if let Some(rule) = self.overrides.get(&date) {
            let (open, close) = rule.hours?;
            return Some((self.kind(date, open, close), open, close));
        }
        match self.exceptions.get(&date) {
            Some(DayRule::Closed) => None,
            Some(DayRule::Hours(kind, open, close)) => Some((*kind, *open, *close)),
            None if self.weekend.contains(date.weekday()) => None,
            None => Some((SessionKind::Regular, self.open, self.close)),
        }
    }

    /// What hours of a date amount to, beside the built-in ones.
    fn kind(&self, date: NaiveDate, open: NaiveTime, close: NaiveTime) -> SessionKind {
        let trades =
            !self.weekend.contains(date.weekday()) && self.exceptions.get(&date) != Some(&DayRule::Closed);
        match (open == self.open, close == self.close) {
            (true, true) if trades => SessionKind::Regular,
            (_, false) if trades && open >= self.open && close < self.close => SessionKind::Early,
            (false, true) if trades && open > self.open => SessionKind::Late,
            _ => SessionKind::Extra,
        }
    }

    /// The session on a local date, if the venue trades then.
    pub fn session(&self, date: NaiveDate) -> Option<Session> {
        let (kind, open, close) = self.hours(date)?;
        Some(Session { date, kind, open: self.utc(date, open), close: self.utc(date, close) })
    }

    /// The sessions from `first` to `last`, both included.
    pub fn sessions(&self, first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = Session> + '_ {
        first.iter_days().take_while(move |d| *d <= last).filter_map(|d| self.session(d))
    }

    /// The last session on or before a date, looking back two weeks.
    pub fn session_on_or_before(&self, date: NaiveDate) -> Option<Session> {
        self.session(self.trading_day_on_or_before(date)?)
    }

    /// The local date of the last session on or before a date, looking back two weeks.
    pub fn trading_day_on_or_before(&self, date: NaiveDate) -> Option<NaiveDate> {
        let mut days = (0..14).filter_map(|back| date.checked_sub_signed(Duration::days(back)));
        days.find(|day| self.hours(*day).is_some())
    }

    /// The local date of the first session after a date, looking ahead two weeks.
    pub fn trading_day_after(&self, date: NaiveDate) -> Option<NaiveDate> {
        let mut days = (1..14).filter_map(|ahead| date.checked_add_signed(Duration::days(ahead)));
        days.find(|day| self.hours(*day).is_some())
    }

    /// The instant of a local wall-clock time. A time that summer time skips moves an hour later; one that
    /// happens twice is the first of the two.
    pub fn utc(&self, date: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        zone::utc(self.tz, date.and_time(time))
    }

    /// How much of the session of its local date has passed at an instant: 0 before the open, 1 from the close on,
    /// and between them in proportion. Without a session on that date there is none.
    pub fn phase(&self, ts: DateTime<Utc>) -> Option<f64> {
        let session = self.session(ts.with_timezone(&self.tz).date_naive())?;
        let length = (session.close - session.open).num_seconds() as f64;
        Some(((ts - session.open).num_seconds() as f64 / length).clamp(0.0, 1.0))
    }

    /// The wall clock at the venue, as `HH:MM City (HH:MM UTC)`.
    pub fn clock_text(&self, ts: DateTime<Utc>) -> String {
        format!("{} {} ({} UTC)", ts.with_timezone(&self.tz).format("%H:%M"), self.city, ts.format("%H:%M"))
    }
}

//! One venue: its zone, its regular hours, and the days that differ.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::error::{CalendarError, Result};
use crate::table;

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
    /// The years its table of exceptions covers, first and last. Outside, every weekday counts as a session.
    pub covered: (i32, i32),
    exceptions: BTreeMap<NaiveDate, DayRule>,
}

/// How a day differs from the regular one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayRule {
    Closed,
    Hours(SessionKind, NaiveTime, NaiveTime),
}

/// Whether a session keeps the regular hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// Regular hours.
    Regular,
    /// A half day: it closes early.
    Early,
    /// A session on a day that has none by rule.
    Extra,
}

/// One session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl Venue {
    /// A venue that ships with the program: XNYS, XNSE (also as XBOM, which keeps the same days) or XLON.
    pub fn builtin(mic: &str) -> Result<Self> {
        let (name, city, tz, open, close, file, text) = match mic {
            "XNYS" => (
                "NYSE",
                "New York",
                Tz::America__New_York,
                (9, 30),
                (16, 0),
                "xnys.csv",
                include_str!("../data/sessions/xnys.csv"),
            ),
            // Both exchanges keep the same days.
            "XNSE" | "XBOM" => (
                if mic == "XNSE" { "NSE" } else { "BSE" },
                "Mumbai",
                Tz::Asia__Kolkata,
                (9, 15),
                (15, 30),
                "xnse.csv",
                include_str!("../data/sessions/xnse.csv"),
            ),
            "XLON" => (
                "LSE",
                "London",
                Tz::Europe__London,
                (8, 0),
                (16, 30),
                "xlon.csv",
                include_str!("../data/sessions/xlon.csv"),
            ),
            other => return Err(CalendarError::UnknownVenue(other.to_owned())),
        };
        let exceptions = table::parse(file, text)?;
        let years = |date: Option<&NaiveDate>| date.map_or(0, Datelike::year);
        let covered = (years(exceptions.keys().next()), years(exceptions.keys().next_back()));
        let time = |(hour, minute)| {
            NaiveTime::from_hms_opt(hour, minute, 0).expect("invariant: the hours above are of a day")
        };
        Ok(Self {
            mic: mic.to_owned(),
            name: name.to_owned(),
            city: city.to_owned(),
            tz,
            open: time(open),
            close: time(close),
            covered,
            exceptions,
        })
    }

    pub(crate) fn overrule(&mut self, date: NaiveDate, rule: DayRule) {
        self.exceptions.insert(date, rule);
    }

    /// The hours of a local date on the venue's wall clock, if it trades then.
    pub fn hours(&self, date: NaiveDate) -> Option<(SessionKind, NaiveTime, NaiveTime)> {
        match self.exceptions.get(&date) {
            Some(DayRule::Closed) => None,
            Some(DayRule::Hours(kind, open, close)) => Some((*kind, *open, *close)),
            None if date.weekday().num_days_from_monday() >= 5 => None,
            None => Some((SessionKind::Regular, self.open, self.close)),
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
        (0..14).find_map(|back| self.session(date - Duration::days(back)))
    }

    /// The instant of a local wall-clock time. A time that summer time skips moves an hour later; one that
    /// happens twice is the first of the two.
    pub fn utc(&self, date: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        let local = date.and_time(time);
        self.tz
            .from_local_datetime(&local)
            .earliest()
            .or_else(|| self.tz.from_local_datetime(&(local + Duration::hours(1))).earliest())
            .map_or_else(|| Utc.from_utc_datetime(&local), |t| t.with_timezone(&Utc))
    }

    /// The wall clock at the venue, as `HH:MM City (HH:MM UTC)`.
    pub fn clock_text(&self, ts: DateTime<Utc>) -> String {
        format!("{} {} ({} UTC)", ts.with_timezone(&self.tz).format("%H:%M"), self.city, ts.format("%H:%M"))
    }
}

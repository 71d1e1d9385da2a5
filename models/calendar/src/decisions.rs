//! Central banks' decisions and other announced days that ship as tables in `data/events`.

use chrono::{Datelike, Duration, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use crate::error::{CalendarError, Result};
use crate::event::{Event, EventClass};
use crate::rules::{at, on};
use crate::zone;

/// One table: `date,time,kind` lines on a wall clock.
struct Announced {
    file: &'static str,
    text: &'static str,
    name: &'static str,
    class: EventClass,
    /// The venues it moves: one event for each that the calendar holds.
    venues: &'static [&'static str],
    /// Whether it moves every service, not only those that follow a venue.
    everywhere: bool,
    tz: Tz,
    minutes: i64,
    multiplier: Option<f64>,
    source: &'static str,
    confidence: f64,
    known: fn(NaiveDate) -> NaiveDate,
    /// Two of its days lie at most this far apart; later than that after the last one some are missing.
    gap_days: i64,
}

/// An assumption: yearly schedules are out by August of the year before.
fn august_before(date: NaiveDate) -> NaiveDate {
    on(date.year() - 1, 8, 1)
}

/// An assumption for schedules that come out shortly before their year: the last week is safe.
fn week_before(date: NaiveDate) -> NaiveDate {
    date - Duration::days(7)
}

/// Each table tells which of its days are from where.
const UNCHECKED: &str = "built-in list, not cross-checked";
const CIRCULARS: &str = "press reports of the exchanges' circulars";

/// The multiplier of a decision outside the United States is a guess: no public volume of these venues was measured.
const ANNOUNCED: [Announced; 6] = [
    Announced {
        file: "fomc.csv",
        text: include_str!("../data/events/fomc.csv"),
        name: "FOMC decision",
        class: EventClass::RateDecision,
        venues: &["XNYS"],
        everywhere: true,
        tz: Tz::America__New_York,
        minutes: 120,
        multiplier: None,
        source: "public list mended by hand, federalreserve.gov from 2024",
        confidence: 1.0,
        known: august_before,
        gap_days: 60,
    },
    Announced {
        file: "ecb.csv",
        text: include_str!("../data/events/ecb.csv"),
        name: "ECB decision",
        class: EventClass::RateDecision,
        venues: &["XETR", "XPAR", "XAMS", "XBRU"],
        everywhere: false,
        tz: Tz::Europe__Berlin,
        minutes: 120,
        multiplier: Some(1.5),
        source: UNCHECKED,
        confidence: 0.8,
        known: august_before,
        gap_days: 60,
    },
    Announced {
        file: "boe.csv",
        text: include_str!("../data/events/boe.csv"),
        name: "Bank of England decision",
        class: EventClass::RateDecision,
        venues: &["XLON"],
        everywhere: false,
        tz: Tz::Europe__London,
        minutes: 120,
        multiplier: Some(1.5),
        source: UNCHECKED,
        confidence: 0.8,
        known: august_before,
        gap_days: 60,
    },
    Announced {
        file: "rbi.csv",
        text: include_str!("../data/events/rbi.csv"),
        name: "RBI decision",
        class: EventClass::RateDecision,
        venues: &["XNSE", "XBOM"],
        everywhere: false,
        tz: Tz::Asia__Kolkata,
        minutes: 120,
        multiplier: Some(1.5),
        source: UNCHECKED,
        confidence: 0.8,
        known: week_before,
        gap_days: 80,
    },
    Announced {
        file: "muhurat.csv",
        text: include_str!("../data/events/muhurat.csv"),
        name: "Muhurat trading",
        class: EventClass::SpecialSession,
        venues: &["XNSE", "XBOM"],
        everywhere: false,
        tz: Tz::Asia__Kolkata,
        minutes: 60,
        multiplier: None,
        source: CIRCULARS,
        confidence: 1.0,
        known: week_before,
        gap_days: 400,
    },
    Announced {
        file: "budget.csv",
        text: include_str!("../data/events/budget.csv"),
        name: "budget session",
        class: EventClass::SpecialSession,
        venues: &["XNSE", "XBOM"],
        everywhere: false,
        tz: Tz::Asia__Kolkata,
        minutes: 375,
        multiplier: None,
        source: CIRCULARS,
        confidence: 1.0,
        known: week_before,
        // Most budgets come on a weekday.
        gap_days: i64::MAX,
    },
];

/// The announced days that move the given venues; those that move every service always are among them.
pub(crate) fn of_venues(mics: &[&str]) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    for table in &ANNOUNCED {
        let venues: Vec<&str> = if table.everywhere {
            table.venues.to_vec()
        } else {
            table.venues.iter().copied().filter(|mic| mics.contains(mic)).collect()
        };
        if !venues.is_empty() {
            let days = table.days()?;
            events.extend(venues.iter().flat_map(|mic| days.iter().map(|day| table.event(mic, *day))));
        }
    }
    Ok(events)
}

/// The tables that move one of the given venues and know too little of the days up to `last`: what each is called, and
/// the last day it knows.
pub(crate) fn exhausted(mics: &[&str], last: NaiveDate) -> Result<Vec<(&'static str, NaiveDate)>> {
    let mut found = Vec::new();
    for table in ANNOUNCED.iter().filter(|t| t.venues.iter().any(|mic| mics.contains(mic))) {
        let known = table.days()?.last().map(|day| day.0);
        found.extend(
            known.filter(|day| (last - *day).num_days() > table.gap_days).map(|day| (table.name, day)),
        );
    }
    Ok(found)
}

impl Announced {
    /// Date, time, and whether it was scheduled, in the order of dates.
    fn days(&self) -> Result<Vec<(NaiveDate, NaiveTime, bool)>> {
        let lines = self.text.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
        lines
            .map(|(index, line)| {
                let fields: Vec<&str> = line.split(',').collect();
                let parsed = match fields[..] {
                    [date, time, "scheduled"] => {
                        date.parse().ok().zip(clock(time)).map(|(d, t)| (d, t, true))
                    }
                    [date, time, "emergency"] => {
                        date.parse().ok().zip(clock(time)).map(|(d, t)| (d, t, false))
                    }
                    _ => None,
                };
                parsed.ok_or_else(|| CalendarError::Content {
                    file: self.file.to_owned(),
                    line: index + 1,
                    message: format!("expected date,time,scheduled or emergency but found `{line}`"),
                })
            })
            .collect()
    }

    fn event(&self, mic: &str, (date, time, scheduled): (NaiveDate, NaiveTime, bool)) -> Event {
        let start = zone::utc(self.tz, date.and_time(time));
        let known = zone::utc(self.tz, (self.known)(date).and_time(at(0, 0)));
        Event {
            class: self.class,
            name: if scheduled { self.name.to_owned() } else { format!("{} (emergency)", self.name) },
            venue: Some(mic.to_owned()),
            start,
            duration: Duration::minutes(self.minutes),
            lead: Duration::minutes(if scheduled { 30 } else { 0 }),
            services: Vec::new(),
            multiplier: self.multiplier,
            source: self.source.to_owned(),
            known_since: Some(if scheduled { known } else { start }),
            // An emergency move is in no list that was checked.
            confidence: if scheduled { self.confidence } else { self.confidence.min(0.8) },
            follows_venue: !self.everywhere,
        }
    }
}

fn clock(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

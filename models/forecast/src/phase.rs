//! Where a minute stands in its venue's day.
//!
//! A service that serves two venues gets a blend: each minute belongs to the venue whose regular session is the
//! nearest in time, in that venue's own wall clock. New York's open and Mumbai's open then each stay where they
//! are when one of the two changes to summer time, and a holiday of one leaves the other's hours alone. Where two
//! sessions overlap the first venue of the list has the minute.

use chrono::{DateTime, Datelike, NaiveTime, Timelike, Utc};

use headroom_calendar::{SessionKind, Venue};

const DAY: u32 = 1440;
/// The last hour of a half day is shaped like the last hour of a full one.
const CLOSING: u32 = 60;

/// Parts of a day that differ in how surely they are forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bucket {
    /// The hour before the open.
    PreOpen,
    /// The first half hour of the session.
    Opening,
    /// The session between its first half hour and its last hour.
    Session,
    /// The last hour of the session.
    Closing,
    /// The rest of a trading day.
    OffHours,
    /// A day without a session.
    NonTrading,
}

/// Which sessions a service's days follow.
#[derive(Debug, Clone)]
pub enum PhaseCalendar {
    /// None: weekdays and weekends by UTC.
    Clock,
    /// One venue's, or the blend of several.
    Venues(Vec<Venue>),
}

/// A minute's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// Index into a shape: venue, day class and minute of the venue's day.
    pub(super) key: u32,
    pub(super) bucket: Bucket,
    /// Day number for levels: the local date for one venue, the UTC date otherwise.
    pub(super) day: i32,
}

impl PhaseCalendar {
    /// A name for stored forecasts: `XNYS`, `XNYS+XNSE` or `clock`.
    pub fn name(&self) -> String {
        match self {
            Self::Clock => "clock".to_owned(),
            Self::Venues(venues) => venues.iter().map(|v| v.mic.as_str()).collect::<Vec<_>>().join("+"),
        }
    }

    /// Its venues.
    pub fn venues(&self) -> &[Venue] {
        match self {
            Self::Clock => &[],
            Self::Venues(venues) => venues,
        }
    }

    /// Whether it goes by this venue's sessions.
    pub fn follows(&self, mic: &str) -> bool {
        self.venues().iter().any(|v| v.mic == mic)
    }

    /// Rows of 1440 minutes in a shape: two day classes for each venue.
    pub(super) fn rows(&self) -> usize {
        self.venues().len().max(1) * 2
    }

    /// Minutes of a row at which demand may jump, so that nothing is smoothed across them.
    pub(super) fn edges(&self, row: usize) -> Vec<u32> {
        match self.venues().get(row / 2) {
            Some(venue) if row % 2 == 1 => vec![minute(venue.open), minute(venue.close)],
            _ => Vec::new(),
        }
    }

    pub(super) fn slot(&self, ts: DateTime<Utc>) -> Slot {
        let Self::Venues(venues) = self else {
            let trading = ts.weekday().num_days_from_monday() < 5;
            let key = u32::from(trading) * DAY + minute(ts.time());
            let bucket = if trading { Bucket::Session } else { Bucket::NonTrading };
            return Slot { key, bucket, day: ts.num_days_from_ce() };
        };
        let (owner, venue, local) = venues
            .iter()
            .enumerate()
            .map(|(index, venue)| (index, venue, ts.with_timezone(&venue.tz).naive_local()))
            .min_by_key(|(_, venue, local)| {
                distance(minute(local.time()), minute(venue.open), minute(venue.close))
            })
            .expect("invariant: a blend has at least one venue");
        let now = minute(local.time());
        let day = if venues.len() == 1 { local.num_days_from_ce() } else { ts.num_days_from_ce() };
        let row = owner as u32 * 2 * DAY;
        let Some((kind, open, close)) = venue.hours(local.date()) else {
            return Slot { key: row + now, bucket: Bucket::NonTrading, day };
        };
        let (open, close) = (minute(open), minute(close));
        let bucket = if now < open {
            if now + 60 >= open { Bucket::PreOpen } else { Bucket::OffHours }
        } else if now >= close {
            Bucket::OffHours
        } else if now + CLOSING >= close {
            Bucket::Closing
        } else if now < open + 30 {
            Bucket::Opening
        } else {
            Bucket::Session
        };
        let warped = if kind == SessionKind::Early && now + CLOSING >= close {
            (now + minute(venue.close).saturating_sub(close)).min(DAY - 1)
        } else {
            now
        };
        Slot { key: row + DAY + warped, bucket, day }
    }
}

fn minute(time: NaiveTime) -> u32 {
    time.num_seconds_from_midnight() / 60
}

/// Minutes from a time of day to a session, around midnight if that is shorter; 0 within.
fn distance(now: u32, open: u32, close: u32) -> u32 {
    if (open..close).contains(&now) {
        return 0;
    }
    let apart = |a: u32, b: u32| a.abs_diff(b).min(DAY - a.abs_diff(b));
    apart(now, open).min(apart(now, close))
}

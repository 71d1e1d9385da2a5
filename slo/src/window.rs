//! The stretch of time a budget is for: the last 30 days, or this month in New York.
//!
//! A rolling window ends at the newest slice. A calendar-aligned one is the period around it: periods
//! follow one another from a given start on the wall clock of a time zone, without gap or overlap,
//! in both directions. A day of such a window is a day of the wall clock, 23 to 25 hours long; a month
//! that lacks the day of the start begins on its last one.

use chrono::{Days, Months, NaiveDateTime};
use chrono_tz::Tz;
use headroom_calendar::instant;

use crate::budget::at;
use crate::spec::{Span, Unit};

/// An objective's window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// As written: `30d`.
    pub text: String,
    /// Its nominal length in seconds: a month counts as 30 days, a quarter as 90, a year as 365.
    pub seconds: i64,
    /// Its length, exactly.
    pub span: Span,
    /// Where periods begin, when it is aligned to the calendar.
    pub calendar: Option<Calendar>,
}

/// Where the periods of a calendar-aligned window begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// The start of one of them on the wall clock.
    pub start: NaiveDateTime,
    /// Whose wall clock.
    pub zone: Tz,
}

impl Window {
    /// A window of this length; rolling without a calendar.
    pub fn new(text: &str, span: Span, calendar: Option<Calendar>) -> Self {
        Self { text: text.to_owned(), seconds: span.nominal_seconds(), span, calendar }
    }

    /// The bounds of the window of slices that end at `end`, all in seconds since the epoch: where it
    /// begins, and where its period ends, which for a rolling window is `end` itself. At the very
    /// end of a period it is the period that ends there.
    pub fn bounds(&self, end: i64) -> (i64, i64) {
        match self.calendar {
            Some(calendar) => calendar.period(self.span, end),
            None => (self.back(end), end),
        }
    }

    /// Where the window of slices that end at `end` begins.
    pub fn start(&self, end: i64) -> i64 {
        self.bounds(end).0
    }

    fn back(&self, end: i64) -> i64 {
        if let Some(seconds) = self.span.seconds() {
            return end - seconds;
        }
        let earlier = months(self.span).and_then(|months| at(end).checked_sub_months(months));
        earlier.map_or(end - self.seconds, |start| start.timestamp())
    }

    /// In words, to stand behind "the budget of": `30 days`, `1 month`, `the month`, `the 2 weeks`.
    pub fn words(&self) -> String {
        let unit = match self.span.unit {
            Unit::Minute => "minute",
            Unit::Hour => "hour",
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Quarter => "quarter",
            Unit::Year => "year",
        };
        match (self.calendar, self.span.count, self.span.seconds()) {
            (Some(_), 1, _) => format!("the {unit}"),
            (Some(_), count, _) => format!("the {count} {unit}s"),
            (None, _, Some(seconds)) => crate::words::length(seconds),
            (None, 1, None) => format!("1 {unit}"),
            (None, count, None) => format!("{count} {unit}s"),
        }
    }
}

fn months(span: Span) -> Option<Months> {
    let unit = match span.unit {
        Unit::Month => 1,
        Unit::Quarter => 3,
        Unit::Year => 12,
        _ => return None,
    };
    Some(Months::new(span.count.saturating_mul(unit)))
}

impl Calendar {
    /// The period with `start < end <= stop`.
    fn period(self, span: Span, end: i64) -> (i64, i64) {
        let mean = span.seconds().map_or_else(
            || months(span).map_or(1.0, |months| f64::from(months.as_u32()) * 30.436_875 * 86_400.0),
            |seconds| seconds as f64,
        );
        let mut n = ((end - self.begin(span, 0)) as f64 / mean).floor() as i64;
        // The guess is off by the lengths of months and by summer time: a few periods at most.
        while self.begin(span, n) >= end {
            n -= 1;
        }
        while self.begin(span, n + 1) < end {
            n += 1;
        }
        (self.begin(span, n), self.begin(span, n + 1))
    }

    /// Where the n-th period begins; 0 is the one that was written down. One beyond all dates begins never.
    fn begin(self, span: Span, n: i64) -> i64 {
        let never = if n < 0 { i64::MIN / 4 } else { i64::MAX / 4 };
        let utc = |local: NaiveDateTime| instant(self.zone, local).timestamp();
        let seconds = span.seconds().unwrap_or(0);
        let local = if let Some(months) = months(span) {
            let count = u32::try_from(n.unsigned_abs()).ok().and_then(|n| n.checked_mul(months.as_u32()));
            let shift = count.map(Months::new);
            shift.and_then(|shift| {
                if n < 0 {
                    self.start.checked_sub_months(shift)
                } else {
                    self.start.checked_add_months(shift)
                }
            })
        } else if matches!(span.unit, Unit::Minute | Unit::Hour) {
            return utc(self.start) + n * seconds;
        } else {
            let days = Days::new(n.unsigned_abs() * (seconds / 86_400).unsigned_abs());
            if n < 0 { self.start.checked_sub_days(days) } else { self.start.checked_add_days(days) }
        };
        local.map_or(never, utc)
    }
}

#[cfg(test)]
mod tests;

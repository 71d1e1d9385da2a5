//! Hours, days and months in UTC, and spans of whole seconds.

use chrono::{DateTime, Datelike, TimeZone, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The length of the periods that costs are told for, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Clock hours.
    Hour,
    /// Calendar days.
    #[default]
    Day,
    /// Calendar months.
    Month,
}

impl Period {
    /// The period's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// The next longer period; a month is the longest.
    pub(super) fn longer(self) -> Self {
        match self {
            Self::Hour => Self::Day,
            Self::Day | Self::Month => Self::Month,
        }
    }

    /// The start of the period that an instant lies in.
    pub(super) fn start(self, at: i64) -> i64 {
        match self {
            Self::Hour => at - at.rem_euclid(3_600),
            Self::Day => at - at.rem_euclid(86_400),
            Self::Month => {
                let date = instant(at);
                month(date.year(), date.month(), at)
            }
        }
    }

    /// The end of the period that an instant lies in.
    pub(super) fn end(self, at: i64) -> i64 {
        match self {
            Self::Hour => self.start(at) + 3_600,
            Self::Day => self.start(at) + 86_400,
            Self::Month => {
                let date = instant(at);
                match date.month() {
                    12 => month(date.year() + 1, 1, at + 1),
                    other => month(date.year(), other + 1, at + 1),
                }
            }
        }
    }

    /// How many periods a span touches, at most: exact for hours and days, a bound for months.
    pub(super) fn count(self, span: Span) -> u64 {
        let length = match self {
            Self::Hour => 3_600,
            Self::Day => 86_400,
            Self::Month => 28 * 86_400,
        };
        (span.seconds() / length) as u64 + 2
    }
}

fn month(year: i32, month: u32, otherwise: i64) -> i64 {
    Utc.with_ymd_and_hms(year, month, 1, 0, 0, 0).single().map_or(otherwise, |start| start.timestamp())
}

/// The instant of a number of seconds since 1970.
pub(super) fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

/// A time from a start up to, but without, an end, in whole seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) start: i64,
    pub(super) end: i64,
}

impl Span {
    /// Of two instants, without what is below a second.
    pub(super) fn of(start: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        Self { start: start.timestamp(), end: end.timestamp() }
    }

    pub(super) fn seconds(self) -> i64 {
        (self.end - self.start).max(0)
    }

    /// The shortest span around both.
    pub(super) fn around(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// What lies in both, if anything does.
    pub(super) fn within(self, other: Self) -> Option<Self> {
        let both = Self { start: self.start.max(other.start), end: self.end.min(other.end) };
        (both.start < both.end).then_some(both)
    }

    /// The periods it is made of, the first and the last cut to it.
    pub(super) fn periods(self, period: Period) -> Vec<Self> {
        let mut periods = Vec::new();
        let mut start = self.start;
        while start < self.end {
            let end = period.end(start).min(self.end);
            periods.push(Self { start, end });
            start = end;
        }
        periods
    }
}

/// An instant in words: the day, and the time of day unless it is midnight.
pub(super) fn words(at: DateTime<Utc>) -> String {
    if at.timestamp().rem_euclid(86_400) == 0 {
        at.format("%-d %B %Y").to_string()
    } else {
        at.format("%-d %B %Y %H:%M UTC").to_string()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<DateTime<Utc>>().unwrap().timestamp()
    }

    #[test]
    fn periods_follow_the_calendar() {
        let span = Span { start: at("2024-01-30T12:00:00Z"), end: at("2024-03-01T00:30:00Z") };
        let starts = |period| {
            let periods = span.periods(period);
            let first = periods.iter().take(2).map(|p| instant(p.start).to_rfc3339()).collect::<Vec<_>>();
            (periods.len(), first.join(" "), periods.iter().map(|p| p.seconds()).sum::<i64>())
        };
        let all = span.seconds();
        assert_eq!(
            starts(Period::Month),
            (3, "2024-01-30T12:00:00+00:00 2024-02-01T00:00:00+00:00".into(), all)
        );
        assert_eq!(
            starts(Period::Day),
            (32, "2024-01-30T12:00:00+00:00 2024-01-31T00:00:00+00:00".into(), all)
        );
        assert_eq!(starts(Period::Hour).0, 30 * 24 + 13);
        assert_eq!(Period::Month.end(at("2023-12-31T23:59:59Z")), at("2024-01-01T00:00:00Z"));
        assert!(Period::Month.count(span) >= 3 && Period::Day.count(span) >= 32);
    }
}

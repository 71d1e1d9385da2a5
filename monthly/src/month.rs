//! A month as somebody's wall clock has it.
//!
//! A month begins at midnight of its first day in the zone that was asked for. Its days are days of that clock: where
//! clocks change one has 23 hours and one 25, and none is counted twice or left out.

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use headroom_calendar::instant;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{MonthlyError, Result};

/// A month in a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    first: NaiveDate,
    zone: Tz,
}

/// The time that a report speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReportPeriod)]
pub struct Period {
    /// The month, as `2026-10`.
    pub month: String,
    /// Whose wall clock says when its days begin, as `UTC` or `Europe/Zurich`.
    pub zone: String,
    /// Its first moment.
    pub from: DateTime<Utc>,
    /// The first moment after it.
    pub to: DateTime<Utc>,
    /// Up to where the report looks: `to`, or when it was made if the month is not over.
    pub until: DateTime<Utc>,
    /// Whether the month is over.
    pub over: bool,
    /// When the report was made.
    pub made_at: DateTime<Utc>,
    /// The month's days as far as the report looks.
    #[serde(skip)]
    pub days: Vec<Day>,
}

/// A day of the month's wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Its date.
    pub date: NaiveDate,
    /// Its first second, since the epoch.
    pub from: i64,
    /// The first second after it; of a day that is not over, of what is past.
    pub to: i64,
}

impl Month {
    /// The month of a text such as `2026-10` in the zone of a name such as `Europe/Zurich`; the last one that is over at
    /// `now`, and UTC, where nothing is said.
    ///
    /// # Errors
    /// [`MonthlyError::Asked`]: it is no month, no zone, or has not begun.
    pub fn asked(month: Option<&str>, zone: Option<&str>, now: DateTime<Utc>) -> Result<Self> {
        let zone: Tz = zone.unwrap_or("UTC").parse().map_err(|_| {
            let given = zone.unwrap_or_default();
            MonthlyError::Asked(format!("{given:?} is no time zone: give one as Europe/Zurich"))
        })?;
        let today = now.with_timezone(&zone).date_naive();
        let this = Self { first: today.with_day(1).unwrap_or(today), zone };
        let Some(text) = month else {
            return Ok(Self {
                first: this.first.checked_sub_months(Months::new(1)).unwrap_or(this.first),
                ..this
            });
        };
        let found = NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").ok();
        let first = found.filter(|_| text.len() == 7).ok_or_else(|| {
            MonthlyError::Asked(format!("{text:?} is no month: give one as {}", this.first.format("%Y-%m")))
        })?;
        if first > this.first {
            return Err(MonthlyError::Asked(format!("{text} has not begun: the newest month is this one")));
        }
        Ok(Self { first, zone })
    }

    /// The month as a report at `now` looks at it.
    pub fn period(self, now: DateTime<Utc>) -> Period {
        let (from, to) = (self.midnight(0), self.midnight(self.days()));
        let until = now.clamp(from, to);
        let measured = whole_minute(until);
        let days = (0..self.days()).map(|n| Day {
            date: self.date(n),
            from: self.midnight(n).timestamp(),
            to: self.midnight(n + 1).timestamp().min(measured),
        });
        Period {
            month: self.first.format("%Y-%m").to_string(),
            zone: self.zone.name().to_owned(),
            from,
            to,
            until,
            over: to <= now,
            made_at: now,
            days: days.filter(|day| day.from < day.to).collect(),
        }
    }

    fn days(self) -> u64 {
        let next = self.first.checked_add_months(Months::new(1)).unwrap_or(self.first);
        (next - self.first).num_days().unsigned_abs()
    }

    fn date(self, n: u64) -> NaiveDate {
        self.first.checked_add_days(Days::new(n)).unwrap_or(self.first)
    }

    fn midnight(self, n: u64) -> DateTime<Utc> {
        instant(self.zone, self.date(n).and_time(NaiveTime::MIN))
    }
}

impl Period {
    /// The whole minutes that the report looks at, in seconds since the epoch.
    pub(crate) fn stretch(&self) -> (i64, i64) {
        (self.from.timestamp(), whole_minute(self.until))
    }

    /// In words: `October 2026 (UTC)`.
    pub fn words(&self) -> String {
        let first = NaiveDate::parse_from_str(&format!("{}-01", self.month), "%Y-%m-%d").unwrap_or_default();
        format!("{} ({})", first.format("%B %Y"), self.zone)
    }

    /// The day of the month that a moment of it lies in.
    pub(crate) fn day_of(&self, at: DateTime<Utc>) -> Option<NaiveDate> {
        self.days.iter().rev().find(|day| day.from <= at.timestamp()).map(|day| day.date)
    }
}

/// Where the minute of a moment begins, in seconds since the epoch: what is measured are minutes.
fn whole_minute(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(60) * 60
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    fn period(month: &str, zone: &str) -> Period {
        let now = at("2026-12-05T10:00:30Z");
        Month::asked(Some(month), Some(zone), now).expect("a month").period(now)
    }

    #[test]
    fn a_month_is_the_last_whole_one_in_utc_unless_told_otherwise() {
        let now = at("2026-11-30T23:30:00Z");
        let month = |zone| Month::asked(None, zone, now).expect("a month").period(now);
        assert_eq!((month(None).month.as_str(), month(None).zone.as_str()), ("2026-10", "UTC"));
        // In Zurich it is December already.
        assert_eq!(month(Some("Europe/Zurich")).month, "2026-11");
    }

    #[test]
    fn days_are_of_the_wall_clock_also_where_it_changes() {
        let zurich = period("2026-10", "Europe/Zurich");
        assert_eq!((zurich.from, zurich.to), (at("2026-09-30T22:00:00Z"), at("2026-10-31T23:00:00Z")));
        let hours: Vec<i64> = zurich.days.iter().map(|day| (day.to - day.from) / 3_600).collect();
        assert_eq!(hours.iter().filter(|hours| **hours == 24).count(), 30);
        // The night of 25 October has the hour from two to three twice.
        assert_eq!(hours[24], 25);
        let new_york = period("2026-03", "America/New_York");
        assert_eq!((new_york.days[7].to - new_york.days[7].from) / 3_600, 23);
        assert_eq!(new_york.days.iter().map(|day| day.to - day.from).sum::<i64>(), 31 * 86_400 - 3_600);
    }

    #[test]
    fn a_month_that_goes_on_ends_now_and_what_is_measured_with_the_last_whole_minute() {
        let now = period("2026-12", "UTC");
        assert!(!now.over);
        assert_eq!((now.until, now.days.len()), (at("2026-12-05T10:00:30Z"), 5));
        assert_eq!(now.stretch().1, at("2026-12-05T10:00:00Z").timestamp());
        assert_eq!(now.words(), "December 2026 (UTC)");
        assert_eq!(now.day_of(at("2026-12-05T09:59:00Z")), NaiveDate::from_ymd_opt(2026, 12, 5));
        assert_eq!(now.day_of(at("2026-12-05T10:00:20Z")), NaiveDate::from_ymd_opt(2026, 12, 5));
        assert_eq!(now.day_of(at("2026-12-04T23:59:59Z")), NaiveDate::from_ymd_opt(2026, 12, 4));
    }

    #[test]
    fn what_is_no_month_is_refused_in_words() {
        let now = at("2026-12-05T10:00:00Z");
        for (month, zone, said) in [
            ("2026-13", "UTC", "\"2026-13\" is no month: give one as 2026-12"),
            ("2026-1", "UTC", "\"2026-1\" is no month"),
            ("october", "UTC", "\"october\" is no month"),
            ("2027-01", "UTC", "2027-01 has not begun"),
            ("2026-10", "Atlantis", "\"Atlantis\" is no time zone"),
        ] {
            let refused = Month::asked(Some(month), Some(zone), now).expect_err("refused").to_string();
            assert!(refused.starts_with(said), "{refused}");
        }
    }

    proptest::proptest! {
        /// Whatever the zone, the days of a month follow one another from its first moment to its last.
        #[test]
        fn days_fill_the_month(zone in 0..chrono_tz::TZ_VARIANTS.len(), year in 1990_i32..2040, month in 1_u32..13) {
            let now = at("2045-01-01T00:00:00Z");
            let text = format!("{year}-{month:02}");
            let zone = chrono_tz::TZ_VARIANTS[zone].name();
            let period = Month::asked(Some(&text), Some(zone), now).expect("a month").period(now);
            let mut end = period.from.timestamp();
            for day in &period.days {
                proptest::prop_assert_eq!(day.from, end);
                end = day.to;
            }
            proptest::prop_assert_eq!(end, period.to.timestamp());
        }
    }
}

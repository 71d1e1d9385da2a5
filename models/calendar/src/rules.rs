//! The words in which exchanges and banks state their holidays: the third Monday, Good Friday, the nearest weekday.
//!
//! New York and London are tested against recorded sessions; the others against the sessions that
//! `exchange_calendars` 4.13.2 computes, which is itself no word of an exchange. 2028 is the rule alone.

pub(crate) mod euronext;
pub(crate) mod frankfurt;
pub(crate) mod london;
pub(crate) mod new_york;
pub(crate) mod sydney;
pub(crate) mod toronto;
pub(crate) mod zurich;

use chrono::{Datelike, Duration, NaiveDate, NaiveTime, Weekday};

/// A date of the rules' own years.
pub(crate) fn on(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("invariant: the rules name days that every year has")
}

/// A time of day.
pub(crate) fn at(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).expect("invariant: the rules name times that every day has")
}

/// The n-th such weekday of a month, counted from 1.
pub(crate) fn nth(year: i32, month: u32, weekday: Weekday, n: i64) -> NaiveDate {
    let first = on(year, month, 1);
    let ahead = weekday.num_days_from_monday() + 7 - first.weekday().num_days_from_monday();
    first + Duration::days(i64::from(ahead % 7) + 7 * (n - 1))
}

/// The last such weekday of a month.
pub(crate) fn last(year: i32, month: u32, weekday: Weekday) -> NaiveDate {
    let fifth = nth(year, month, weekday, 5);
    if fifth.month() == month { fifth } else { fifth - Duration::days(7) }
}

/// Easter Sunday of the Gregorian calendar, by the "anonymous" computus (Nature, 1876; Meeus, chapter 8).
pub(crate) fn easter(year: i32) -> NaiveDate {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - b / 4 - g + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    on(year, (n / 31) as u32, (n % 31 + 1) as u32)
}

/// Good Friday.
pub(crate) fn good_friday(year: i32) -> NaiveDate {
    easter(year) - Duration::days(2)
}

/// Easter Monday.
pub(crate) fn easter_monday(year: i32) -> NaiveDate {
    easter(year) + Duration::days(1)
}

pub(crate) fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The Friday before a Saturday, the Monday after a Sunday.
pub(crate) fn nearest_weekday(date: NaiveDate) -> NaiveDate {
    match date.weekday() {
        Weekday::Sat => date - Duration::days(1),
        Weekday::Sun => date + Duration::days(1),
        _ => date,
    }
}

/// The Monday after a Sunday; a Saturday stays.
pub(crate) fn sunday_to_monday(date: NaiveDate) -> NaiveDate {
    if date.weekday() == Weekday::Sun { date + Duration::days(1) } else { date }
}

/// The Monday after a weekend.
pub(crate) fn weekend_to_monday(date: NaiveDate) -> NaiveDate {
    match date.weekday() {
        Weekday::Sat => date + Duration::days(2),
        Weekday::Sun => date + Duration::days(1),
        _ => date,
    }
}

/// The Friday before a weekend.
pub(crate) fn weekend_to_friday(date: NaiveDate) -> NaiveDate {
    match date.weekday() {
        Weekday::Sat => date - Duration::days(1),
        Weekday::Sun => date - Duration::days(2),
        _ => date,
    }
}

/// Christmas Day and the day after where both are holidays: one that falls on a weekend moves to the next weekday
/// that is not the other's.
pub(crate) fn christmas_and_boxing_day(year: i32) -> [NaiveDate; 2] {
    let days = match on(year, 12, 25).weekday() {
        Weekday::Fri => [25, 28],
        Weekday::Sat => [27, 28],
        Weekday::Sun => [26, 27],
        _ => [25, 26],
    };
    days.map(|day| on(year, 12, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those up to 2011 are two days after a Good Friday of the recorded sessions; 25 April is the latest date possible.
    #[test]
    fn easter_of_known_years() {
        for (year, month, day) in
            [(1990, 4, 15), (1999, 4, 4), (2000, 4, 23), (2008, 3, 23), (2011, 4, 24), (2038, 4, 25)]
        {
            assert_eq!(easter(year), on(year, month, day));
        }
    }

    #[test]
    fn weekdays_of_a_month() {
        assert_eq!(nth(2026, 11, Weekday::Thu, 4), on(2026, 11, 26));
        assert_eq!(nth(2026, 6, Weekday::Mon, 1), on(2026, 6, 1));
        assert_eq!(last(2026, 5, Weekday::Mon), on(2026, 5, 25));
        assert_eq!(last(2027, 5, Weekday::Mon), on(2027, 5, 31));
    }
}

//! The holidays and half days of the New York exchanges since 1990, as the recorded sessions show them.

use chrono::{Datelike, Duration, NaiveDate, NaiveTime, Weekday};

use super::{at, good_friday, last, nearest_weekday, nth, on, sunday_to_monday};

/// Weekdays without a session. A New Year's Day on a Saturday is not made up for: the Friday belongs to the old year.
pub(crate) fn closed(year: i32) -> Vec<NaiveDate> {
    let mut days = vec![
        sunday_to_monday(on(year, 1, 1)),
        nth(year, 2, Weekday::Mon, 3),
        good_friday(year),
        last(year, 5, Weekday::Mon),
        nearest_weekday(on(year, 7, 4)),
        nth(year, 9, Weekday::Mon, 1),
        nth(year, 11, Weekday::Thu, 4),
        nearest_weekday(on(year, 12, 25)),
    ];
    if year >= 1998 {
        days.push(nth(year, 1, Weekday::Mon, 3));
    }
    if year >= 2022 {
        days.push(nearest_weekday(on(year, 6, 19)));
    }
    days
}

/// Half days with their close: after Thanksgiving, Christmas Eve, and the day beside Independence Day.
pub(crate) fn early(year: i32) -> Vec<(NaiveDate, NaiveTime)> {
    let close = if year < 1993 { at(14, 0) } else { at(13, 0) };
    let mut days = Vec::new();
    if year >= 1992 {
        days.push(nth(year, 11, Weekday::Thu, 4) + Duration::days(1));
    }
    // On a Friday it is the holiday itself, observed for Saturday.
    if !matches!(on(year, 12, 24).weekday(), Weekday::Fri | Weekday::Sat | Weekday::Sun) {
        days.push(on(year, 12, 24));
    }
    if year >= 1995 {
        match on(year, 7, 4).weekday() {
            Weekday::Thu if year < 2013 => days.push(on(year, 7, 5)),
            Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Fri => days.push(on(year, 7, 3)),
            _ => {}
        }
    }
    days.into_iter().map(|day| (day, close)).collect()
}

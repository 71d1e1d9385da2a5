//! The holidays of the Toronto Stock Exchange since 1990 and its half day before Christmas since 2010.

use chrono::{Datelike, Duration, NaiveDate, NaiveTime, Weekday};

use super::{at, christmas_and_boxing_day, good_friday, nth, on, weekend_to_monday};

/// Weekdays without a session by rule.
pub(crate) fn closed(year: i32) -> Vec<NaiveDate> {
    // Victoria Day: the Monday before the 25th of May.
    let queens = on(year, 5, 24);
    let mut days = vec![
        weekend_to_monday(on(year, 1, 1)),
        good_friday(year),
        queens - Duration::days(i64::from(queens.weekday().num_days_from_monday())),
        weekend_to_monday(on(year, 7, 1)),
        nth(year, 8, Weekday::Mon, 1),
        nth(year, 9, Weekday::Mon, 1),
        nth(year, 10, Weekday::Mon, 2),
    ];
    days.extend(christmas_and_boxing_day(year));
    if year >= 2008 {
        days.push(nth(year, 2, Weekday::Mon, 3));
    }
    days
}

/// Christmas Eve closes at one.
pub(crate) fn early(year: i32) -> Vec<(NaiveDate, NaiveTime)> {
    if year >= 2010 { vec![(on(year, 12, 24), at(13, 0))] } else { Vec::new() }
}

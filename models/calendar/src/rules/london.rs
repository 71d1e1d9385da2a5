//! The bank holidays of England and Wales since 1990, which are also the exchange's, and its half days.

use chrono::{NaiveDate, NaiveTime, Weekday};

use super::{
    at, christmas_and_boxing_day, easter_monday, good_friday, last, nth, on, weekend_to_friday,
    weekend_to_monday,
};

/// Years in which the spring holiday moved into June for a jubilee; the table has the days.
const JUBILEES: [i32; 3] = [2002, 2012, 2022];

/// Weekdays that are bank holidays by rule.
pub(crate) fn closed(year: i32) -> Vec<NaiveDate> {
    let mut days = vec![weekend_to_monday(on(year, 1, 1)), good_friday(year), easter_monday(year)];
    days.extend(christmas_and_boxing_day(year));
    days.push(last(year, 8, Weekday::Mon));
    match year {
        // Victory in Europe: 50 years after on the second Monday, 75 years after on the Friday (in the table).
        1995 => days.push(on(year, 5, 8)),
        2020 => {}
        _ => days.push(nth(year, 5, Weekday::Mon, 1)),
    }
    if !JUBILEES.contains(&year) {
        days.push(last(year, 5, Weekday::Mon));
    }
    days
}

/// The last working days before Christmas and before New Year close at half past twelve.
pub(crate) fn early(year: i32) -> Vec<(NaiveDate, NaiveTime)> {
    [24, 31].map(|day| (weekend_to_friday(on(year, 12, day)), at(12, 30))).to_vec()
}

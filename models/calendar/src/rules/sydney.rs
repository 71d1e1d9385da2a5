//! The holidays of the Australian Securities Exchange since 2010: those of New South Wales on which it does not trade.

use chrono::{NaiveDate, NaiveTime, Weekday};

use super::{
    at, christmas_and_boxing_day, easter_monday, good_friday, nth, on, weekend_to_friday, weekend_to_monday,
};

/// Weekdays without a session by rule. Anzac Day on a weekend is not made up for.
pub(crate) fn closed(year: i32) -> Vec<NaiveDate> {
    let mut days = vec![
        weekend_to_monday(on(year, 1, 1)),
        weekend_to_monday(on(year, 1, 26)),
        good_friday(year),
        easter_monday(year),
        on(year, 4, 25),
        nth(year, 6, Weekday::Mon, 2),
    ];
    days.extend(christmas_and_boxing_day(year));
    days
}

/// The last working days before Christmas and before New Year close at ten past two.
pub(crate) fn early(year: i32) -> Vec<(NaiveDate, NaiveTime)> {
    [24, 31].map(|day| (weekend_to_friday(on(year, 12, day)), at(14, 10))).to_vec()
}

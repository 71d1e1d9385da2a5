//! The days of Euronext's markets in Paris, Amsterdam and Brussels since 2002, when they began to keep the same.

use chrono::{NaiveDate, NaiveTime};

use super::{at, easter_monday, good_friday, on};

/// Days without a session. One that falls on a weekend is not made up for.
pub(crate) fn closed(year: i32) -> Vec<NaiveDate> {
    let mut days = vec![on(year, 1, 1), good_friday(year), easter_monday(year), on(year, 5, 1)];
    days.extend([on(year, 12, 25), on(year, 12, 26)]);
    days
}

/// Christmas Eve and New Year's Eve close at five past two.
pub(crate) fn early(year: i32) -> Vec<(NaiveDate, NaiveTime)> {
    [24, 31].map(|day| (on(year, 12, day), at(14, 5))).to_vec()
}

//! The holidays of SIX Swiss Exchange since 1996. There are no half days.

use chrono::{Duration, NaiveDate};

use super::{easter, easter_monday, good_friday, on};

/// Days without a session, Ascension and Whit Monday among them.
pub(crate) fn closed(year: i32) -> Vec<NaiveDate> {
    let mut days =
        vec![on(year, 1, 1), on(year, 1, 2), good_friday(year), easter_monday(year), on(year, 5, 1)];
    days.extend([39, 50].map(|after| easter(year) + Duration::days(after)));
    days.push(on(year, 8, 1));
    days.extend([24, 25, 26, 31].map(|day| on(year, 12, day)));
    days
}

//! The holidays of Xetra since 2022, when it stopped closing on Whit Monday and the Day of German Unity.

use chrono::{NaiveDate, NaiveTime};

use super::{at, easter_monday, good_friday, on, weekend_to_friday};

/// Days without a session.
pub(crate) fn closed(year: i32) -> Vec<NaiveDate> {
    let mut days = vec![on(year, 1, 1), good_friday(year), easter_monday(year), on(year, 5, 1)];
    days.extend([24, 25, 26, 31].map(|day| on(year, 12, day)));
    days
}

/// The year's last session closes at two.
pub(crate) fn early(year: i32) -> Vec<(NaiveDate, NaiveTime)> {
    vec![(weekend_to_friday(on(year, 12, 30)), at(14, 0))]
}
